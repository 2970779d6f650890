"""A media engine that carries nothing: it notes what it is asked, and says what it is told to."""

from __future__ import annotations

from collections.abc import Callable

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
from live.ports.media_events import MediaEvent, MediaListener
from live.ports.media_figures import Capacity, MediaHealth, SessionStats
from live.ports.media_refusals import MediaRefusal
from live.ports.media_seats import SeatOrder

DOWN = MediaRefusal("engine_down", "Nothing is carried here.")


class SilentEngine:
    """``MediaEngine`` for those who only listen to it and steer it."""

    def __init__(self) -> None:
        self.listeners: list[MediaListener] = []
        self.on_air: dict[str, bool] = {}
        self.slates: dict[str, bool] = {}
        self.orders: dict[str, RecordingOrder | None] = {}
        self.seats: dict[str, tuple[SeatOrder, ...]] = {}
        self.ended: list[str] = []
        self.evicted: list[tuple[str, str]] = []

    def say(self, event: MediaEvent) -> None:
        for listener in self.listeners:
            listener(event)

    async def start(self) -> None:
        return

    async def close(self) -> None:
        return

    async def publish(self, request: PublishRequest) -> Leg | MediaRefusal:  # noqa: ARG002 - the port's
        return DOWN

    async def watch(self, request: WatchRequest) -> Leg | MediaRefusal:  # noqa: ARG002 - the port's
        return DOWN

    async def trickle(
        self,
        leg_id: LegId,  # noqa: ARG002 - the port's
        etag: str | None,  # noqa: ARG002 - the port's
        fragment: str,  # noqa: ARG002 - the port's
    ) -> Trickled | Restarted | MediaRefusal:
        return DOWN

    async def adjust(self, leg_id: LegId, wish: LayerWish) -> Watched | MediaRefusal:  # noqa: ARG002 - the port's
        return DOWN

    async def owner_of(self, leg_id: LegId) -> LegOwner | None:  # noqa: ARG002 - the port's
        return None

    async def hang_up(self, leg_id: LegId) -> bool:  # noqa: ARG002 - the port's
        return False

    async def evict(self, session_id: str, participant_id: str) -> int:
        self.evicted.append((session_id, participant_id))
        return 1

    async def set_on_air(self, session_id: str, *, on: bool) -> None:
        self.on_air[session_id] = on

    async def set_seats(self, session_id: str, orders: tuple[SeatOrder, ...]) -> None:
        self.seats[session_id] = orders

    async def set_slate(self, session_id: str, *, on: bool) -> None:
        self.slates[session_id] = on

    async def set_recording(self, session_id: str, order: RecordingOrder | None) -> None:
        self.orders[session_id] = order

    async def end_session(self, session_id: str) -> None:
        self.ended.append(session_id)

    def subscribe(self, listener: MediaListener) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    async def health(self) -> MediaHealth:
        return MediaHealth(ok=True, udp_port=0, publishers=0, viewers=0, restarts=0)

    async def capacity(self, session_id: str) -> Capacity:  # noqa: ARG002 - the port's
        return Capacity(layers=(), listeners=0, bound="processor", measured=False, watching=0)

    async def stats(self, session_id: str) -> SessionStats:
        return SessionStats(
            session_id=session_id,
            on_air=self.on_air.get(session_id, False),
            seats=(),
            viewers=0,
            packets_sent=0,
            packets_dropped=0,
        )
