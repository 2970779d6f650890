"""A stream to one viewer: packets rewritten, encrypted in place and sent, a frame in one system
call.

This is where the time goes: `send` runs once per viewer and frame, its inner loop once per viewer
and packet.
"""

import secrets
from collections import deque
from struct import Struct
from typing import Final

from aiortc.rtp import RtcpSenderInfo, RtcpSrPacket

from live.media import srtp
from live.media.codecs import Codec, CodecName, Kind
from live.media.entrance import Entrance
from live.media.offer import ABS_SEND_TIME_URI, MID_URI, OfferedSection
from live.media.packets import Packet, Run, group, signed_distance
from live.media.source import Source
from live.media.span import Span, continued_time
from live.media.transport import Transport
from live.media.udp import UdpPort

_HEADER: Final = Struct("!BBHII")
_ONE_BYTE_EXTENSIONS: Final = b"\xbe\xde"
_EXTENSION_BIT: Final = 0x10

FIRST_SEQUENCE: Final = (256, 2_048)
"""Where numbering begins: low, so that the SRTP roll-over counter starts at 0 for both sides,
and with room below for a packet that arrives late.
"""

SPANS_KEPT: Final = 4
"""Sources before the present one of which packets can still be asked for again."""


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
    """One stream to one viewer, following at most one source at a time."""

    def __init__(
        self,
        section: OfferedSection,
        numbers: StreamNumbers,
        transport: Transport,
        port: UdpPort,
        arena: srtp.Arena,
    ) -> None:
        self.kind: Kind = "audio" if section.kind == "audio" else "video"
        self.slot = numbers.slot
        self.ssrc = numbers.ssrc
        self.rtx_ssrc = numbers.rtx_ssrc
        self.codecs = numbers.codecs
        self.source: Source | None = None
        self.packets_sent = 0
        self.octets_sent = 0
        self.packets_dropped = 0
        self.loss = 0.0
        self._transport = transport
        self._port = port
        self._arena = arena
        self._extensions = _Extensions(section, timed=self.rtx_ssrc is not None)
        self._entrance: Entrance | None = None
        self._span: Span | None = None
        self._former: deque[Span] = deque(maxlen=SPANS_KEPT)
        self._awaits_keyframe = True
        self._payload_type = 0
        self._rtx_payload_type: int | None = None
        self._newest: tuple[int, int, float] | None = None
        """Highest number sent, timestamp of the latest packet, and when: as the viewer sees
        them.
        """
        self._last: Packet | None = None
        """The packet of that number, as it was sent."""
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
        if self.source is not None:
            self.source.sinks.pop(self, None)
        self.source = source
        self._end_span()
        if source is None:
            return
        codec = self.codecs[source.codec.name]
        self._payload_type = codec.payload_type
        self._rtx_payload_type = codec.rtx_payload_type
        source.sinks[self] = None
        self._awaits_keyframe = source.kind == "video"
        if self._awaits_keyframe:
            replay = source.latest_group.replay(now)
            if replay:
                self.send(replay, group(replay, pad=False), now)
            else:
                source.keyframe_requests.want()

    def close(self) -> None:
        """Follow nothing any more."""
        self._stay()
        if self.source is not None:
            self.source.sinks.pop(self, None)
            self.source = None

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
        if self.source is not None:
            self.source.sinks.pop(self, None)
        self.source = source
        source.sinks[self] = None
        self._renumber(packets[0], source, now)
        self.send(packets, group(packets, pad=False), now)

    def is_news(self, packet: Packet) -> bool:
        """See `Changing`."""
        if self._span is None or self._newest is None:
            return True
        ahead = packet.timestamp + self._span.timestamp_offset - self._newest[1]
        return 0 < ahead & 0xFFFFFFFF < 1 << 31

    def send(self, packets: list[Packet], runs: list[Run], now: float) -> None:
        """Forward packets, grouped as `runs`; before the first keyframe, from there only."""
        session = self._transport.session
        address = self._transport.ice.selected
        source = self.source
        if session is None or address is None or source is None:
            return
        span = self._span
        if span is None or not span.goes_on(source):
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
        if span.relabels:
            runs = span.relabelled_runs(runs)

        view, pointer, length = self._arena.view, self._arena.pointer, self._arena.length
        handle, protect, pack_into = srtp.handle(session), srtp.protect, _HEADER.pack_into
        extensions = self._extensions.at(now)
        header = 12 + len(extensions)
        with_extensions = _EXTENSION_BIT if extensions else 0
        payload_type, ssrc = self._payload_type, self.ssrc
        sequence_offset, timestamp_offset = span.sequence_offset, span.timestamp_offset
        grown = header + self._transport.overhead
        for run in runs:
            at = octets = 0
            for packet in run.packets:
                payload = packet.payload
                body = at + header
                end = body + len(payload)
                pack_into(
                    view,
                    at,
                    packet.first_byte | with_extensions,
                    packet.marker | payload_type,
                    (packet.sequence + sequence_offset) & 0xFFFF,
                    (packet.timestamp + timestamp_offset) & 0xFFFFFFFF,
                    ssrc,
                )
                view[at + 12 : body] = extensions
                view[body:end] = payload
                length[0] = end - at
                if protect(handle, pointer + at, length) != srtp.OK:
                    self.packets_dropped += len(run.packets)
                    break
                octets += end - body
                at += length[0]
            else:
                count = len(run.packets)
                if self._port.send_run(view[:at], run.size + grown, address):
                    self.packets_sent += count
                    self.octets_sent += octets
                else:
                    self.packets_dropped += count
        self._note_newest(runs[-1].packets[-1], span, now)

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
            packet = span.source.cache.get((theirs - span.sequence_offset) & 0xFFFF)
            if packet is not None and self._resend_one(packet, span, theirs, now):
                sent += 1
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
        info = RtcpSenderInfo(
            ntp_timestamp=ntp & 0xFFFFFFFFFFFFFFFF,
            rtp_timestamp=(timestamp + span.timestamp_offset) & 0xFFFFFFFF,
            packet_count=self.packets_sent & 0xFFFFFFFF,
            octet_count=self.octets_sent & 0xFFFFFFFF,
        )
        return bytes(RtcpSrPacket(self.ssrc, info))

    def _resend_one(self, packet: Packet, span: Span, theirs: int, now: float) -> bool:
        session = self._transport.session
        address = self._transport.ice.selected
        if session is None or address is None:
            return False
        view = self._arena.view
        extensions = self._extensions.at(now)
        body = 12 + len(extensions)
        ssrc, payload_type, sequence, number = self.ssrc, self._payload_type, theirs, b""
        if self.rtx_ssrc is not None and self._rtx_payload_type is not None:
            # RFC 4588: a stream of its own, the original number before the payload.
            ssrc, payload_type = self.rtx_ssrc, self._rtx_payload_type
            sequence = self._rtx_sequence = (self._rtx_sequence + 1) & 0xFFFF
            number = theirs.to_bytes(2, "big")
        if span.relabels:
            packet = span.relabelled(packet)
        timestamp = (packet.timestamp + span.timestamp_offset) & 0xFFFFFFFF
        _HEADER.pack_into(
            view,
            0,
            packet.first_byte | (_EXTENSION_BIT if extensions else 0),
            packet.marker | payload_type,
            sequence,
            timestamp,
            ssrc,
        )
        tail = number + packet.payload
        view[12:body] = extensions
        view[body : body + len(tail)] = tail
        length = self._arena.length
        length[0] = body + len(tail)
        if srtp.protect(srtp.handle(session), self._arena.pointer, length) != srtp.OK:
            return False
        return self._port.send_one(view[: length[0]], address)

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

    def _end_span(self) -> None:
        if self._span is not None:
            self._former.append(self._span)
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
        if self._last is not None:
            goes_on = before is not None and before.same_numbering(source)
            levels = before.levels if before is not None and goes_on else None
            span.continue_pictures(self._last, first, levels)
        timestamp = (first.timestamp + timestamp_offset) & 0xFFFFFFFF
        self._newest = (span.first, timestamp, now)
        return span

    def _note_newest(self, last: Packet, span: Span, now: float) -> None:
        sequence = (last.sequence + span.sequence_offset) & 0xFFFF
        if self._newest is None or signed_distance(sequence, self._newest[0]) >= 0:
            timestamp = (last.timestamp + span.timestamp_offset) & 0xFFFFFFFF
            self._newest = (sequence, timestamp, now)
            self._last = last


def _from_keyframe(packets: list[Packet], runs: list[Run]) -> list[Run]:
    """What of the packets a decoder can start with, in runs; nothing if it is none of them."""
    start = next((i for i, packet in enumerate(packets) if packet.keyframe), None)
    if start is None:
        return []
    return group(packets[start:], pad=False) if start else runs


class _Extensions:
    """The header extensions of one stream: its mid, and when it was sent (for the viewer's
    estimate).

    A stream without RTX goes without the time: a repeat must be the same bytes (RFC 7714 section
    8.1).
    """

    def __init__(self, section: OfferedSection, *, timed: bool) -> None:
        mid = section.mid.encode()
        mid_id = section.extensions.get(MID_URI)
        time_id = section.extensions.get(ABS_SEND_TIME_URI) if timed else None
        elements = b""
        if mid_id is not None and len(mid) <= 16:
            elements = bytes((mid_id << 4 | len(mid) - 1,)) + mid
        if time_id is not None:
            elements = bytes((time_id << 4 | 2,)) + bytes(3) + elements
        elements += bytes(-len(elements) % 4)
        self._timed = time_id is not None
        block = b""
        if elements:
            block = _ONE_BYTE_EXTENSIONS + (len(elements) // 4).to_bytes(2, "big") + elements
        self._block = block
        self._before, self._after = block[:5], block[8:]

    def at(self, now: float) -> bytes:
        """The extension block of packets sent at `now`."""
        if not self._timed:
            return self._block
        # 24 bits of seconds as 6.18 fixed point.
        return self._before + (int(now * (1 << 18)) & 0xFFFFFF).to_bytes(3, "big") + self._after
