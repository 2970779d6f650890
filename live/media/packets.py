"""RTP packets on their way from one publisher to many viewers, and how they are grouped for
sending.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from live.media.udp import GSO_BYTES_LIMIT, SEGMENTS_LIMIT
from live.media.vp8 import Descriptor

PADDING_LIMIT: Final = 3
"""Bytes of RTP padding that may be added so that a frame's packets become equally long."""

HEADROOM: Final = 64
"""Bytes a packet may grow by on its way out: header, extensions, SRTP tag, RTX number."""

CACHED_PACKETS: Final = 2_048
"""Packets of one stream that can be sent again: 10 s at 200 packets/s; a power of two."""


class Packet:
    """One received packet, read once for all viewers.

    It never changes after it was first sent: sent again under the same number it must be the same
    bytes, or the SRTP nonce would serve two texts (RFC 7714 section 8.1).
    """

    __slots__ = (
        "descriptor",
        "first_byte",
        "keyframe",
        "marker",
        "payload",
        "sequence",
        "timestamp",
    )

    def __init__(
        self, sequence: int, timestamp: int, payload: bytes, *, marker: bool, keyframe: bool
    ) -> None:
        self.sequence = sequence
        self.timestamp = timestamp
        self.payload = payload
        self.marker = 0x80 if marker else 0
        self.keyframe = keyframe
        """Whether a decoder can start with this packet."""
        self.first_byte = 0x80
        """Version 2, and the padding bit where `payload` ends with padding."""
        self.descriptor: Descriptor | None = None
        """What the payload says of its frame; None for other codecs than VP8."""

    def copy(self, sequence: int, payload: bytes) -> "Packet":
        """The same packet under another number, its payload changed but as long."""
        copy = Packet(
            sequence, self.timestamp, payload, marker=self.marker != 0, keyframe=self.keyframe
        )
        copy.first_byte = self.first_byte
        copy.descriptor = self.descriptor
        return copy

    @property
    def unpadded(self) -> bytes:
        """The payload as it came."""
        return self.payload if self.first_byte == 0x80 else self.payload[: -self.payload[-1]]

    def pad(self, count: int) -> None:
        """Lengthen the payload by `count` bytes of RTP padding (RFC 3550 section 5.1)."""
        self.payload += bytes(count - 1) + bytes((count,))
        self.first_byte = 0xA0


@dataclass(frozen=True, slots=True)
class Run:
    """Packets that one system call can send: all of one length, but that the last may be
    shorter.
    """

    packets: tuple[Packet, ...]
    size: int
    """Payload bytes of every packet but possibly the last."""


class Runs(list[Run]):
    """What is sent at once to every viewer of a stream; never changed once it was sent.

    `prepared` is where those who send it keep what is the same for many of them.
    """

    __slots__ = ("packet_count", "prepared")

    def __init__(self, runs: Iterable[Run] = ()) -> None:
        super().__init__(runs)
        self.packet_count = sum(len(run.packets) for run in self)
        self.prepared: dict[object, Any] = {}


def group(packets: list[Packet], *, pad: bool) -> Runs:
    """Cut packets into runs; `pad`, for packets never sent before, makes runs longer by padding.

    Encoders split a frame into almost equal parts, so most frames become one run.
    """
    runs: list[Run] = []
    start = 0
    while start < len(packets):
        end = _end_of_run(packets, start, PADDING_LIMIT if pad else 0)
        members = packets[start:end]
        size = max(len(p.payload) for p in members)
        for packet in members[:-1]:
            if len(packet.payload) < size:
                packet.pad(size - len(packet.payload))
        runs.append(Run(tuple(members), size))
        start = end
    return Runs(runs)


def _end_of_run(packets: list[Packet], start: int, allowance: int) -> int:
    size = smallest = len(packets[start].payload)
    end = start + 1
    while end < len(packets) and end - start < SEGMENTS_LIMIT:
        length = len(packets[end].payload)
        largest = max(size, length)
        too_long = length - smallest > allowance
        if too_long or (end - start + 1) * (largest + HEADROOM) > GSO_BYTES_LIMIT:
            return end
        end += 1
        if size - length > allowance:
            return end
        size, smallest = largest, min(smallest, length)
    return end


class PacketCache:
    """The latest packets of one stream by sequence number, shared by all its viewers."""

    def __init__(self) -> None:
        self._ring: list[Packet | None] = []

    def add(self, packet: Packet) -> bool:
        """Keep a packet in the place of one 2,048 numbers older; False if it is there already."""
        if not self._ring:
            self._ring = [None] * CACHED_PACKETS
        slot = packet.sequence % CACHED_PACKETS
        held = self._ring[slot]
        if held is not None and held.sequence == packet.sequence:
            return False
        self._ring[slot] = packet
        return True

    def get(self, sequence: int) -> Packet | None:
        """The packet with this number, None if it never came or is too old."""
        packet = self._ring[sequence % CACHED_PACKETS] if self._ring else None
        return packet if packet is not None and packet.sequence == sequence else None


def signed_distance(sequence: int, since: int) -> int:
    """How far a 16-bit sequence number is ahead of another (negative: behind), wrapping around."""
    return ((sequence - since + 0x8000) & 0xFFFF) - 0x8000
