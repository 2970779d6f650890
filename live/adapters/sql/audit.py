"""The audit's chains in SQL: appended to in the transaction of what they record.

Appending locks the row that says where a chain ends, so that several nodes write one chain one
after the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from live.adapters.sql import tables
from live.domain.audit import BEGINNING, Act, Kept, Link, Words, linked
from live.domain.ids import ParticipantId

T = TypeVar("T")

_HEAD = tables.audit_heads.c
_LINK = tables.audit.c
_WORDS = tables.audit_words.c


def append(connection: Connection, chain: str, acts: Sequence[Act]) -> None:
    """Put acts at the end of a chain, in their order."""
    n, previous = _locked_head(connection, chain)
    links: list[dict[str, object]] = []
    words: list[dict[str, object]] = []
    for act in acts:
        n += 1
        link = linked(chain, previous, n, act.body)
        previous = link.hash
        links.append({"chain": chain, "n": n, "body": act.body, "hash": link.hash})
        words += [
            {
                "chain": chain,
                "n": n,
                "name": each.name,
                "by_id": each.by,
                "about_id": each.about,
                "text": each.text,
                "salt": each.salt,
            }
            for each in act.words
        ]
    connection.execute(insert(tables.audit), links)
    if words:
        connection.execute(insert(tables.audit_words), words)
    connection.execute(
        update(tables.audit_heads).where(_HEAD.chain == chain).values(n=n, hash=previous)
    )


def _locked_head(connection: Connection, chain: str) -> tuple[int, bytes]:
    """Where a chain ends; nobody else moves that before this transaction is over."""
    query = select(_HEAD.n, _HEAD.hash).where(_HEAD.chain == chain).with_for_update()
    head = connection.execute(query).one_or_none()
    if head is None:
        make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        first = make(tables.audit_heads).values(chain=chain, n=0, hash=BEGINNING)
        connection.execute(first.on_conflict_do_nothing())
        head = connection.execute(query).one()
    return head.n, bytes(head.hash)


def forget(connection: Connection, chain: str, people: Sequence[ParticipantId]) -> None:
    """Erase the words that these people gave, and those that are about them."""
    connection.execute(
        update(tables.audit_words)
        .where(_WORDS.chain == chain, or_(_WORDS.by_id.in_(people), _WORDS.about_id.in_(people)))
        .values(text=None, salt=None)
    )


def kept(connection: Connection, chain: str, *, after: int, limit: int) -> list[Kept]:
    """The records of a chain that come after number ``after``, in their order."""
    found = connection.execute(
        select(tables.audit)
        .where(_LINK.chain == chain, _LINK.n > after)
        .order_by(_LINK.n)
        .limit(limit)
    ).all()
    if not found:
        return []
    told = connection.execute(
        select(tables.audit_words)
        .where(_WORDS.chain == chain, _WORDS.n > after, _WORDS.n <= found[-1].n)
        .order_by(_WORDS.n, _WORDS.name)
    )
    words: dict[int, list[Words]] = {}
    for row in told:
        words.setdefault(row.n, []).append(_words(row))
    return [
        Kept(Link(row.n, row.body, bytes(row.hash)), tuple(words.get(row.n, ()))) for row in found
    ]


def _words(row: Row[Any]) -> Words:
    return Words(
        name=row.name,
        text=row.text,
        salt=None if row.salt is None else bytes(row.salt),
        by=None if row.by_id is None else ParticipantId(row.by_id),
        about=None if row.about_id is None else ParticipantId(row.about_id),
    )


# --- acts that are not a room's


class Recording:
    """An act that the next write of its task takes along into its own transaction."""

    def __init__(self, chain: str, act: Act) -> None:
        self.is_written = False
        self._task = asyncio.current_task()
        self._chain = chain
        self._act = act

    @property
    def is_due(self) -> bool:
        """Whether this task may write it; one that was begun meanwhile has other things to do."""
        return not self.is_written and asyncio.current_task() is self._task

    def write(self, connection: Connection) -> None:
        append(connection, self._chain, [self._act])

    def beside(self, work: Callable[[Connection], T]) -> Callable[[Connection], T]:
        """The same work, and the record of it."""

        def both(connection: Connection) -> T:
            value = work(connection)
            self.write(connection)
            return value

        return both


_RECORDING: ContextVar[Recording | None] = ContextVar("recording", default=None)


def current_recording() -> Recording | None:
    """The act that the next write has to take along, if there is one."""
    recording = _RECORDING.get()
    return recording if recording is not None and recording.is_due else None


@contextmanager
def recording(chain: str, act: Act) -> Iterator[Recording]:
    """Have the first write in this block, by this task, take ``act`` along: both are written or
    neither. Whether there was one is told by ``is_written``."""
    made = Recording(chain, act)
    token = _RECORDING.set(made)
    try:
        yield made
    finally:
        _RECORDING.reset(token)
