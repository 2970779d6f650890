"""Events as one audience gets them, encoded once for all of its connections."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from live.gateway.packets import Packet
from live.wire.frames import WireEvent

_ENCODER = msgspec.json.Encoder()


class Told(NamedTuple):
    """An event of the wire as JSON."""

    seq: int
    json: bytes


def encoded(events: Iterable[WireEvent]) -> list[Told]:
    """Each event by itself: frames for whatever position are put together from these."""
    return [Told(event.seq, _ENCODER.encode(event)) for event in events]


class Batch:
    """The visible events up to ``upto``, as frames for whatever position a connection is at.

    Connections of one audience are at few positions, and those at the same share a frame. ``pulse``
    rides along. Who is still before ``passed_over`` gets a frame even if it is empty.
    """

    __slots__ = ("_events", "_frames", "_passed_over", "_pulse", "_pulse_alone", "upto")

    def __init__(
        self,
        events: Sequence[Told],
        upto: int,
        pulse: bytes | None = None,
        passed_over: int = 0,
    ) -> None:
        self.upto = upto
        self._events = events
        self._passed_over = passed_over
        self._pulse = pulse
        self._pulse_alone = None if pulse is None else Packet(pulse)
        self._frames: dict[int, tuple[Packet | None, int]] = {}

    def has_news(self, position: int) -> bool:
        """Whether there is something to see for a connection at ``position``."""
        return bool(self._events) and self._events[-1].seq > position

    def after(self, position: int) -> tuple[Packet | None, int]:
        """What a connection at ``position`` is sent, and the position that it has then."""
        known = self._frames.get(position)
        if known is None:
            known = self._frames[position] = self._tell(position)
        return known

    def _tell(self, position: int) -> tuple[Packet | None, int]:
        if self.has_news(position):
            start = bisect_right(self._events, position, key=_seq)
            told = b",".join([each.json for each in self._events[start:]])
            frame = events_frame(position, self.upto, told)
        elif position < self._passed_over:
            frame = events_frame(position, self.upto)
        else:
            return self._pulse_alone, position
        packet = Packet(frame) if self._pulse is None else Packet(frame, self._pulse)
        return packet, self.upto


def _seq(told: Told) -> int:
    return told.seq


def events_frame(after: int, upto: int, events: bytes = b"") -> bytes:
    """The JSON of an ``events`` frame around encoded events with commas between them."""
    return b'{"t":"events","after":%d,"upto":%d,"events":[%b]}' % (after, upto, events)
