"""Puts batches of rooms into the open transaction, many batches per statement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, select, update

from live.adapters.sql import audit, beside, rows, tables
from live.adapters.sql.bulk import BulkInsert, pipelined
from live.adapters.sql.rows import Values
from live.domain.audit import Act, chain_of
from live.domain.ids import ContentId, ParticipantId, SessionId
from live.domain.message import Message
from live.domain.people import Participant
from live.domain.question import Question
from live.ports.store import Batch, StaleWriter

_EVENTS: Final = BulkInsert(tables.events)
_KEYS: Final = BulkInsert(tables.idempotency_keys)
# What is erased stays erased, whatever an older copy in some memory says.
_CONTENTS: Final = BulkInsert(
    tables.contents, on_conflict="replace", unless="contents.text IS NULL"
)
_PARTICIPANTS: Final = BulkInsert(
    tables.participants, on_conflict="replace", unless="participants.erased"
)
_MESSAGES: Final = BulkInsert(tables.messages, on_conflict="replace")
_QUESTIONS: Final = BulkInsert(tables.questions, on_conflict="replace")
_BALLOTS: Final = BulkInsert(tables.ballots, on_conflict="replace")
_PAPERS: Final = BulkInsert(tables.papers, on_conflict="replace")
_REACTIONS: Final = BulkInsert(tables.reactions, on_conflict="add")

_MOVE_HEAD: Final = (
    update(tables.sessions)
    .where(
        tables.sessions.c.id == bindparam("session"),
        tables.sessions.c.head == bindparam("expected_head"),
    )
    .values(head=bindparam("head"))
)
_SESSION_COLUMNS: Final = tuple(column.name for column in tables.sessions.columns)
_REPLACE_SESSION: Final = (
    update(tables.sessions)
    .where(
        tables.sessions.c.id == bindparam("session"),
        tables.sessions.c.head == bindparam("expected_head"),
    )
    .values({name: bindparam(name) for name in _SESSION_COLUMNS if name != "id"})
)
_HOLD_LEASE: Final = (
    select(tables.leases.c.term)
    .where(
        tables.leases.c.session_id == bindparam("session"),
        tables.leases.c.duty == "room",
        tables.leases.c.node == bindparam("node"),
        tables.leases.c.term == bindparam("term"),
    )
    # Until this transaction ends nobody else can take it: what is written is this holder's.
    .with_for_update(read=True)
)
_KEEP_EVIDENCE: Final = (
    update(tables.contents)
    .where(tables.contents.c.id == bindparam("content"), tables.contents.c.text.is_not(None))
    .values(evidence=bindparam("shown"))
)
_ERASE: Final = (
    update(tables.contents)
    .where(tables.contents.c.id == bindparam("content"))
    .values(text=None, salt=None, evidence=None)
)


def write_participant(connection: Connection, participant: Participant) -> None:
    """Insert or replace one participant."""
    _PARTICIPANTS.write(connection, [rows.participant_row(participant)])


@dataclass(frozen=True, slots=True)
class _Rows:
    """A batch as rows: made before anything is written, so that a bad value harms nobody else."""

    session: Values | None
    events: list[Values]
    contents: list[Values]
    participants: list[Values]
    messages: list[Values]
    questions: list[Values]
    ballots: list[Values]
    papers: list[Values]
    keys: list[Values]
    evidence: list[tuple[ContentId, str]]


def _rows_of(batch: Batch) -> _Rows:
    session_id = batch.session_id
    subjects: list[Message | Question] = [*batch.messages, *batch.questions]
    shown = [(each.content_id, beside.encoded(each)) for each in subjects]
    return _Rows(
        session=None if batch.session is None else rows.session_row(batch.session),
        events=[rows.event_row(session_id, each) for each in batch.events],
        contents=[rows.content_row(each) for each in batch.contents],
        participants=[rows.participant_row(each) for each in batch.participants],
        messages=[rows.message_row(session_id, each) for each in batch.messages],
        questions=[rows.question_row(session_id, each) for each in batch.questions],
        ballots=[rows.ballot_row(session_id, each) for each in batch.ballots],
        papers=[rows.paper_row(session_id, each) for each in batch.papers],
        keys=[rows.key_row(session_id, each) for each in batch.keys],
        evidence=[(content_id, document) for content_id, document in shown if document],
    )


class BatchWriter:
    """Collects batches and writes them table by table.

    ``add`` claims a batch's place in its session's order at once and collects the rest; ``flush``
    writes what was collected. A later value of the same thing replaces an earlier one.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._clear()

    def _clear(self) -> None:
        self._events: list[Values] = []
        self._keys: list[Values] = []
        self._contents: dict[object, Values] = {}
        self._participants: dict[object, Values] = {}
        self._messages: dict[object, Values] = {}
        self._questions: dict[object, Values] = {}
        self._ballots: dict[object, Values] = {}
        self._papers: dict[object, Values] = {}
        self._reactions: Counter[tuple[str, str, str]] = Counter()
        self._evidence: dict[ContentId, str] = {}
        self._erase: dict[ContentId, None] = {}
        self._acts: dict[SessionId, list[Act]] = {}
        self._forgotten: dict[SessionId, list[ParticipantId]] = {}

    def add(self, batch: Batch) -> None:
        """Take a batch. Raises ``StaleWriter``, with nothing taken, if another writer moved on."""
        made = _rows_of(batch)
        self._hold_lease(batch)
        self._move_head(batch, made.session)
        self._events += made.events
        self._keys += made.keys
        self._contents |= {row[0]: row for row in made.contents}
        self._participants |= {row[0]: row for row in made.participants}
        self._messages |= {row[0]: row for row in made.messages}
        self._questions |= {row[0]: row for row in made.questions}
        self._ballots |= {row[:3]: row for row in made.ballots}
        self._papers |= {row[0]: row for row in made.papers}
        for (kind, segment), count in batch.reactions.items():
            self._reactions[batch.session_id, kind, segment] += count
        self._evidence |= dict(made.evidence)
        self._erase |= dict.fromkeys(batch.erase)
        if batch.acts:
            self._acts.setdefault(batch.session_id, []).extend(batch.acts)
        if forgotten := [each.id for each in batch.participants if each.erased]:
            self._forgotten.setdefault(batch.session_id, []).extend(forgotten)

    def _hold_lease(self, batch: Batch) -> None:
        if batch.lease is None:
            return
        where = {"session": batch.session_id, "node": batch.lease.node, "term": batch.lease.term}
        if self._connection.execute(_HOLD_LEASE, where).first() is None:
            raise StaleWriter(f"session {batch.session_id} has another holder")

    def _move_head(self, batch: Batch, session: Values | None) -> None:
        where = {"session": batch.session_id, "expected_head": batch.expected_head}
        if session is None:
            moved = self._connection.execute(_MOVE_HEAD, {**where, "head": batch.head})
        else:
            values = dict(zip(_SESSION_COLUMNS, session, strict=True))
            del values["id"]
            moved = self._connection.execute(
                _REPLACE_SESSION, {**where, **values, "head": batch.head}
            )
        if moved.rowcount != 1:
            raise StaleWriter(
                f"session {batch.session_id} is not at {batch.expected_head} any more"
            )

    def flush(self) -> None:
        """Write everything taken since the last time."""
        connection = self._connection
        with pipelined(connection):
            _CONTENTS.write(connection, _values(self._contents))
            _PARTICIPANTS.write(connection, _values(self._participants))
            _MESSAGES.write(connection, _values(self._messages))
            _QUESTIONS.write(connection, _values(self._questions))
            _BALLOTS.write(connection, _values(self._ballots))
            _PAPERS.write(connection, _values(self._papers))
            _REACTIONS.write(connection, [(*key, n) for key, n in self._reactions.items()])
            _EVENTS.write(connection, self._events)
            _KEYS.write(connection, self._keys)
        if self._evidence:
            shown = [{"content": key, "shown": value} for key, value in self._evidence.items()]
            connection.execute(_KEEP_EVIDENCE, shown)
        if self._erase:
            connection.execute(_ERASE, [{"content": content_id} for content_id in self._erase])
        for session_id, acts in self._acts.items():
            audit.append(connection, chain_of(session_id), acts)
        for session_id, people in self._forgotten.items():
            audit.forget(connection, chain_of(session_id), people)
        self._clear()


def _values(by_key: dict[object, Values]) -> Sequence[Values]:
    return list(by_key.values())
