"""A stream without its upper temporal layers: thinned once, for all viewers with slow links."""

from collections import deque
from typing import Final

from live.media.packets import Packet, Runs, signed_distance
from live.media.source import PublisherClock, Source
from live.media.vp8 import renumbered

GAPS_LIMIT: Final = 1_024
"""Packets left out that are remembered, for those that come late; older ones are not awaited."""


class Thinned(Source):
    """A source of the frames up to temporal layer `top`, with numbers and picture ids of its own
    that leave no holes.

    Follows `origin` for as long as somebody follows it. A hole in the origin stays one here, as it
    may be a frame that matters.
    """

    def __init__(self, origin: Source, top: int) -> None:
        super().__init__(origin.codec, PublisherClock(), origin.rid)
        self._origin = origin
        self.picture = origin.picture
        self.keyframe_requests = origin.keyframe_requests
        self._top = top
        self._origin_epoch = origin.epoch
        self._gaps: deque[tuple[int, int, int]] = deque(maxlen=GAPS_LIMIT)
        """Number of a packet left out (unwrapped), and how many packets and pictures by then."""
        self._highest: int | None = None
        self._packets = self._pictures = 0
        self._left_out: int | None = None

    @property
    def origin(self) -> Source:
        """The source that is thinned."""
        return self._origin

    def send(self, packets: list[Packet], runs: Runs, now: float) -> None:  # noqa: ARG002 - a sink
        """Take packets of the origin; see `Sink`."""
        if not self.followed:
            self.origin.sinks.pop(self, None)
            return
        if self._origin_epoch != self.origin.epoch:
            self._begin()
        kept = [thin for thin in map(self._thin, packets) if thin is not None]
        fresh = [packet for packet in kept if self.cache.add(packet)]
        for packet in fresh:
            self.latest_group.add(packet, now)
        if fresh:
            # Padded already, where the origin saw fit.
            self.deliver(fresh, now, pad=False)

    def attach(self) -> None:
        """Follow the origin (again), without what it has forgotten itself. Idempotent."""
        if self not in self.origin.sinks or self._origin_epoch != self.origin.epoch:
            self._begin()
            self.origin.sinks[self] = None

    def clock_at(self, now: float) -> tuple[int, int] | None:
        """As the origin's: timestamps stay as they are."""
        return self.origin.clock_at(now)

    @property
    def reported_at(self) -> float | None:
        """As the origin's."""
        return self.origin.reported_at

    def _begin(self) -> None:
        self._forget()
        self._origin_epoch = self.origin.epoch
        self._gaps.clear()
        self._highest = None
        self._packets = self._pictures = 0
        self._left_out = None

    def _thin(self, packet: Packet) -> Packet | None:
        descriptor = packet.descriptor
        upper = descriptor is not None and descriptor.layer > self._top
        if self._highest is None:
            self._highest = packet.sequence
        number = self._highest + signed_distance(packet.sequence, self._highest & 0xFFFF)
        late = number < self._highest
        self._highest = max(number, self._highest)
        if upper and descriptor is not None:
            if not late:
                self._packets += 1
                if descriptor.picture_at and descriptor.picture(packet.payload) != self._left_out:
                    self._pictures += 1
                    self._left_out = descriptor.picture(packet.payload)
                self._gaps.append((number, self._packets, self._pictures))
            return None
        gone = self._gone_before(number) if late else (self._packets, self._pictures)
        if gone is None:
            return None
        packets, pictures = gone
        payload = packet.payload
        if descriptor is not None and pictures:
            payload = renumbered(payload, descriptor, -pictures, 0)
        return packet.copy((packet.sequence - packets) & 0xFFFF, payload)

    def _gone_before(self, number: int) -> tuple[int, int] | None:
        for gap, packets, pictures in reversed(self._gaps):
            if gap < number:
                return packets, pictures
        return (0, 0) if len(self._gaps) < GAPS_LIMIT else None
