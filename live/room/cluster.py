"""The nodes that serve the same sessions, as one of them sees it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

from live.domain.commands import PersonCommand
from live.domain.ids import ParticipantId, SessionId
from live.ports.bus import Bus
from live.ports.lease import Leases
from live.ports.store import StoreUnavailable
from live.room import routing
from live.room.ledger import Ledger
from live.room.loading import load_state
from live.room.shared import SharedRoom
from live.room.surroundings import Surroundings

logger = logging.getLogger(__name__)

RENEW_S: Final = 0.5
"""An eighth of a node's life: seven renewals may fail. A free lease is taken so much later at most,
while anyone listens."""

SAY_S: Final = 0.25

Charge = Callable[[ParticipantId, str, PersonCommand], float]


def free(_participant_id: ParticipantId, _command_id: str, _command: PersonCommand) -> float:
    """Takes nothing of anyone's limits."""
    return 0.0


def _nothing(_session_id: SessionId) -> None:
    """Nobody wants to know."""


class Cluster:
    """Sessions shared over ``bus`` and ``leases``. ``charge`` is asked for each command that comes
    from another node: the seconds its giver has to wait, 0 if it may go on. ``stage_lost`` is told
    of a session whose stage shows people while no node that lives has its picture."""

    def __init__(
        self, world: Surroundings, bus: Bus, leases: Leases, *, charge: Charge = free
    ) -> None:
        self.bus = bus
        self.leases = leases
        self.charge = charge
        self._world = world
        self._rooms: dict[SessionId, SharedRoom] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self.stage_lost: Callable[[SessionId], None] = _nothing
        bus.answer(routing.SUBJECT, self._answer)
        bus.watch(self._bus_changed)

    @property
    def node(self) -> str:
        """The name of this process among them."""
        return self.bus.node

    async def start(self) -> None:
        """Be a node from now on. Raises ``StoreUnavailable``."""
        await self.leases.renew()
        self.run(self._renew())
        self.run(self._look())
        self.run(self._say())

    async def close(self) -> None:
        """Be a node no longer; the rooms are closed by then."""
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        try:
            await self.leases.leave()
        except StoreUnavailable:
            logger.warning("the leases could not be given back; they expire")

    async def open(self, session_id: SessionId) -> SharedRoom | None:
        """The session as this node has it, or None if there is none. Raises
        ``StoreUnavailable``."""
        state = await load_state(self._world, session_id)
        if state is None:
            return None
        room = SharedRoom(Ledger(state, self._world), self._world, self)
        self._rooms[session_id] = room
        try:
            await room.start()
        except BaseException:
            await room.close(patience_s=0.0)
            raise
        return room

    def forget(self, room: SharedRoom) -> None:
        """A room was closed."""
        if self._rooms.get(room.id) is room:
            del self._rooms[room.id]

    def run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Own a task until it is done."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _answer(self, payload: bytes) -> bytes:
        ask = routing.decode_ask(payload)
        room = self._rooms.get(ask.session_id)
        if room is not None:
            return routing.encode(await room.asked(ask))
        # A lease left from a room that had no time to let go would keep all others waiting.
        with contextlib.suppress(StoreUnavailable):
            await self.leases.release(ask.session_id, "room")
        return routing.encode(routing.ELSEWHERE)

    async def _renew(self) -> None:
        """Twice a second: live on."""
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                await self.leases.renew()
            except StoreUnavailable as error:
                logger.warning("this node could not say that it lives: %s", error)

    async def _look(self) -> None:
        """As often, see where the sessions stand. Apart from living on, which must not wait for
        those who read: after a restart everyone does."""
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                standings = await self.leases.survey(list(self._rooms)) if self._rooms else {}
            except StoreUnavailable as error:
                logger.warning("this node does not see where sessions stand: %s", error)
                continue
            for session_id, standing in standings.items():
                room = self._rooms.get(session_id)
                if room is not None:
                    room.stand(standing)

    async def _say(self) -> None:
        while True:
            await asyncio.sleep(SAY_S)
            for room in list(self._rooms.values()):
                room.say_who_is_here()

    def _bus_changed(self) -> None:
        if self.bus.is_up:
            for room in list(self._rooms.values()):
                room.found_bus()
