"""The rooms that are open in this process: each session has at most one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from live.domain.ids import SessionId
from live.room.cluster import Cluster
from live.room.ledger import Ledger
from live.room.loading import load_state
from live.room.room import Room
from live.room.surface import AnyRoom
from live.room.surroundings import Surroundings

logger = logging.getLogger(__name__)


class Rooms:
    """Opens rooms when they are asked for and closes those that nobody uses.

    A room that another writer made stale is left behind; asking again opens a fresh one. With a
    ``cluster`` the sessions are shared with other nodes.
    """

    def __init__(
        self,
        world: Surroundings,
        *,
        cluster: Cluster | None = None,
        sweep_every_s: float = 60.0,
    ) -> None:
        self._world = world
        self._cluster = cluster
        self._sweep_every_s = sweep_every_s
        self._opening: dict[SessionId, asyncio.Task[AnyRoom | None]] = {}
        self._open: dict[SessionId, AnyRoom] = {}
        self._by_slug: dict[str, AnyRoom] = {}
        self._sweeper: asyncio.Task[None] | None = None
        self._closed = False
        self._opened: list[Callable[[AnyRoom], None]] = []

    def on_open(self, call: Callable[[AnyRoom], None]) -> None:
        """Be told of every room that opens here, before anyone else has it."""
        self._opened.append(call)

    async def get(self, session_id: SessionId) -> AnyRoom | None:
        """The room of a session, or None if there is no such session. Raises ``StoreUnavailable``
        while it cannot be loaded. Ask again rather than keep it: an unused room is closed."""
        room = self._open.get(session_id)
        if room is not None and room.is_open:
            return room
        opening = self._opening.get(session_id)
        if opening is None:
            opening = asyncio.create_task(self._load(session_id))
            self._opening[session_id] = opening
            opening.add_done_callback(lambda _: self._opening.pop(session_id, None))
        return await asyncio.shield(opening)

    def at_hand(self, slug: str) -> AnyRoom | None:
        """The room of this address, if it runs here: what it says of its session is up to date."""
        room = self._by_slug.get(slug)
        return room if room is not None and room.is_open else None

    def open_rooms(self) -> list[AnyRoom]:
        """Those that run at this moment."""
        return [room for room in self._open.values() if room.is_open]

    async def close(self) -> None:
        """Close all, at once. Idempotent; nothing opens afterwards."""
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.wait([self._sweeper])
        if self._opening:
            await asyncio.wait(list(self._opening.values()))
        await asyncio.gather(*(room.close() for room in self._open.values()))
        self._open.clear()
        self._by_slug.clear()

    async def _load(self, session_id: SessionId) -> AnyRoom | None:
        former = self._open.get(session_id)
        if former is not None:
            await former.close()
        if self._cluster is not None:
            room: AnyRoom | None = await self._cluster.open(session_id)
        else:
            state = await load_state(self._world, session_id)
            room = None if state is None else Room(Ledger(state, self._world), self._world)
        if room is None:
            return None
        if self._closed:
            await room.close()
            return None
        self._open[session_id] = self._by_slug[room.slug] = room
        for call in self._opened:
            call(room)
        if self._sweeper is None:
            self._sweeper = asyncio.create_task(self._sweep(), name="rooms-sweeper")
        logger.info("room opened", extra={"session": room.slug, "head": room.head})
        return room

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(self._sweep_every_s)
            await self.close_idle()

    async def close_idle(self) -> None:
        """Close the rooms that nobody has used for a while. Who asks meanwhile gets a new one."""
        for session_id, room in list(self._open.items()):
            if room.stopped.is_set() or room.idle_s >= self._world.settings.idle_s:
                await room.close()
                if self._open.get(session_id) is room:
                    del self._open[session_id]
                    self._by_slug.pop(room.slug, None)
                logger.info("room closed", extra={"session": room.slug, "head": room.head})
