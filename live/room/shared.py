"""A session that several nodes serve, as one of them has it.

One node writes it: there, this is a ``Room`` whose commits are told to the others, page by page.
Everywhere else it is a copy of committed state that takes those pages, and asks the writer to do
what people want. What is missed is read from the store; who writes is for the database to say.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from live.domain.commands import PersonCommand, ServerAct
from live.domain.events import Recorded
from live.domain.ids import ParticipantId, SessionId
from live.domain.outcome import Refusal
from live.domain.people import Participant
from live.domain.profile import vet_name
from live.domain.session_commands import Lapse
from live.ports.bus import Unanswered
from live.ports.lease import Standing
from live.ports.store import Batch, StoreUnavailable
from live.room import routing
from live.room.copying import Copy
from live.room.crowd import Crowd
from live.room.feed import Arrivals, Draft, Page, Present, Vacant, decode_news, encode_news
from live.room.keys import Done
from live.room.ledger import Ledger, Listener
from live.room.room import Room
from live.room.routing import Ask, Reply
from live.room.step import Outcome
from live.room.surroundings import Surroundings

if TYPE_CHECKING:
    from live.room.cluster import Cluster

logger = logging.getLogger(__name__)

TICK_S: Final = 0.025
"""Pages of one session are at least so far apart; the first leaves at once."""

ANSWER_S: Final = 3.0
"""How long the writing node may take for a command before it is asked for in vain."""

SILENT_S: Final = 6.0
"""People of a node that says nothing for so long are counted no longer."""

SAY_AGAIN_S: Final = 2.0
"""Who is here is told this often, changed or not."""

_LOOK_PAUSE_S: Final = 0.25
"""While commands find no writer, the database is asked for one at most this often."""

_SAY_EVERY_S: Final = 0.25
_SAY_PER_PERSON_S: Final = 0.0002
"""A larger crowd is told less often: 10,000 people every two seconds are 40 KB a second."""


class SharedRoom:
    """``AnyRoom`` over a cluster; ``Cluster`` makes and ends it."""

    def __init__(self, ledger: Ledger, world: Surroundings, cluster: Cluster) -> None:
        self.state = ledger.state
        self.crowd = Crowd()
        self.stopped = asyncio.Event()
        self._ledger = ledger
        self._world = world
        self._cluster = cluster
        self._copy = Copy(ledger, world, self._end)
        self._room: Room | None = None
        self._writer: str | None = None
        self._look_at = 0.0
        self._seating = asyncio.Lock()
        self._term = 0
        self._pages = 0
        self._draft = Draft(self.state)
        self._arrived: list[Participant] = []
        self._timer: asyncio.TimerHandle | None = None
        self._flush_at = 0.0
        self._said_changes = -1
        self._said_at = 0.0
        self._claiming: asyncio.Task[None] | None = None
        self._unsubscribe: Callable[[], None] | None = None

    # --- as Room has it

    @property
    def id(self) -> SessionId:
        return self.state.session.id

    @property
    def slug(self) -> str:
        return self.state.session.slug

    @property
    def epoch(self) -> str:
        return self.state.session.epoch

    @property
    def head(self) -> int:
        return self.state.head

    @property
    def is_open(self) -> bool:
        return not self.stopped.is_set()

    @property
    def is_writer(self) -> bool:
        """Whether this node writes the session."""
        return self._room is not None and self._room.is_open

    @property
    def idle_s(self) -> float:
        return self._ledger.unused_s if self._room is None else self._room.idle_s

    def listen(self, listener: Listener) -> Callable[[], None]:
        return self._ledger.listen(listener)

    def follow(self, listener: Listener) -> None:
        """See ``Ledger.follow``."""
        self._ledger.follow(listener)

    async def recorded(self, after: int, limit: int) -> Sequence[Recorded]:
        """See ``Ledger.recorded``."""
        return await self._ledger.recorded(after, limit)

    async def past(self, after: int, limit: int) -> Sequence[Recorded]:
        """See ``Ledger.past``."""
        return await self._ledger.past(after, limit)

    async def history(self, after: int, limit: int) -> Sequence[Recorded] | None:
        """See ``Ledger.history``. Who comes from a node that died may have seen what that node had
        no time to tell this one: the store knows."""
        if after > self.head and self._room is None:
            await self._copy.catch_up(after)
        return await self._ledger.history(after, limit)

    def vet_name(self, name: str, *, bearer: ParticipantId | None = None) -> str | Refusal:
        participant = None if bearer is None else self.state.participants.get(bearer)
        return vet_name(self.state, participant, name, self._world.context())

    def admit(self, participant: Participant) -> None:
        if participant.id in self.state.participants:
            return
        if self._room is not None:
            self._room.admit(participant)
            self._draft.arrive(participant.id)
        else:
            if participant.session_id != self.id:
                raise ValueError("a participant of another session")
            self.state.put_participant(participant)
            self._arrived.append(participant)
        self._schedule()

    async def execute(
        self,
        participant_id: ParticipantId,
        command_id: str,
        digest: bytes,
        command: PersonCommand,
    ) -> Done | Refusal:
        """See ``Room.execute``. Where the writer cannot be reached it is refused ``overloaded``;
        it may have happened, and the same id finds out."""
        self._ledger.touch()
        try:
            room = await self._seat()
            if room is not None:
                return await room.execute(participant_id, command_id, digest, command)
            name, body = routing.body_of(command)
            participant = self.state.participants.get(participant_id)
            ask = Ask(self.id, name, body, participant_id, participant, command_id, digest)
            return await self._route(ask)
        except StoreUnavailable:
            return self._world.overloaded("The database does not answer; try again.")

    def take(
        self,
        participant_id: ParticipantId,
        command_id: str,
        digest: bytes,
        command: PersonCommand,
        told: Callable[[Outcome], None],
    ) -> bool:
        """See ``Room.take``; False too where another node writes."""
        room = self._room
        if room is None or not room.is_open:
            return False
        self._ledger.touch()
        return room.take(participant_id, command_id, digest, command, told)

    async def act(self, act: ServerAct, *, by: ParticipantId | None = None) -> Done | Refusal:
        """See ``Room.act``; refused as ``execute`` is."""
        self._ledger.touch()
        try:
            room = await self._seat()
            if room is not None:
                return await room.act(act, by=by)
            name, body = routing.body_of(act)
            return await self._route(Ask(self.id, name, body, by))
        except StoreUnavailable:
            return self._world.overloaded("The database does not answer; try again.")

    async def settle(self) -> None:
        await self.act(Lapse())

    async def close(self, *, patience_s: float = 2.0) -> None:
        """Finish what was taken, let go of the lease, tell the others. Idempotent."""
        if self._unsubscribe is None:
            return
        self._unsubscribe()
        self._unsubscribe = None
        self.stopped.set()
        self._copy.close()
        if self._claiming is not None:
            self._claiming.cancel()
        if self._room is not None:
            await self._room.close(patience_s=patience_s)
            self._flush()
            with contextlib.suppress(StoreUnavailable):
                await self._cluster.leases.release(self.id, "room")
            self._publish(Vacant(self._cluster.node))
        if self._timer is not None:
            self._timer.cancel()
        self._cluster.forget(self)

    # --- who writes

    async def start(self) -> None:
        """Hear the others, then read what is true, then see who writes."""
        self._unsubscribe = await self._cluster.bus.subscribe(self._topic, self._hear)
        self._publish(Present(self._cluster.node, b"", 0, asks=True))
        await self._copy.read_again()
        await self._seat()

    async def _seat(self) -> Room | None:
        """The room, if this node is to write; else ``_writer`` is who does."""
        if self._room is not None and self._room.is_open:
            return self._room
        async with self._seating:
            if self._room is not None and self._room.is_open:
                return self._room
            if self._room is not None:
                self._room = None
                self._copy.wake()
            if self._writer is not None:
                return None
            lease = await self._cluster.leases.take(self.id, "room")
            if lease.node != self._cluster.node:
                self._writer = lease.node
                return None
            # All that any former writer committed is there now, and it commits nothing more.
            await self._copy.read_again()
            self._term, self._pages = lease.term, 0
            self._draft = Draft(self.state)
            self._copy.rest()
            self._room = Room(
                self._ledger, self._world, lease=lease, wrote=self._wrote, crowd=self.crowd
            )
            logger.info("this node writes", extra={"session": self.slug, "head": self.head})
            return self._room

    def stand(self, standing: Standing) -> None:
        """Take what the database says: twice a second."""
        holder = standing.holders.get("room")
        is_ours = holder is not None and holder.node == self._cluster.node
        other = None if holder is None or is_ours else holder.node
        if self._room is not None:
            if not self._room.is_open or not is_ours:
                self._step_down(other)
            elif self.state.seats and "media" not in standing.holders:
                self._cluster.stage_lost(self.id)
            return
        self._writer = other
        if other is None and self._ledger.is_heard:
            self._claim()
        self._copy.stand(standing.head, certain=not self._cluster.bus.is_up)

    def found_bus(self) -> None:
        """The bus is back: what was told meanwhile went by."""
        if self._room is None:
            self._copy.heal()
        self._publish(self._present(asks=True))

    def _step_down(self, writer: str | None) -> None:
        """Another node writes, or the room stopped: what it had taken is refused."""
        room, self._room = self._room, None
        self._writer = writer
        if room is not None:
            self._cluster.run(room.close(patience_s=0.0))
        self._copy.wake()
        if writer is None and self._ledger.is_heard:
            self._claim()

    def _claim(self) -> None:
        """Take the lease if it is free; people are here who want the session to go on."""
        if self._claiming is None or self._claiming.done():
            self._claiming = self._cluster.run(self._claimed())

    async def _claimed(self) -> None:
        with contextlib.suppress(StoreUnavailable):
            await self._seat()

    # --- asking the writer

    async def _route(self, ask: Ask) -> Done | Refusal:
        asked = self._writer
        for _ in range(2):
            reply = None if asked is None else await self._ask(asked, ask)
            if reply is not None and reply.outcome != "elsewhere":
                await self._copy.reach(reply.term, reply.number, reply.head)
                return reply.told()
            self._doubt(asked)
            if await self._seat() is not None:
                return (await self.asked(ask)).told()
            if self._writer == asked and reply is None:
                break
            asked = self._writer
        return self._world.overloaded("This session's node does not answer; try again.")

    def _doubt(self, writer: str | None) -> None:
        """Have the database say who writes: it was asked in vain."""
        now = asyncio.get_running_loop().time()
        if self._writer == writer and now >= self._look_at:
            self._look_at = now + _LOOK_PAUSE_S
            self._writer = None

    async def _ask(self, node: str, ask: Ask) -> Reply | None:
        try:
            payload = await self._cluster.bus.ask(
                node, routing.SUBJECT, routing.encode(ask), within_s=ANSWER_S
            )
        except Unanswered:
            return None
        return routing.decode_reply(payload)

    async def asked(self, ask: Ask) -> Reply:
        """Do as writer what another node asks for. Who asks has it from the database that this node
        writes; where that is so and no room is open here, one is opened."""
        try:
            room = await self._seat()
        except StoreUnavailable:
            room = None
        if room is None:
            return routing.ELSEWHERE
        if ask.participant is not None:
            self.admit(ask.participant)
        outcome: Done | Refusal
        command = routing.command_of(ask)
        if ask.command_id is None:
            outcome = await room.act(command, by=ask.by)
        elif ask.by is None:
            outcome = Refusal("forbidden", "A command has someone who gives it.")
        else:
            wait_s = self._cluster.charge(ask.by, ask.command_id, command)
            if wait_s > 0:
                outcome = Refusal("rate_limited", "That is too fast.", retry_after_s=wait_s)
            else:
                outcome = await room.execute(ask.by, ask.command_id, ask.digest, command)
        number = self._pages + (0 if self._draft.is_empty else 1)
        return routing.reply_of(outcome, term=self._term, number=number, head=self.head)

    # --- telling and hearing

    @property
    def _topic(self) -> str:
        return f"session:{self.id}"

    def _publish(self, news: Page | Arrivals | Present | Vacant) -> None:
        self._cluster.bus.publish(self._topic, encode_news(news))

    def _wrote(self, batch: Batch) -> None:
        self._draft.add(batch)
        self._schedule()

    def _schedule(self) -> None:
        """Have the next page when it is due: after this loop step at the earliest."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(self._flush_at, loop.time()), self._flush)

    def _flush(self) -> None:
        self._timer = None
        self._flush_at = asyncio.get_running_loop().time() + TICK_S
        if self._arrived:
            self._publish(Arrivals(self._cluster.node, self._arrived))
            self._arrived = []
        if not self._draft.is_empty:
            self._pages += 1
            self._publish(self._draft.page(self._cluster.node, self._term, self._pages))

    def _hear(self, payload: bytes) -> None:
        news = decode_news(payload)
        if news.node == self._cluster.node:
            return
        match news:
            case Page():
                self._take(news)
            case Arrivals():
                for participant in news.participants:
                    if participant.id not in self.state.participants:
                        self.state.put_participant(participant)
                        if self._room is not None:
                            self._draft.arrive(participant.id)
                            self._schedule()
            case Present():
                if news.asks:
                    self._said_at = 0.0
                self._copy.told(news.term, news.page)
                self.crowd.elsewhere(news.node, news.marks, news.typing, self._now())
                self.crowd.looks.elsewhere(news.node, news.looks)
                self.crowd.attention.elsewhere(news.node, news.attentive)
            case Vacant():
                if self._writer == news.node:
                    self._writer = None
                if self._room is None and self._ledger.is_heard:
                    self._claim()

    def _take(self, page: Page) -> None:
        if self._room is not None:
            if page.term <= self._term:
                return  # a former writer's last words
            self._step_down(page.node)
        self._writer = page.node
        self._copy.take(page)

    # --- who is here

    def say_who_is_here(self) -> None:
        """Tell the other nodes, if it is time to; called several times a second."""
        now, crowd = self._now(), self.crowd
        crowd.forget_silent(now - SILENT_S)
        pause_s = max(_SAY_EVERY_S, crowd.here * _SAY_PER_PERSON_S)
        changed = crowd.changes != self._said_changes
        if now - self._said_at < (pause_s if changed else max(SAY_AGAIN_S, pause_s)):
            return
        if not changed and not crowd.here and not self.is_writer:
            return
        self._said_changes, self._said_at = crowd.changes, now
        self._publish(self._present())

    def _present(self, *, asks: bool = False) -> Present:
        term, page = (self._term, self._pages) if self.is_writer else (0, 0)
        looks = dict(self.crowd.looks.here)
        attentive = self.crowd.attention.told()
        return Present(self._cluster.node, *self.crowd.told(), asks, term, page, looks, attentive)

    def _now(self) -> float:
        return self._world.clock.monotonic()

    def _end(self) -> None:
        """The session's history was replaced: a fresh room has to be asked for."""
        self._cluster.run(self.close(patience_s=0.0))
