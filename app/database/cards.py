"""What is known of one person, for the team: over all sessions they were in, and in one of them
all that they wrote and all that was done about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from live.adapters.sql import rows
from live.adapters.sql.database import Database
from live.adapters.sql.tables import (
    contents,
    events,
    messages,
    papers,
    participants,
    questions,
    sessions,
)
from live.domain.decision_events import DecisionMade
from live.domain.fact import Event
from live.domain.ids import ContentId, ParticipantId, SessionId
from live.domain.paper import Paper, PaperStatus
from live.domain.people import Participant
from live.domain.people_events import ReportFiled, SanctionSet
from live.room.codec import recorded

SESSIONS_MOST: Final = 50
"""Sessions of one person that are looked at, the latest first."""

_TOLD_OF: Final = (DecisionMade.type, ReportFiled.type, SanctionSet.type)


@dataclass(frozen=True, slots=True)
class Attendance:
    """One session that a person was in, and how much they wrote there by status."""

    session_id: SessionId
    slug: str
    title: str
    at: datetime
    participant: Participant
    messages: dict[str, int]
    questions: dict[str, int]


@dataclass(frozen=True, slots=True)
class Written:
    """A message or question, with its words as long as they are there."""

    kind: str
    id: str
    status: str
    at: datetime
    text: str | None


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened with a person: something written, a paper, or an event of the log
    about them. ``about`` is what a decision or report was about; ``by_them``: they reported it."""

    at: datetime
    seq: int
    written: Written | None = None
    paper: Paper | None = None
    event: Event | None = None
    about: Written | None = None
    by_them: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """What happened, the newest first, and the texts that it speaks of."""

    happened: Sequence[Happening]
    texts: dict[ContentId, str] = field(default_factory=dict)


async def attendances(database: Database, participant: Participant) -> list[Attendance]:
    """The sessions of this person, the latest first; their own session comes before all others."""
    return await database.read(lambda connection: list(_attendances(connection, participant)))


async def notes_about(database: Database, people: Sequence[ParticipantId]) -> History:
    """The papers that concern these participants, the newest first."""

    def read(connection: Connection) -> History:
        found = select(papers).where(
            papers.c.participant_id.in_(people), papers.c.status != PaperStatus.REMOVED.value
        )
        read = sorted(map(rows.paper, connection.execute(found)), key=lambda p: (p.at, p.id))
        happened = [Happening(paper.at, 0, paper=paper) for paper in reversed(read)]
        return History(happened, _texts(connection, happened))

    return await database.read(read)


async def history(
    database: Database,
    session_id: SessionId,
    participant_id: ParticipantId,
    *,
    before: datetime | None,
    limit: int,
) -> History:
    """A page of what happened with them in one session: before a moment, the newest first."""

    def read(connection: Connection) -> History:
        written = list(_written(connection, session_id, participant_id))
        happened = [
            *(Happening(each.at, 0, written=each) for each in written),
            *_events(connection, session_id, participant_id, written),
        ]
        if before is not None:
            happened = [each for each in happened if each.at < before]
        happened.sort(key=lambda each: (each.at, each.seq), reverse=True)
        page = happened[:limit]
        if len(page) == limit:
            # All of one moment on one page: the next begins before it.
            page += [each for each in happened[limit:] if each.at == page[-1].at]
        return History(page, _texts(connection, page))

    return await database.read(read)


def _attendances(connection: Connection, participant: Participant) -> Iterator[Attendance]:
    mine = participants.c.id == participant.id
    if participant.person_id is not None:
        mine |= participants.c.person_id == participant.person_id
    found = connection.execute(
        select(participants).where(mine).order_by(participants.c.joined_us.desc())
    ).all()
    people = [rows.participant(row) for row in found[:SESSIONS_MOST]]
    people.sort(key=lambda each: each.session_id != participant.session_id)
    for each in people:
        session = connection.execute(
            select(sessions.c.slug, sessions.c.title).where(sessions.c.id == each.session_id)
        ).one()
        yield Attendance(
            session_id=each.session_id,
            slug=session.slug,
            title=session.title,
            at=each.joined_at,
            participant=each,
            messages=_counts(connection, messages, each),
            questions=_counts(connection, questions, each),
        )


def _counts(connection: Connection, table: Any, participant: Participant) -> dict[str, int]:
    counted = (
        select(table.c.status, func.count().label("many"))
        .where(table.c.session_id == participant.session_id, table.c.author_id == participant.id)
        .group_by(table.c.status)
    )
    return {row.status: row.many for row in connection.execute(counted)}


def _written(
    connection: Connection, session_id: SessionId, author_id: ParticipantId
) -> Iterator[Written]:
    for kind, table in (("message", messages), ("question", questions)):
        query = (
            select(table.c.id, table.c.status, table.c.at_us, contents.c.text)
            .join(contents, contents.c.id == table.c.content_id)
            .where(table.c.session_id == session_id, table.c.author_id == author_id)
        )
        for row in connection.execute(query):
            yield Written(kind, row.id, row.status, rows.moment(row.at_us), row.text)


def _events(
    connection: Connection,
    session_id: SessionId,
    participant_id: ParticipantId,
    written: Sequence[Written],
) -> Iterator[Happening]:
    """What the log tells of their words, of reports, and of sanctions."""
    theirs = {(each.kind, each.id): each for each in written}
    query = (
        select(events)
        .where(events.c.session_id == session_id, events.c.type.in_(_TOLD_OF))
        .order_by(events.c.seq)
    )
    for row in connection.execute(query):
        told = _told(row)
        at, seq = rows.moment(row.at_us), row.seq
        match told:
            case SanctionSet() if told.participant_id == participant_id:
                yield Happening(at, seq, event=told)
            case DecisionMade() | ReportFiled():
                about = theirs.get((told.subject.kind.value, told.subject.id))
                by_them = isinstance(told, ReportFiled) and told.by == participant_id
                if about is not None or by_them:
                    yield Happening(at, seq, event=told, about=about, by_them=by_them)


def _told(row: Row[Any]) -> Event:
    return recorded(rows.stored_event(row)).event


def _texts(connection: Connection, happened: Sequence[Happening]) -> dict[ContentId, str]:
    wanted = {content_id for each in happened for content_id in _contents(each)}
    query = select(contents.c.id, contents.c.text).where(contents.c.id.in_(wanted))
    return {
        ContentId(row.id): row.text
        for row in (connection.execute(query) if wanted else ())
        if row.text is not None
    }


def _contents(happening: Happening) -> Iterator[ContentId]:
    event, paper = happening.event, happening.paper
    if isinstance(event, ReportFiled):
        yield event.content_id
    elif isinstance(event, DecisionMade | SanctionSet) and event.reason_id is not None:
        yield event.reason_id
    if paper is not None:
        yield paper.content_id
        if paper.reply_id is not None:
            yield paper.reply_id
