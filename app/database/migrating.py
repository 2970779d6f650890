"""Alembic at work on a database that is behind, or is held against the tables.

Apart from ``app.database.schema``, since a server whose database is up to date starts without it.
"""

from __future__ import annotations

from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from app.database.schema import MIGRATIONS
from app.database.tables import metadata
from live.adapters.sql.tables import UNCHECKED_ON_POSTGRESQL


def bring(connection: Connection, to: str) -> None:
    """Run the revisions up to that one, in the transaction that ``connection`` is in."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def differences(connection: Connection) -> list[Any]:
    """What a migration would have to change for the database to match the tables; empty if none."""
    options: dict[str, Any] = {"compare_type": True}
    if connection.dialect.name == "postgresql":
        options["include_object"] = _is_wanted_in_postgresql
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, metadata))


def _is_wanted_in_postgresql(_: object, name: str | None, *__: object) -> bool:
    return name not in UNCHECKED_ON_POSTGRESQL
