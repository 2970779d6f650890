"""A stream to one viewer: which packets it gets, under which numbers, and what is sent again.

How they are written and sent is `live.media.writing`'s.
"""

import secrets
from struct import Struct
from typing import Final

from aiortc.rtp import RTCP_SR

from live.media.codecs import Codec, CodecName, Kind
from live.media.entrance import Entrance
from live.media.extensions import extensions_for
from live.media.followers import Newest
from live.media.offer import OfferedSection
from live.media.pacing import CatchUp
from live.media.packets import Packet, Runs, group, signed_distance
from live.media.source import Source
from live.media.span import Span, continued_time
from live.media.transport import Shared, Transport
from live.media.writing import Crowd

FIRST_SEQUENCE: Final = (256, 2_048)
"""Where numbering begins: low, so that the SRTP roll-over counter starts at 0 for both sides,
and with room below for a packet that arrives late.
"""

SPANS_KEPT: Final = 4
"""Sources before the present one of which packets can still be asked for again."""


PACKET_HEADERS_BYTES: Final = 64
"""Of a packet on its way: IPv4 and UDP 28, RTP 12, extensions about 8, the tag of SRTP 16."""

_SENDER_REPORT: Final = Struct("!BBHIQIII")
"""RFC 3550 section 6.4.1, without report blocks; by hand, since each viewer gets one a second."""


class StreamNumbers:
    """The names and numbers one outgoing stream has in the viewer's answer."""

    __slots__ = ("codecs", "rtx_ssrc", "slot", "ssrc")

    def __init__(self, codecs: tuple[Codec, ...], slot: int | None = None) -> None:
        self.slot = slot
        """The number of the seat it belongs to; None: to whoever is shown where one picture must
        do.
        """
        self.codecs: dict[CodecName, Codec] = {}
        for codec in codecs:
            self.codecs.setdefault(codec.name, codec)
        self.ssrc = secrets.randbits(32)
        has_rtx = any(codec.rtx_payload_type is not None for codec in codecs)
        self.rtx_ssrc = secrets.randbits(32) if has_rtx else None


class Outgoing:
    """One stream to one viewer, following at most one source at a time.

    It begins, changes and ends as a `Sink` of its source; while nothing changes it is one of the
    source's `Followers`, and hears nothing of what it is sent.
    """

    def __init__(
        self,
        section: OfferedSection,
        numbers: StreamNumbers,
        transport: Transport,
        shared: Shared,
    ) -> None:
        self.kind: Kind = "audio" if section.kind == "audio" else "video"
        self.slot = numbers.slot
        self.ssrc = numbers.ssrc
        self.rtx_ssrc = numbers.rtx_ssrc
        self.codecs = numbers.codecs
        self.source: Source | None = None
        self.octets_resent = 0
        self.loss = 0.0
        self._transport = transport
        self._writer = shared.writer
        self._pacer = shared.pacer
        self._rewriting = shared.writer.rewriting(
            numbers.ssrc, extensions_for(section, timed=self.rtx_ssrc is not None)
        )
        self._catch_up: CatchUp | None = None
        self._entrance: Entrance | None = None
        self._span: Span | None = None
        self._former: tuple[Span, ...] = ()
        self._awaits_keyframe = True
        self._rtx_payload_type: int | None = None
        self._newest: tuple[int, int, float] | None = None
        """Highest number sent, timestamp of the latest packet, and when: as the viewer sees
        them.
        """
        self._last: Packet | None = None
        """The packet of that number, as it came."""
        self._rtx_sequence = secrets.randbelow(1 << 14)

    def can_follow(self, source: Source) -> bool:
        """Whether the viewer takes this source's codec."""
        codec = self.codecs.get(source.codec.name)
        return codec is not None and codec.takes(source.codec)

    def follow(self, source: Source | None, now: float) -> None:
        """Send what comes from `source` from now on (None: nothing), beginning where a decoder can.

        Idempotent for the source that is followed already.
        """
        self._stay()
        if source is self.source:
            return
        self._leave()
        self.source = source
        self._end_span()
        if source is None:
            return
        codec = self.codecs[source.codec.name]
        self._rewriting.payload_type = codec.payload_type
        self._rtx_payload_type = codec.rtx_payload_type
        self._awaits_keyframe = source.kind == "video"
        replay = source.replay(now) if self._awaits_keyframe else []
        if replay:
            self._catch_up = CatchUp(self, source, replay, now)
            self._pacer.begin(self._catch_up, now)
            return
        source.sinks[self] = None
        if self._awaits_keyframe:
            source.keyframe_requests.want()

    def close(self) -> None:
        """Follow nothing any more."""
        self._stay()
        self._leave()
        self.source = None

    def moved(self) -> None:
        """The viewer has another address now."""
        if self.source is not None:
            self.source.unsettle(self)

    def turn_to(self, source: Source, now: float) -> None:
        """Go over to another layer of the picture as soon as it can be entered; until then what is
        followed goes on.

        Idempotent; the latest wish counts.
        """
        waits_for = self.source if self._entrance is None else self._entrance.to
        if source is waits_for:
            return
        if self.source is None or self._awaits_keyframe:
            self.follow(source, now)
            return
        self._stay()
        if source is not self.source:
            self._entrance = Entrance(self, self.source, source)

    def enter(self, source: Source, packets: list[Packet], now: float) -> None:
        """See `Changing`."""
        self._entrance = None
        self._leave()
        self.source = source
        source.sinks[self] = None
        self._renumber(packets[0], source, now)
        self.send(packets, group(packets, pad=False), now)

    def is_news(self, packet: Packet) -> bool:
        """See `Changing`."""
        if self._catch_up is not None and not self._catch_up.over:
            return False
        if self.source is not None:
            self._note_newest(self.source.followers.newest(self))
        if self._span is None or self._newest is None:
            return True
        ahead = packet.timestamp + self._span.timestamp_offset - self._newest[1]
        return 0 < ahead & 0xFFFFFFFF < 1 << 31

    def send(self, packets: list[Packet], runs: Runs, now: float) -> None:
        """Forward packets, grouped as `runs`; before the first keyframe, from there only."""
        source, transport = self.source, self._transport
        if transport.session is None or transport.ice.selected is None or source is None:
            return
        span = self._span
        if span is None or span.source is not source or span.epoch != source.epoch:
            span = None
            self._awaits_keyframe = source.kind == "video"
        if self._awaits_keyframe:
            runs = _from_keyframe(packets, runs)
            if not runs:
                # A player that got nothing yet asks for nothing: so it is asked for here.
                source.keyframe_requests.remind(now)
                return
            self._awaits_keyframe = False
        if span is None:
            span = self._renumber(runs[0].packets[0], source, now)
        if self._rewriting.address is not transport.ice.selected:
            self._note_way()
        self._writer.send(Crowd((self._rewriting,)), runs, now)
        self._note_newest((runs[-1].packets[-1], now))
        source.settle(self, self._rewriting, self._writer)

    def left(self, newest: Newest | None) -> None:
        """See `Follower`."""
        self._note_newest(newest)

    @property
    def packets_sent(self) -> int:
        """Packets that the kernel took, repeats not among them."""
        return int(self._rewriting.counts.packets)

    @property
    def octets_sent(self) -> int:
        """Their payload."""
        return int(self._rewriting.counts.octets)

    @property
    def packets_dropped(self) -> int:
        """Packets that the kernel would not take."""
        return int(self._rewriting.counts.dropped)

    @property
    def wire_octets(self) -> int:
        """What went on the wire, with all headers."""
        return self.octets_sent + self.packets_sent * PACKET_HEADERS_BYTES + self.octets_resent

    def resend(self, sequences: list[int], now: float, allowance: int) -> int:
        """Send again what the viewer misses, if it is still kept; how many were sent, at most
        `allowance`.
        """
        sent = 0
        for theirs in sequences:
            if sent >= allowance:
                break
            span = self._span_of(theirs)
            if span is None or span.epoch != span.source.epoch:
                continue
            if self.source is None or not span.same_numbering(self.source):
                continue  # of a layer that is left: it would only be in the way
            packet = span.source.cache.get((theirs - span.sequence_offset) & 0xFFFF)
            if packet is not None and self._resend_one(packet, span, theirs, now):
                sent += 1
                self.octets_resent += len(packet.payload) + PACKET_HEADERS_BYTES
        return sent

    def sender_report(self, now: float) -> bytes | None:
        """A report that tells the viewer which timestamp belongs to which time; None before any
        packet.

        Without it a player cannot keep picture and sound together.
        """
        source, span = self.source, self._span
        if source is None or span is None or not span.goes_on(source):
            return None
        clock = source.clock_at(now)
        if clock is None:
            return None
        ntp, timestamp = clock
        return _SENDER_REPORT.pack(
            0x80,
            RTCP_SR,
            _SENDER_REPORT.size // 4 - 1,
            self.ssrc,
            ntp & 0xFFFFFFFFFFFFFFFF,
            (timestamp + span.timestamp_offset) & 0xFFFFFFFF,
            self.packets_sent & 0xFFFFFFFF,
            self.octets_sent & 0xFFFFFFFF,
        )

    def _resend_one(self, packet: Packet, span: Span, theirs: int, now: float) -> bool:
        self._note_way()
        packet = span.relabelled(packet)
        timestamp = (packet.timestamp + span.timestamp_offset) & 0xFFFFFFFF
        rtx = None
        if self.rtx_ssrc is not None and self._rtx_payload_type is not None:
            self._rtx_sequence = (self._rtx_sequence + 1) & 0xFFFF
            rtx = (self.rtx_ssrc, self._rtx_payload_type, self._rtx_sequence)
        return self._writer.send_again(self._rewriting, packet, theirs, timestamp, now, rtx=rtx)

    def _note_way(self) -> None:
        """Take over what the transport found out since: keys, and where the viewer is now."""
        rewriting, transport = self._rewriting, self._transport
        address, session = transport.ice.selected, transport.session
        if rewriting.address is not address or rewriting.session is not session:
            rewriting.session = session
            rewriting.address = address
            rewriting.overhead = transport.overhead

    def _span_of(self, theirs: int) -> Span | None:
        """The stretch that a number of the viewer's belongs to."""
        for span in (self._span, *reversed(self._former)):
            if span is not None and signed_distance(theirs, span.first) >= 0:
                return span
        return None

    def _stay(self) -> None:
        """Wait for no other layer any more."""
        if self._entrance is not None:
            self._entrance.close()
            self._entrance = None

    def _leave(self) -> None:
        """Get nothing more from the source that is followed."""
        if self._catch_up is not None:
            self._catch_up.close()
            self._catch_up = None
        if self.source is not None:
            self.source.drop(self)

    def _end_span(self) -> None:
        if self._span is not None:
            self._former = (*self._former, self._span)[-SPANS_KEPT:]
            self._span = None

    def _renumber(self, first: Packet, source: Source, now: float) -> Span:
        """Continue the viewer's numbering with a source's packets, whatever theirs is."""
        self._end_span()
        before = self._former[-1] if self._former else None
        if self._newest is None:
            low, high = FIRST_SEQUENCE
            sequence = low + secrets.randbelow(high - low)
            timestamp_offset = secrets.randbits(32) - first.timestamp
        else:
            sequence = self._newest[0] + 1
            timestamp_offset = continued_time(self._newest, first, source, before, now)
        span = self._span = Span(source, first, sequence, timestamp_offset)
        if self._last is not None and before is not None:
            levels = None
            if before.same_numbering(source) and not first.keyframe:
                levels = before.levels
            span.continue_pictures(before.relabelled(self._last), first, levels)
        rewriting = self._rewriting
        rewriting.sequence_offset = span.sequence_offset
        rewriting.timestamp_offset = timestamp_offset
        rewriting.pictures, rewriting.levels = span.pictures, span.levels
        timestamp = (first.timestamp + timestamp_offset) & 0xFFFFFFFF
        self._newest = (span.first, timestamp, now)
        return span

    def _note_newest(self, newest: Newest | None) -> None:
        span = self._span
        if newest is None or span is None:
            return
        last, at = newest
        sequence = (last.sequence + span.sequence_offset) & 0xFFFF
        if self._newest is None or (sequence - self._newest[0]) & 0xFFFF < 0x8000:
            timestamp = (last.timestamp + span.timestamp_offset) & 0xFFFFFFFF
            self._newest = (sequence, timestamp, at)
            self._last = last


def _from_keyframe(packets: list[Packet], runs: Runs) -> Runs:
    """What of the packets a decoder can start with, in runs; nothing if it is none of them."""
    start = next((i for i, packet in enumerate(packets) if packet.keyframe), None)
    if start is None:
        return Runs()
    return group(packets[start:], pad=False) if start else runs
