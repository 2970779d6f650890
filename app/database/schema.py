"""The schema as a line of revisions: where a database stands, and bringing it forward.

Each file of ``migrations/versions`` is one revision and begins with its number; they follow each
other in that order.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, inspect, text

MIGRATIONS: Final = Path(__file__).with_name("migrations")
_VERSION: Final = text("SELECT version_num FROM alembic_version")
_UPGRADE_LOCK: Final = 0x6361757365726965  # "causerie": one node migrates, the others wait


class UnknownRevision(Exception):
    """The database was made by another version of this program; ``str()`` is one sentence."""


@cache
def _revisions() -> tuple[str, ...]:
    files = (MIGRATIONS / "versions").glob("[0-9]*.py")
    return tuple(sorted(file.name.partition("_")[0] for file in files))


def newest_revision() -> str:
    """The revision that this version of the program works with."""
    if not _revisions():
        raise RuntimeError("this installation lacks its migrations")
    return _revisions()[-1]


def current_revision(connection: Connection) -> str | None:
    """Where this database stands; None for one that was never migrated."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(_VERSION).scalar_one_or_none()
    return revision


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
    if before == (newest_revision() if to == "head" else to):
        return before, before
    from app.database.migrating import bring  # noqa: PLC0415 -- seldom, and a tenth of a second

    bring(connection, to)
    return before, current_revision(connection)


def is_known(revision: str) -> bool:
    """Whether this version of the program has a way from that revision to its own."""
    return revision in _revisions()
