"""A stream to one viewer: packets rewritten, encrypted in place and sent, a frame in one system
call.

This is where the time goes: `send` runs once per viewer and frame, its inner loop once per viewer
and packet.
"""

import secrets
from struct import Struct
from typing import Final

from aiortc.rtp import RtcpSenderInfo, RtcpSrPacket

from live.media import srtp
from live.media.codecs import Codec, CodecName, Kind
from live.media.offer import ABS_SEND_TIME_URI, MID_URI, OfferedSection
from live.media.packets import Packet, Run, group, signed_distance
from live.media.source import Source
from live.media.transport import Transport
from live.media.udp import UdpPort

_HEADER: Final = Struct("!BBHII")
_ONE_BYTE_EXTENSIONS: Final = b"\xbe\xde"
_EXTENSION_BIT: Final = 0x10

FIRST_SEQUENCE: Final = (256, 2_048)
"""Where numbering begins: low, so that the SRTP roll-over counter starts at 0 for both sides,
and with room below for a packet that arrives late.
"""


class StreamNumbers:
    """The names and numbers one outgoing stream has in the viewer's answer."""

    __slots__ = ("codecs", "rtx_ssrc", "ssrc")

    def __init__(self, codecs: tuple[Codec, ...]) -> None:
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
        self._epoch = -1
        self._awaits_keyframe = True
        self._payload_type = 0
        self._rtx_payload_type: int | None = None
        self._sequence_offset = 0
        self._timestamp_offset = 0
        self._first_sequence = 0
        self._newest: tuple[int, int, float] | None = None
        """Highest number sent, timestamp of the latest packet, and when: as the viewer sees
        them.
        """
        self._rtx_sequence = secrets.randbelow(1 << 14)

    def can_follow(self, source: Source) -> bool:
        """Whether the viewer takes this source's codec."""
        codec = self.codecs.get(source.codec.name)
        return codec is not None and codec.takes(source.codec)

    def follow(self, source: Source | None, now: float) -> None:
        """Send what comes from `source` from now on (None: nothing), beginning where a decoder can.

        Idempotent for the source that is followed already.
        """
        if source is self.source:
            return
        if self.source is not None:
            self.source.sinks.pop(self, None)
        self.source = source
        self._epoch = -1
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

    def send(self, packets: list[Packet], runs: list[Run], now: float) -> None:
        """Forward packets, grouped as `runs`; before the first keyframe, from there only."""
        session = self._transport.session
        address = self._transport.ice.selected
        source = self.source
        if session is None or address is None or source is None:
            return
        if self._epoch != source.epoch:
            self._awaits_keyframe = source.kind == "video"
        if self._awaits_keyframe:
            start = next((i for i, packet in enumerate(packets) if packet.keyframe), None)
            if start is None:
                # A player that got nothing yet asks for nothing: so it is asked for here.
                source.keyframe_requests.remind(now)
                return
            if start:
                packets = packets[start:]
                runs = group(packets, pad=False)
            self._awaits_keyframe = False
        if self._epoch != source.epoch:
            self._renumber(packets[0], source, now)

        view, pointer, length = self._arena.view, self._arena.pointer, self._arena.length
        handle, protect, pack_into = srtp.handle(session), srtp.protect, _HEADER.pack_into
        extensions = self._extensions.at(now)
        header = 12 + len(extensions)
        with_extensions = _EXTENSION_BIT if extensions else 0
        payload_type, ssrc = self._payload_type, self.ssrc
        sequence_offset, timestamp_offset = self._sequence_offset, self._timestamp_offset
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
        self._note_newest(packets[-1], now)

    def resend(self, sequences: list[int], now: float, allowance: int) -> int:
        """Send again what the viewer misses, if it is still kept; how many were sent, at most
        `allowance`.
        """
        source = self.source
        if source is None or self._epoch != source.epoch:
            return 0
        sent = 0
        for theirs in sequences:
            if sent >= allowance:
                break
            ours = (theirs - self._sequence_offset) & 0xFFFF
            if signed_distance(ours, self._first_sequence) < 0:
                continue
            packet = source.cache.get(ours)
            if packet is not None and self._resend_one(packet, theirs, now):
                sent += 1
        return sent

    def sender_report(self, now: float) -> bytes | None:
        """A report that tells the viewer which timestamp belongs to which time; None before any
        packet.

        Without it a player cannot keep picture and sound together.
        """
        source = self.source
        if source is None or self._epoch != source.epoch:
            return None
        clock = source.clock_at(now)
        if clock is None:
            return None
        ntp, timestamp = clock
        info = RtcpSenderInfo(
            ntp_timestamp=ntp & 0xFFFFFFFFFFFFFFFF,
            rtp_timestamp=(timestamp + self._timestamp_offset) & 0xFFFFFFFF,
            packet_count=self.packets_sent & 0xFFFFFFFF,
            octet_count=self.octets_sent & 0xFFFFFFFF,
        )
        return bytes(RtcpSrPacket(self.ssrc, info))

    def _resend_one(self, packet: Packet, theirs: int, now: float) -> bool:
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
        timestamp = (packet.timestamp + self._timestamp_offset) & 0xFFFFFFFF
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

    def _renumber(self, first: Packet, source: Source, now: float) -> None:
        """Continue the viewer's numbering with a source's packets, whatever theirs is."""
        if self._newest is None:
            low, high = FIRST_SEQUENCE
            sequence = low + secrets.randbelow(high - low)
            timestamp = secrets.randbits(32)
        else:
            highest, latest, at = self._newest
            sequence = highest + 1
            timestamp = latest + max(1, int((now - at) * source.codec.clock_rate))
        self._epoch = source.epoch
        self._first_sequence = first.sequence
        self._sequence_offset = sequence - first.sequence
        self._timestamp_offset = timestamp - first.timestamp
        self._newest = (sequence & 0xFFFF, timestamp & 0xFFFFFFFF, now)

    def _note_newest(self, last: Packet, now: float) -> None:
        sequence = (last.sequence + self._sequence_offset) & 0xFFFF
        if self._newest is None or signed_distance(sequence, self._newest[0]) >= 0:
            timestamp = (last.timestamp + self._timestamp_offset) & 0xFFFFFFFF
            self._newest = (sequence, timestamp, now)


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
