"""Pictures of VP9 and AV1, by a real encoder, cut into RTP payloads as publishers cut them."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import av
import numpy as np

from live.media.codecs import CodecName

ENCODERS: Final[dict[CodecName, tuple[str, dict[str, str]]]] = {
    "VP9": ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}),
    "AV1": ("libsvtav1", {"preset": "13", "svtav1-params": "lookahead=0:pred-struct=1"}),
}


def encoded(codec: CodecName, width: int, height: int, count: int) -> list[tuple[bytes, bool]]:
    """So many pictures, each with whether it is a keyframe: the first one alone is."""
    name, options = ENCODERS[codec]
    encoder = av.CodecContext.create(name, "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = Fraction(1, 30)
    encoder.gop_size = 1_000
    encoder.options = options
    packets = []
    for number in range(count):
        grain = np.random.default_rng(number).integers(0, 255, (height, width, 3), dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(grain, format="rgb24").reformat(format="yuv420p")
        frame.pts = number
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    return [(bytes(packet), packet.is_keyframe) for packet in packets]


def payloads(codec: CodecName, picture: bytes, keyframe: bool, most: int = 1_000) -> list[bytes]:
    """The payloads of one picture, each with at most so many bytes of it."""
    cut = _vp9 if codec == "VP9" else _av1
    return list(cut(picture, keyframe, most))


def _vp9(picture: bytes, keyframe: bool, most: int) -> Iterator[bytes]:
    parts = [picture[at : at + most] for at in range(0, len(picture), most)]
    for index, part in enumerate(parts):
        first = 0x80 | (0 if keyframe else 0x40)
        first |= 0x08 if index == 0 else 0
        first |= 0x04 if part is parts[-1] else 0
        yield bytes((first, 0x80, 0x05)) + part


def _av1(picture: bytes, keyframe: bool, most: int) -> Iterator[bytes]:
    units = [unit for unit in _units(picture) if unit[0] >> 3 & 0x0F != 2]
    # Small ones together in the first packet, each with its length; then the large one in parts.
    *small, large = units
    whole = b"".join(bytes((len(unit),)) + unit for unit in small)
    parts = [large[at : at + most] for at in range(0, len(large), most)]
    for index, part in enumerate(parts):
        head = 0x80 if index else 0x08 if keyframe else 0
        head |= 0x40 if part is not parts[-1] else 0
        if index:
            yield bytes((head | 0x10,)) + part
        else:
            yield bytes((head | (len(small) + 1) << 4,)) + whole + part


def _units(picture: bytes) -> Iterator[bytes]:
    """The units of a picture without their sizes."""
    at = 0
    while at < len(picture):
        head = picture[at]
        at += 1
        size = shift = 0
        while True:
            byte = picture[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        yield bytes((head & ~0x02,)) + picture[at : at + size]
        at += size
