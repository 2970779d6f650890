"""The schema as a line of Alembic revisions: where a database stands, and bringing it forward."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from app.database.tables import metadata
from live.adapters.sql.tables import UNCHECKED_ON_POSTGRESQL

MIGRATIONS: Final = Path(__file__).with_name("migrations")
_UPGRADE_LOCK: Final = 0x6361757365726965  # "causerie": one node migrates, the others wait


class UnknownRevision(Exception):
    """The database was made by another version of this program; ``str()`` is one sentence."""


def newest_revision() -> str:
    """The revision that this version of the program works with."""
    revision = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if revision is None:
        raise RuntimeError("this installation lacks its migrations")
    return revision


def current_revision(connection: Connection) -> str | None:
    """Where this database stands; None for one that was never migrated."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, to: str = "head") -> tuple[str | None, str | None]:
    """Migrate in one transaction; the revisions before and after.

    Nothing is changed where a step fails. Several processes may call it at once. Raises
    ``UnknownRevision`` for a database from a newer version.
    """
    with engine.begin() as connection:
        return upgrade_within(connection, to)


def upgrade_within(connection: Connection, to: str = "head") -> tuple[str | None, str | None]:
    """As ``upgrade``, in the transaction that ``connection`` is in."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
    before = current_revision(connection)
    if before is not None and not is_known(before):
        raise UnknownRevision(
            f"The database is at revision {before}, which this version does not know; "
            "run the version that made it, or a newer one."
        )
    command.upgrade(_config(connection), to)
    return before, current_revision(connection)


def is_known(revision: str) -> bool:
    """Whether this version of the program has a way from that revision to its own."""
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    return any(script.revision == revision for script in scripts)


def differences(connection: Connection) -> list[Any]:
    """What a migration would have to change for the database to match the tables; empty if none."""
    options: dict[str, Any] = {"compare_type": True}
    if connection.dialect.name == "postgresql":
        options["include_object"] = _is_wanted_in_postgresql
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, metadata))


def _is_wanted_in_postgresql(_: object, name: str | None, *__: object) -> bool:
    return name not in UNCHECKED_ON_POSTGRESQL


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
