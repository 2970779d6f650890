"""Leases in memory, for nodes that live in one process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from live.domain.ids import SessionId
from live.ports.lease import Duty, Lease, Standing
from live.ports.store import Store


@dataclass
class Table:
    """What all nodes share; a node that is not in ``alive`` is dead."""

    store: Store
    held: dict[tuple[SessionId, Duty], Lease] = field(default_factory=dict)
    alive: set[str] = field(default_factory=set)


@dataclass
class MemoryLeases:
    """`Leases` of one node."""

    table: Table
    node: str

    async def take(self, session_id: SessionId, duty: Duty) -> Lease:
        self.table.alive.add(self.node)
        held = self.table.held.get((session_id, duty))
        if held is not None and held.node != self.node and held.node in self.table.alive:
            return held
        lease = Lease(self.node, 1 if held is None else held.term + 1)
        self.table.held[session_id, duty] = lease
        return lease

    async def release(self, session_id: SessionId, duty: Duty) -> None:
        held = self.table.held.get((session_id, duty))
        if held is not None and held.node == self.node:
            self.table.held[session_id, duty] = Lease("", held.term)

    async def renew(self) -> None:
        self.table.alive.add(self.node)

    async def leave(self) -> None:
        self.table.alive.discard(self.node)

    async def survey(self, session_ids: Sequence[SessionId]) -> Mapping[SessionId, Standing]:
        standings = {}
        for session_id in session_ids:
            record = await self.table.store.load_room(session_id, recent_messages=1)
            holders = {
                duty: lease
                for (whose, duty), lease in self.table.held.items()
                if whose == session_id and lease.node in self.table.alive
            }
            if record is not None:
                standings[session_id] = Standing(record.session.head, holders)
        return standings
