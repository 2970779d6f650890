"""``causerie backup``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from app.commands.options import read_settings, settings_options
from app.database.backup import back_up
from app.database.engine import database_url


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@settings_options
def command(file: Path, **given: str | None) -> None:
    """Save database and secret key into FILE; the server may run meanwhile."""
    settings = read_settings(given)
    location = database_url(settings.database_url, settings.data_dir)
    saved = back_up(location, settings.data_dir, file, now=datetime.now(UTC))
    click.echo(f"{saved}", err=True)
