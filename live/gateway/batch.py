"""One round's events as one audience gets them, encoded once for all of its connections."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from live.gateway.packets import Packet
from live.wire.frames import WireEvent

_ENCODER = msgspec.json.Encoder()


class Batch:
    """The visible events up to ``upto``, as frames for whatever position a connection is at.

    Connections of one audience are mostly at the same position; those that joined or got something
    personal meanwhile are not, and share the encoded events all the same. ``pulse`` rides along.
    Who is still before ``passed_over`` gets a frame even if it is empty.
    """

    __slots__ = ("_body", "_events", "_passed_over", "_pulse", "_pulse_alone", "_told", "upto")

    def __init__(
        self,
        events: Sequence[WireEvent],
        upto: int,
        pulse: bytes | None = None,
        passed_over: int = 0,
    ) -> None:
        self.upto = upto
        self._events = events
        self._passed_over = passed_over
        self._pulse = pulse
        self._pulse_alone = None if pulse is None else Packet(pulse)
        self._body: bytes | None = None
        self._told: dict[int, tuple[Packet | None, int]] = {}

    def has_news(self, position: int) -> bool:
        """Whether there is something to see for a connection at ``position``."""
        return bool(self._events) and self._events[-1].seq > position

    def after(self, position: int) -> tuple[Packet | None, int]:
        """What a connection at ``position`` is sent, and the position that it has then."""
        told = self._told.get(position)
        if told is None:
            told = self._told[position] = self._tell(position)
        return told

    def _tell(self, position: int) -> tuple[Packet | None, int]:
        if self.has_news(position):
            frame = events_frame(position, self.upto, self._encoded(position))
        elif position < self._passed_over:
            frame = events_frame(position, self.upto)
        else:
            return self._pulse_alone, position
        packet = Packet(frame) if self._pulse is None else Packet(frame, self._pulse)
        return packet, self.upto

    def _encoded(self, position: int) -> bytes:
        if self._events[0].seq <= position:
            return _ENCODER.encode([event for event in self._events if event.seq > position])
        if self._body is None:
            self._body = _ENCODER.encode(self._events)
        return self._body


def events_frame(after: int, upto: int, events: bytes = b"[]") -> bytes:
    """The JSON of an ``events`` frame around encoded events."""
    return b'{"t":"events","after":%d,"upto":%d,"events":%b}' % (after, upto, events)
