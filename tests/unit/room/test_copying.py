"""A copy follows what another node writes, and stands back while its own node does."""

from __future__ import annotations

import asyncio

from live.adapters.memory import MemoryDirectory, MemoryStore
from live.ports.gate import OpenGate
from live.room.copying import Copy
from live.room.ledger import Ledger
from live.room.loading import load_state
from live.room.settings import RoomSettings
from live.room.surroundings import Surroundings
from tests.support.rooms import SESSION, OwnClock, OwnEntropy, session_record


async def test_what_the_store_gives_never_takes_the_place_of_what_the_writer_holds() -> None:
    store = MemoryStore()
    await MemoryDirectory(store).add_session(session_record())
    world = Surroundings(store, OpenGate(), OwnClock(), OwnEntropy(), RoomSettings())
    state = await load_state(world, SESSION)
    assert state is not None
    stored = state.head
    ledger = Ledger(state, world)
    copy = Copy(ledger, world, lambda: None)

    copy.heal()  # begun as a copy, still on its way when this node becomes the writer
    copy.rest()
    state.head = stored + 8  # committed here, and not in what is being read
    copy.heal()
    await copy.read_again()
    await asyncio.sleep(0)
    assert ledger.head == stored + 8

    state.head = stored
    copy.wake()
    await copy.read_again()
    assert ledger.head == stored
    copy.close()
