"""The rooms' store in SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    delete,
    func,
    literal_column,
    select,
)

from live.adapters.sql import audit, rows, searching, tables, ticks
from live.adapters.sql.announcements import announcement
from live.adapters.sql.database import Database
from live.adapters.sql.parts import part
from live.adapters.sql.polls import poll, poll_ballot
from live.domain.audit import Kept
from live.domain.content import Content
from live.domain.funnel import Reached
from live.domain.ids import ContentId, MessageId, ParticipantId, SessionId
from live.domain.message import Message, MessageStatus
from live.domain.pulse import Tick
from live.domain.question import Question, QuestionStatus
from live.ports.store import Batch, IdempotencyKey, RoomRecord, Search, StoredEvent

KEYS_OUTLIVE_THE_SESSION_BY: Final = timedelta(hours=24)
_IDS_IN_ONE_QUERY: Final = 5000

_MESSAGE: Final = tables.messages.c
_QUESTION: Final = tables.questions.c


class SqlStore:
    """``Store`` over a ``Database`` whose schema is up to date."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def commit(self, batch: Batch) -> None:
        await self._database.commit(batch)

    async def load_room(self, session_id: SessionId, *, recent_messages: int) -> RoomRecord | None:
        return await self._database.read(
            lambda connection: _load_room(connection, session_id, recent_messages)
        )

    async def events(
        self, session_id: SessionId, *, after: int, limit: int
    ) -> Sequence[StoredEvent]:
        event = tables.events.c
        query = (
            select(tables.events)
            .where(event.session_id == session_id, event.seq > after)
            .order_by(event.seq)
            .limit(limit)
        )
        return await self._database.read(
            lambda connection: [rows.stored_event(row) for row in connection.execute(query)]
        )

    async def decisions(
        self, session_id: SessionId, *, mentioning: str | None = None, limit: int
    ) -> Sequence[StoredEvent]:
        event = tables.events.c
        query = select(tables.events).where(
            event.session_id == session_id, event.type == literal_column("'decision.made'")
        )
        if mentioning is not None:
            query = query.where(event.data.contains(f'"{mentioning}"', autoescape=True))
        latest = query.order_by(event.seq.desc()).limit(limit)
        return await self._database.read(
            lambda connection: [
                rows.stored_event(row) for row in reversed(connection.execute(latest).all())
            ]
        )

    async def find_key(
        self, session_id: SessionId, participant_id: ParticipantId, command_id: str
    ) -> IdempotencyKey | None:
        key = tables.idempotency_keys.c
        query = select(tables.idempotency_keys).where(
            key.session_id == session_id,
            key.participant_id == participant_id,
            key.command_id == command_id,
        )

        def find(connection: Connection) -> IdempotencyKey | None:
            row = connection.execute(query).one_or_none()
            return None if row is None else rows.idempotency_key(row)

        return await self._database.read(find)

    async def find_keys(
        self, session_id: SessionId, participant_ids: Sequence[ParticipantId], *, limit: int
    ) -> Sequence[IdempotencyKey]:
        key = tables.idempotency_keys.c
        query = (
            select(tables.idempotency_keys)
            .where(key.session_id == session_id, key.participant_id.in_(participant_ids))
            .order_by(key.participant_id)
            .limit(limit)
        )
        return await self._database.read(
            lambda connection: [rows.idempotency_key(row) for row in connection.execute(query)]
        )

    async def find_messages(
        self, session_id: SessionId, ids: Sequence[MessageId]
    ) -> tuple[Sequence[Message], Sequence[Content]]:
        def find(connection: Connection) -> tuple[Sequence[Message], Sequence[Content]]:
            found: list[Row[Any]] = []
            for some in _chunks(ids):
                found += connection.execute(
                    select(tables.messages).where(
                        _MESSAGE.session_id == session_id, _MESSAGE.id.in_(some)
                    )
                )
            return _messages(connection, found)

        return await self._database.read(find)

    async def find_contents(
        self, session_id: SessionId, ids: Sequence[ContentId]
    ) -> Sequence[Content]:
        content = tables.contents.c

        def find(connection: Connection) -> Sequence[Content]:
            return [
                rows.content(row)
                for some in _chunks(ids)
                for row in connection.execute(
                    select(tables.contents).where(
                        content.session_id == session_id, content.id.in_(some)
                    )
                )
            ]

        return await self._database.read(find)

    async def find_authored(
        self, session_id: SessionId, participant_id: ParticipantId
    ) -> tuple[Sequence[Message], Sequence[Content]]:
        content = tables.contents.c
        theirs = select(tables.messages).where(
            _MESSAGE.session_id == session_id, _MESSAGE.author_id == participant_id
        )
        owned = select(tables.contents).where(
            content.session_id == session_id, content.owner_id == participant_id
        )

        def find(connection: Connection) -> tuple[Sequence[Message], Sequence[Content]]:
            messages, _ = _messages(connection, connection.execute(theirs).all())
            return messages, [rows.content(row) for row in connection.execute(owned)]

        return await self._database.read(find)

    async def page_messages(
        self,
        session_id: SessionId,
        *,
        statuses: Sequence[MessageStatus],
        before: int | None,
        limit: int,
    ) -> tuple[Sequence[Message], Sequence[Content]]:
        condition = _MESSAGE.status.in_([status.value for status in statuses])
        return await self._database.read(
            lambda connection: _messages(
                connection, _page(connection, tables.messages, session_id, condition, before, limit)
            )
        )

    async def page_questions(
        self,
        session_id: SessionId,
        *,
        statuses: Sequence[QuestionStatus],
        before: int | None,
        limit: int,
    ) -> tuple[Sequence[Question], Sequence[Content]]:
        condition = _QUESTION.status.in_([status.value for status in statuses])
        return await self._database.read(
            lambda connection: _questions(
                connection,
                _page(connection, tables.questions, session_id, condition, before, limit),
            )
        )

    async def search(
        self, session_id: SessionId, search: Search
    ) -> tuple[Sequence[Message], Sequence[Question], Sequence[Content]]:
        def find(
            connection: Connection,
        ) -> tuple[Sequence[Message], Sequence[Question], Sequence[Content]]:
            said = searching.found(connection, tables.messages, session_id, search)
            asked = searching.found(connection, tables.questions, session_id, search)
            messages, contents = _messages(connection, said)
            questions, more_contents = _questions(connection, asked)
            return messages, questions, [*contents, *more_contents]

        return await self._database.read(find)

    async def ticks(self, session_id: SessionId, *, first: int, last: int) -> Sequence[Tick]:
        return await self._database.read(
            lambda connection: ticks.between(connection, session_id, first, last)
        )

    async def audit(self, chain: str, *, after: int, limit: int) -> Sequence[Kept]:
        return await self._database.read(
            lambda connection: audit.kept(connection, chain, after=after, limit=limit)
        )

    async def purge_keys(self, now: datetime) -> int:
        """Forget the idempotency keys of sessions that ended a day ago; how many there were."""
        ended = select(tables.sessions.c.id).where(
            tables.sessions.c.ended_us < rows.microseconds(now - KEYS_OUTLIVE_THE_SESSION_BY)
        )
        purge = delete(tables.idempotency_keys).where(
            tables.idempotency_keys.c.session_id.in_(ended)
        )
        return await self._database.write(lambda connection: connection.execute(purge).rowcount)


def _load_room(
    connection: Connection, session_id: SessionId, recent_messages: int
) -> RoomRecord | None:
    session = connection.execute(
        select(tables.sessions).where(tables.sessions.c.id == session_id)
    ).one_or_none()
    if session is None:
        return None
    messages, contents = _messages(connection, _recent(connection, session_id, recent_messages))
    questions, more_contents = _questions(
        connection, _of_session(connection, tables.questions, session_id)
    )
    papers = sorted(
        map(rows.paper, _of_session(connection, tables.papers, session_id)),
        key=lambda each: (each.at, each.id),
    )
    return RoomRecord(
        session=rows.session_record(session),
        participants=[
            rows.participant(row)
            for row in _of_session(connection, tables.participants, session_id)
        ],
        messages=messages,
        questions=questions,
        ballots=[rows.ballot(row) for row in _of_session(connection, tables.ballots, session_id)],
        contents=[*contents, *more_contents],
        papers=papers,
        announcements=sorted(
            map(announcement, _of_session(connection, tables.announcements, session_id)),
            key=lambda each: (each.at, each.id),
        ),
        parts=[part(row) for row in _of_session(connection, tables.parts, session_id)],
        polls=sorted(
            map(poll, _of_session(connection, tables.polls, session_id)),
            key=lambda each: (each.at, each.id),
        ),
        poll_ballots=[
            poll_ballot(row) for row in _of_session(connection, tables.poll_ballots, session_id)
        ],
        reactions={
            (row.kind, row.segment): row.total
            for row in _of_session(connection, tables.reactions, session_id)
        },
        ticks=ticks.latest(connection, session_id),
        reached={
            ParticipantId(row.participant_id): Reached(row.steps)
            for row in _of_session(connection, tables.reached, session_id)
        },
    )


def _of_session(connection: Connection, table: Table, session_id: SessionId) -> Sequence[Row[Any]]:
    return connection.execute(select(table).where(table.c.session_id == session_id)).all()


def _recent(connection: Connection, session_id: SessionId, limit: int) -> list[Row[Any]]:
    """All pending messages, and the latest of those that have a place and of the refused, each
    oldest first.
    """
    pending = _MESSAGE.status == MessageStatus.PENDING.value
    refused = _MESSAGE.status == MessageStatus.REFUSED.value
    placed = _MESSAGE.place.is_not(None)
    everything = select(tables.messages).where(_MESSAGE.session_id == session_id)
    found: list[Row[Any]] = []
    for condition in (placed & ~pending, refused & ~placed):
        latest = everything.where(condition).order_by(_MESSAGE.position.desc()).limit(limit)
        found += reversed(connection.execute(latest).all())
    found += connection.execute(everything.where(pending).order_by(_MESSAGE.position)).all()
    return found


def _page(
    connection: Connection,
    table: Table,
    session_id: SessionId,
    condition: ColumnElement[bool],
    before: int | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """The latest ``limit`` rows before a position, and all that share the last one's position, so
    that the next page, which begins there, leaves none out.
    """
    chosen = (table.c.session_id == session_id) & condition
    if before is not None:
        chosen &= table.c.position < before
    positions = (
        select(table.c.position)
        .where(chosen)
        .order_by(table.c.position.desc())
        .limit(limit)
        .subquery()
    )
    last = select(func.min(positions.c.position)).scalar_subquery()
    return connection.execute(
        select(table)
        .where(chosen, table.c.position >= last)
        .order_by(table.c.position.desc(), table.c.id)
    ).all()


def _messages(
    connection: Connection, found: Sequence[Row[Any]]
) -> tuple[list[Message], list[Content]]:
    contents, evidence = _contents(connection, found)
    return [rows.message(row, evidence.get(row.content_id)) for row in found], contents


def _questions(
    connection: Connection, found: Sequence[Row[Any]]
) -> tuple[list[Question], list[Content]]:
    contents, evidence = _contents(connection, found)
    return [rows.question(row, evidence.get(row.content_id)) for row in found], contents


def _contents(
    connection: Connection, subjects: Sequence[Row[Any]]
) -> tuple[list[Content], dict[ContentId, str]]:
    """The contents that these messages or questions name, and the evidence kept with them."""
    contents: list[Content] = []
    evidence: dict[ContentId, str] = {}
    for some in _chunks([row.content_id for row in subjects]):
        query = select(tables.contents).where(tables.contents.c.id.in_(some))
        for row in connection.execute(query):
            contents.append(rows.content(row))
            if row.evidence is not None:
                evidence[ContentId(row.id)] = row.evidence
    return contents, evidence


def _chunks(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(ids), _IDS_IN_ONE_QUERY):
        yield ids[start : start + _IDS_IN_ONE_QUERY]
