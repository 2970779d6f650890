"""The history of a session's decisions, as the team reads it: every one, whenever it was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from sqlalchemy import Connection, Table, select

from live.adapters.sql import tables
from live.adapters.sql.database import Database
from live.domain.decision import Decision, Verdict
from live.domain.decision_events import DecisionMade
from live.domain.ids import DecisionId, ParticipantId, SessionId
from live.domain.moderating import decision_of
from live.domain.standing import standing
from live.domain.subject import Subject, SubjectKind
from live.ports.store import Store, StoredEvent
from live.room.codec import recorded

MOST: Final = 20_000
"""So many decisions of a session are looked at; a show of hours has some hundreds."""

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One decision; ``later`` counts those that stand on top of it. ``is_undone``: it was taken
    back and nothing gave it back."""

    seq: int
    decision: Decision
    is_undone: bool
    later: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; ``words`` are looked for in texts and reasons, whatever their case."""

    by: ParticipantId | None = None
    verdict: Verdict | None = None
    words: str = ""
    before: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of the history, newest first: decisions made at once are one row, their lines oldest
    first. ``texts`` are those of subjects and reasons, as far as they still exist."""

    rows: Sequence[Sequence[Line]]
    texts: Mapping[str, str]
    next_before: int | None


async def read_history(
    store: Store, database: Database, session_id: SessionId, wanted: Wanted
) -> Page:
    """Raises ``StoreUnavailable``."""
    lines = _lines(await store.decisions(session_id, limit=MOST))
    chosen = [each for each in lines if _fits(each, wanted)]
    if wanted.words:
        texts = await _texts(database, session_id, chosen)
        sought = wanted.words.casefold()
        chosen = [each for each in chosen if sought in _told(each, texts).casefold()]
    rows = [list(some) for _, some in groupby(chosen, key=_row_of)]
    rows.reverse()
    page = rows[: wanted.limit]
    shown = [each for row in page for each in row]
    more = len(rows) > len(page)
    return Page(
        page,
        await _texts(database, session_id, shown),
        page[-1][0].seq if more else None,
    )


def _lines(found: Sequence[StoredEvent]) -> list[Line]:
    made: list[tuple[int, Decision]] = []
    trails: dict[Subject, list[Decision]] = {}
    for event in found:
        known = recorded(event)
        if isinstance(known.event, DecisionMade):
            decision = decision_of(known, known.event)
            made.append((event.seq, decision))
            trails.setdefault(decision.subject, []).append(decision)
    stand: dict[DecisionId, int] = {}
    for trail in trails.values():
        standing_now = standing(trail)
        for place, each in enumerate(standing_now):
            stand[each.id] = len(standing_now) - 1 - place
        last = trail[-1]
        if last.verdict is Verdict.UNDO:
            stand[last.id] = 0
    return [
        Line(seq, each, is_undone=each.id not in stand, later=stand.get(each.id, 0))
        for seq, each in made
    ]


def _fits(line: Line, wanted: Wanted) -> bool:
    return (
        (wanted.before is None or line.seq < wanted.before)
        and (wanted.by is None or line.decision.by == wanted.by)
        and (wanted.verdict is None or line.decision.verdict is wanted.verdict)
    )


def _row_of(line: Line) -> str:
    return line.decision.group or line.decision.id


def _told(line: Line, texts: Mapping[str, str]) -> str:
    decision = line.decision
    reason = texts.get(decision.reason_id or "", "")
    return f"{texts.get(decision.subject.id, '')}\n{reason}"


async def _texts(
    database: Database, session_id: SessionId, lines: Iterable[Line]
) -> dict[str, str]:
    """Texts by the id of the message, question or reason."""
    messages, questions, reasons = set[str](), set[str](), set[str]()
    for line in lines:
        subject = line.decision.subject
        (messages if subject.kind is SubjectKind.MESSAGE else questions).add(subject.id)
        if line.decision.reason_id is not None:
            reasons.add(line.decision.reason_id)

    def read(connection: Connection) -> dict[str, str]:
        return {
            **_texts_of(connection, tables.messages, session_id, messages),
            **_texts_of(connection, tables.questions, session_id, questions),
            **_texts_of(connection, tables.contents, session_id, reasons),
        }

    return await database.read(read)


def _texts_of(
    connection: Connection, table: Table, session_id: SessionId, ids: set[str]
) -> dict[str, str]:
    content = tables.contents
    query = select(table.c.id, content.c.text).where(table.c.session_id == session_id)
    if table is not content:
        query = query.join(content, content.c.id == table.c.content_id)
    found: dict[str, str] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), _AT_ONCE):
        some = query.where(table.c.id.in_(wanted[start : start + _AT_ONCE]))
        found |= {row.id: row.text for row in connection.execute(some) if row.text is not None}
    return found
