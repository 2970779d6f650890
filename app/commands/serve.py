"""``causerie serve``."""

from __future__ import annotations

import sys

import click

from app.commands.options import read_settings, settings_options
from app.listener import listening
from app.loading import loading


@click.command("serve")
@settings_options
def command(**given: str | None) -> None:
    """Run the server."""
    settings = read_settings(given)
    with listening(settings) as listener:
        with loading():
            from app.serving import serve  # noqa: PLC0415 -- the port is bound before all this

        sys.exit(serve(settings, listener))
