"""``causerie doctor``."""

from __future__ import annotations

import asyncio
import sys

import click

from app.commands.options import read_settings, settings_options
from app.doctor.report import examine


@click.command("doctor")
@click.option("--phone", is_flag=True, help="Also prove page, socket and UDP with a phone.")
@settings_options
def command(*, phone: bool, **given: str | None) -> None:
    """Check this machine, and say how to mend what fails.

    With --phone a QR code is shown; the phone that opens it tries what a viewer needs. The server
    must be stopped meanwhile, since its ports are used.
    """
    if not asyncio.run(examine(read_settings(given), phone=phone)):
        sys.exit(1)
