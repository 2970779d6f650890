"""A session's state out of the store, and what its window does not hold."""

from __future__ import annotations

from collections.abc import Sequence

from live.domain.events import Recorded
from live.domain.ids import SessionId
from live.domain.state import RoomState
from live.room.records import add_contents, document_contents, hydrate, state_of
from live.room.references import contents_in_events, messages_in_events
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


async def load_spoken_of(world: Surroundings, state: RoomState, events: Sequence[Recorded]) -> None:
    """Bring what these events speak of into ``state``, however old it is: without it they cannot be
    told. While the store is asked, others may leave the window: so it is asked until all are
    there. Raises ``StoreUnavailable``."""
    store, session_id = world.store, state.session.id
    texts = [each for each in contents_in_events(events) if each not in state.contents]
    if texts:
        add_contents(state, await store.find_contents(session_id, texts))
    while missing := [each for each in messages_in_events(events) if each not in state.messages]:
        messages, contents = await store.find_messages(session_id, missing)
        hydrate(state, messages, contents)
        if not messages:
            break
