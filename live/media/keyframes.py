"""Where a decoder can start: finding keyframes, keeping the newest group of pictures, asking for
a new one.
"""

from typing import Final

from live.media import av1, vp9
from live.media.codecs import CodecName
from live.media.packets import Packet
from live.media.vp8 import read_descriptor

GROUP_PACKETS_LIMIT: Final = 192
"""A longer group is not replayed: a burst of it would be lost on its way, a keyframe is cheaper."""

GROUP_AGE_LIMIT_S: Final = 1.5
"""An older one neither: a player would show its pictures in fast motion, or late for good."""

ASK_INTERVAL_S: Final = 0.5
"""Between two requests to one publisher; a keyframe is several times a normal picture's size."""


def starts_keyframe(codec: CodecName, payload: bytes) -> bool:
    """Whether a packet begins something a decoder can start with; False for anything malformed."""
    if codec == "VP8":
        descriptor = read_descriptor(payload)
        return descriptor is not None and descriptor.keyframe
    if codec == "H264":
        return _h264(payload)
    if codec == "VP9":
        return vp9.starts_keyframe(payload)
    return codec == "AV1" and av1.starts_sequence(payload)


def keyframe_height(codec: CodecName, payload: bytes) -> int | None:
    """Height in pixels, from a packet that starts a keyframe; None where it does not say."""
    if codec == "VP9":
        size = vp9.keyframe_size(payload)
        return size and size[1]
    return av1.sequence_height(payload) if codec == "AV1" else None


_IDR: Final = 5
_SPS: Final = 7
_STAP_A: Final = 24
_FU_A: Final = 28


def _h264(payload: bytes) -> bool:
    """RFC 6184: a parameter set or an IDR slice, alone, aggregated (STAP-A) or begun (FU-A)."""
    if len(payload) < 2:
        return False
    kind = payload[0] & 0x1F
    if kind == _FU_A:
        return payload[1] & 0x80 != 0 and payload[1] & 0x1F == _IDR
    if kind != _STAP_A:
        return kind in {_IDR, _SPS}
    at = 1
    while at + 2 < len(payload):
        size = payload[at] << 8 | payload[at + 1]
        if payload[at + 2] & 0x1F in {_IDR, _SPS}:
            return True
        at += 2 + size
    return False


class LatestGroup:
    """The packets since the newest keyframe, while they are few, fresh and without a hole."""

    def __init__(self) -> None:
        self._packets: list[Packet] = []
        self._began_at = 0.0

    def add(self, packet: Packet, now: float) -> None:
        """Take the next packet of the stream."""
        packets = self._packets
        if packet.keyframe and (not packets or packets[0].timestamp != packet.timestamp):
            self._packets = [packet]
            self._began_at = now
        elif packets:
            if len(packets) >= GROUP_PACKETS_LIMIT:
                self._packets = []
            else:
                packets.append(packet)

    def replay(self, now: float) -> list[Packet]:
        """What a new viewer can be sent at once, in order of number; empty if it must wait for a
        keyframe.
        """
        packets = self._packets
        if not packets or now - self._began_at > GROUP_AGE_LIMIT_S:
            return []
        first = packets[0].sequence
        ordered = sorted(packets, key=lambda p: (p.sequence - first) & 0xFFFF)
        if (ordered[-1].sequence - first) & 0xFFFF != len(ordered) - 1:
            return []
        return ordered

    def age_s(self, now: float) -> float | None:
        """How old the newest keyframe is; None if none is held."""
        return now - self._began_at if self._packets else None


REMIND_S: Final = 1.0
"""Without a keyframe for this long after a request, either was lost: who waits asks again."""


class KeyframeRequests:
    """Many viewers' wishes for a keyframe, merged: at most one request per `ASK_INTERVAL_S`.

    A wish that comes too early is kept and granted by a later `due`, so that the last one counts.
    """

    def __init__(self) -> None:
        self._wanted = False
        self._asked_at = float("-inf")

    def want(self) -> None:
        """Note that someone needs a keyframe."""
        self._wanted = True

    def remind(self, now: float, after_s: float = REMIND_S) -> None:
        """Note that someone still waits; counts once the latest request is so long ago."""
        if now - self._asked_at >= after_s:
            self._wanted = True

    def arrived(self) -> None:
        """A keyframe came: nobody has to ask any more."""
        self._wanted = False

    def due(self, now: float) -> bool:
        """Whether to ask the publisher now; a True is taken as asked."""
        if not self._wanted or now - self._asked_at < ASK_INTERVAL_S:
            return False
        self._wanted = False
        self._asked_at = now
        return True
