"""Whatever people do, in whatever order, with a store that fails and a server that restarts."""

from __future__ import annotations

import asyncio
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from live.adapters.memory import MemoryDirectory
from tests.support.histories import FragileMemory, live_through


@given(seed=st.integers(0, 2**32 - 1), length=st.integers(1, 120))
@settings(max_examples=60)
def test_any_history_replays_to_the_same_state_and_is_acked_once(seed: int, length: int) -> None:
    store = FragileMemory()
    asyncio.run(live_through(Random(seed), length, store, MemoryDirectory(store)))
