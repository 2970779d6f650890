"""``causerie db``: bringing the schema forward, and proving the tables by the log."""

from __future__ import annotations

import sys
from contextlib import nullcontext

import click

from app.commands.options import read_settings, settings_options
from app.database.engine import database_url, held_database, migrate
from app.database.rebuild import rebuild as fold_again
from live.adapters.sql.database import write_engine


@click.group("db")
def command() -> None:
    """Look after the database."""


@command.command()
@settings_options
def upgrade(**given: str | None) -> None:
    """Bring the database's schema up to date."""
    settings = read_settings(given)
    with held_database(settings.database_url, settings.data_dir) as location:
        engine = write_engine(location)
        try:
            before, after = migrate(engine)
        finally:
            engine.dispose()
    moved = f"from {before or 'nothing'} to {after}" if before != after else f"at {after} already"
    click.echo(f"The database is {moved}.", err=True)


@command.command()
@click.option("--write", is_flag=True, help="Make the rows that differ what the log says.")
@settings_options
def rebuild(*, write: bool, **given: str | None) -> None:
    """Fold every session's log again and prove that what stands in the tables is equal.

    Each row that differs is named, and the exit code is 1. With --write such rows are replaced, in
    one transaction; the server must be stopped. What is no fold stays: texts, names, titles, taps.
    """
    settings = read_settings(given)

    location = database_url(settings.database_url, settings.data_dir)
    held = held_database(settings.database_url, settings.data_dir) if write else nullcontext()
    with held:
        outcome = fold_again(
            location, write=write, tell=lambda finding: click.echo(f"{finding}", err=True)
        )
    click.echo(f"{outcome}", err=True)
    sys.exit(0 if outcome.is_equal else 1)
