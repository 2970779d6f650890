"""The header extensions of what a viewer gets (RFC 8285, one-byte form)."""

from functools import lru_cache
from typing import Final

from live.media.offer import ABS_SEND_TIME_URI, MID_URI, OfferedSection

_ONE_BYTE_EXTENSIONS: Final = b"\xbe\xde"
LAYOUTS_KEPT: Final = 64
"""Viewers' pages offer a handful; who comes with one of its own just shares it with nobody."""


class Extensions:
    """The extension block of one kind of stream: its mid, and when it was sent (for the viewer's
    estimate). Shared by all viewers that offered the same, so that a frame's is made once.
    """

    __slots__ = ("_after", "_at", "_before", "_block", "size", "timed")

    def __init__(self, mid: bytes, mid_id: int | None, time_id: int | None) -> None:
        elements = b""
        if mid_id is not None and len(mid) <= 16:
            elements = bytes((mid_id << 4 | len(mid) - 1,)) + mid
        if time_id is not None:
            elements = bytes((time_id << 4 | 2,)) + bytes(3) + elements
        elements += bytes(-len(elements) % 4)
        block = b""
        if elements:
            block = _ONE_BYTE_EXTENSIONS + (len(elements) // 4).to_bytes(2, "big") + elements
        self.timed = time_id is not None
        """Whether it says when a packet was sent."""
        self._block = block
        self._before, self._after = block[:5], block[8:]
        self._at = -1.0
        self.size = len(block)
        """Bytes of the block, the same at all times."""

    def at(self, now: float) -> bytes:
        """The block of packets sent at `now`."""
        if self.timed and now != self._at:
            # 24 bits of seconds as 6.18 fixed point.
            time = (int(now * (1 << 18)) & 0xFFFFFF).to_bytes(3, "big")
            self._block = self._before + time + self._after
            self._at = now
        return self._block


def extensions_for(section: OfferedSection, *, timed: bool) -> Extensions:
    """The block for a section that was offered.

    A stream without RTX goes without the time (`timed` False): a repeat must be the same bytes
    (RFC 7714 section 8.1).
    """
    time_id = section.extensions.get(ABS_SEND_TIME_URI) if timed else None
    return _shared(section.mid.encode(), section.extensions.get(MID_URI), time_id)


@lru_cache(LAYOUTS_KEPT)
def _shared(mid: bytes, mid_id: int | None, time_id: int | None) -> Extensions:
    return Extensions(mid, mid_id, time_id)
