"""Rooms over a store that commits when the test lets it, and fails when the test says so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from live.adapters.memory import MemoryStore
from live.domain.ids import ParticipantId, SessionId
from live.ports.store import Batch, IdempotencyKey, StoredEvent
from live.room.settings import RoomSettings
from tests.support.rooms import House

Open = Callable[..., Awaitable[House]]
"""Opens a house as ``open_house`` does."""


class Slow(MemoryStore):
    """Commits, and reads events, when the test lets it; fails as often as the test says."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()
        self.reads = asyncio.Event()
        self.reads.set()
        self.failures: list[Exception] = []
        self.batches: list[Batch] = []
        self.looks_for_keys = self.looks_for_events = 0

    async def commit(self, batch: Batch) -> None:
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        await super().commit(batch)
        self.batches.append(batch)

    async def find_key(
        self, session_id: SessionId, participant_id: ParticipantId, command_id: str
    ) -> IdempotencyKey | None:
        self.looks_for_keys += 1
        return await super().find_key(session_id, participant_id, command_id)

    async def find_keys(
        self, session_id: SessionId, participant_ids: Sequence[ParticipantId], *, limit: int
    ) -> Sequence[IdempotencyKey]:
        self.looks_for_keys += 1
        return await super().find_keys(session_id, participant_ids, limit=limit)

    async def events(
        self, session_id: SessionId, *, after: int, limit: int
    ) -> Sequence[StoredEvent]:
        self.looks_for_events += 1
        found = await super().events(session_id, after=after, limit=limit)
        await self.reads.wait()
        return found


async def on_slow_store(opened: Open, **settings: Any) -> tuple[House, Slow]:
    house = await opened(settings=replace(RoomSettings(), **settings))
    slow = Slow()
    assert isinstance(house.store, MemoryStore)
    slow.sessions, slow.participants = house.store.sessions, house.store.participants
    house.store = slow
    await house.reopen()
    return house, slow


async def all_that_can_happen() -> None:
    """Let the loop turn until nothing is left but what the test holds back."""
    for _ in range(100):
        await asyncio.sleep(0)
