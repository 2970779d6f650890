"""A node among others: what it goes on with when something does not answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from live.adapters.bus.memory import Exchange, MemoryBus
from live.adapters.memory import MemoryDirectory, MemoryStore
from live.domain.ids import SessionId
from live.ports.gate import OpenGate
from live.ports.lease import Standing
from live.room import cluster
from live.room.cluster import Cluster
from live.room.settings import RoomSettings
from live.room.surroundings import Surroundings
from tests.support.leases import MemoryLeases, Table
from tests.support.rooms import SESSION, OwnClock, OwnEntropy, session_record


@dataclass
class UnseenLeases(MemoryLeases):
    """Who holds what is never told; a node can say that it lives."""

    renewals: int = 0

    async def renew(self) -> None:
        self.renewals += 1
        await super().renew()

    async def survey(self, session_ids: Sequence[SessionId]) -> Mapping[SessionId, Standing]:
        await asyncio.Event().wait()
        return await super().survey(session_ids)


async def test_a_node_lives_on_while_the_store_is_slow_to_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster, "RENEW_S", 0.001)
    store = MemoryStore()
    await MemoryDirectory(store).add_session(session_record())
    bus = MemoryBus(Exchange())
    await bus.start()
    leases = UnseenLeases(Table(store), bus.node)
    world = Surroundings(store, OpenGate(), OwnClock(), OwnEntropy(), RoomSettings())
    nodes = Cluster(world, bus, leases)
    await nodes.start()
    room = await nodes.open(SESSION)
    assert room is not None

    for _ in range(1_000):
        await asyncio.sleep(0.001)
        if leases.renewals > 10:
            break

    assert leases.renewals > 10
    await room.close()
    await nodes.close()
    await bus.close()
