"""Decisions that a room has forgotten are read from its log when one of them is to be undone."""

from __future__ import annotations

from live.domain.commands import Command
from live.domain.decision import Decision
from live.domain.decision_commands import UndoDecision
from live.domain.decision_events import DecisionMade
from live.domain.moderating import decision_of
from live.domain.state import RoomState
from live.ports.store import Store, StoredEvent
from live.room.codec import recorded

TRAIL_MOST = 500
"""So many decisions on one subject are looked at."""

SESSION_MOST = 20_000
"""And so many of a session, where a group is undone that was made long ago."""


async def recalled(store: Store, state: RoomState, command: Command) -> tuple[Decision, ...]:
    """All decisions on the subject of the one that this command undoes, or on those of its group,
    unless the state has them. Raises ``StoreUnavailable``."""
    if not isinstance(command, UndoDecision):
        return ()
    if command.group_id is not None:
        return await _group(store, state, command.group_id)
    wanted = command.decision_id
    if wanted is None or any(each.id == wanted for each in state.decisions):
        return ()
    session_id = state.session.id
    found = await store.decisions(session_id, mentioning=wanted, limit=TRAIL_MOST)
    undone = next((each for each in map(_decision, found) if each.id == wanted), None)
    if undone is None:
        return ()
    trail = await store.decisions(session_id, mentioning=undone.subject.id, limit=TRAIL_MOST)
    return tuple(each for each in map(_decision, trail) if each.subject == undone.subject)


async def _group(store: Store, state: RoomState, group: str) -> tuple[Decision, ...]:
    kept = state.decisions
    if not kept or (any(each.group == group for each in kept) and kept[0].group != group):
        return ()
    found = await store.decisions(state.session.id, limit=SESSION_MOST)
    every = [_decision(each) for each in found]
    subjects = {each.subject for each in every if each.group == group}
    return tuple(each for each in every if each.subject in subjects)


def _decision(stored: StoredEvent) -> Decision:
    known = recorded(stored)
    if not isinstance(known.event, DecisionMade):
        raise TypeError(f"event {stored.seq} is no decision")
    return decision_of(known, known.event)
