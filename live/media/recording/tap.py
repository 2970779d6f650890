"""A recorder's ear: it follows a source as a viewer does, and of a picture in layers the best."""

from typing import Final, Protocol

from live.media.codecs import Kind
from live.media.packets import Packet, Runs
from live.media.source import Source

KEYFRAME_EVERY_S: Final = 8.0
"""A browser sends none by itself, and a player seeks to the one before."""

_LAYERS: Final = 8
"""More layers than a picture has; an epoch here is one of a layer."""


TELL_S: Final = 1.0
"""Where a stream's clock stands is told so often, though it goes on by itself; a change at once."""


class Arrived:
    """What a stream delivered at once, and where its clock stood, where that is news."""

    __slots__ = ("blank", "clock", "epoch", "kind", "now", "packets", "reported")

    def __init__(
        self,
        kind: Kind,
        ear: "_Ear",
        packets: list[Packet],
        blank: int | None,
        now: float,
    ) -> None:
        source = ear.source
        self.kind = kind
        self.packets = packets
        self.blank = blank
        self.epoch = ear.epoch
        self.clock = ear.clock_news(now)
        self.reported = source.has_report
        self.now = now


class Taker(Protocol):
    """Who wants what comes."""

    needs_keyframe: bool

    def take(self, arrived: Arrived) -> None:
        """Take it, at once."""


class Tap:
    """Follows one sound or picture for the recorder; runs in the forwarder's loop. A picture gets a
    keyframe every ``keyframe_every_s`` at the latest.
    """

    def __init__(
        self,
        kind: Kind,
        source: Source,
        recorder: Taker,
        *,
        keyframe_every_s: float = KEYFRAME_EVERY_S,
    ) -> None:
        self._kind = kind
        self._keyframe_every_s = keyframe_every_s
        self._recorder = recorder
        sources = (source,) if source.picture is None else source.picture.sources
        self._ears = [_Ear(each, index, self) for index, each in enumerate(sources)]
        self._heard = self._ears[0]
        self._asked_at: float | None = None

    def hear(self, ear: "_Ear", packets: list[Packet], now: float) -> None:
        """Take packets of the layer that is recorded, or go over to a better one."""
        if ear is not self._heard:
            if not self._is_better(ear, now):
                return
            start = next((i for i, packet in enumerate(packets) if packet.keyframe), None)
            if start is None:
                ear.source.keyframe_requests.remind(now, KEYFRAME_EVERY_S)
                return
            self._heard, packets = ear, packets[start:]
            ear.tell_anew()
        self._recorder.take(Arrived(self._kind, ear, packets, None, now))
        if self._kind == "video":
            if any(packet.keyframe for packet in packets):
                self._asked_at = now
            self._ask(ear.source, now)

    def hear_blank(self, ear: "_Ear", sequence: int, now: float) -> None:
        """Take note of a number that holds nothing."""
        if ear is self._heard:
            self._recorder.take(Arrived(self._kind, ear, [], sequence, now))

    def close(self) -> None:
        """Follow it no more."""
        for ear in self._ears:
            ear.close()

    def _is_better(self, ear: "_Ear", now: float) -> bool:
        held, meter = self._heard.source.meter, ear.source.meter
        return not held.is_live(now) or (meter.height or 0) > (held.height or 0)

    def _ask(self, source: Source, now: float) -> None:
        if self._recorder.needs_keyframe:
            source.keyframe_requests.remind(now)
        elif self._asked_at is None or now - self._asked_at > self._keyframe_every_s:
            self._asked_at = now
            source.keyframe_requests.want()


class _Ear:
    """One layer; a `Sink`."""

    def __init__(self, source: Source, index: int, tap: Tap) -> None:
        self.source = source
        self._index = index
        self._tap = tap
        self._told: tuple[int, float | None] | None = None
        self._told_at = 0.0
        source.sinks[self] = None
        source.blanks.add(self._blank)
        if source.kind == "video":
            source.keyframe_requests.want()

    @property
    def epoch(self) -> int:
        """Another one whenever the numbering, or the layer, changed."""
        return self.source.epoch * _LAYERS + self._index

    def clock_news(self, now: float) -> tuple[int, int] | None:
        """See `Source.clock_at`; None where it was told, and goes on."""
        mark = (self.source.epoch, self.source.reported_at)
        if mark == self._told and now - self._told_at < TELL_S:
            return None
        self._told, self._told_at = mark, now
        return self.source.clock_at(now)

    def tell_anew(self) -> None:
        """What was told of its clock is forgotten."""
        self._told = None

    def send(self, packets: list[Packet], runs: Runs, now: float) -> None:  # noqa: ARG002 - a sink
        """See `Sink`."""
        self._tap.hear(self, packets, now)

    def close(self) -> None:
        """Hear no more."""
        self.source.sinks.pop(self, None)
        self.source.blanks.discard(self._blank)

    def _blank(self, sequence: int, now: float) -> None:
        self._tap.hear_blank(self, sequence, now)
