"""Messages and questions found by words, whatever their case and accents, on either database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    Text,
    and_,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from live.adapters.sql import tables
from live.adapters.sql.rows import microseconds
from live.domain.ids import SessionId
from live.domain.text import plain
from live.ports.store import Search

_ESCAPE: Final = "\\"


class Plain(GenericFunction[str]):
    """``live.domain.text.plain`` in SQL."""

    type = Text()
    name = "causerie_plain"
    inherit_cache = True


@compiles(Plain, "postgresql")
def _plain_in_postgresql(element: Plain, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f"lower(regexp_replace(normalize({text}, NFD), '[\u0300-\u036f]', '', 'g'))"


def teach_sqlite(connection: DBAPIConnection) -> None:
    """SQLite knows accents as little as capital letters beyond ASCII: it asks us."""
    connection.create_function("causerie_plain", 1, _plain_or_none, deterministic=True)


def _plain_or_none(text: str | None) -> str | None:
    return None if text is None else plain(text)


def found(
    connection: Connection, table: Table, session_id: SessionId, search: Search
) -> Sequence[Row[Any]]:
    """The latest rows of ``messages`` or ``questions`` that fit, the newest first."""
    column, content = table.c, tables.contents.c
    query = (
        select(table)
        .join(tables.contents, content.id == column.content_id)
        .where(column.session_id == session_id, content.text.is_not(None), ~column.withdrawn)
        .order_by(column.at_us.desc(), column.id)
        .limit(search.limit)
    )
    for word, authors in zip(search.words, search.authors, strict=True):
        said = Plain(content.text).contains(_literal(word), escape=_ESCAPE)
        named = column.author_id.in_(sorted(authors)) if authors else false()
        query = query.where(or_(said, named))
    return connection.execute(query.where(*_facets(table, search))).all()


def _facets(table: Table, search: Search) -> list[ColumnElement[bool]]:
    column = table.c
    facets: list[ColumnElement[bool]] = []
    if search.status is not None:
        facets.append(column.status == search.status)
    if search.language is not None:
        own = func.lower(column.language)
        facets.append(or_(own == search.language, own.startswith(f"{search.language}-")))
    if search.label is not None:
        facets.append(column.labels.contains(f'"{_literal(search.label)}"', escape=_ESCAPE))
    if search.assignee is not None:
        facets.append(column.assignee_id == search.assignee)
    if search.after is not None:
        at_us, name = microseconds(search.after[0]), search.after[1]
        facets.append(or_(column.at_us < at_us, and_(column.at_us == at_us, column.id > name)))
    return facets


def _literal(text: str) -> str:
    for special in (_ESCAPE, "%", "_"):
        text = text.replace(special, _ESCAPE + special)
    return text
