"""Whole frames out of the packets of one stream, which come lost, late and out of order."""

from collections.abc import Callable
from typing import Final, NamedTuple

from aiortc.codecs.h264 import h264_depayload

from live.media import av1, vp8, vp9
from live.media.codecs import CodecName
from live.media.packets import Packet, signed_distance

HOLE_LIMIT_S: Final = 1.0
"""A lost packet is sent again within a few round trips or never."""

WAITING_LIMIT: Final = 1_024
"""Packets kept behind a hole: 5 s of a usual stream; then the hole is given up early."""


class Frame(NamedTuple):
    """One picture, or 2.5 to 120 ms of sound. ``timestamp`` is the stream's own clock, 32 bits."""

    timestamp: int
    data: bytes
    keyframe: bool


class Assembler:
    """Frames of one stream in the order of its numbers.

    After a hole that nothing filled, pictures are left out until one that a decoder can start
    with: ``starved`` says that such a keyframe is waited for.
    """

    def __init__(self, codec: CodecName) -> None:
        self._codec = codec
        self._video = codec != "opus"
        self._waiting: dict[int, Packet | None] = {}
        self._next: int | None = None
        self._hole_since: float | None = None
        self._parts: list[Packet] = []
        self.starved = self._video
        self.lost = 0

    def take(self, packet: Packet, now: float) -> list[Frame]:
        """The frames that are whole with this packet. ``now`` is when it arrived, in seconds."""
        number = packet.sequence
        if number == self._next and not self._waiting:  # as nearly all do
            self._next = (number + 1) & 0xFFFF
            return self._add(packet)
        return self._put(number, packet, now)

    def take_all(self, packets: list[Packet], now: float) -> list[Frame]:
        """The frames that are whole with these packets, in order, which arrived at once: nearly
        always those of one picture.
        """
        first, last = packets[0], packets[-1]
        follow = first.sequence == self._next and not self._waiting and not self._parts
        if follow and (last.sequence - first.sequence) & 0xFFFF == len(packets) - 1:
            after = (last.sequence + 1) & 0xFFFF
            if not self._video:
                self._next = after
                return [_sound(packet) for packet in packets]
            if last.marker and first.timestamp == last.timestamp:
                self._next, self._parts = after, packets
                return self._frame()
        return [frame for packet in packets for frame in self.take(packet, now)]

    def pass_over(self, sequence: int, now: float) -> list[Frame]:
        """A packet of this number came, and held nothing."""
        return self._put(sequence, None, now)

    def _put(self, sequence: int, packet: Packet | None, now: float) -> list[Frame]:
        if self._next is None:
            self._next = sequence
        if signed_distance(sequence, self._next) < 0:
            return []  # its hole was given up, or it came before
        self._waiting[sequence] = packet
        frames = self._in_order()
        if not self._waiting:
            self._hole_since = None
        elif self._hole_since is None:
            self._hole_since = now
        elif now - self._hole_since > HOLE_LIMIT_S or len(self._waiting) > WAITING_LIMIT:
            self._give_up()
            frames += self._in_order()
            self._hole_since = now if self._waiting else None
        return frames

    def _in_order(self) -> list[Frame]:
        frames: list[Frame] = []
        while self._next in self._waiting:
            packet = self._waiting.pop(self._next)
            self._next = (self._next + 1) & 0xFFFF
            if packet is not None:
                frames += self._add(packet)
        return frames

    def _give_up(self) -> None:
        """Go on behind the hole: what it tore is left out."""
        first = self._next or 0
        self._next = min(self._waiting, key=lambda number: (number - first) & 0xFFFF)
        self.lost += (self._next - first) & 0xFFFF
        self._parts.clear()
        self.starved = self._video

    def _add(self, packet: Packet) -> list[Frame]:
        if not self._video:
            return [_sound(packet)]
        whole: list[Frame] = []
        if self._parts and self._parts[0].timestamp != packet.timestamp:
            whole += self._frame()  # a publisher that sets no marker
        self._parts.append(packet)
        if packet.marker:
            whole += self._frame()
        return whole

    def _frame(self) -> list[Frame]:
        parts, self._parts = self._parts, []
        keyframe = any(part.keyframe for part in parts)
        if self.starved and not keyframe:
            return []
        try:
            data = _JOINS[self._codec]([part.unpadded for part in parts])
        except (ValueError, IndexError):
            self.starved = True
            return []
        self.starved = False
        return [Frame(parts[0].timestamp, data, keyframe)] if data else []


def _sound(packet: Packet) -> Frame:
    return Frame(packet.timestamp, packet.unpadded, keyframe=True)


def _joined_h264(payloads: list[bytes]) -> bytes:
    return b"".join(map(h264_depayload, payloads))


_JOINS: Final[dict[CodecName, Callable[[list[bytes]], bytes]]] = {
    "VP8": vp8.joined,
    "H264": _joined_h264,
    "VP9": vp9.joined,
    "AV1": av1.joined,
}
"""A picture out of its packets' payloads. Each raises `ValueError` or `IndexError` for nonsense."""
