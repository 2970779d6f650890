"""Many rows of one table in one statement, on either database.

SQLite takes a fixed number of rows at a time, so that the interpreter's lock changes hands once
for all; PostgreSQL takes one array per column, which ``unnest`` makes rows again, and the tables
of a batch one behind the other without waiting for an answer in between (``pipelined``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, Final, Literal

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Float,
    Integer,
    LargeBinary,
    Table,
    Text,
)
from sqlalchemy.exc import DBAPIError

from live.adapters.sql.rows import Values

_ROWS_AT_ONCE: Final = (64, 8, 1)
"""Few sizes, so that SQLite's statements stay prepared."""

OnConflict = Literal["fail", "replace", "add"]

_POSTGRESQL_TYPES: Final[dict[type[object], str]] = {
    BigInteger: "bigint",
    Boolean: "boolean",
    Float: "double precision",
    Integer: "integer",
    LargeBinary: "bytea",
    Text: "text",
}


class BulkInsert:
    """Inserts rows of ``table``, given as values in the order of its columns.

    A row whose key exists fails the statement, replaces the old one, or adds its other columns to
    it. ``unless`` is a condition on the old row that protects it from being replaced.
    """

    def __init__(
        self, table: Table, *, on_conflict: OnConflict = "fail", unless: str | None = None
    ) -> None:
        self._width = len(table.columns)
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        arrays = ", ".join(
            f"%b::{_POSTGRESQL_TYPES[type(column.type)]}[]" for column in table.columns
        )
        tail = _conflict_clause(table, on_conflict, unless)
        into = f'INSERT INTO "{table.name}" ({names})'
        one = f"({', '.join('?' * self._width)})"
        self._sqlite = {
            count: f"{into} VALUES {', '.join([one] * count)}{tail}" for count in _ROWS_AT_ONCE
        }
        # `SELECT *` of several arrays side by side pairs them up by position; `%b` sends them in
        # the binary format, which the driver makes twice as fast as text.
        self._postgresql = f"{into} SELECT * FROM unnest({arrays}) WHERE true{tail}"  # noqa: S608 - names of our own tables

    def write(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Insert ``rows``. No two may have the same key unless conflicts fail anyway."""
        if not rows:
            return
        if connection.dialect.name == "postgresql":
            columns = tuple([row[index] for row in rows] for index in range(self._width))
            connection.exec_driver_sql(self._postgresql, columns)
            return
        start = 0
        for count in _ROWS_AT_ONCE:
            while len(rows) - start >= count:
                some = rows[start : start + count]
                connection.exec_driver_sql(self._sqlite[count], tuple(chain.from_iterable(some)))
                start += count


@contextmanager
def pipelined(connection: Connection) -> Iterator[None]:
    """Send what is written inside without waiting for answers; they are all there at the end.

    On PostgreSQL alone: SQLite has no way to go. What a statement raises is raised at the end, as
    SQLAlchemy raises it. Nothing inside may read, or ask how many rows were touched.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    driver: Any = connection.connection.driver_connection
    dialect = connection.dialect
    try:
        with driver.pipeline():
            yield
    except dialect.loaded_dbapi.Error as error:
        gone = dialect.is_disconnect(error, driver, None)
        if gone:
            connection.invalidate(error)
        raise DBAPIError.instance(
            "a batch of inserts",
            None,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=gone,
            dialect=dialect,
        ) from error


def _conflict_clause(table: Table, on_conflict: OnConflict, unless: str | None) -> str:
    if on_conflict == "fail":
        return ""
    key = [column.name for column in table.primary_key]
    others = [column.name for column in table.columns if column.name not in key]
    old = f'"{table.name}".' if on_conflict == "add" else None
    sets = ", ".join(
        f'"{name}" = {old}"{name}" + excluded."{name}"' if old else f'"{name}" = excluded."{name}"'
        for name in others
    )
    condition = f" WHERE NOT ({unless})" if unless else ""
    keys = ", ".join(f'"{name}"' for name in key)
    return f" ON CONFLICT ({keys}) DO UPDATE SET {sets}{condition}"
