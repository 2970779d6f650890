"""Pictures with a clock in them and a tone, as publishers send them; what pieces of HLS show."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
import numpy as np

from live.media.hls.cutting import Header, Part, Piece
from live.media.recording.frames import Frame

WIDTH: Final = 256
HEIGHT: Final = 64
RATE: Final = 25
TONE_HZ: Final = 440


def pictures(
    count: int, *, keyframe_every: int, width: int = WIDTH, first: int = 0
) -> Iterator[tuple[float, Frame]]:
    """H264 as `Assembler` gives it, 25 a second: each with its moment; its number is in it."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, HEIGHT, "yuv420p"
    encoder.time_base = Fraction(1, RATE)
    encoder.framerate = Fraction(RATE)
    encoder.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "profile": "baseline",
        "g": str(keyframe_every),
        "x264-params": f"keyint_min={keyframe_every}:scenecut=0:annexb=1:slices=1",
    }
    for number in range(first, first + count):
        image = np.zeros((HEIGHT, width), dtype=np.uint8)
        for bit in range(8):
            if number >> bit & 1:
                image[:, bit * width // 8 : (bit + 1) * width // 8] = 255
        frame = av.VideoFrame.from_ndarray(image, format="gray").reformat(format="yuv420p")
        frame.pts, frame.time_base = number, Fraction(1, RATE)
        for packet in encoder.encode(frame):
            yield number / RATE, Frame(number, _four_byte_starts(bytes(packet)), packet.is_keyframe)


def tone(seconds: float) -> Iterator[tuple[float, bytes]]:
    """Opus, 20 ms each, with its moment."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "stereo", "s16"
    for number in range(int(seconds * 50)):
        at = number * 960 + np.arange(960)
        wave = (12_000 * np.sin(2 * np.pi * TONE_HZ * at / 48_000)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.repeat(wave, 2).reshape(1, -1), format="s16")
        frame.sample_rate, frame.pts = 48_000, number * 960
        for packet in encoder.encode(frame):
            yield number * 0.02, bytes(packet)


def _four_byte_starts(data: bytes) -> bytes:
    """Every start code of four bytes, as they are after a journey in packets."""
    units = data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")
    return b"".join(b"\0\0\0\1" + unit for unit in units if unit)


@dataclass(frozen=True)
class Shown:
    """What a player shows of pieces: numbers of pictures with their times, and the sound."""

    numbers: list[int]
    times: list[float]
    sound: np.ndarray
    sound_times: list[float]

    @property
    def tone_hz(self) -> float:
        """The strongest tone."""
        spectrum = np.abs(np.fft.rfft(self.sound))
        return float(np.argmax(spectrum) * 48_000 / len(self.sound))


def shown(data: bytes) -> Shown:
    """Decode a header with pieces behind it."""
    numbers: list[int] = []
    times: list[float] = []
    levels: list[np.ndarray] = [np.zeros(0)]
    sound_times: list[float] = []
    with av.open(io.BytesIO(data), "r") as file:
        frames: Iterator[object] = file.decode()
        for frame in frames:
            if isinstance(frame, av.VideoFrame):
                numbers.append(_number(frame))
                times.append(float(frame.time or 0))
            elif isinstance(frame, av.AudioFrame):
                levels.append(frame.to_ndarray()[0])
                sound_times.append(float(frame.time or 0))
    return Shown(numbers, times, np.concatenate(levels), sound_times)


def _number(frame: av.VideoFrame) -> int:
    grey = frame.to_ndarray(format="gray")
    height, width = grey.shape
    bits = [grey[height // 2, int((bit + 0.5) * width / 8)] > 127 for bit in range(8)]
    return sum(int(on) << bit for bit, on in enumerate(bits))


def joined(pieces: Sequence[Piece]) -> bytes:
    """Pieces one behind the other, as a player puts them together."""
    return b"".join(piece.data for piece in pieces)


def parts(pieces: Sequence[Piece]) -> list[Part]:
    """The parts among them."""
    return [piece for piece in pieces if isinstance(piece, Part)]


def headers(pieces: Sequence[Piece]) -> list[Header]:
    """The headers among them."""
    return [piece for piece in pieces if isinstance(piece, Header)]
