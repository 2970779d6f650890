"""The ``causerie`` command. Links go to standard output, everything else to standard error."""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from app.accounts import new_owner_link
from app.audit.anchor import anchor_path, note_restore
from app.audit.export import export_chains
from app.audit.verify import AuditProblem, verify
from app.database.backup import BackupProblem, back_up
from app.database.backup import restore as bring_back
from app.database.engine import database_url, held_database, migrate, prepare_folder
from app.database.rebuild import RebuildProblem
from app.database.rebuild import rebuild as fold_again
from app.demo_process import DemoOptions, accompany
from app.keys import Keys
from app.network import Addresses
from app.server import Running, greet, run
from app.setting import PREFIX, SettingError
from app.settings import SETTINGS, Settings
from app.system import SystemEntropy
from app.workers import run_workers
from live.adapters.sql.database import write_engine

WRONG: Final = 2
DEMO_DATA_DIR: Final = "./causerie-data/demo"

F = TypeVar("F", bound=Callable[..., Any])


def settings_options(function: F) -> F:
    """Every setting as a flag and a variable, subject by subject."""
    for name, setting in reversed(list(SETTINGS.items())):
        option = click.option(
            setting.flag,
            name,
            envvar=setting.variable,
            show_envvar=True,
            metavar="TEXT",
            help=f"{setting.help}  [default: {setting.shown_default or setting.default}]",
        )
        function = option(function)
    return function


def _read(given: Mapping[str, str | None], **defaults: str) -> Settings:
    """Settings from the texts that click collected from flags and variables."""
    texts = {SETTINGS[name].variable: text for name, text in given.items() if text is not None}
    return Settings.read({**{PREFIX + name: text for name, text in defaults.items()}, **texts})


class _Commands(click.Group):
    """Tells what an operator can mend in one sentence, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (SettingError, BackupProblem, RebuildProblem, AuditProblem) as problem:
            click.echo(f"causerie: {problem}", err=True)
            ctx.exit(WRONG)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="causerie")
def main() -> None:
    """Causerie: live video that listens, on your own machine."""


@main.command()
@settings_options
def serve(**given: str | None) -> None:
    """Run the server."""
    settings = _read(given)
    prepare_folder(settings.data_dir)
    keys = Keys.of(settings.data_dir)

    async def beside(running: Running) -> None:
        await greet(running, keys, owner_token=settings.owner_token)

    if settings.workers > 1:
        sys.exit(run_workers(settings, keys, beside))
    run(settings, keys, beside)


@main.command()
@click.option("--audience", default=14, show_default=True, type=click.IntRange(8, 20))
@click.option("--seed", default=1, show_default=True, help="Fixes what the people do.")
@click.option("--quiet", is_flag=True, help="The people watch and hardly talk.")
@click.option(
    "--returns-after",
    default=12.0,
    show_default=True,
    type=click.FloatRange(0, 3_600),
    help="Seconds until the synthetic host takes its seat again after a person has left it.",
)
@settings_options
def demo(
    *, audience: int, seed: int, quiet: bool, returns_after: float, **given: str | None
) -> None:
    """Run the server with a live session, a synthetic host and a small audience that talks.

    Without --data-dir everything is kept in ./causerie-data/demo, apart from real sessions.
    """
    settings = _read(given, DATA_DIR=DEMO_DATA_DIR)
    prepare_folder(settings.data_dir)
    keys = Keys.of(settings.data_dir)
    chosen = settings.owner_token
    owner_token = chosen or secrets.token_urlsafe(32)

    async def beside(running: Running) -> None:
        await greet(running, keys, owner_token=chosen)
        await accompany(running, DemoOptions(audience, seed, quiet, returns_after), owner_token)

    run(replace(settings, owner_token=owner_token), keys, beside)


@main.command("owner-link")
@settings_options
def owner_link(**given: str | None) -> None:
    """Print a fresh one-time link that signs the owner in; the server may run meanwhile."""
    settings = _read(given)
    if not settings.data_dir.is_dir():
        raise SettingError(
            "CAUSERIE_DATA_DIR", str(settings.data_dir), "give the data folder of the server"
        )
    home = Addresses(settings, port=settings.port).home
    click.echo(f"{'owner':<9} {home}/join/{new_owner_link(Keys.of(settings.data_dir))}")


@main.command()
@click.option("--phone", is_flag=True, help="Also prove page, socket and UDP with a phone.")
@settings_options
def doctor(*, phone: bool, **given: str | None) -> None:
    """Check this machine, and say how to mend what fails.

    With --phone a QR code is shown; the phone that opens it tries what a viewer needs. The server
    must be stopped meanwhile, since its ports are used.
    """
    # It brings aiortc along, which no other command of this process needs: half a second.
    from app.doctor.report import examine  # noqa: PLC0415 -- see above

    if not asyncio.run(examine(_read(given), phone=phone)):
        sys.exit(1)


@main.group()
def db() -> None:
    """Look after the database."""


@db.command()
@settings_options
def upgrade(**given: str | None) -> None:
    """Bring the database's schema up to date."""
    settings = _read(given)
    with held_database(settings.database_url, settings.data_dir) as location:
        engine = write_engine(location)
        try:
            before, after = migrate(engine)
        finally:
            engine.dispose()
    moved = f"from {before or 'nothing'} to {after}" if before != after else f"at {after} already"
    click.echo(f"The database is {moved}.", err=True)


@db.command()
@click.option("--write", is_flag=True, help="Make the rows that differ what the log says.")
@settings_options
def rebuild(*, write: bool, **given: str | None) -> None:
    """Fold every session's log again and prove that what stands in the tables is equal.

    Each row that differs is named, and the exit code is 1. With --write such rows are replaced, in
    one transaction; the server must be stopped. What is no fold stays: texts, names, titles, taps.
    """
    settings = _read(given)

    location = database_url(settings.database_url, settings.data_dir)
    held = held_database(settings.database_url, settings.data_dir) if write else nullcontext()
    with held:
        outcome = fold_again(
            location, write=write, tell=lambda finding: click.echo(f"{finding}", err=True)
        )
    click.echo(f"{outcome}", err=True)
    sys.exit(0 if outcome.is_equal else 1)


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@settings_options
def backup(file: Path, **given: str | None) -> None:
    """Save database and secret key into FILE; the server may run meanwhile."""
    settings = _read(given)
    location = database_url(settings.database_url, settings.data_dir)
    saved = back_up(location, settings.data_dir, file, now=datetime.now(UTC))
    click.echo(f"{saved}", err=True)


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--replace", "overwrite", is_flag=True, help="Replace what is there already.")
@settings_options
def restore(*, file: Path, overwrite: bool, **given: str | None) -> None:
    """Bring back what FILE holds; every session begins a new epoch. The server must be stopped."""
    settings = _read(given)
    now = datetime.now(UTC)
    with held_database(settings.database_url, settings.data_dir) as location:
        restored = bring_back(
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


@main.group()
def audit() -> None:
    """Look at what the team did."""


@audit.command("verify")
@settings_options
def verify_audit(**given: str | None) -> None:
    """Prove that the audit is what was written, down to its anchored end.

    Each record that was changed, taken out, swapped or cut off is named, and the exit code is 1.
    The server may run meanwhile.
    """
    settings = _read(given)
    found = verify(
        database_url(settings.database_url, settings.data_dir),
        anchor_path(settings.data_dir, settings.audit_anchor),
        lambda broken: click.echo(f"{broken}", err=True),
    )
    click.echo(f"{found}", err=True)
    sys.exit(1 if found.broken else 0)


@audit.command("export")
@click.option("--session", "slug", help="Only the acts of this session.", metavar="SLUG")
@settings_options
def export_audit(*, slug: str | None, **given: str | None) -> None:
    """Write every record to standard output, one JSON object a line."""
    settings = _read(given)
    location = database_url(settings.database_url, settings.data_dir)
    for line in export_chains(location, slug):
        click.echo(line)


if __name__ == "__main__":
    sys.exit(main())
