"""The media port without a process of its own: the same engine, in the caller's loop.

For tests and small tools. A server uses `MediaSupervisor`, so that neither side can stall the
other.
"""

from collections.abc import Callable
from dataclasses import replace

from live.media.absence import engine_down, no_stats
from live.media.admission import Admission, Traffic
from live.media.engine import Engine
from live.media.hls.news import HlsNews
from live.media.listeners import Listeners
from live.media.notices import LegEnded, Notice
from live.media.settings import MediaSettings
from live.ports.media import (
    LayerWish,
    Leg,
    LegId,
    LegOwner,
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


class LocalMedia:
    """`MediaEngine` in this very loop; see there for what each call promises."""

    def __init__(self, settings: MediaSettings) -> None:
        self._settings = settings
        self._engine: Engine | None = None
        self._listeners = Listeners()
        self._owners: dict[LegId, LegOwner] = {}

    async def start(self) -> None:
        """See `MediaEngine.start`."""
        engine = Engine(self._settings, self._notice)
        port = await engine.start()
        self._settings = replace(self._settings, udp_port=port)
        self._engine = engine

    async def close(self) -> None:
        """See `MediaEngine.close`."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.close()

    async def publish(self, request: PublishRequest) -> Leg | MediaRefusal:
        """See `MediaEngine.publish`."""
        if self._engine is None:
            return engine_down()
        owner = LegOwner(request.session_id, request.participant_id, "publisher", request.seat)
        return self._owned(self._engine.publish(request), owner)

    async def watch(self, request: WatchRequest) -> Leg | MediaRefusal:
        """See `MediaEngine.watch`."""
        if self._engine is None:
            return engine_down()
        owner = LegOwner(request.session_id, request.participant_id, "viewer", None)
        return self._owned(self._engine.watch(request), owner)

    async def trickle(
        self, leg_id: LegId, etag: str | None, fragment: str
    ) -> Trickled | Restarted | MediaRefusal:
        """See `MediaEngine.trickle`."""
        if self._engine is None:
            return engine_down()
        return self._engine.trickle(leg_id, etag, fragment)

    async def adjust(self, leg_id: LegId, wish: LayerWish) -> Watched | MediaRefusal:
        """See `MediaEngine.adjust`."""
        return engine_down() if self._engine is None else self._engine.adjust(leg_id, wish)

    async def owner_of(self, leg_id: LegId) -> LegOwner | None:
        """See `MediaEngine.owner_of`."""
        return self._owners.get(leg_id)

    async def hang_up(self, leg_id: LegId) -> bool:
        """See `MediaEngine.hang_up`."""
        return self._engine is not None and self._engine.hang_up(leg_id)

    async def evict(self, session_id: str, participant_id: str) -> int:
        """See `MediaEngine.evict`."""
        return 0 if self._engine is None else self._engine.evict(session_id, participant_id)

    async def set_on_air(self, session_id: str, *, on: bool) -> None:
        """See `MediaEngine.set_on_air`."""
        if self._engine is not None:
            self._engine.set_on_air(session_id, on=on)

    async def set_seats(self, session_id: str, orders: tuple[SeatOrder, ...]) -> None:
        """See `MediaEngine.set_seats`."""
        if self._engine is not None:
            self._engine.set_seats(session_id, orders)

    async def set_slate(self, session_id: str, *, on: bool) -> None:
        """See `MediaEngine.set_slate`."""
        if self._engine is not None:
            self._engine.set_slate(session_id, on=on)

    async def set_recording(self, session_id: str, order: RecordingOrder | None) -> None:
        """See `MediaEngine.set_recording`."""
        if self._engine is not None:
            self._engine.set_recording(session_id, order)

    async def end_session(self, session_id: str) -> None:
        """See `MediaEngine.end_session`."""
        if self._engine is not None:
            self._engine.end_session(session_id)

    def subscribe(self, listener: MediaListener) -> Callable[[], None]:
        """See `MediaEngine.subscribe`."""
        return self._listeners.add(listener)

    async def health(self) -> MediaHealth:
        """See `MediaEngine.health`."""
        if self._engine is None:
            port = self._settings.udp_port
            return MediaHealth(ok=False, udp_port=port, publishers=0, viewers=0, restarts=0)
        return self._engine.health()

    async def capacity(self, session_id: str) -> Capacity:
        """See `MediaEngine.capacity`."""
        watching = [each for each in self._owners.values() if each.kind == "viewer"]
        rates = {} if self._engine is None else self._engine.health().session_rates
        return Admission(self._settings, cores=1).capacity(session_id, watching, Traffic(0, rates))

    async def stats(self, session_id: str) -> SessionStats:
        """See `MediaEngine.stats`."""
        return no_stats(session_id) if self._engine is None else self._engine.stats(session_id)

    def _owned(self, leg: Leg | MediaRefusal, owner: LegOwner) -> Leg | MediaRefusal:
        if isinstance(leg, Leg):
            self._owners[leg.leg_id] = owner
        return leg

    def _notice(self, notice: Notice) -> None:
        if isinstance(notice, LegEnded):
            self._owners.pop(notice.leg_id, None)
        elif not isinstance(notice, HlsNews):
            self._listeners.tell(notice)
