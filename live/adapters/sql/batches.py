"""Puts batches of rooms into the open transaction, many batches per statement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, update

from live.adapters.sql import audit, beside, rows, tables
from live.adapters.sql.announcements import announcement_row
from live.adapters.sql.bulk import BulkInsert, BulkQuestion, pipelined
from live.adapters.sql.parts import part_row
from live.adapters.sql.polls import poll_ballot_row, poll_row
from live.adapters.sql.rows import Values
from live.adapters.sql.ticks import tick_row
from live.domain.audit import Act, chain_of
from live.domain.ids import ContentId, ParticipantId, SessionId
from live.domain.message import Message
from live.domain.people import Participant
from live.domain.question import Question
from live.ports.store import Batch

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
_ANNOUNCEMENTS: Final = BulkInsert(tables.announcements, on_conflict="replace")
_PARTS: Final = BulkInsert(tables.parts, on_conflict="replace")
_POLLS: Final = BulkInsert(tables.polls, on_conflict="replace")
_POLL_BALLOTS: Final = BulkInsert(tables.poll_ballots, on_conflict="replace")
_REACTIONS: Final = BulkInsert(tables.reactions, on_conflict="add")
_TICKS: Final = BulkInsert(tables.ticks, on_conflict="replace")
_REACHED: Final = BulkInsert(tables.reached, on_conflict="replace")

_HELD_LEASES: Final = BulkQuestion(
    "SELECT session_id, node, term FROM leases JOIN given ON session_id = session"
    " AND node = holder AND term = since WHERE duty = 'room'",
    {"session": "text", "holder": "text", "since": "bigint"},
    # Until this transaction ends nobody else can take them: what is written is these holders'.
    lock=" FOR SHARE OF leases",
)
_MOVE_HEADS: Final = BulkQuestion(
    "UPDATE sessions SET head = reached FROM given WHERE id = session AND head = expected"
    " RETURNING id",
    {"session": "text", "expected": "bigint", "reached": "bigint"},
)
_SESSION_COLUMNS: Final = tuple(column.name for column in tables.sessions.columns)
_REPLACE_SESSION: Final = (
    update(tables.sessions)
    .where(tables.sessions.c.id == bindparam("session"))
    .values({name: bindparam(name) for name in _SESSION_COLUMNS if name not in ("id", "head")})
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


def write_participants(connection: Connection, participants: Sequence[Participant]) -> None:
    """Insert or replace participants, each once."""
    _PARTICIPANTS.write(connection, [rows.participant_row(each) for each in participants])


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
    announcements: list[Values]
    parts: list[Values]
    ticks: list[Values]
    reached: list[Values]
    polls: list[Values]
    poll_ballots: list[Values]
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
        announcements=[announcement_row(session_id, each) for each in batch.announcements],
        parts=[part_row(session_id, each) for each in batch.parts],
        ticks=[tick_row(session_id, each) for each in batch.ticks],
        reached=[(session_id, each, int(steps)) for each, steps in batch.reached.items()],
        polls=[poll_row(session_id, each) for each in batch.polls],
        poll_ballots=[poll_ballot_row(session_id, each) for each in batch.poll_ballots],
        keys=[rows.key_row(session_id, each) for each in batch.keys],
        evidence=[(content_id, document) for content_id, document in shown if document],
    )


@dataclass(frozen=True, slots=True)
class _Moves:
    """Batches of one session, each decided on top of the one before."""

    batches: list[tuple[Batch, _Rows]]

    @property
    def step(self) -> Values:
        """From which head to which they lead."""
        first, last = self.batches[0][0], self.batches[-1][0]
        return (first.session_id, first.expected_head, last.head)


class BatchWriter:
    """Collects batches and writes them together, table by table.

    ``add`` takes a batch, ``flush`` writes all that were taken. A later value of the same thing
    replaces an earlier one.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._taken: dict[SessionId, _Moves] = {}
        self._stale: list[Batch] = []

    def add(self, batch: Batch) -> None:
        """Take a batch. Raises, with nothing taken, where it holds what no row can."""
        made = _rows_of(batch)
        moves = self._taken.get(batch.session_id)
        if moves is not None and moves.batches[-1][0].head != batch.expected_head:
            self._write()
            moves = None
        if moves is None:
            moves = self._taken[batch.session_id] = _Moves([])
        moves.batches.append((batch, made))

    def flush(self) -> list[Batch]:
        """Write what was taken since the last time; those that were not written, because another
        writer moved their session on or holds it."""
        self._write()
        stale, self._stale = self._stale, []
        return stale

    def _write(self) -> None:
        taken, self._taken = self._taken, {}
        if not taken:
            return
        # In one order for all, so that two writers who want the same rows wait instead of clashing.
        steps = [taken[session_id].step for session_id in sorted(taken)]
        left = self._held(taken)
        moved = _MOVE_HEADS.ask(self._connection, [each for each in steps if each[0] in left])
        own = {row[0] for row in moved}
        tables_of_all = _Tables()
        for session_id, moves in taken.items():
            for batch, made in moves.batches:
                if session_id in own:
                    tables_of_all.add(batch, made)
                else:
                    self._stale.append(batch)
        tables_of_all.write(self._connection)

    def _held(self, taken: dict[SessionId, _Moves]) -> set[SessionId]:
        """The sessions that may be written, as far as leases go."""
        wanted = {
            session_id: {
                (session_id, batch.lease.node, batch.lease.term)
                for batch, _ in moves.batches
                if batch.lease is not None
            }
            for session_id, moves in taken.items()
        }
        leases = sorted(each for of_one in wanted.values() for each in of_one)
        held = set(_HELD_LEASES.ask(self._connection, leases)) if leases else set()
        return {session_id for session_id, of_one in wanted.items() if of_one <= held}


class _Tables:
    """The rows of many batches, by table."""

    def __init__(self) -> None:
        self._sessions: dict[SessionId, Values] = {}
        self._events: list[Values] = []
        self._keys: list[Values] = []
        self._contents: dict[object, Values] = {}
        self._participants: dict[object, Values] = {}
        self._messages: dict[object, Values] = {}
        self._questions: dict[object, Values] = {}
        self._ballots: dict[object, Values] = {}
        self._papers: dict[object, Values] = {}
        self._announcements: dict[object, Values] = {}
        self._parts: dict[object, Values] = {}
        self._ticks: dict[object, Values] = {}
        self._reached: dict[object, Values] = {}
        self._polls: dict[object, Values] = {}
        self._poll_ballots: dict[object, Values] = {}
        self._reactions: Counter[tuple[str, str, str]] = Counter()
        self._evidence: dict[ContentId, str] = {}
        self._erase: dict[ContentId, None] = {}
        self._acts: dict[SessionId, list[Act]] = {}
        self._forgotten: dict[SessionId, list[ParticipantId]] = {}

    def add(self, batch: Batch, made: _Rows) -> None:
        if made.session is not None:
            self._sessions[batch.session_id] = made.session
        self._events += made.events
        self._keys += made.keys
        self._contents |= {row[0]: row for row in made.contents}
        self._participants |= {row[0]: row for row in made.participants}
        self._messages |= {row[0]: row for row in made.messages}
        self._questions |= {row[0]: row for row in made.questions}
        self._ballots |= {row[:3]: row for row in made.ballots}
        self._papers |= {row[0]: row for row in made.papers}
        self._announcements |= {row[0]: row for row in made.announcements}
        self._parts |= {row[0]: row for row in made.parts}
        self._ticks |= {row[:2]: row for row in made.ticks}
        self._reached |= {row[:2]: row for row in made.reached}
        self._polls |= {row[0]: row for row in made.polls}
        self._poll_ballots |= {row[:3]: row for row in made.poll_ballots}
        for (kind, segment), count in batch.reactions.items():
            self._reactions[batch.session_id, kind, segment] += count
        for content_id, document in made.evidence:
            text = self._contents.get(content_id)
            if text is None:
                self._evidence[content_id] = document
            else:
                self._contents[content_id] = rows.with_evidence(text, document)
        self._erase |= dict.fromkeys(batch.erase)
        if batch.acts:
            self._acts.setdefault(batch.session_id, []).extend(batch.acts)
        if forgotten := [each.id for each in batch.participants if each.erased]:
            self._forgotten.setdefault(batch.session_id, []).extend(forgotten)

    def write(self, connection: Connection) -> None:
        with pipelined(connection):
            _CONTENTS.write(connection, _values(self._contents))
            _PARTICIPANTS.write(connection, _values(self._participants))
            _MESSAGES.write(connection, _values(self._messages))
            _QUESTIONS.write(connection, _values(self._questions))
            _BALLOTS.write(connection, _values(self._ballots))
            _PAPERS.write(connection, _values(self._papers))
            _ANNOUNCEMENTS.write(connection, _values(self._announcements))
            _PARTS.write(connection, _values(self._parts))
            _TICKS.write(connection, _values(self._ticks))
            _REACHED.write(connection, _values(self._reached))
            _POLLS.write(connection, _values(self._polls))
            _POLL_BALLOTS.write(connection, _values(self._poll_ballots))
            _REACTIONS.write(connection, [(*key, n) for key, n in self._reactions.items()])
            _EVENTS.write(connection, self._events)
            _KEYS.write(connection, self._keys)
        for session_id, row in self._sessions.items():
            values = dict(zip(_SESSION_COLUMNS, row, strict=True))
            del values["id"], values["head"]
            connection.execute(_REPLACE_SESSION, {**values, "session": session_id})
        if self._evidence:
            shown = [{"content": key, "shown": value} for key, value in self._evidence.items()]
            connection.execute(_KEEP_EVIDENCE, shown)
        if self._erase:
            connection.execute(_ERASE, [{"content": content_id} for content_id in self._erase])
        for session_id, acts in self._acts.items():
            audit.append(connection, chain_of(session_id), acts)
        for session_id, people in self._forgotten.items():
            audit.forget(connection, chain_of(session_id), people)


def _values(by_key: dict[object, Values]) -> Sequence[Values]:
    return list(by_key.values())
