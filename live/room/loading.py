"""A session's state out of the store."""

from __future__ import annotations

from live.domain.ids import SessionId
from live.domain.state import RoomState
from live.room.records import add_contents, document_contents, state_of
from live.room.surroundings import Surroundings


async def load_state(world: Surroundings, session_id: SessionId) -> RoomState | None:
    """As the last batch left it, or None if there is no such session. Raises
    ``StoreUnavailable``."""
    record = await world.store.load_room(session_id, recent_messages=world.settings.window)
    if record is None:
        return None
    state = state_of(record)
    missing = document_contents(state)
    if missing:
        add_contents(state, await world.store.find_contents(session_id, missing))
    return state
