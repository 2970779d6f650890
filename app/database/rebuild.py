"""Proves that the tables of current state are folds of the event log, and mends those that are not.

What lies beside the log is taken as it is: texts, names, titles, the words of the gate's reasons,
tallies of taps, the keys of commands. Everything else of a session is folded again from its first
event and laid beside what stands. One session is in memory at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    CursorResult,
    Row,
    Table,
    delete,
    select,
    text,
    tuple_,
)
from sqlalchemy.exc import SQLAlchemyError

from app.audit.acts import note_operator
from app.database import schema
from app.database.engine import is_served
from app.told import ToldError
from live.adapters.sql import rows, tables
from live.adapters.sql.announcements import announcement_row
from live.adapters.sql.bulk import BulkInsert
from live.adapters.sql.database import read_engine, write_engine
from live.adapters.sql.parts import part_row
from live.adapters.sql.polls import poll_ballot_row, poll_row
from live.adapters.sql.rows import Values
from live.adapters.sql.writer import summary
from live.domain.state import RoomState
from live.ports.store import RoomRecord, SessionRecord
from live.room.codec import Document, decode_document
from live.room.records import session_record
from live.room.replay import replayed

_ROWS_AT_ONCE: Final = 1000
_HIDDEN: Final = frozenset({"display_name", "reasons", "title", "description"})
"""Columns whose values are words of people: that they differ is told, not how."""


class RebuildProblem(ToldError):
    """It could not be done at all; ``str()`` is one sentence. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not what the log says. ``wanted`` is the row that the log gives, None where
    it gives none; ``says`` is how they differ."""

    session: str
    table: str
    key: Values
    says: str
    wanted: Values | None

    def __str__(self) -> str:
        key = ", ".join(str(part) for part in self.key)
        return f"session {self.session}: {self.table} {key}: {self.says}"


@dataclass(frozen=True, slots=True)
class Unfoldable:
    """A session whose log cannot be folded: damaged, or written by a newer version."""

    session: str
    why: str

    def __str__(self) -> str:
        return f"session {self.session}: the log cannot be folded: {self.why}"


Finding = Difference | Unfoldable


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was looked at and found. ``is_equal`` tells how the database is left."""

    sessions: int
    events: int
    rows: int
    differences: int
    unfoldable: int
    written: bool

    @property
    def is_equal(self) -> bool:
        return not self.unfoldable and (self.written or not self.differences)

    def __str__(self) -> str:
        looked = f"{self.sessions} sessions, {self.events} events, {self.rows} rows"
        if not self.differences and not self.unfoldable:
            return f"{looked}: every row is what the log says."
        found = f"{self.differences} rows were not what the log says"
        if self.differences and self.written:
            found += ", and are now"
        if self.unfoldable:
            found += f"; {self.unfoldable} sessions could not be folded"
        return f"{looked}: {found}."


def rebuild(url: URL, *, write: bool, tell: Callable[[Finding], None]) -> Rebuilt:
    """Fold every session again and ``tell`` of each row that differs from what stands.

    Reads one snapshot, also while a server runs. With ``write`` the rows are made what the log says
    and proved equal before the one transaction ends; then the caller holds the database
    (``held_database``). Blocks. Raises ``RebuildProblem``.
    """
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise RebuildProblem(f"There is no database at {url.database}.")
    engine = (write_engine if write else read_engine)(url)
    try:
        with engine.begin() as connection:
            _prepare(connection, write=write)
            return _rebuild(connection, tell, write=write)
    except SQLAlchemyError as error:
        raise RebuildProblem(f"The database did not take it ({summary(error)}).") from error
    finally:
        engine.dispose()


def _prepare(connection: Connection, *, write: bool) -> None:
    if schema.current_revision(connection) != schema.newest_revision():
        raise RebuildProblem("The schema is not up to date; run causerie db upgrade first.")
    if connection.dialect.name != "postgresql":
        return
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    if write:
        if is_served(connection):
            raise RebuildProblem("A server uses this database; stop it first.")
        # A server that is started meanwhile writes nothing before this is over.
        connection.execute(text("LOCK TABLE sessions IN EXCLUSIVE MODE"))


def _rebuild(connection: Connection, tell: Callable[[Finding], None], *, write: bool) -> Rebuilt:
    session = tables.sessions.c
    every = select(session.id).order_by(session.created_us, session.id)
    ids = connection.execute(every).scalars().all()
    events = compared = differences = unfoldable = 0
    for session_id in ids:
        record = _session(connection, session_id)
        try:
            state = _fold(connection, record)
        except (ValueError, LookupError, msgspec.MsgspecError) as error:
            unfoldable += 1
            tell(Unfoldable(record.slug, f"{type(error).__name__}: {error}"))
            continue
        events += state.head
        found, count = _compared(connection, state)
        compared += count
        for difference in found:
            differences += 1
            tell(difference)
        if write and found:
            _mend(connection, found)
            if _compared(connection, state)[0]:
                raise RebuildProblem(f"Session {record.slug} did not become what its log says.")
    if write and differences:
        note_operator(connection, "rebuild", datetime.now(UTC), rows=differences)
    return Rebuilt(len(ids), events, compared, differences, unfoldable, written=write)


def _compared(connection: Connection, state: RoomState) -> tuple[list[Difference], int]:
    """What differs in one session, and how many rows were looked at."""
    found, count = list[Difference](), 0
    for folded in FOLDED:
        some, looked_at = folded.compare(connection, state)
        found += some
        count += looked_at
    return found, count


def _mend(connection: Connection, found: Sequence[Difference]) -> None:
    """Rows come in the order of who refers to whom, and go in the opposite one."""
    for folded in FOLDED:
        replace = BulkInsert(folded.table, on_conflict="replace")
        of_table = [each for each in found if each.table == folded.table.name]
        replace.write(connection, [each.wanted for each in of_table if each.wanted is not None])
    for folded in reversed(FOLDED):
        of_table = [each for each in found if each.table == folded.table.name]
        surplus = [each.key for each in of_table if each.wanted is None]
        key = tuple_(*folded.table.primary_key.columns)
        for start in range(0, len(surplus), _ROWS_AT_ONCE):
            some = surplus[start : start + _ROWS_AT_ONCE]
            connection.execute(delete(folded.table).where(key.in_(some)))


# --- folding ---------------------------------------------------------------------------------


def _session(connection: Connection, session_id: str) -> SessionRecord:
    query = select(tables.sessions).where(tables.sessions.c.id == session_id)
    return rows.session_record(connection.execute(query).one())


def _fold(connection: Connection, session: SessionRecord) -> RoomState:
    """The state that the log gives. Texts are not loaded: folding does not read them."""
    explained = [
        [row for row in _of_session(connection, table, session.id) if row.reasons != "[]"]
        for table in (tables.messages, tables.questions)
    ]
    beside = RoomRecord(
        session=session,
        participants=[
            rows.participant(row)
            for row in _of_session(connection, tables.participants, session.id)
        ],
        messages=[rows.message(row, None) for row in explained[0]],
        questions=[rows.question(row, None) for row in explained[1]],
        ballots=(),
        contents=(),
        reactions={},
    )
    seq = tables.events.c.seq
    with _of_session(connection, tables.events, session.id, ordered_by=seq) as log:
        return replayed(beside, (), map(rows.stored_event, log))


def _of_session(
    connection: Connection,
    table: Table,
    session_id: str,
    *,
    ordered_by: ColumnElement[Any] | None = None,
) -> CursorResult[Any]:
    column = table.c.id if table is tables.sessions else table.c.session_id
    query = select(table).where(column == session_id)
    if ordered_by is not None:
        query = query.order_by(ordered_by)
    return connection.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE})


# --- comparing -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Folded:
    """A table that is a fold: ``rows_of`` gives the rows that a state wants, in the order of the
    table's columns. ``counts`` tells rows that mean something from those that are as none.
    """

    table: Table
    rows_of: Callable[[RoomState], Iterator[Values]]
    counts: Callable[[RoomState, Row[Any]], bool] = lambda _, __: True

    def compare(self, connection: Connection, state: RoomState) -> tuple[list[Difference], int]:
        """The rows that differ, and how many there are."""
        slug, name = state.session.slug, self.table.name
        places = self._places_of_key()
        wanted = {tuple(row[at] for at in places): row for row in self.rows_of(state)}
        count, found = 0, list[Difference]()
        for row in _of_session(connection, self.table, state.session.id):
            if not self.counts(state, row):
                continue
            count += 1
            key = tuple(row[at] for at in places)
            should = wanted.pop(key, None)
            if should is None:
                found.append(Difference(slug, name, key, "the log knows nothing of it", None))
            elif tuple(row) != should and (says := self._told(tuple(row), should)):
                found.append(Difference(slug, name, key, says, should))
        found += [Difference(slug, name, key, "it is missing", row) for key, row in wanted.items()]
        return found, count

    def _places_of_key(self) -> list[int]:
        columns = list(self.table.columns)
        return [columns.index(column) for column in self.table.primary_key.columns]

    def _told(self, is_: Values, should: Values) -> str:
        """In what the two rows differ; empty if only in how they are written."""
        told = []
        for column, one, other in zip(self.table.columns, is_, should, strict=True):
            if one == other:
                continue
            if column.name == "document":
                told += _parts_that_differ(str(one), str(other))
            elif column.name in _HIDDEN:
                told.append(f"{column.name} differs")
            else:
                told.append(f"{column.name} is {one!r}, by the log {other!r}")
        return "; ".join(told)


def _parts_that_differ(one: str, other: str) -> list[str]:
    try:
        left = decode_document(one.encode())
    except msgspec.MsgspecError:
        return ["document cannot be read"]
    right = decode_document(other.encode())
    return [
        f"document.{each.name} differs"
        for each in fields(Document)
        if getattr(left, each.name) != getattr(right, each.name)
    ]


def _ballots(state: RoomState) -> Iterator[Values]:
    for question_id in state.questions:
        for participant_id in state.ballots.voters(question_id):
            yield (state.session.id, question_id, participant_id, True)


def _is_vote(state: RoomState, ballot: Row[Any]) -> bool:
    """A vote that was taken back is as one that was never cast, where it may be."""
    return ballot.up or ballot.question_id not in state.questions


FOLDED: Final = (
    Folded(tables.sessions, lambda state: iter([rows.session_row(session_record(state))])),
    Folded(
        tables.participants,
        lambda state: map(rows.participant_row, state.participants.values()),
    ),
    Folded(
        tables.messages,
        lambda state: (rows.message_row(state.session.id, m) for m in state.messages.values()),
    ),
    Folded(
        tables.questions,
        lambda state: (rows.question_row(state.session.id, q) for q in state.questions.values()),
    ),
    Folded(tables.ballots, _ballots, counts=_is_vote),
    Folded(
        tables.papers,
        lambda state: (rows.paper_row(state.session.id, p) for p in state.papers.values()),
    ),
    Folded(
        tables.announcements,
        lambda state: (
            announcement_row(state.session.id, each) for each in state.announcements.values()
        ),
    ),
    Folded(
        tables.parts,
        lambda state: (part_row(state.session.id, each) for each in state.parts.values()),
    ),
    Folded(
        tables.polls,
        lambda state: (poll_row(state.session.id, each) for each in state.polls.values()),
    ),
    Folded(
        tables.poll_ballots,
        lambda state: (poll_ballot_row(state.session.id, each) for each in state.poll_ballots),
    ),
)
"""Every table that is a fold of the log, those first that others refer to."""
