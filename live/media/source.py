"""One stream of a publisher: its latest packets, its clock, and the streams of viewers that
follow it.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from live.media.codecs import Codec
from live.media.cut import Cut
from live.media.followers import Follower, Followers
from live.media.keyframes import KeyframeRequests, LatestGroup, keyframe_height, starts_keyframe
from live.media.layers import Meter
from live.media.packets import Packet, PacketCache, Runs, group, signed_distance
from live.media.vp8 import read_descriptor
from live.media.writing import Rewriting, Writer

if TYPE_CHECKING:
    from live.media.picture import Picture

log = logging.getLogger(__name__)

FLUSH_S: Final = 0.005
"""How long a frame's first packets wait for its last one, to leave in one system call."""

_NTP_EPOCH: Final = 2_208_988_800
"""Seconds from 1900, where NTP counts from, to 1970."""


class Sink(Protocol):
    """Who looks at each delivery by itself."""

    def send(self, packets: list[Packet], runs: Runs, now: float) -> None:
        """Forward packets, which `runs` groups for sending."""


class PublisherClock:
    """Places a publisher's reports on our clock, once for all its streams, so that they stay in
    step.
    """

    def __init__(self) -> None:
        self._offset: int | None = None

    def ours(self, ntp_timestamp: int) -> int:
        """The publisher's 64-bit NTP time as ours (32.32 fixed point seconds)."""
        if self._offset is None:
            self._offset = ntp_now() - ntp_timestamp
        return ntp_timestamp + self._offset


def ntp_now() -> int:
    """Our time as a 64-bit NTP timestamp."""
    return int((time.time() + _NTP_EPOCH) * (1 << 32))


class Source:
    """One incoming stream, ready to be followed.

    `epoch` changes when its numbering begins anew; who follows it then starts again with a
    keyframe.
    """

    def __init__(self, codec: Codec, clock: PublisherClock, rid: str = "") -> None:
        self.codec = codec
        self.kind = codec.kind
        self.rid = rid
        """Which of a picture's layers it is; empty for the only one."""
        self.picture: Picture | None = None
        """The picture of which it is a layer, where there is a choice."""
        self.meter = Meter()
        self.epoch = 0
        self.cache = PacketCache()
        self.latest_group = LatestGroup()
        self.keyframe_requests = KeyframeRequests()
        self.sinks: dict[Sink, None] = {}
        self.followers = Followers()
        self._writer: Writer | None = None
        self.blanks: set[Callable[[int, float], None]] = set()
        """Hear the numbers of packets that hold nothing, which are not forwarded."""
        self._clock = clock
        self._newest: tuple[int, float] | None = None
        self._report: tuple[int, int, float] | None = None
        self._pending: list[Packet] = []
        self._cut: Cut | None = None
        self._flush_timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    def take(
        self, sequence: int, timestamp: int, payload: bytes, *, marker: bool, now: float
    ) -> None:
        """Forward a packet, unless it came before; a frame's packets leave together."""
        if self._cut is not None and self._holds_back(self._cut, sequence, now):
            return
        if self.kind == "audio":
            packet = Packet(sequence, timestamp, payload, marker=marker, keyframe=True)
            if self.cache.add(packet):
                self._newest = (timestamp, now)
                self.deliver([packet], now)
            return
        packet = self._read(sequence, timestamp, payload, marker=marker)
        if not self.cache.add(packet):
            return
        descriptor = packet.descriptor
        self.meter.note(len(payload), 0 if descriptor is None else descriptor.layer, now)
        if packet.keyframe:
            self.keyframe_requests.arrived()
            self.meter.height = (
                descriptor.height
                if descriptor is not None
                else keyframe_height(self.codec.name, payload)
            )
        self._newest = (timestamp, now)
        self.latest_group.add(packet, now)
        self._pending.append(packet)
        if marker:
            self._flush()
        elif self._flush_timer is None:
            self._flush_timer = self._loop.call_later(FLUSH_S, self._flush)

    @property
    def origin(self) -> "Source":
        """Where its frames come from; another source for one that is thinned."""
        return self

    @property
    def followed(self) -> bool:
        """Whether it is for anybody."""
        return bool(self.sinks) or len(self.followers) > 0

    def settle(self, follower: Follower, rewriting: Rewriting, writer: Writer) -> None:
        """Send all that comes to one of the `sinks` without asking it, until `unsettle`.

        All of a source's followers have one writer.
        """
        if follower in self.sinks:
            del self.sinks[follower]
            self._writer = writer
            self.followers.join(follower, rewriting)

    def unsettle(self, follower: Follower) -> None:
        """Hand each delivery to it again; it is about to change. Idempotent."""
        if follower in self.followers:
            self.followers.discard(follower)
            self.sinks[follower] = None

    def drop(self, sink: Follower) -> None:
        """Deliver nothing more to it. Idempotent."""
        self.followers.discard(sink)
        self.sinks.pop(sink, None)

    def replay(self, now: float) -> list[Packet]:
        """What a newcomer can begin with (see `LatestGroup.replay`); none of it is delivered
        again.
        """
        self._flush()
        return self.latest_group.replay(now)

    def pass_over(self, sequence: int, now: float) -> None:
        """Note that a packet without content had this number: it is no loss."""
        for hear in self.blanks:
            hear(sequence, now)

    @property
    def has_report(self) -> bool:
        """Whether `clock_at` is the publisher's own word."""
        return self.reported_at is not None

    @property
    def reported_at(self) -> float | None:
        """When the publisher's latest word on its clock came."""
        return None if self._report is None else self._report[2]

    def cut(self, *, on: bool) -> None:
        """Throw away whatever comes, until it is `on` no more; then begin with a keyframe.

        What came last is not repeated to anyone either.
        """
        self._pending.clear()
        self._forget()
        if on:
            self._cut = Cut()
        elif self._cut is not None:
            self._cut.end(self._loop.time())
            self._want_keyframe()

    def begin_anew(self) -> None:
        """Forget what was: the stream's numbers have nothing to do with the former ones."""
        self._flush()
        self._forget()
        self._newest = None
        self._report = None
        if self._cut is not None:
            self._cut.begin_anew()
        self._want_keyframe()

    def close(self) -> None:
        """Stop: whoever follows it, or another layer of its picture, gets nothing more."""
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        self._pending.clear()
        self.blanks.clear()
        self.followers.disband()
        self.sinks.clear()
        # Megabytes: not to wait for the collector.
        self.cache, self.latest_group = PacketCache(), LatestGroup()
        picture, self.picture = self.picture, None
        if picture is not None:
            picture.close()

    def note_sender_report(self, ntp_timestamp: int, rtp_timestamp: int, now: float) -> None:
        """Take the publisher's word on which of its timestamps belongs to which time."""
        self._report = (self._clock.ours(ntp_timestamp), rtp_timestamp, now)

    def clock_at(self, now: float) -> tuple[int, int] | None:
        """Our NTP time and the stream's timestamp at `now`; None before anything came.

        From the publisher's report; until there is one, from when its newest packet came.
        """
        rate = self.codec.clock_rate
        if self._report is not None:
            ntp, rtp, at = self._report
            elapsed = now - at
            return ntp + int(elapsed * (1 << 32)), (rtp + int(elapsed * rate)) & 0xFFFFFFFF
        if self._newest is not None:
            rtp, at = self._newest
            return ntp_now(), (rtp + int((now - at) * rate)) & 0xFFFFFFFF
        return None

    def _read(self, sequence: int, timestamp: int, payload: bytes, *, marker: bool) -> Packet:
        descriptor = read_descriptor(payload) if self.codec.name == "VP8" else None
        keyframe = (
            descriptor.keyframe
            if descriptor is not None
            else starts_keyframe(self.codec.name, payload)
        )
        packet = Packet(sequence, timestamp, payload, marker=marker, keyframe=keyframe)
        packet.descriptor = descriptor
        return packet

    def _forget(self) -> None:
        self.epoch += 1
        self._disband()
        self.cache = PacketCache()
        self.latest_group = LatestGroup()

    def _want_keyframe(self) -> None:
        if self.kind == "video":
            self.keyframe_requests.want()

    def _holds_back(self, cut: Cut, sequence: int, now: float) -> bool:
        if cut.over(now):
            self._cut = None
            return False
        return cut.holds_back(sequence)

    def _flush(self) -> None:
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        packets = self._pending
        if not packets:
            return
        self._pending = []
        if len(packets) > 1:
            first = packets[0].sequence
            packets.sort(key=lambda p: signed_distance(p.sequence, first))
        self.deliver(packets, self._loop.time())

    def deliver(self, packets: list[Packet], now: float, *, pad: bool = True) -> None:
        """Hand packets, in order, to every sink, then send them to the followers; `pad` those
        that were never sent before.
        """
        # Padding is decided here, before the first send, for every viewer and every later repeat.
        runs = group(packets, pad=pad)
        self.followers.admit()
        broken = []
        for sink in tuple(self.sinks):
            if sink not in self.sinks:
                continue  # one before it took it to another layer, with these very packets
            try:
                sink.send(packets, runs, now)
            except Exception:
                # One viewer's bug must not take everyone's picture; its page will ask anew.
                log.exception("a stream to a viewer failed and is ended")
                broken.append(sink)
        for sink in broken:
            self.sinks.pop(sink, None)
        if self._writer is None:
            return
        try:
            self.followers.send(self._writer, runs, now)
        except Exception:
            log.exception("sending to viewers together failed; each gets the next frame alone")
            self._disband()

    def _disband(self) -> None:
        self.sinks |= dict.fromkeys(self.followers.disband())
