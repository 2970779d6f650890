"""RFC 6455 as a server reads it: bytes in, messages and control frames out, no socket in sight.

It keeps nothing between messages, so that a connection on which nothing is said costs next to
nothing. Frames of ours go out as ready bytes: see ``packets``.
"""

from __future__ import annotations

import codecs
import struct
import zlib
from collections.abc import Iterator
from enum import IntEnum
from typing import Final, NamedTuple

from live.wire.codes import CloseCode

try:
    from websockets.speedups import apply_mask
except ImportError:  # where there is no wheel for the machine
    from websockets.utils import apply_mask

PROTOCOL_ERROR: Final = 1002
INVALID_DATA: Final = 1007
NO_STATUS: Final = 1005


class Kind(IntEnum):
    """What arrived, by its opcode."""

    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


class Incoming(NamedTuple):
    """A whole message or a control frame; text is valid UTF-8. ``code`` is that of a close frame,
    1005 where it gave none."""

    kind: Kind
    payload: bytes
    code: int = 0


class Violation(Exception):
    """The peer broke the protocol: the connection ends with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


_CONTINUATION: Final = 0x0
_OPCODES: Final = frozenset({_CONTINUATION, *Kind})
_CONTROL: Final = 0x8
_FIN, _RSV1, _RSV, _MASKED = 0x80, 0x40, 0x70, 0x80
_CONTROL_BYTES: Final = 125
_WHOLE_TEXT: Final = _FIN | Kind.TEXT
_LENGTH_IN_TWO: Final = 126
_SHORT_HEAD: Final = 6
_TAIL: Final = b"\x00\x00\xff\xff"  # RFC 7692, 7.2.1: what a compressed message leaves out
_Utf8 = codecs.getincrementaldecoder("utf-8")


class _Head(NamedTuple):
    fin: bool
    compressed: bool
    opcode: int
    size: int


class _Partial:
    """A message of which some fragments have arrived."""

    __slots__ = ("compressed", "data", "kind", "utf8")

    def __init__(self, kind: Kind, *, compressed: bool) -> None:
        self.kind = kind
        self.compressed = compressed
        self.data = bytearray()
        self.utf8 = _Utf8() if kind is Kind.TEXT and not compressed else None


class FrameReader:
    """Reads one client's frames. A message holds at most ``limit_bytes``, also when it is unpacked;
    ``inflates`` where permessage-deflate was agreed on without context takeover by the client."""

    __slots__ = ("_inflates", "_limit_bytes", "_partial", "_rest")

    def __init__(self, limit_bytes: int, *, inflates: bool) -> None:
        self._limit_bytes = limit_bytes
        self._inflates = inflates
        self._partial: _Partial | None = None
        self._rest = b""

    def one_text(self, data: bytes) -> bytes | None:
        """The message where ``data`` is one frame with all of a text that was not compressed, as
        nearly everything is that clients say; None, and nothing is read, where ``feed`` has to."""
        size = len(data) - _SHORT_HEAD
        if size < 0 or data[0] != _WHOLE_TEXT or self._rest or self._partial is not None:
            return None
        if data[1] == _MASKED | size and size < _LENGTH_IN_TWO:
            start = _SHORT_HEAD
        elif (
            data[1] == _MASKED | _LENGTH_IN_TWO
            and size - 2 == int.from_bytes(data[2:4])
            and size - 2 <= self._limit_bytes
        ):
            start = _SHORT_HEAD + 2
        else:
            return None
        payload = apply_mask(data[start:], data[start - 4 : start])
        return payload if payload.isascii() or _is_utf8(payload) else None

    def feed(self, data: bytes) -> Iterator[Incoming]:
        """What ``data`` completes. Raises ``Violation``; then it must not be fed any more."""
        if self._rest:
            data, self._rest = self._rest + data, b""
        start = 0
        while (frame := self._frame(data, start)) is not None:
            head, payload, start = frame
            if head.opcode >= _CONTROL:
                yield _control(Kind(head.opcode), payload)
            elif (message := self._fragment(head, payload)) is not None:
                yield message
        self._rest = data[start:]

    def _frame(self, data: bytes, start: int) -> tuple[_Head, bytes, int] | None:
        """The frame at ``start`` and where the next one begins; None while it is incomplete."""
        if len(data) < start + 2:
            return None
        first, second = data[start], data[start + 1]
        self._check(first, second)
        size, begin = second & 0x7F, start + 2
        if size == _LENGTH_IN_TWO:
            if len(data) < begin + 2:
                return None
            (size,) = struct.unpack_from("!H", data, begin)
            begin += 2
        elif size == 127:
            if len(data) < begin + 8:
                return None
            (size,) = struct.unpack_from("!Q", data, begin)
            begin += 8
            if size >> 63:
                raise Violation(PROTOCOL_ERROR, "a length has 63 bits")
        head = _Head(bool(first & _FIN), bool(first & _RSV1), first & 0x0F, size)
        if head.opcode < _CONTROL:
            self._check_size(size)
        end = begin + 4 + size
        if len(data) < end:
            return None
        return head, apply_mask(data[begin + 4 : end], data[begin : begin + 4]), end

    def _check(self, first: int, second: int) -> None:
        """Refuse what no frame may begin with."""
        opcode, control = first & 0x0F, first & _CONTROL
        compressible = self._inflates and not control and opcode != _CONTINUATION
        if first & _RSV and not (compressible and first & _RSV == _RSV1):
            raise Violation(PROTOCOL_ERROR, "a reserved bit is set")
        if opcode not in _OPCODES:
            raise Violation(PROTOCOL_ERROR, "a reserved opcode")
        if not second & _MASKED:
            raise Violation(PROTOCOL_ERROR, "a client masks its frames")
        if control:
            if not first & _FIN or second & 0x7F > _CONTROL_BYTES:
                raise Violation(PROTOCOL_ERROR, "a control frame is whole and short")
        elif (opcode == _CONTINUATION) != (self._partial is not None):
            raise Violation(PROTOCOL_ERROR, "fragments come one after the other")

    def _check_size(self, more: int) -> None:
        known = 0 if self._partial is None else len(self._partial.data)
        if known + more > self._limit_bytes:
            raise too_large(self._limit_bytes)

    def _fragment(self, head: _Head, payload: bytes) -> Incoming | None:
        """The message that a frame completes."""
        partial, self._partial = self._partial, None
        if partial is None:
            kind = Kind(head.opcode)
            if head.fin:
                return self._message(kind, payload, compressed=head.compressed)
            partial = _Partial(kind, compressed=head.compressed)
        partial.data += payload
        if partial.utf8 is not None:
            try:
                partial.utf8.decode(payload)
            except UnicodeDecodeError:
                raise Violation(INVALID_DATA, "text is UTF-8") from None
        if head.fin:
            return self._message(partial.kind, bytes(partial.data), compressed=partial.compressed)
        self._partial = partial
        return None

    def _message(self, kind: Kind, payload: bytes, *, compressed: bool) -> Incoming:
        if compressed:
            payload = self._inflated(payload)
        if kind is Kind.TEXT:
            _check_utf8(payload)
        return Incoming(kind, payload)

    def _inflated(self, payload: bytes) -> bytes:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            text = inflate.decompress(payload + _TAIL, self._limit_bytes + 1)
        except zlib.error:
            raise Violation(INVALID_DATA, "this does not inflate") from None
        if len(text) > self._limit_bytes:
            raise too_large(self._limit_bytes)
        return text


def too_large(limit_bytes: int) -> Violation:
    """How a message beyond the limit ends a connection."""
    return Violation(CloseCode.TOO_LARGE, f"a message holds at most {limit_bytes // 1024} KiB")


def _control(kind: Kind, payload: bytes) -> Incoming:
    if kind is not Kind.CLOSE:
        return Incoming(kind, payload)
    if not payload:
        return Incoming(kind, payload, NO_STATUS)
    if len(payload) == 1:
        raise Violation(PROTOCOL_ERROR, "a close code has two bytes")
    (code,) = struct.unpack_from("!H", payload)
    if not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
        raise Violation(PROTOCOL_ERROR, "this close code is not for the wire")
    _check_utf8(payload[2:])
    return Incoming(kind, payload, code)


def _check_utf8(text: bytes) -> None:
    if not _is_utf8(text):
        raise Violation(INVALID_DATA, "text is UTF-8")


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
