"""One tick's events as one audience gets them, encoded once for all of its connections."""

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
    """

    __slots__ = ("_body", "_events", "_packets", "_pulse", "upto")

    def __init__(self, events: Sequence[WireEvent], upto: int, pulse: bytes | None = None) -> None:
        self.upto = upto
        self._events = events
        self._pulse = pulse
        self._body: bytes | None = None
        self._packets: dict[int, Packet | None] = {}

    def after(self, position: int) -> Packet | None:
        """The frame for a connection at ``position``; None if there is nothing to see for it."""
        if position not in self._packets:
            self._packets[position] = self._packet(position)
        return self._packets[position]

    def _packet(self, position: int) -> Packet | None:
        if not self._events or self._events[-1].seq <= position:
            return None
        if self._events[0].seq > position:
            if self._body is None:
                self._body = _ENCODER.encode(self._events)
            body = self._body
        else:
            body = _ENCODER.encode([event for event in self._events if event.seq > position])
        frame = events_frame(position, self.upto, body)
        return Packet(frame) if self._pulse is None else Packet(frame, self._pulse)


def events_frame(after: int, upto: int, events: bytes = b"[]") -> bytes:
    """The JSON of an ``events`` frame around encoded events."""
    return b'{"t":"events","after":%d,"upto":%d,"events":%b}' % (after, upto, events)
