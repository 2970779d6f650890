"""One session's picture on one node, whichever node people ask.

The node of a session's first publisher keeps its picture, by a lease beside that of the room. Calls
that arrive elsewhere are forwarded to it; the answer names that node's own address, so packets go
there straight. A leg's name begins with its node's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import msgspec

from live.domain.ids import SessionId
from live.ports.bus import Bus, Unanswered
from live.ports.lease import Leases
from live.ports.media import (
    LayerWish,
    Leg,
    LegId,
    LegOwner,
    MediaEngine,
    PublishRequest,
    RecordingOrder,
    Restarted,
    Trickled,
    Watched,
    WatchRequest,
)
from live.ports.media_events import MediaListener
from live.ports.media_figures import Capacity, MediaHealth, SessionStats
from live.ports.media_refusals import MediaRefusal
from live.ports.media_seats import SeatOrder
from live.ports.store import StoreUnavailable

SUBJECT: Final = "media"
ANSWER_S: Final = 7.0
"""An engine answers within 6 s."""

_AWAY: Final = MediaRefusal(
    "overloaded", "The node that has this session's picture does not answer.", retry_after_s=2
)
_GONE: Final = MediaRefusal("not_found", "There is no such leg.")


class _Ask(msgspec.Struct, array_like=True, frozen=True):
    """One call of the port, with what it needs."""

    call: Literal[
        "publish", "watch", "trickle", "adjust", "owner_of", "hang_up", "stats", "capacity"
    ]
    publish: PublishRequest | None = None
    watch: WatchRequest | None = None
    name: str = ""
    etag: str | None = None
    fragment: str = ""
    wish: LayerWish | None = None


class _Reply(msgspec.Struct, array_like=True, frozen=True):
    """What came of it: at most one of these."""

    leg: Leg | None = None
    refusal: MediaRefusal | None = None
    restarted: Restarted | None = None
    watched: Watched | None = None
    owner: LegOwner | None = None
    stats: SessionStats | None = None
    capacity: Capacity | None = None
    done: bool = False


_ENCODER: Final = msgspec.msgpack.Encoder()
_ASKS: Final = msgspec.msgpack.Decoder(_Ask)
_REPLIES: Final = msgspec.msgpack.Decoder(_Reply)


class SharedMedia:
    """`MediaEngine` of an installation with several nodes, over this node's own engine. What is
    said to sessions as a whole (`evict`, `set_on_air`, `set_seats`, `set_slate`, `end_session`) is
    said to this node's engine: the caller says it to every node."""

    def __init__(self, engine: MediaEngine, bus: Bus, leases: Leases) -> None:
        self._engine = engine
        self._bus = bus
        self._leases = leases
        bus.answer(SUBJECT, self._answer)

    async def keeper(self, session_id: str) -> str | None:
        """The node that has a session's picture, if any lives that has. Raises
        ``StoreUnavailable``."""
        key = SessionId(session_id)
        standing = (await self._leases.survey([key])).get(key)
        lease = None if standing is None else standing.holders.get("media")
        return None if lease is None else lease.node

    async def is_elsewhere(self, session_id: str) -> bool:
        """Whether another node has a session's picture."""
        return await self.keeper(session_id) not in (None, self._bus.node)

    # --- legs

    async def publish(self, request: PublishRequest) -> Leg | MediaRefusal:
        try:
            node = await self.keeper(request.session_id)
            if node is None:
                lease = await self._leases.take(SessionId(request.session_id), "media")
                node = lease.node
        except StoreUnavailable:
            return _AWAY
        reply = await self._ask(node, _Ask("publish", publish=request))
        return _AWAY if reply is None else reply.leg or reply.refusal or _AWAY

    async def watch(self, request: WatchRequest) -> Leg | MediaRefusal:
        try:
            node = await self.keeper(request.session_id) or self._bus.node
        except StoreUnavailable:
            return _AWAY
        reply = await self._ask(node, _Ask("watch", watch=request))
        return _AWAY if reply is None else reply.leg or reply.refusal or _AWAY

    async def trickle(
        self, leg_id: LegId, etag: str | None, fragment: str
    ) -> Trickled | Restarted | MediaRefusal:
        node, name = _parted(leg_id)
        reply = await self._ask(node, _Ask("trickle", name=name, etag=etag, fragment=fragment))
        if reply is None:
            return _GONE
        return reply.refusal or reply.restarted or Trickled()

    async def adjust(self, leg_id: LegId, wish: LayerWish) -> Watched | MediaRefusal:
        node, name = _parted(leg_id)
        reply = await self._ask(node, _Ask("adjust", name=name, wish=wish))
        return _GONE if reply is None else reply.watched or reply.refusal or _GONE

    async def owner_of(self, leg_id: LegId) -> LegOwner | None:
        node, name = _parted(leg_id)
        reply = await self._ask(node, _Ask("owner_of", name=name))
        return None if reply is None else reply.owner

    async def hang_up(self, leg_id: LegId) -> bool:
        node, name = _parted(leg_id)
        reply = await self._ask(node, _Ask("hang_up", name=name))
        return reply is not None and reply.done

    async def capacity(self, session_id: str) -> Capacity:
        """See `MediaEngine.capacity`, of the node that a session's viewers are on."""
        node = await self._keeper_or_here(session_id)
        reply = await self._ask(node, _Ask("capacity", name=session_id))
        found = None if reply is None else reply.capacity
        return found or await self._engine.capacity(session_id)

    async def stats(self, session_id: str) -> SessionStats:
        node = await self._keeper_or_here(session_id)
        reply = await self._ask(node, _Ask("stats", name=session_id))
        found = None if reply is None else reply.stats
        return found or await self._engine.stats(session_id)

    # --- this node's engine

    async def start(self) -> None:
        await self._engine.start()

    async def close(self) -> None:
        await self._engine.close()

    async def evict(self, session_id: str, participant_id: str) -> int:
        return await self._engine.evict(session_id, participant_id)

    async def set_on_air(self, session_id: str, *, on: bool) -> None:
        await self._engine.set_on_air(session_id, on=on)

    async def set_seats(self, session_id: str, orders: tuple[SeatOrder, ...]) -> None:
        """See `MediaEngine.set_seats`, of this node's engine."""
        await self._engine.set_seats(session_id, orders)

    async def set_slate(self, session_id: str, *, on: bool) -> None:
        """See `MediaEngine.set_slate`, of this node's engine."""
        await self._engine.set_slate(session_id, on=on)

    async def set_recording(self, session_id: str, order: RecordingOrder | None) -> None:
        """See `MediaEngine.set_recording`, of this node's engine."""
        await self._engine.set_recording(session_id, order)

    async def end_session(self, session_id: str) -> None:
        await self._engine.end_session(session_id)

    def subscribe(self, listener: MediaListener) -> Callable[[], None]:
        return self._engine.subscribe(listener)

    async def health(self) -> MediaHealth:
        return await self._engine.health()

    # --- between nodes

    async def _keeper_or_here(self, session_id: str) -> str:
        try:
            return await self.keeper(session_id) or self._bus.node
        except StoreUnavailable:
            return self._bus.node

    async def _ask(self, node: str, ask: _Ask) -> _Reply | None:
        if node == self._bus.node:
            return await self._perform(ask)
        try:
            payload = await self._bus.ask(node, SUBJECT, _ENCODER.encode(ask), within_s=ANSWER_S)
        except Unanswered:
            return None
        return _REPLIES.decode(payload)

    async def _answer(self, payload: bytes) -> bytes:
        return _ENCODER.encode(await self._perform(_ASKS.decode(payload)))

    async def _perform(self, ask: _Ask) -> _Reply:
        engine, leg_id = self._engine, LegId(ask.name)
        match ask.call:
            case "publish" if ask.publish is not None:
                return self._leg(await engine.publish(ask.publish))
            case "watch" if ask.watch is not None:
                return self._leg(await engine.watch(ask.watch))
            case "trickle":
                outcome = await engine.trickle(leg_id, ask.etag, ask.fragment)
                if isinstance(outcome, MediaRefusal):
                    return _Reply(refusal=outcome)
                return _Reply(restarted=outcome if isinstance(outcome, Restarted) else None)
            case "adjust" if ask.wish is not None:
                gets = await engine.adjust(leg_id, ask.wish)
                if isinstance(gets, MediaRefusal):
                    return _Reply(refusal=gets)
                return _Reply(watched=gets)
            case "owner_of":
                return _Reply(owner=await engine.owner_of(leg_id))
            case "hang_up":
                return _Reply(done=await engine.hang_up(leg_id))
            case "capacity":
                return _Reply(capacity=await engine.capacity(ask.name))
            case "stats":
                return _Reply(stats=await engine.stats(ask.name))
        return _Reply()

    def _leg(self, outcome: Leg | MediaRefusal) -> _Reply:
        if isinstance(outcome, MediaRefusal):
            return _Reply(refusal=outcome)
        named = LegId(f"{self._bus.node}-{outcome.leg_id}")
        return _Reply(leg=Leg(named, outcome.etag, outcome.answer_sdp))


def _parted(leg_id: LegId) -> tuple[str, str]:
    """The node of a leg, and its name there."""
    node, _, name = leg_id.partition("-")
    return node, name
