"""The descriptor in front of a VP8 payload (RFC 7741 section 4.2): read once for all viewers, and
renumbered for those who changed from one stream to another.
"""

from dataclasses import dataclass
from typing import Final

PICTURES: Final = 1 << 15
"""Picture ids count to here; a short one (7 bits) is the lower part of it."""

_EXTENDED, _START, _PARTITION = 0x80, 0x10, 0x07
_HAS_PICTURE, _HAS_LEVEL, _HAS_LAYER, _HAS_KEY = 0x80, 0x40, 0x20, 0x10
_START_CODE: Final = b"\x9d\x01\x2a"


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What a packet says of its frame, and where its numbers stand in the payload."""

    starts_frame: bool
    keyframe: bool
    """It begins a frame that needs no other."""
    height: int | None
    """Of a keyframe, pixels."""
    layer: int
    """The temporal layer, 0 the lowest: frames of one need none of a higher one."""
    is_sync: bool
    """It needs only frames of the lowest layer, so a higher layer can be entered here."""
    picture_at: int
    """Place of the picture id, of 15 bits where `wide`, of 7 otherwise; 0 if there is none."""
    wide: bool
    level_at: int
    """Place of TL0PICIDX, which counts the frames of the lowest layer in 8 bits; 0 if none."""

    def picture(self, payload: bytes) -> int:
        """The picture id in a payload that has one."""
        at = self.picture_at
        if self.wide:
            return (payload[at] & 0x7F) << 8 | payload[at + 1]
        return payload[at]


def read_descriptor(payload: bytes) -> Descriptor | None:
    """The descriptor of a VP8 payload; None if it is cut short."""
    try:
        return _read(payload)
    except IndexError:
        return None


def joined(payloads: list[bytes]) -> bytes:
    """A frame out of the payloads of its packets. Raises `IndexError` for one that is cut short."""
    return b"".join([payload[_size(payload) :] for payload in payloads])


def _size(payload: bytes) -> int:
    """Bytes of the descriptor: asked of every packet of a recording, so nothing more is read."""
    if not payload[0] & _EXTENDED:
        return 1
    present = payload[1]
    at = 2
    if present & _HAS_PICTURE:
        at += 2 if payload[at] & 0x80 else 1
    if present & _HAS_LEVEL:
        at += 1
    return at + 1 if present & (_HAS_LAYER | _HAS_KEY) else at


def _read(payload: bytes) -> Descriptor:
    first = payload[0]
    wide = is_sync = False
    layer = picture_at = level_at = 0
    at = 1
    if first & _EXTENDED:
        present = payload[1]
        at = 2
        if present & _HAS_PICTURE:
            picture_at = at
            wide = payload[at] & 0x80 != 0
            at += 2 if wide else 1
        if present & _HAS_LEVEL:
            level_at = at
            at += 1
        if present & (_HAS_LAYER | _HAS_KEY):
            if present & _HAS_LAYER:
                layer, is_sync = payload[at] >> 6, payload[at] & 0x20 != 0
            at += 1
    starts = first & _START != 0 and first & _PARTITION == 0
    keyframe = starts and payload[at] & 0x01 == 0
    if len(payload) < at:
        raise IndexError
    return Descriptor(
        starts_frame=starts,
        keyframe=keyframe,
        height=_height(payload, at) if keyframe else None,
        layer=layer,
        is_sync=is_sync,
        picture_at=picture_at,
        wide=wide,
        level_at=level_at,
    )


def _height(payload: bytes, at: int) -> int | None:
    """RFC 6386 section 9.1: tag (3 bytes), start code, width and height with 14 bits each."""
    if payload[at + 3 : at + 6] != _START_CODE or len(payload) < at + 10:
        return None
    return int.from_bytes(payload[at + 8 : at + 10], "little") & 0x3FFF


def renumbered(payload: bytes, descriptor: Descriptor, pictures: int, levels: int) -> bytes:
    """The payload with `pictures` added to its picture id and `levels` to its TL0PICIDX."""
    changed = bytearray(payload)
    at = descriptor.picture_at
    if at:
        picture = descriptor.picture(payload) + pictures
        if descriptor.wide:
            changed[at : at + 2] = (0x8000 | picture % PICTURES).to_bytes(2, "big")
        else:
            changed[at] = picture & 0x7F
    at = descriptor.level_at
    if at:
        changed[at] = (payload[at] + levels) & 0xFF
    return bytes(changed)
