"""The state of a session out of its log: what proves that current state is a fold of the facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from live.domain.content import Content, first_version
from live.domain.fold import fold
from live.domain.message import Finding, Message
from live.domain.mode import Mode, Review
from live.domain.question import Question
from live.domain.session import SessionState
from live.domain.state import RoomState
from live.ports.store import RoomRecord, StoredEvent
from live.room.codec import recorded
from live.room.records import add_contents, session_of


def replayed(
    record: RoomRecord, contents: Iterable[Content], events: Iterable[StoredEvent]
) -> RoomState:
    """Fold all ``events`` of a session over the rows that lie beside its log: titles, people with
    their names, texts, what the gate found in them, taps. The rest of ``record`` is not used.
    """
    session = replace(
        session_of(record.session), state=SessionState.DRAFT, live_since=None, ended_at=None
    )
    state = RoomState(session, Mode(review=Review(record.session.review)))
    for participant in record.participants:
        state.put_participant(participant)
    add_contents(state, contents)
    items: list[Message | Question] = [*record.messages, *record.questions]
    for item in items:
        state.findings[first_version(item.content_id)] = Finding(item.reasons, item.hints)
    for key, total in record.reactions.items():
        state.reactions[key] = total
    for event in events:
        fold(state, recorded(event))
    return state
