"""Many rows of one table in one statement, on either database.

SQLite takes a fixed number of rows at a time, so that the interpreter's lock changes hands once
for all; PostgreSQL takes one array per column, which ``unnest`` makes rows again, and the tables
of a batch one behind the other without waiting for an answer in between (``pipelined``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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


# `SELECT *` of several arrays side by side pairs them up by position; `%b` sends them in the binary
# format, which the driver makes twice as fast as text.
_UNNESTED: Final = "SELECT * FROM unnest({})"


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
        # Without `WHERE` the conflict's `ON` would be taken for a join's.
        self._postgresql = f"{into} {_UNNESTED.format(arrays)} WHERE true{tail}"

    def write(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Insert ``rows``. No two may have the same key unless conflicts fail anyway."""
        if not rows:
            return
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(self._postgresql, _columns(rows, self._width))
            return
        start = 0
        for count in _ROWS_AT_ONCE:
            while len(rows) - start >= count:
                some = rows[start : start + count]
                connection.exec_driver_sql(self._sqlite[count], tuple(chain.from_iterable(some)))
                start += count


class BulkQuestion:
    """Runs ``statement`` once for many rows, which it finds in ``given``: their ``columns`` with
    PostgreSQL's types. ``lock`` is what follows it on PostgreSQL alone.
    """

    def __init__(self, statement: str, columns: Mapping[str, str], *, lock: str = "") -> None:
        self._width = len(columns)
        head = f"WITH given({', '.join(columns)}) AS"
        arrays = ", ".join(f"%b::{kind}[]" for kind in columns.values())
        self._postgresql = f"{head} ({_UNNESTED.format(arrays)}) {statement}{lock}"
        one = f"({', '.join('?' * self._width)})"
        self._sqlite = {
            count: f"{head} (VALUES {', '.join([one] * count)}) {statement}"
            for count in _ROWS_AT_ONCE
        }

    def ask(self, connection: Connection, rows: Sequence[Values]) -> list[Values]:
        """The rows that it returns, of all ``rows`` together."""
        if connection.dialect.name == "postgresql":
            return _fetched(connection, self._postgresql, _columns(rows, self._width))
        found: list[Values] = []
        for start in range(0, len(rows), _ROWS_AT_ONCE[0]):
            some = [*rows[start : start + _ROWS_AT_ONCE[0]]]
            count = min(each for each in _ROWS_AT_ONCE if each >= len(some))
            some += [(None,) * self._width] * (count - len(some))  # no row is like these
            found += _fetched(connection, self._sqlite[count], tuple(chain.from_iterable(some)))
        return found


def _fetched(connection: Connection, statement: str, values: Values) -> list[Values]:
    return [tuple(row) for row in connection.exec_driver_sql(statement, values)]


def _columns(rows: Sequence[Values], width: int) -> Values:
    """The same values, one array a column."""
    return tuple([row[index] for row in rows] for index in range(width))


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
