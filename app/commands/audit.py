"""``causerie audit``: proving and exporting what the team did."""

from __future__ import annotations

import sys

import click

from app.audit.anchor import anchor_path
from app.audit.export import export_chains
from app.audit.verify import verify as prove
from app.commands.options import read_settings, settings_options
from app.database.engine import database_url


@click.group("audit")
def command() -> None:
    """Look at what the team did."""


@command.command()
@settings_options
def verify(**given: str | None) -> None:
    """Prove that the audit is what was written, down to its anchored end.

    Each record that was changed, taken out, swapped or cut off is named, and the exit code is 1.
    The server may run meanwhile.
    """
    settings = read_settings(given)
    found = prove(
        database_url(settings.database_url, settings.data_dir),
        anchor_path(settings.data_dir, settings.audit_anchor),
        lambda broken: click.echo(f"{broken}", err=True),
    )
    click.echo(f"{found}", err=True)
    sys.exit(1 if found.broken else 0)


@command.command()
@click.option("--session", "slug", help="Only the acts of this session.", metavar="SLUG")
@settings_options
def export(*, slug: str | None, **given: str | None) -> None:
    """Write every record to standard output, one JSON object a line."""
    settings = read_settings(given)
    location = database_url(settings.database_url, settings.data_dir)
    for line in export_chains(location, slug):
        click.echo(line)
