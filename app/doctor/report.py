"""Tells on standard output what the checks found."""

from __future__ import annotations

import click

from app.doctor.checks import findings
from app.doctor.finding import Finding
from app.doctor.phone import phone_check, qr_code, watch_phone
from app.server import tell
from app.settings import Settings
from live.ports.media import MediaStartError


async def examine(settings: Settings, *, phone: bool) -> bool:
    """Print every finding, with how to mend it; whether all is well."""
    well = True
    async for finding in findings(settings):
        well = _show(finding) and well
    if not phone:
        return well
    try:
        async with phone_check(settings) as (url, reports):
            click.echo(f"\nOpen this with a phone:\n{qr_code(url)}")
            tell("phone", url)
            async for finding in watch_phone(reports):
                well = _show(finding) and well
    except OSError as error:
        says = f"port {settings.port}: {(error.strerror or 'cannot be had').lower()}"
        well = _show(Finding("phone", ok=False, says=says, mend="stop the server meanwhile"))
    except MediaStartError as error:
        well = _show(Finding("phone", ok=False, says=str(error), mend=error.remedy))
    return well


def _show(finding: Finding) -> bool:
    click.echo(f"{'ok' if finding.ok else 'FAILED':<7}{finding.name}: {finding.says}")
    if not finding.ok:
        click.echo(f"       → {finding.mend}")
    return finding.ok
