"""One file of a recording: frames go in as they are, and are on disk within a second.

VP8, VP9 and AV1 go into WebM, H264 into fragmented MP4, which are whole after every cluster or
fragment: what a kill leaves behind can be played up to there.
"""

import fcntl
import io
import os
import struct
from fractions import Fraction
from pathlib import Path
from typing import Final

import av

from live.media.codecs import CodecName, Kind
from live.media.recording.frames import Frame
from live.ports.media_events import RecordingForm

_OPTIONS: Final[dict[RecordingForm, dict[str, str]]] = {
    "webm": {"cluster_time_limit": "1000"},
    "mp4": {
        "movflags": "+empty_moov+default_base_moof",
        "frag_duration": "1000000",
        "video_track_timescale": "90000",
    },
}
_COMMON: Final = {
    "flush_packets": "1",
    # A track that falls silent must not keep the other one from the disk.
    "max_interleave_delta": "1000000",
}
_RATE: Final = 90_000
_TIME_BASE: Final = Fraction(1, _RATE)
OPUS_RATE: Final = 48_000

_FOUR_LETTERS: Final[dict[CodecName, bytes]] = {"VP9": b"VP90", "AV1": b"AV01"}
_UNIT_START: Final = b"\0\0\0\1"
_PARAMETERS: Final = 7
_IVF: Final = struct.Struct("<4sHH4sHHIIII")
_IVF_FRAME: Final = struct.Struct("<IQ")


class UnreadableStartError(Exception):
    """A first picture whose size cannot be told."""


class RecordingFile:
    """A file that is being written, and locked as long as it is."""

    def __init__(self, path: Path, video: CodecName | None, start: Frame, *, sound: bool) -> None:
        """Begin. ``start`` is the first picture, or the first sound where there is no ``video``.

        Raises ``OSError`` where it cannot be written, another ``FFmpegError`` for a start that
        makes no sense, ``UnreadableStartError``.
        """
        size = None if video is None else picture_size(video, start.data)
        self.path = path
        self.form: RecordingForm = form_of(video)
        self._lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            self._container = av.open(
                str(path), "w", format=self.form, options=_OPTIONS[self.form] | _COMMON
            )
            self._streams = self._begun(video, size, start, sound=sound)
        except Exception:
            os.close(self._lock)
            path.unlink()
            raise
        self._last: dict[Kind, int] = {}
        self.duration_s = 0.0

    def _begun(
        self, video: CodecName | None, size: tuple[int, int] | None, start: Frame, *, sound: bool
    ) -> dict[Kind, av.stream.Stream]:
        streams: dict[Kind, av.stream.Stream] = {}
        if video is not None and size is not None:
            streams["video"] = _picture_stream(self._container, video, size, start.data)
        if sound:
            # The encoder is asked for the header of an Opus stream, and never for sound.
            streams["audio"] = self._container.add_stream(
                "libopus", rate=OPUS_RATE, layout="stereo"
            )
        return streams

    def add(self, kind: Kind, frame: Frame, at_s: float) -> None:
        """Put in a frame, ``at_s`` seconds after the start. Raises as the constructor does."""
        ticks = max(0, int(at_s * _RATE), self._last.get(kind, -1) + 1)
        self._last[kind] = ticks
        packet = av.Packet(frame.data)
        packet.stream = self._streams[kind]
        packet.time_base = _TIME_BASE
        packet.pts = packet.dts = ticks
        packet.is_keyframe = frame.keyframe
        self._container.mux_one(packet)
        self.duration_s = max(self.duration_s, ticks / _RATE)

    def close(self) -> None:
        """Finish it, with what makes seeking quick. Raises as the constructor does."""
        try:
            self._container.close()
        finally:
            os.close(self._lock)


def form_of(video: CodecName | None) -> RecordingForm:
    """The kind of file that every browser plays this codec from."""
    return "mp4" if video == "H264" else "webm"


def picture_size(codec: CodecName, keyframe: bytes) -> tuple[int, int]:
    """Width and height that a keyframe tells. Raises ``UnreadableStartError``."""
    if codec == "VP8":
        if len(keyframe) < 10 or keyframe[3:6] != b"\x9d\x01\x2a":  # RFC 6386 section 9.1
            raise UnreadableStartError
        width, height = (int.from_bytes(keyframe[at : at + 2], "little") & 0x3FFF for at in (6, 8))
        return width, height
    if codec in _FOUR_LETTERS:
        with _specimen(codec, keyframe) as specimen:
            size = specimen.streams.video[0].width, specimen.streams.video[0].height
        if not all(size):
            raise UnreadableStartError
        return size
    decoder = av.CodecContext.create("h264", "r")
    try:
        pictures = [*decoder.decode(av.Packet(keyframe)), *decoder.decode(None)]
    except av.error.FFmpegError as error:
        raise UnreadableStartError from error
    if not pictures:
        raise UnreadableStartError
    return pictures[0].width, pictures[0].height


def _picture_stream(
    container: av.container.OutputContainer,
    codec: CodecName,
    size: tuple[int, int],
    keyframe: bytes,
) -> av.stream.Stream:
    if codec not in _FOUR_LETTERS:
        return container.add_mux_stream(codec.lower(), width=size[0], height=size[1])
    # A file of AV1 begins with what the first keyframe says of the whole sequence.
    with _specimen(codec, keyframe) as specimen:
        return container.add_stream_from_template(specimen.streams.video[0], opaque=True)


def _specimen(codec: CodecName, keyframe: bytes) -> av.container.InputContainer:
    """A file of this one picture, in memory. Raises ``UnreadableStartError``."""
    head = _IVF.pack(b"DKIF", 0, _IVF.size, _FOUR_LETTERS[codec], 0, 0, _RATE, 1, 1, 0)
    data = head + _IVF_FRAME.pack(len(keyframe), 0) + keyframe
    try:
        return av.open(io.BytesIO(data), "r", format="ivf")
    except av.error.FFmpegError as error:
        raise UnreadableStartError from error


def parameter_set(frame: Frame) -> bytes | None:
    """The H264 sequence parameter set in a keyframe: a file holds one; None without any."""
    data, at = frame.data, -1
    while (at := data.find(_UNIT_START, at + 1)) >= 0:
        if data[at + 4 : at + 5] and data[at + 4] & 0x1F == _PARAMETERS:
            end = data.find(_UNIT_START, at + 4)
            return data[at + 4 :] if end < 0 else data[at + 4 : end]
    return None
