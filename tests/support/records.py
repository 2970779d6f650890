"""Small, complete records of one session, for tests of stores and databases."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from live.domain.content import Content
from live.domain.ids import ContentId, MessageId, ParticipantId, QuestionId, Seq, SessionId
from live.domain.message import Message, MessageStatus
from live.domain.people import Participant, Role
from live.domain.question import Question, QuestionStatus
from live.ports.store import (
    Batch,
    CredentialRecord,
    IdempotencyKey,
    InviteRecord,
    SessionRecord,
    StoredEvent,
)

NOW = datetime(2026, 5, 4, 18, 30, 0, 123456, tzinfo=UTC)
SESSION = SessionId("session-1")


def session() -> SessionRecord:
    return SessionRecord(
        id=SESSION, slug="spring", title="Spring", state="lobby", epoch="e1", created_at=NOW
    )


def participant(name: str) -> Participant:
    return Participant(
        id=ParticipantId(name),
        session_id=SESSION,
        person_id=None,
        role=Role.VIEWER,
        segment="general",
        language="fr",
        display_name=name.title(),
        joined_at=NOW,
    )


def credential(name: str) -> CredentialRecord:
    return CredentialRecord(
        token_hash=hashlib.sha256(name.encode()).digest(),
        session_id=SESSION,
        participant_id=ParticipantId(name),
        created_at=NOW,
    )


def invite(name: str) -> InviteRecord:
    return InviteRecord(
        id=name,
        session_id=SESSION,
        role=Role.VIEWER,
        token_hash=hashlib.sha256(name.encode()).digest(),
        created_at=NOW,
    )


def event(seq: int, kind: str = "message.posted") -> StoredEvent:
    return StoredEvent(seq=seq, type=kind, version=1, at=NOW, data=b'{"id":"x","n":1}')


def content(name: str, text: str = "Hello") -> Content:
    return Content(
        id=ContentId(name),
        session_id=SESSION,
        owner_id=ParticipantId("ada"),
        text=text,
        salt=b"\0salt\xff",
        at=NOW,
    )


def key(command_id: str, *, seq: int | None) -> IdempotencyKey:
    return IdempotencyKey(
        participant_id=ParticipantId("ada"),
        command_id=command_id,
        digest=b"\x00digest",
        seq=seq,
        result=b'{"message":"m"}',
    )


def message(name: str, *, place: int | None = None, **changes: Any) -> Message:
    values: dict[str, Any] = {
        "id": MessageId(name),
        "author_id": ParticipantId("ada"),
        "content_id": ContentId(f"{name}-text"),
        "language": "fr",
        "status": MessageStatus.PUBLISHED,
        "revision": 1,
        "at": NOW,
        "place": None if place is None else Seq(place),
    }
    return Message(**(values | changes))


def question(name: str, *, place: int | None = None, **changes: Any) -> Question:
    values: dict[str, Any] = {
        "id": QuestionId(name),
        "author_id": ParticipantId("ada"),
        "content_id": ContentId(f"{name}-text"),
        "language": "fr",
        "status": QuestionStatus.PUBLISHED,
        "revision": 1,
        "at": NOW,
        "place": None if place is None else Seq(place),
    }
    return Question(**(values | changes))


def post(seq: int) -> Batch:
    """One published message ``m{seq}`` by Ada, as a room would commit it."""
    return Batch(
        session_id=SESSION,
        expected_head=seq - 1,
        head=seq,
        events=[event(seq)],
        contents=[content(f"m{seq}-text", f"Message {seq}")],
        messages=[message(f"m{seq}", place=seq)],
        keys=[key(f"c{seq}", seq=seq)],
    )
