"""Between the values of the domain and the rows of the tables, both ways.

A ``…_row`` function gives the values in the order of the table's columns, as the driver takes them:
bulk writes go past SQLAlchemy's own conversions.
"""

# ruff: noqa: D103 - each conversion is told by its name and types

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Row

from live.adapters.sql.beside import decoded, dump_reasons, load_reasons
from live.domain.content import Content
from live.domain.ids import (
    ContentId,
    MessageId,
    PaperId,
    ParticipantId,
    PersonId,
    QuestionId,
    Seq,
    SessionId,
)
from live.domain.message import Message, MessageStatus
from live.domain.paper import Paper, PaperKind, PaperStatus
from live.domain.people import Participant, Role
from live.domain.question import Ballot, Question, QuestionStatus
from live.domain.segment import Segment
from live.ports.store import (
    CredentialRecord,
    IdempotencyKey,
    InviteRecord,
    SessionRecord,
    StoredEvent,
)

Values = tuple[object, ...]
"""One row for the driver, in the order of the table's columns."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


_SEGMENTS_OUT = msgspec.json.Encoder()
_SEGMENTS_IN = msgspec.json.Decoder(tuple[Segment, ...])


def microseconds(at: datetime) -> int:
    """Whole microseconds since 1970. ``at`` must be aware; another time is a ``TypeError``."""
    return (at - _EPOCH) // _MICROSECOND


def moment(at_us: int) -> datetime:
    """The UTC-aware time that ``microseconds`` gave this number for."""
    return _EPOCH + timedelta(microseconds=at_us)


def _microseconds_or_none(at: datetime | None) -> int | None:
    return None if at is None else microseconds(at)


def _moment_or_none(at_us: int | None) -> datetime | None:
    return None if at_us is None else moment(at_us)


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# --- to rows ---------------------------------------------------------------------------------


def session_row(record: SessionRecord) -> Values:
    return (
        record.id,
        record.slug,
        record.title,
        record.state,
        record.epoch,
        microseconds(record.created_at),
        _microseconds_or_none(record.starts_at),
        _dump(record.languages),
        _SEGMENTS_OUT.encode(record.segments).decode(),
        record.visibility,
        record.review,
        record.description,
        record.recording,
        _microseconds_or_none(record.live_since),
        _microseconds_or_none(record.ended_at),
        record.head,
        record.document.decode(),
    )


def event_row(session_id: SessionId, event: StoredEvent) -> Values:
    return (
        session_id,
        event.seq,
        event.type,
        event.version,
        microseconds(event.at),
        event.data.decode(),
    )


def content_row(content: Content) -> Values:
    return (
        content.id,
        content.session_id,
        content.owner_id,
        content.text,
        content.salt,
        None,
        microseconds(content.at),
    )


def with_evidence(content: Values, document: str) -> Values:
    *before, _, at_us = content
    return (*before, document, at_us)


def participant_row(participant: Participant) -> Values:
    return (
        participant.id,
        participant.session_id,
        participant.person_id,
        participant.role.value,
        participant.segment,
        participant.language,
        participant.display_name,
        microseconds(participant.joined_at),
        participant.invite_id,
        _dump(participant.granted_segments),
        participant.erased,
        participant.language_chosen,
    )


def message_row(session_id: SessionId, message: Message) -> Values:
    at_us = microseconds(message.at)
    return (
        message.id,
        session_id,
        message.author_id,
        message.content_id,
        message.language,
        message.status.value,
        message.revision,
        at_us,
        message.reply_to,
        message.place,
        at_us if message.place is None else message.place,
        message.edited,
        message.withdrawn,
        dump_reasons(message.reasons),
        message.score,
        _dump(message.labels) if message.labels else None,
        message.assignee,
    )


def question_row(session_id: SessionId, question: Question) -> Values:
    at_us = microseconds(question.at)
    return (
        question.id,
        session_id,
        question.author_id,
        question.content_id,
        question.language,
        question.status.value,
        question.revision,
        at_us,
        question.place,
        at_us if question.place is None else question.place,
        question.merged_into,
        question.tallied,
        question.edited,
        question.withdrawn,
        _microseconds_or_none(question.picked_at),
        _microseconds_or_none(question.answering_at),
        _microseconds_or_none(question.answered_at),
        dump_reasons(question.reasons),
        question.score,
        _dump(question.labels) if question.labels else None,
        question.assignee,
    )


def ballot_row(session_id: SessionId, ballot: Ballot) -> Values:
    return (session_id, ballot.question_id, ballot.participant_id, ballot.up)


def paper_row(session_id: SessionId, paper: Paper) -> Values:
    return (
        paper.id,
        session_id,
        paper.kind.value,
        paper.participant_id,
        paper.author_id,
        paper.content_id,
        microseconds(paper.at),
        paper.status.value,
        paper.about,
        paper.reply_id,
        paper.settled_by,
    )


def key_row(session_id: SessionId, key: IdempotencyKey) -> Values:
    return (
        session_id,
        key.participant_id,
        key.command_id,
        key.digest,
        key.seq,
        key.result.decode(),
    )


def invite_row(invite: InviteRecord) -> Values:
    return (
        invite.id,
        invite.session_id,
        invite.role.value,
        invite.token_hash,
        microseconds(invite.created_at),
        invite.segment,
        _microseconds_or_none(invite.expires_at),
        invite.uses,
        invite.used,
        _microseconds_or_none(invite.revoked_at),
    )


def credential_row(credential: CredentialRecord) -> Values:
    return (
        credential.token_hash,
        credential.session_id,
        credential.participant_id,
        microseconds(credential.created_at),
        _microseconds_or_none(credential.revoked_at),
    )


# --- from rows -------------------------------------------------------------------------------


def session_record(row: Row[Any]) -> SessionRecord:
    return SessionRecord(
        id=SessionId(row.id),
        slug=row.slug,
        title=row.title,
        state=row.state,
        epoch=row.epoch,
        created_at=moment(row.created_us),
        starts_at=_moment_or_none(row.starts_us),
        languages=tuple(json.loads(row.languages)),
        segments=_SEGMENTS_IN.decode(row.segments),
        visibility=row.visibility,
        review=row.review,
        description=row.description,
        recording=row.recording,
        live_since=_moment_or_none(row.live_since_us),
        ended_at=_moment_or_none(row.ended_us),
        head=row.head,
        document=row.document.encode(),
    )


def stored_event(row: Row[Any]) -> StoredEvent:
    return StoredEvent(
        seq=row.seq,
        type=row.type,
        version=row.version,
        at=moment(row.at_us),
        data=row.data.encode(),
    )


def content(row: Row[Any]) -> Content:
    return Content(
        id=ContentId(row.id),
        session_id=SessionId(row.session_id),
        owner_id=ParticipantId(row.owner_id),
        text=row.text,
        salt=None if row.salt is None else bytes(row.salt),
        at=moment(row.at_us),
    )


def participant(row: Row[Any]) -> Participant:
    return Participant(
        id=ParticipantId(row.id),
        session_id=SessionId(row.session_id),
        person_id=None if row.person_id is None else PersonId(row.person_id),
        role=Role(row.role),
        segment=row.segment,
        language=row.language,
        display_name=row.display_name,
        joined_at=moment(row.joined_us),
        invite_id=row.invite_id,
        granted_segments=tuple(json.loads(row.granted_segments)),
        erased=row.erased,
        language_chosen=row.language_chosen,
    )


def message(row: Row[Any], evidence: str | None) -> Message:
    beside = decoded(evidence)
    return Message(
        id=MessageId(row.id),
        author_id=ParticipantId(row.author_id),
        content_id=ContentId(row.content_id),
        language=row.language,
        status=MessageStatus(row.status),
        revision=row.revision,
        at=moment(row.at_us),
        reply_to=None if row.reply_to is None else MessageId(row.reply_to),
        place=None if row.place is None else Seq(row.place),
        edited=row.edited,
        withdrawn=row.withdrawn,
        reasons=load_reasons(row.reasons, beside),
        score=row.score,
        hints=beside.hints,
        labels=_labels(row.labels),
        assignee=None if row.assignee_id is None else ParticipantId(row.assignee_id),
    )


def question(row: Row[Any], evidence: str | None) -> Question:
    beside = decoded(evidence)
    return Question(
        id=QuestionId(row.id),
        author_id=ParticipantId(row.author_id),
        content_id=ContentId(row.content_id),
        language=row.language,
        status=QuestionStatus(row.status),
        revision=row.revision,
        at=moment(row.at_us),
        place=None if row.place is None else Seq(row.place),
        merged_into=None if row.merged_into is None else QuestionId(row.merged_into),
        tallied=row.tallied,
        edited=row.edited,
        withdrawn=row.withdrawn,
        picked_at=_moment_or_none(row.picked_us),
        answering_at=_moment_or_none(row.answering_us),
        answered_at=_moment_or_none(row.answered_us),
        reasons=load_reasons(row.reasons, beside),
        score=row.score,
        hints=beside.hints,
        from_message=beside.from_message,
        labels=_labels(row.labels),
        assignee=None if row.assignee_id is None else ParticipantId(row.assignee_id),
    )


def _labels(document: str | None) -> tuple[str, ...]:
    return () if document is None else tuple(json.loads(document))


def ballot(row: Row[Any]) -> Ballot:
    return Ballot(
        question_id=QuestionId(row.question_id),
        participant_id=ParticipantId(row.participant_id),
        up=row.up,
    )


def idempotency_key(row: Row[Any]) -> IdempotencyKey:
    return IdempotencyKey(
        participant_id=ParticipantId(row.participant_id),
        command_id=row.command_id,
        digest=bytes(row.digest),
        seq=row.seq,
        result=row.result.encode(),
    )


def invite_record(row: Row[Any]) -> InviteRecord:
    return InviteRecord(
        id=row.id,
        session_id=SessionId(row.session_id),
        role=Role(row.role),
        token_hash=bytes(row.token_hash),
        created_at=moment(row.created_us),
        segment=row.segment,
        expires_at=_moment_or_none(row.expires_us),
        uses=row.uses,
        used=row.used,
        revoked_at=_moment_or_none(row.revoked_us),
    )


def paper(row: Row[Any]) -> Paper:
    return Paper(
        id=PaperId(row.id),
        kind=PaperKind(row.kind),
        participant_id=ParticipantId(row.participant_id),
        author_id=ParticipantId(row.author_id),
        content_id=ContentId(row.content_id),
        at=moment(row.at_us),
        status=PaperStatus(row.status),
        about=row.about,
        reply_id=None if row.reply_id is None else ContentId(row.reply_id),
        settled_by=None if row.settled_by is None else ParticipantId(row.settled_by),
    )
