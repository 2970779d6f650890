"""``causerie owner-link``."""

from __future__ import annotations

import click

from app.accounts import new_owner_link
from app.commands.options import read_settings, settings_options
from app.keys import Keys
from app.network import Addresses
from app.setting import SettingError


@click.command("owner-link")
@settings_options
def command(**given: str | None) -> None:
    """Print a fresh one-time link that signs the owner in; the server may run meanwhile."""
    settings = read_settings(given)
    if not settings.data_dir.is_dir():
        raise SettingError(
            "CAUSERIE_DATA_DIR", str(settings.data_dir), "give the data folder of the server"
        )
    home = Addresses(settings, port=settings.port).home
    click.echo(f"{'owner':<9} {home}/join/{new_owner_link(Keys.of(settings.data_dir))}")
