"""AV1 in RTP (the Alliance for Open Media's payload format): where a sequence begins, how large its
pictures are, and whole pictures out of packets.

A payload is a byte about it and OBUs, the units of the bitstream, without those that only a file
needs; the first and the last of them may be parts of one.
"""

from typing import Final

from live.media.bits import Bits

_CONTINUES, _GOES_ON, _COUNT, _NEW_SEQUENCE = 0x80, 0x40, 0x30, 0x08
_HAS_EXTENSION, _HAS_SIZE = 0x04, 0x02
_SEQUENCE_HEADER: Final = 1
_FOR_FILES: Final = frozenset({2, 8, 15})
"""Temporal delimiter, tile list, padding: not sent, and to be ignored where they are."""

_LENGTH_BYTES: Final = 8

HEADER_BYTES: Final = 128
"""More than a sequence header tells before the size of its pictures, with 32 operating points."""


def starts_sequence(payload: bytes) -> bool:
    """Whether a packet begins something a decoder can start with."""
    return len(payload) > 1 and payload[0] & (_NEW_SEQUENCE | _CONTINUES) == _NEW_SEQUENCE


def sequence_height(payload: bytes) -> int | None:
    """The height of the pictures of the sequence that a packet begins; None if it tells none."""
    try:
        elements = _elements(payload)
    except ValueError:
        return None
    return next((size[1] for size in map(_size_in, elements) if size is not None), None)


def joined(payloads: list[bytes]) -> bytes:
    """One picture out of its packets' payloads, each unit with its size, as a file has them.

    Raises `ValueError` where one is broken.
    """
    units: list[bytes] = []
    part = b""
    for payload in payloads:
        elements = _elements(payload)
        if payload[0] & _CONTINUES:
            if not part:
                raise ValueError("an AV1 unit without its beginning")
            elements[0] = part + elements[0]
        part = elements.pop() if payload[0] & _GOES_ON else b""
        units += elements
    return b"".join(map(_sized, units))


def _elements(payload: bytes) -> list[bytes]:
    """The units of a payload, and the parts at its ends."""
    if len(payload) < 2:
        raise ValueError("an AV1 payload without content")
    count = (payload[0] & _COUNT) >> 4
    found: list[bytes] = []
    at = 1
    while at < len(payload):
        size = len(payload) - at
        if len(found) + 1 != count:
            size, at = _length(payload, at)
        if at + size > len(payload):
            raise ValueError("an AV1 unit beyond its packet")
        found.append(payload[at : at + size])
        at += size
    return found


def _length(data: bytes, at: int) -> tuple[int, int]:
    """A number of 7 bits a byte, the lowest first, and where it ends."""
    value = 0
    for index, byte in enumerate(data[at : at + _LENGTH_BYTES]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value, at + index + 1
    raise ValueError("an AV1 length without an end")


def _sized(unit: bytes) -> bytes:
    if not unit or _kind(unit) in _FOR_FILES:
        return b""
    if unit[0] & _HAS_SIZE:
        return unit
    head = 2 if unit[0] & _HAS_EXTENSION else 1
    left = len(unit) - head
    if left < 0:
        raise ValueError("an AV1 unit cut short")
    length = bytearray()
    while left > 0x7F:
        length.append(left & 0x7F | 0x80)
        left >>= 7
    length.append(left)
    return bytes((unit[0] | _HAS_SIZE,)) + unit[1:head] + length + unit[head:]


def _kind(unit: bytes) -> int:
    return unit[0] >> 3 & 0x0F


def _size_in(unit: bytes) -> tuple[int, int] | None:
    if not unit or _kind(unit) != _SEQUENCE_HEADER:
        return None
    at = 2 if unit[0] & _HAS_EXTENSION else 1
    try:
        if unit[0] & _HAS_SIZE:
            _, at = _length(unit, at)
        return _size(Bits(unit[at : at + HEADER_BYTES]))
    except (ValueError, IndexError):
        return None


def _size(bits: Bits) -> tuple[int, int]:
    """Width and height at most, from a sequence header (AV1 bitstream, section 5.5.1)."""
    bits.take(4)  # profile, still picture
    if bits.take(1):  # the short form
        bits.take(5)
    else:
        _skip_operating_points(bits)
    widths, heights = bits.take(4) + 1, bits.take(4) + 1
    return bits.take(widths) + 1, bits.take(heights) + 1


def _skip_operating_points(bits: Bits) -> None:
    delay_bits = 0
    if bits.take(1):  # timing: two numbers, whether pictures come evenly
        bits.take(64)
        if bits.take(1):
            _skip_exp_golomb(bits)
        if bits.take(1):  # a decoder model
            delay_bits = bits.take(5) + 1
            bits.take(42)
    has_initial_delay = bits.take(1)
    for _ in range(bits.take(5) + 1):
        bits.take(12)
        if bits.take(5) > 7:  # levels so high have tiers
            bits.take(1)
        if delay_bits and bits.take(1):
            bits.take(2 * delay_bits + 1)
        if has_initial_delay and bits.take(1):
            bits.take(4)


def _skip_exp_golomb(bits: Bits) -> None:
    zeros = 0
    while not bits.take(1):
        zeros += 1
    bits.take(zeros if zeros < 32 else 0)
