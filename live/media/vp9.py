"""The descriptor in front of a VP9 payload (RFC 9628), and what a keyframe's own header says."""

from dataclasses import dataclass
from typing import Final

from live.media.bits import Bits

HEADER_BYTES: Final = 32
"""More than the part of a frame's header that is read here."""

_HAS_PICTURE, _PREDICTED, _HAS_LAYER, _FLEXIBLE = 0x80, 0x40, 0x20, 0x10
_BEGINS, _ENDS, _HAS_STRUCTURE = 0x08, 0x04, 0x02
_HAS_SIZES, _HAS_GROUP = 0x10, 0x08
_REFERENCES_LIMIT: Final = 3
_SYNC_CODE: Final = 0x498342
_SRGB: Final = 7


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What a packet says of its frame. A picture in several spatial layers is as many frames."""

    begins: bool
    """Its frame's first byte is in it."""
    ends: bool
    predicted: bool
    """Its frame needs earlier pictures."""
    spatial: int
    """The spatial layer, 0 the smallest."""
    size: tuple[int, int] | None
    """Width and height of the largest spatial layer, where it says so."""
    body_at: int
    """Where the descriptor ends."""


def read_descriptor(payload: bytes) -> Descriptor | None:
    """The descriptor of a VP9 payload; None if it is cut short or makes no sense."""
    try:
        return _read(payload)
    except IndexError:
        return None


def starts_keyframe(payload: bytes) -> bool:
    """Whether a packet begins a picture that needs no other."""
    return keyframe_size(payload) is not None


def keyframe_size(payload: bytes) -> tuple[int, int] | None:
    """Width and height where a packet begins a picture that needs no other; None for every other
    packet.
    """
    descriptor = read_descriptor(payload)
    if descriptor is None or descriptor.predicted or not descriptor.begins or descriptor.spatial:
        return None
    own = picture_size(payload[descriptor.body_at :])
    return own and (descriptor.size or own)


def picture_size(frame: bytes) -> tuple[int, int] | None:
    """Width and height that a keyframe tells (VP9 bitstream, section 6.2); None for another."""
    try:
        return _size(Bits(frame[:HEADER_BYTES]))
    except IndexError:
        return None


def joined(payloads: list[bytes]) -> bytes:
    """One picture out of its packets' payloads. Raises `ValueError` where one is broken.

    Spatial layers become one superframe (annex B), as a file has them.
    """
    frames = [bytearray()]
    for payload in payloads:
        descriptor = read_descriptor(payload)
        if descriptor is None:
            raise ValueError("a VP9 payload without a descriptor")
        frames[-1] += payload[descriptor.body_at :]
        if descriptor.ends:
            frames.append(bytearray())
    whole = [frame for frame in frames if frame]
    data = b"".join(whole)
    if len(whole) < 2:
        return data
    sizes = b"".join(len(frame).to_bytes(4, "little") for frame in whole)
    mark = bytes((0b110_11_000 | (len(whole) - 1) & 0x07,))
    return data + mark + sizes + mark


def _read(payload: bytes) -> Descriptor:
    first = payload[0]
    at = 1
    spatial = 0
    size = None
    if first & _HAS_PICTURE:
        at += 2 if payload[at] & 0x80 else 1
    if first & _HAS_LAYER:
        spatial = payload[at] >> 1 & 0x07
        at += 1 if first & _FLEXIBLE else 2
    if first & _PREDICTED and first & _FLEXIBLE:
        at = _after_references(payload, at)
    if first & _HAS_STRUCTURE:
        at, size = _structure(payload, at)
    if len(payload) <= at:
        raise IndexError
    return Descriptor(
        begins=first & _BEGINS != 0,
        ends=first & _ENDS != 0,
        predicted=first & _PREDICTED != 0,
        spatial=spatial,
        size=size,
        body_at=at,
    )


def _after_references(payload: bytes, at: int) -> int:
    for _ in range(_REFERENCES_LIMIT):
        at += 1
        if not payload[at - 1] & 0x01:
            return at
    raise IndexError


def _structure(payload: bytes, at: int) -> tuple[int, tuple[int, int] | None]:
    """Where the scalability structure ends, and the size of the largest layer."""
    head = payload[at]
    at += 1
    size = None
    if head & _HAS_SIZES:
        at += 4 * ((head >> 5) + 1)
        largest = payload[at - 4 : at]
        size = int.from_bytes(largest[:2], "big"), int.from_bytes(largest[2:], "big")
    if head & _HAS_GROUP:
        pictures = payload[at]
        at += 1
        for _ in range(pictures):
            at += 1 + (payload[at] >> 2 & 0x03)
    return at, size


def _size(bits: Bits) -> tuple[int, int] | None:
    if bits.take(2) != 0b10:
        return None
    profile = bits.take(1) | bits.take(1) << 1
    if profile == 3:
        bits.take(1)
    shows_existing, frame_type = bits.take(1), bits.take(1)
    bits.take(2)  # whether it is shown, and resilient to errors
    if shows_existing or frame_type or bits.take(24) != _SYNC_CODE:
        return None
    if profile >= 2:
        bits.take(1)  # ten or twelve bits
    has_subsampling = profile in {1, 3}
    if bits.take(3) != _SRGB:
        bits.take(1)  # the range
        bits.take(3 if has_subsampling else 0)
    elif has_subsampling:
        bits.take(1)
    return bits.take(16) + 1, bits.take(16) + 1
