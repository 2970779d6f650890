"""Fragmented MP4 (ISO/IEC 14496-12, -15; CMAF), as far as pieces of H264 and AAC need it.

Written by hand since a piece is cut where a player may start and sent on at once: FFmpeg's muxer
writes files, and neither flushes a fragment when told to nor goes on from a former one's time.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

VIDEO_RATE: Final = 90_000
"""Ticks a second of a picture's times: RTP's."""

VIDEO_TRACK: Final = 1
SOUND_TRACK: Final = 2

_SYNC: Final = 0x02000000
"""A sample that depends on no other one."""
_NOT_SYNC: Final = 0x01010000
_HIGH: Final = frozenset({100, 110, 122, 144})
_MATRIX: Final = struct.pack("!9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


@dataclass(frozen=True, slots=True)
class Picture:
    """What a decoder has to know of an H264 stream: its parameter sets, and its size in pixels."""

    sps: bytes
    pps: bytes
    width: int
    height: int

    @property
    def codecs(self) -> str:
        """As a playlist tells it (RFC 6381)."""
        return f"avc1.{self.sps[1:4].hex()}"


@dataclass(frozen=True, slots=True)
class Sound:
    """What a decoder has to know of an AAC stream: its `AudioSpecificConfig`."""

    config: bytes
    rate: int
    channels: int

    @property
    def codecs(self) -> str:
        """As a playlist tells it (RFC 6381)."""
        return f"mp4a.40.{self.config[0] >> 3}"


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture (its NAL units with their lengths before them) or a packet of sound; ``duration``
    in the track's ticks.
    """

    data: bytes
    duration: int
    keyframe: bool = True


@dataclass(frozen=True, slots=True)
class Run:
    """Samples of one track in their order, the first at ``start`` of the track's ticks."""

    track: int
    start: int
    samples: Sequence[Sample]


def header(picture: Picture | None, sound: Sound) -> bytes:
    """What a player reads before any piece: the tracks, and nothing of them."""
    tracks = [_sound_track(sound)]
    extends = [_extend(SOUND_TRACK)]
    if picture is not None:
        tracks.insert(0, _video_track(picture))
        extends.insert(0, _extend(VIDEO_TRACK))
    kind = _box(b"ftyp", b"iso6" + struct.pack("!I", 0) + b"iso6cmfcmp41")
    return kind + _box(b"moov", _movie_header(), *tracks, _box(b"mvex", *extends))


def fragment(number: int, runs: Sequence[Run]) -> bytes:
    """One fragment, the ``number``-th; a track without samples is left out."""
    runs = [run for run in runs if run.samples]
    size = len(_movie_fragment(number, runs, [0] * len(runs)))
    offsets, at = [], size + 8
    for run in runs:
        offsets.append(at)
        at += sum(len(sample.data) for sample in run.samples)
    data = (sample.data for run in runs for sample in run.samples)
    return _movie_fragment(number, runs, offsets) + _box(b"mdat", *data)


def _movie_fragment(number: int, runs: Sequence[Run], offsets: Sequence[int]) -> bytes:
    parts = [_full(b"mfhd", 0, 0, struct.pack("!I", number))]
    for run, offset in zip(runs, offsets, strict=True):
        entries = b"".join(
            struct.pack("!3I", each.duration, len(each.data), _SYNC if each.keyframe else _NOT_SYNC)
            for each in run.samples
        )
        parts.append(
            _box(
                b"traf",
                # The data's place counts from this fragment's beginning.
                _full(b"tfhd", 0, 0x020000, struct.pack("!I", run.track)),
                _full(b"tfdt", 1, 0, struct.pack("!Q", run.start)),
                _full(
                    b"trun",
                    0,
                    0x000701,  # place of the data; of each sample: duration, size, flags
                    struct.pack("!Ii", len(run.samples), offset) + entries,
                ),
            )
        )
    return _box(b"moof", *parts)


def _movie_header() -> bytes:
    times = struct.pack("!4I", 0, 0, 1000, 0)  # no duration: it goes on
    after = struct.pack("!IH10x", 0x10000, 0x0100) + _MATRIX + bytes(24)
    return _full(b"mvhd", 0, 0, times + after + struct.pack("!I", SOUND_TRACK + 1))


def _video_track(picture: Picture) -> bytes:
    config = b"".join(
        (
            b"\x01",
            picture.sps[1:4],
            b"\xff\xe1",  # lengths of four bytes; one sequence parameter set
            struct.pack("!H", len(picture.sps)) + picture.sps,
            b"\x01" + struct.pack("!H", len(picture.pps)) + picture.pps,
            # The high profiles tell their samples besides: 4:2:0 of eight bits.
            b"\xfd\xf8\xf8\x00" if picture.sps[1] in _HIGH else b"",
        )
    )
    size = struct.pack("!2H", picture.width, picture.height)
    entry = _box(
        b"avc1",
        bytes(6) + b"\0\x01" + bytes(16) + size,
        struct.pack("!3IH", 0x480000, 0x480000, 0, 1),  # 72 dpi; one frame a sample
        bytes(32) + struct.pack("!Hh", 24, -1),
        _box(b"avcC", config),
    )
    return _track(
        VIDEO_TRACK,
        VIDEO_RATE,
        b"vide",
        _full(b"vmhd", 0, 1, bytes(8)),
        entry,
        size=(picture.width, picture.height),
    )


def _sound_track(sound: Sound) -> bytes:
    decoder = _descriptor(0x05, sound.config)
    # MPEG-4 audio; a stream of sound.
    stream = _descriptor(0x04, struct.pack("!BBxxxII", 0x40, 0x15, 0, 0) + decoder)
    whole = _descriptor(0x03, struct.pack("!HB", SOUND_TRACK, 0) + stream + b"\x06\x01\x02")
    entry = _box(
        b"mp4a",
        bytes(6) + b"\0\x01" + bytes(8),
        struct.pack("!2H4xI", sound.channels, 16, sound.rate << 16),
        _full(b"esds", 0, 0, whole),
    )
    return _track(SOUND_TRACK, sound.rate, b"soun", _full(b"smhd", 0, 0, bytes(4)), entry)


def _track(
    number: int,
    rate: int,
    handler: bytes,
    media_header: bytes,
    entry: bytes,
    *,
    size: tuple[int, int] | None = None,
) -> bytes:
    width, height = size or (0, 0)
    volume = 0 if size else 0x0100
    about = struct.pack("!5I8x4H", 0, 0, number, 0, 0, 0, 0, volume, 0) + _MATRIX
    empty = bytes(4)
    table = _box(
        b"stbl",
        _full(b"stsd", 0, 0, struct.pack("!I", 1) + entry),
        _full(b"stts", 0, 0, empty),
        _full(b"stsc", 0, 0, empty),
        _full(b"stsz", 0, 0, bytes(8)),
        _full(b"stco", 0, 0, empty),
    )
    # The data is in the same file.
    reference = _box(b"dinf", _full(b"dref", 0, 0, struct.pack("!I", 1) + _full(b"url ", 0, 1)))
    return _box(
        b"trak",
        _full(b"tkhd", 0, 3, about + struct.pack("!2I", width << 16, height << 16)),
        _box(
            b"mdia",
            _full(b"mdhd", 0, 0, struct.pack("!4I2H", 0, 0, rate, 0, 0x55C4, 0)),  # "und"
            _full(b"hdlr", 0, 0, bytes(4) + handler + bytes(13)),
            _box(b"minf", media_header, reference, table),
        ),
    )


def _extend(track: int) -> bytes:
    return _full(b"trex", 0, 0, struct.pack("!5I", track, 1, 0, 0, 0))


def _descriptor(tag: int, data: bytes) -> bytes:
    return bytes((tag, len(data))) + data


def _full(kind: bytes, version: int, flags: int, data: bytes = b"") -> bytes:
    return _box(kind, struct.pack("!I", version << 24 | flags), data)


def _box(kind: bytes, *data: bytes) -> bytes:
    return struct.pack("!I4s", 8 + sum(map(len, data)), kind) + b"".join(data)
