"""Server frames as bytes: encoded once, sent to many.

RFC 6455 frames of a server are not masked, so the same bytes go to every connection; the same holds
for RFC 7692 compression where both sides agreed to carry no context from one message to the next.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

COMPRESS_FROM_BYTES: Final = 1024
PING: Final = b"\x89\x00"

_TEXT, _COMPRESSED_TEXT, _CLOSE, _PONG = 0x81, 0xC1, 0x88, 0x8A
_REASON_BYTES: Final = 123
_WINDOW_BITS = 15
_BLOCK_BYTES: Final = 65_535
_END_OF_MESSAGE: Final = b"\x00"  # the first byte of the empty block that is implied


class Packet:
    """Text frames that are sent together, each from its payload; compressed when the first
    connection asks for that."""

    __slots__ = ("_compressed", "_payloads", "plain")

    def __init__(self, *payloads: bytes) -> None:
        self.plain = b"".join(_header(_TEXT, len(each)) + each for each in payloads)
        self._payloads = payloads
        self._compressed: bytes | None = None

    @property
    def compressed(self) -> bytes:
        """For connections that negotiated permessage-deflate; small frames stay as they are."""
        if self._compressed is None:
            self._compressed = b"".join(_compressed(each) for each in self._payloads)
        return self._compressed


class Shared:
    """JSON that the frames of many have in common; compressed once, when the first asks."""

    __slots__ = ("_deflated", "plain")

    def __init__(self, plain: bytes) -> None:
        self.plain = plain
        self._deflated: bytes | None = None

    @property
    def deflated(self) -> bytes:
        """A piece of any raw deflate stream: it ends with a byte and refers to nothing before."""
        if self._deflated is None:
            self._deflated = _deflated(self.plain)
        return self._deflated


class Around(Packet):
    """A text frame of one's own (``before`` and ``after``) around what is shared, and more frames
    behind it. Compressed, one's own is stored in it as it is: that costs bytes, and no time."""

    __slots__ = ("_after", "_before", "_shared")

    def __init__(self, before: bytes, shared: Shared, after: bytes, *payloads: bytes) -> None:
        super().__init__(*payloads)
        self._before = before
        self._shared = shared
        self._after = after
        size = len(before) + len(shared.plain) + len(after)
        self.plain = b"".join((_header(_TEXT, size), before, shared.plain, after, self.plain))

    @property
    def compressed(self) -> bytes:
        if len(self._shared.plain) < COMPRESS_FROM_BYTES:
            return self.plain
        body = b"".join(
            (_stored(self._before), self._shared.deflated, _stored(self._after), _END_OF_MESSAGE)
        )
        return _header(_COMPRESSED_TEXT, len(body)) + body + super().compressed


def close_frame(code: int | None, reason: str = "") -> bytes:
    """A close frame; a reason that is too long for one is cut between characters."""
    if code is None:
        return _header(_CLOSE, 0)
    told = reason.encode()[:_REASON_BYTES].decode(errors="ignore").encode()
    return _header(_CLOSE, 2 + len(told)) + struct.pack("!H", code) + told


def pong(payload: bytes) -> bytes:
    """The answer to a ping of at most 125 bytes."""
    return _header(_PONG, len(payload)) + payload


def _compressed(payload: bytes) -> bytes:
    if len(payload) < COMPRESS_FROM_BYTES:
        return _header(_TEXT, len(payload)) + payload
    body = _deflated(payload)[:-4]  # RFC 7692, 7.2.1: the empty block at the end is implied
    return _header(_COMPRESSED_TEXT, len(body)) + body


def _deflated(data: bytes) -> bytes:
    # Level 1: half the time of the default for nine tenths of its effect on JSON.
    deflate = zlib.compressobj(1, zlib.DEFLATED, -_WINDOW_BITS)
    return deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH)


def _stored(data: bytes) -> bytes:
    """Blocks of a deflate stream that hold ``data`` as it is (RFC 1951, 3.2.4)."""
    blocks: list[bytes] = []
    for start in range(0, len(data), _BLOCK_BYTES):
        part = data[start : start + _BLOCK_BYTES]
        blocks += (struct.pack("<BHH", 0, len(part), len(part) ^ 0xFFFF), part)
    return b"".join(blocks)


def _header(first: int, length: int) -> bytes:
    if length < 126:
        return bytes((first, length))
    if length < 65_536:
        return struct.pack("!BBH", first, 126, length)
    return struct.pack("!BBQ", first, 127, length)
