"""Everyone's sound as one: Opus is decoded, laid on the server's clock, added up, and encoded once
as AAC. Where nobody sends any there is silence.
"""

from fractions import Fraction
from typing import Final, NamedTuple

import av
import numpy as np

from live.media.hls.boxes import Sound
from live.media.recording.container import OPUS_RATE as RATE

PACKET: Final = 1_024
"""Samples in a packet of AAC."""

BITRATE_BPS: Final = 96_000
AHEAD_S: Final = 4
"""Sound of a moment later than so much after the last one that was encoded is left out."""

SNAP: Final = RATE // 200
"""Samples between where a packet should begin and the end of the one before that are a clock's
trembling.
"""

_CHANNELS: Final = 2


class Encoded(NamedTuple):
    """A packet of AAC that begins with this sample, counted from 1970."""

    at: int
    data: bytes


class Voice:
    """One publisher's sound on its way into a mix."""

    def __init__(self) -> None:
        decoder = av.CodecContext.create("libopus", "r")
        decoder.layout = "stereo"
        decoder.sample_rate = RATE
        decoder.format = "s16"
        self._decoder = decoder
        self._next: int | None = None

    def decode(self, data: bytes, at_s: float) -> "tuple[int, np.ndarray] | None":
        """Where its samples begin, and they; None for what cannot be decoded."""
        try:
            frames = self._decoder.decode(av.Packet(data))
        except av.error.FFmpegError:
            return None
        if not frames:
            return None
        samples = np.concatenate([_samples(frame) for frame in frames])
        at = round(at_s * RATE)
        if self._next is not None and abs(at - self._next) < SNAP:
            at = self._next
        self._next = at + len(samples)
        return at, samples


class Mix:
    """The sum of all voices, from sample ``at`` on."""

    def __init__(self, at: int) -> None:
        self._at = at
        self._sum = np.zeros((AHEAD_S * RATE, _CHANNELS), dtype=np.int32)
        self._waiting: list[Encoded] = []
        encoder = av.CodecContext.create("aac", "w")
        encoder.sample_rate = RATE
        encoder.layout = "stereo"
        encoder.format = "fltp"
        encoder.bit_rate = BITRATE_BPS
        encoder.time_base = Fraction(1, RATE)
        encoder.open()
        self._encoder = encoder
        self.form = Sound(bytes(encoder.extradata or b""), RATE, _CHANNELS)

    @property
    def until_s(self) -> float:
        """Every packet that begins before this moment is made: the encoder looks ahead."""
        return (self._at - 2 * PACKET) / RATE

    def add(self, at: int, samples: np.ndarray) -> None:
        """Lay a voice's samples where they belong; what comes too late or too early is left out."""
        begin = max(0, self._at - at)
        offset = at + begin - self._at
        part = samples[begin : begin + max(0, len(self._sum) - offset)]
        if len(part):
            self._sum[offset : offset + len(part)] += part

    def encode(self, until_s: float) -> list[Encoded]:
        """What begins before a moment, encoded: from there on voices may still come."""
        made: list[Encoded] = []
        count = max(0, min(int(until_s * RATE) - self._at, len(self._sum)) // PACKET)
        blocks = (self._sum[: count * PACKET].clip(-32_768, 32_767) / 32_768).astype(np.float32)
        for block in np.split(blocks, count) if count else ():
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(block.T), format="fltp", layout="stereo"
            )
            frame.sample_rate, frame.pts = RATE, self._at
            frame.time_base = Fraction(1, RATE)
            self._at += PACKET
            packets = self._encoder.encode(frame)
            made += [Encoded(each.pts, bytes(each)) for each in packets if each.pts is not None]
        taken = count * PACKET
        self._sum[: len(self._sum) - taken] = self._sum[taken:]
        self._sum[len(self._sum) - taken :] = 0
        return made


def _samples(frame: av.AudioFrame) -> np.ndarray:
    return frame.to_ndarray().reshape(-1, _CHANNELS).astype(np.int32)
