"""What a database holds of one session, read past the server: the other half of what is checked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, TextClause, create_engine, make_url, text

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One line of the log. `subject` is the message or question it is about, `by` whom it concerns
    beside that item's author."""

    seq: int
    type: str
    subject: str | None
    by: str | None


@dataclass(frozen=True, slots=True)
class StoredItem:
    """A message or a question as it stands; `text` is None where it was withdrawn."""

    id: str
    kind: str
    author: str
    text: str | None
    place: int | None


@dataclass(frozen=True, slots=True)
class Stored:
    """A whole session. `keys` are the commands that were done, by (participant, command id), each
    with the `seq` that its ack told; `ballots` by (question, participant)."""

    epoch: str
    head: int
    events: list[StoredEvent]
    items: dict[str, StoredItem]
    keys: dict[tuple[str, str], int | None]
    ballots: dict[tuple[str, str], bool]
    reactions: dict[str, int]


def dump(url: str, slug: str) -> Stored:
    """Everything stored of the session `slug`, in one snapshot of the database."""
    made = make_url(url)
    if made.get_backend_name() == "postgresql":
        made = made.set(drivername="postgresql+psycopg")
    engine = create_engine(made, isolation_level="SERIALIZABLE")
    try:
        with engine.connect() as connection:
            return _dump(connection, slug)
    finally:
        engine.dispose()


_SESSION = text("SELECT id, epoch, head FROM sessions WHERE slug = :slug")
_EVENTS = text("SELECT seq, type, data FROM events WHERE session_id = :session ORDER BY seq")
_KEYS = text(
    "SELECT participant_id, command_id, seq FROM idempotency_keys WHERE session_id = :session"
)
_BALLOTS = text("SELECT question_id, participant_id, up FROM ballots WHERE session_id = :session")
_TAPS = text(
    "SELECT kind, CAST(SUM(total) AS INTEGER) FROM reactions WHERE session_id = :session"
    " GROUP BY kind"
)
_MESSAGES = text(
    "SELECT messages.id, messages.author_id, contents.text, messages.place FROM messages"
    " JOIN contents ON contents.id = messages.content_id WHERE messages.session_id = :session"
)
_QUESTIONS = text(
    "SELECT questions.id, questions.author_id, contents.text, questions.place FROM questions"
    " JOIN contents ON contents.id = questions.content_id WHERE questions.session_id = :session"
)


def _dump(connection: Connection, slug: str) -> Stored:
    session_id, epoch, head = connection.execute(_SESSION, {"slug": slug}).one()

    def rows(query: TextClause) -> Any:
        return connection.execute(query, {"session": session_id})

    return Stored(
        epoch=epoch,
        head=head,
        events=[_event(seq, kind, json.loads(data)) for seq, kind, data in rows(_EVENTS)],
        items={
            item_id: StoredItem(item_id, kind, author, words, place)
            for kind, query in (("message", _MESSAGES), ("question", _QUESTIONS))
            for item_id, author, words, place in rows(query)
        },
        keys={(person, command): seq for person, command, seq in rows(_KEYS)},
        ballots={(question, person): bool(up) for question, person, up in rows(_BALLOTS)},
        reactions={kind: int(total) for kind, total in rows(_TAPS)},
    )


def _event(seq: int, kind: str, data: Json) -> StoredEvent:
    subject = data.get("message_id") or data.get("question_id") or data.get("source_id")
    return StoredEvent(seq, kind, subject, data.get("participant_id") or data.get("by"))
