"""``causerie restore``."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from app.audit.anchor import anchor_path, note_restore
from app.commands.options import read_settings, settings_options
from app.database.backup import restore
from app.database.engine import held_database
from app.system import SystemEntropy


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--replace", "overwrite", is_flag=True, help="Replace what is there already.")
@settings_options
def command(*, file: Path, overwrite: bool, **given: str | None) -> None:
    """Bring back what FILE holds; every session begins a new epoch. The server must be stopped."""
    settings = read_settings(given)
    now = datetime.now(UTC)
    with held_database(settings.database_url, settings.data_dir) as location:
        restored = restore(
            location,
            settings.data_dir,
            file,
            new_epoch=SystemEntropy().new_id,
            replace=overwrite,
            now=now,
        )
        path = anchor_path(settings.data_dir, settings.audit_anchor)
        try:
            note_restore(path, restored.at, restored.heads, now=now)
        except OSError as error:
            click.echo(f"causerie: {path} cannot be told of it ({error.strerror})", err=True)
            sys.exit(1)
    click.echo(f"{restored}", err=True)
