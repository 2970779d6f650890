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
    # Level 1: half the time of the default for nine tenths of its effect on JSON.
    deflate = zlib.compressobj(1, zlib.DEFLATED, -_WINDOW_BITS)
    body = deflate.compress(payload) + deflate.flush(zlib.Z_SYNC_FLUSH)
    body = body[:-4]  # RFC 7692, 7.2.1: the empty block at the end is implied
    return _header(_COMPRESSED_TEXT, len(body)) + body


def _header(first: int, length: int) -> bytes:
    if length < 126:
        return bytes((first, length))
    if length < 65_536:
        return struct.pack("!BBH", first, 126, length)
    return struct.pack("!BBQ", first, 127, length)
