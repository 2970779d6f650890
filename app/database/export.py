"""Everything of one session, for its host to keep: as JSON, or its contributions as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import Connection, Row, Select, Table, select

from app.database.announced import (
    ExportedAnnouncement,
    ExportedPicture,
    announced,
    shown_pictures,
)
from app.database.exported_parts import ExportedPart, exported_parts
from app.database.exported_polls import (
    BallotLine,
    ExportedPoll,
    PollLine,
    ballot_lines,
    exported_polls,
    poll_lines,
    without_ties,
)
from app.database.exported_pulse import exported_funnel, exported_ticks
from app.database.recorded import ExportedRecording, exported_recordings
from live.adapters.sql.database import Database
from live.adapters.sql.rows import moment
from live.adapters.sql.tables import (
    ballots,
    contents,
    events,
    messages,
    participants,
    questions,
    reactions,
    sessions,
)
from live.domain.ids import SessionId
from live.room.codec import decode_document
from live.wire.pulse import CurveTick, Funnel

_IDS_AT_ONCE: Final = 500
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class ExportedSession:
    """What the session was; times are UTC."""

    id: str
    slug: str
    title: str
    description: str
    state: str
    created_at: datetime
    starts_at: datetime | None
    live_since: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ExportedParticipant:
    """Who took part; the name is absent once erased."""

    id: str
    display_name: str | None
    role: str
    segment: str
    language: str
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Contribution:
    """A message or a question; ``text`` is absent once withdrawn or erased. ``votes`` counts the
    distinct people who want this question or one that was merged into it. ``reply`` is the brand's
    in writing, ``promised_by`` who is to answer, ``let_go`` why nobody will.
    """

    kind: Literal["message", "question"]
    id: str
    at: datetime
    status: str
    text: str | None
    language: str
    author_id: str
    author: str | None
    role: str | None
    segment: str | None
    edited: bool
    reply_to: str | None = None
    merged_into: str | None = None
    votes: int | None = None
    answering_at: datetime | None = None
    answered_at: datetime | None = None
    reply: str | None = None
    promised_by: str | None = None
    promised_until: datetime | None = None
    let_go: str | None = None


@dataclass(frozen=True, slots=True)
class ExportedEvent:
    """One fact of the log; ``data`` holds ids and commitments, no text, and of an anonymous ballot
    nothing."""

    seq: int
    type: str
    at: datetime
    data: msgspec.Raw


@dataclass(frozen=True, slots=True)
class SessionExport:
    """One session whole, of one moment. ``reactions`` are totals by kind and segment,
    ``ticks`` the curves of the pulse."""

    session: ExportedSession
    participants: list[ExportedParticipant]
    contributions: list[Contribution]
    reactions: dict[str, dict[str, int]]
    parts: list[ExportedPart]
    announcements: list[ExportedAnnouncement]
    pictures: list[ExportedPicture]
    polls: list[ExportedPoll]
    recordings: list[ExportedRecording]
    ticks: list[CurveTick]
    funnel: Funnel
    events: list[ExportedEvent]


async def export_session(database: Database, session_id: SessionId) -> SessionExport | None:
    """Read it all from one snapshot; None if there is no such session."""
    return await database.read(lambda connection: _export(connection, session_id))


def as_json(export: SessionExport) -> bytes:
    """One JSON object with the fields of ``SessionExport``."""
    return msgspec.json.format(msgspec.json.encode(export), indent=2)


def as_csv(export: SessionExport) -> str:
    """One line for each contribution, oldest first, for a spreadsheet.

    A cell that a spreadsheet would run as a formula begins with an apostrophe.
    """
    return _csv(Contribution, export.contributions)


def polls_as_csv(export: SessionExport) -> str:
    """One line for each option or word of a poll: of all, then of each part of the audience."""
    return _csv(PollLine, poll_lines(export.polls))


def ballots_as_csv(export: SessionExport) -> str:
    """One line for each choice in a named poll."""
    return _csv(BallotLine, ballot_lines(export.polls))


def _csv(kind: type[Contribution | PollLine | BallotLine], lines: Iterable[object]) -> str:
    columns = [field.name for field in fields(kind)]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for each in lines:
        writer.writerow([_cell(getattr(each, column)) for column in columns])
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    shown = str(value)
    return f"'{shown}" if shown.startswith(_FORMULA_STARTS) else shown


def _export(connection: Connection, session_id: SessionId) -> SessionExport | None:
    session = connection.execute(select(sessions).where(sessions.c.id == session_id)).one_or_none()
    if session is None:
        return None
    people = [_participant(row) for row in connection.execute(_of(participants, session_id))]
    votes = _votes(connection, session_id)
    settled = _settled(connection, session_id, session.document)
    said = [
        *_contributions(connection, "message", session_id, {}, settled),
        *_contributions(connection, "question", session_id, votes, settled),
    ]
    totals: dict[str, dict[str, int]] = {}
    for row in connection.execute(_of(reactions, session_id)):
        totals.setdefault(row.kind, {})[row.segment] = row.total
    log = connection.execute(_of(events, session_id).order_by(events.c.seq))
    asked = exported_polls(connection, session_id)
    anonymous = frozenset(each.id for each in asked if not each.named)
    return SessionExport(
        session=_session(session),
        participants=sorted(people, key=lambda each: each.joined_at),
        contributions=sorted(said, key=lambda each: each.at),
        reactions=totals,
        parts=exported_parts(connection, session_id, session.document),
        announcements=announced(connection, session_id),
        pictures=shown_pictures(connection, session_id),
        polls=asked,
        recordings=exported_recordings(connection, session_id),
        ticks=exported_ticks(connection, session_id),
        funnel=exported_funnel(connection, session_id),
        events=[
            ExportedEvent(
                row.seq,
                row.type,
                moment(row.at_us),
                msgspec.Raw(without_ties(row.type, row.data.encode(), anonymous)),
            )
            for row in log
        ],
    )


def _of(table: Table, session_id: SessionId) -> Select[Any]:
    return select(table).where(table.c.session_id == session_id)


def _votes(connection: Connection, session_id: SessionId) -> dict[str, int]:
    """Distinct people by question; those of a merged question count for its root."""
    merged = {row.id: row.merged_into for row in connection.execute(_of(questions, session_id))}
    people: dict[str, set[str]] = {}
    for row in connection.execute(_of(ballots, session_id).where(ballots.c.up.is_(True))):
        root = row.question_id
        while merged.get(root) is not None:
            root = merged[root]
        people.setdefault(root, set()).add(row.participant_id)
    return {root: len(voters) for root, voters in people.items()}


def _contributions(
    connection: Connection,
    kind: Literal["message", "question"],
    session_id: SessionId,
    votes: Mapping[str, int],
    settled: Mapping[str, _Settled],
) -> Iterator[Contribution]:
    table = messages if kind == "message" else questions
    query = (
        select(
            table,
            contents.c.text,
            participants.c.display_name,
            participants.c.role,
            participants.c.segment,
        )
        .join(contents, contents.c.id == table.c.content_id)
        .outerjoin(participants, participants.c.id == table.c.author_id)
        .where(table.c.session_id == session_id)
    )
    for row in connection.execute(query):
        is_question = kind == "question"
        said = settled.get(row.id, _Settled())
        yield Contribution(
            kind=kind,
            id=row.id,
            at=moment(row.at_us),
            status=row.status,
            text=row.text,
            language=row.language,
            author_id=row.author_id,
            author=row.display_name,
            role=row.role,
            segment=row.segment,
            edited=row.edited,
            reply_to=None if is_question else row.reply_to,
            merged_into=row.merged_into if is_question else None,
            votes=votes.get(row.id, 0) if is_question else None,
            answering_at=_moment_or_none(row.answering_us) if is_question else None,
            answered_at=_moment_or_none(row.answered_us) if is_question else None,
            reply=said.reply,
            promised_by=said.promised_by,
            promised_until=said.promised_until,
            let_go=said.let_go,
        )


@dataclass(frozen=True, slots=True)
class _Settled:
    """What the team said to one contribution, in words."""

    reply: str | None = None
    promised_by: str | None = None
    promised_until: datetime | None = None
    let_go: str | None = None


def _settled(connection: Connection, session_id: SessionId, document: str) -> dict[str, _Settled]:
    """By the id of the message or question."""
    known = dict(decode_document(document.encode()).settled)
    wanted = [each for settlement in known.values() for each in settlement.contents]
    texts: dict[str, str | None] = {}
    for start in range(0, len(wanted), _IDS_AT_ONCE):
        some = contents.c.id.in_(wanted[start : start + _IDS_AT_ONCE])
        query = select(contents.c.id, contents.c.text).where(
            contents.c.session_id == session_id, some
        )
        texts |= {row.id: row.text for row in connection.execute(query)}
    return {
        subject.id: _Settled(
            reply=None if each.reply is None else texts.get(each.reply.content_id),
            promised_by=None if each.promise is None else texts.get(each.promise.owner_id),
            promised_until=None if each.promise is None else each.promise.due,
            let_go=None if each.let_go is None else texts.get(each.let_go.content_id),
        )
        for subject, each in known.items()
    }


def _session(row: Row[Any]) -> ExportedSession:
    return ExportedSession(
        id=row.id,
        slug=row.slug,
        title=row.title,
        description=row.description,
        state=row.state,
        created_at=moment(row.created_us),
        starts_at=_moment_or_none(row.starts_us),
        live_since=_moment_or_none(row.live_since_us),
        ended_at=_moment_or_none(row.ended_us),
    )


def _participant(row: Row[Any]) -> ExportedParticipant:
    return ExportedParticipant(
        id=row.id,
        display_name=row.display_name,
        role=row.role,
        segment=row.segment,
        language=row.language,
        joined_at=moment(row.joined_us),
    )


def _moment_or_none(at_us: int | None) -> datetime | None:
    return None if at_us is None else moment(at_us)
