"""Where a stream is cut: into parts of half a second, and segments that begin where a player may
start.

A picture's duration is known when the next one has come, and a part is whole when the sound of its
time is encoded; nothing is waited for besides.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from live.media.hls import boxes
from live.media.hls.boxes import SOUND_TRACK, VIDEO_RATE, VIDEO_TRACK, Picture, Run, Sample, Sound
from live.media.hls.news import PART_BYTES_MOST
from live.media.hls.sound import PACKET, Encoded
from live.media.recording.container import OPUS_RATE as RATE
from live.media.recording.container import UnreadableStartError, picture_size
from live.media.recording.frames import Frame

SEGMENT_S: Final = 2.0
"""So often a publisher is asked for a keyframe, and so long a segment usually is."""

SEGMENT_LEAST_S: Final = 1.22
SEGMENT_MOST_S: Final = 2.45
"""Who sends keyframes more rarely gets segments that begin without one. Rounded it is what
playlists promise (RFC 8216 section 4.3.3.1); the least is half of it, so that every second keyframe
comes in time where every first comes too early.
"""

PART_S: Final = 0.55
"""No part is longer, unless a single picture is; most hold half a second."""

GAP_S: Final = 3.0
"""After so long without a picture, what follows is a new beginning."""

SOUND_PACKETS: Final = 24
"""In a part of sound alone: 0.51 s."""

SOUND_PARTS: Final = 4
"""In a segment of sound alone."""

SOUND_MOST: Final = 1_024
"""Packets of sound that wait for a picture: 22 s."""

_SPS, _PPS, _DELIMITER = 7, 8, 9


@dataclass(frozen=True, slots=True)
class Header:
    """See `HlsHeader`."""

    data: bytes
    codecs: str
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """See `HlsPart`."""

    data: bytes
    start_s: float
    duration_s: float
    independent: bool
    ends: bool


Piece = Header | Part


@dataclass(slots=True)
class _Open:
    """A part that is being filled, from ``start`` on, in ticks of the picture."""

    start: int
    samples: list[Sample] = field(default_factory=list)
    size: int = 0


@dataclass(frozen=True, slots=True)
class _Whole:
    """A part whose pictures are known; its sound may not be."""

    start: int
    end: int
    samples: Sequence[Sample]
    ends: bool
    first: bool
    """Of a beginning: sound from before it has no place."""


class PictureCutter:
    """Cuts H264 and the sound of the same time. Moments are seconds since 1970; tracks count from
    ``origin_s``.
    """

    def __init__(self, sound: Sound, origin_s: float) -> None:
        self._sound_form = sound
        self._origin_s = origin_s
        self._origin_sample = round(origin_s * RATE)
        self._form: Picture | None = None
        self._held: tuple[int, bytes, bool] | None = None
        self._part = _Open(0)
        self._segment_start = 0
        self._queue: deque[Header | _Whole] = deque()
        # Bounded where sound comes, and no picture.
        self._sound: deque[Encoded] = deque(maxlen=SOUND_MOST)
        self._first = True
        self._number = 0

    def add_picture(self, at_s: float, frame: Frame) -> None:
        """Take the next picture; those before the first that tells its form are left out."""
        units = _units(frame.data)
        form = self._form_of(units, frame) if frame.keyframe else self._form
        if form is None:
            return
        ticks = round((at_s - self._origin_s) * VIDEO_RATE)
        if self._held is not None:
            ticks = max(ticks, self._held[0] + 1)
        if form != self._form or self._is_late(ticks):
            self._begin(form, ticks)
        else:
            self._go_on(ticks, keyframe=frame.keyframe)
        kept = (unit for unit in units if unit[0] & 0x1F not in {_SPS, _PPS, _DELIMITER})
        data = b"".join(len(unit).to_bytes(4) + unit for unit in kept)
        self._held = (ticks, data, frame.keyframe)

    def add_sound(self, packets: Iterable[Encoded]) -> None:
        """Take the next packets of sound."""
        self._sound.extend(packets)

    def pieces(self, sound_until_s: float) -> list[Piece]:
        """What is whole; of the sound all before that moment was added."""
        made: list[Piece] = []
        while self._queue:
            next_up = self._queue[0]
            if isinstance(next_up, Header):
                made.append(next_up)
            elif self._origin_s + next_up.end / VIDEO_RATE > sound_until_s:
                break
            else:
                made.append(self._made(next_up))
            self._queue.popleft()
        return made

    def _is_late(self, ticks: int) -> bool:
        return self._held is not None and ticks - self._held[0] > GAP_S * VIDEO_RATE

    def _form_of(self, units: Sequence[bytes], frame: Frame) -> Picture | None:
        """The form that a keyframe tells; that of before, where it tells none."""
        sps = next((unit for unit in units if unit[0] & 0x1F == _SPS), None)
        pps = next((unit for unit in units if unit[0] & 0x1F == _PPS), None)
        known = self._form
        if sps is None or pps is None or len(sps) < 4:
            return known
        if known is not None and (sps, pps) == (known.sps, known.pps):
            return known
        try:
            return Picture(sps, pps, *picture_size("H264", frame.data))
        except UnreadableStartError:
            return known

    def _begin(self, form: Picture, ticks: int) -> None:
        """What follows has nothing to do with what was before."""
        if self._held is not None:
            last_ticks, _, _ = self._held
            usual = self._part.samples[-1].duration if self._part.samples else VIDEO_RATE // 30
            self._take_held(last_ticks + usual)
            self._cut(last_ticks + usual, ends=True)
        codecs = f"{form.codecs},{self._sound_form.codecs}"
        data = boxes.header(form, self._sound_form)
        self._queue.append(Header(data, codecs, form.width, form.height))
        self._form = form
        self._part, self._segment_start, self._first = _Open(ticks), ticks, True

    def _go_on(self, ticks: int, *, keyframe: bool) -> None:
        usual = self._take_held(ticks)
        in_segment = ticks - self._segment_start
        ends = in_segment + usual > SEGMENT_MOST_S * VIDEO_RATE or (
            keyframe and in_segment >= SEGMENT_LEAST_S * VIDEO_RATE
        )
        long = ticks + usual - self._part.start > PART_S * VIDEO_RATE
        if ends or long or self._part.size > PART_BYTES_MOST // 2:
            self._cut(ticks, ends=ends)

    def _take_held(self, until: int) -> int:
        """Put the picture that is held into the part; how long it is shown."""
        if self._held is None:
            return 0
        ticks, data, keyframe = self._held
        self._part.samples.append(Sample(data, until - ticks, keyframe))
        self._part.size += len(data)
        return until - ticks

    def _cut(self, ticks: int, *, ends: bool) -> None:
        part = self._part
        self._queue.append(_Whole(part.start, ticks, part.samples, ends, self._first))
        self._part, self._first = _Open(ticks), False
        if ends:
            self._segment_start = ticks

    def _made(self, part: _Whole) -> Part:
        first = self._origin_sample + part.start * RATE // VIDEO_RATE
        end = self._origin_sample + part.end * RATE // VIDEO_RATE
        if part.first:
            while self._sound and self._sound[0].at < first:
                self._sound.popleft()
        sound: list[Encoded] = []
        while self._sound and self._sound[0].at < end:
            sound.append(self._sound.popleft())
        self._number += 1
        runs = [Run(VIDEO_TRACK, part.start, part.samples)]
        if sound:
            start = sound[0].at - self._origin_sample
            runs.append(Run(SOUND_TRACK, start, [Sample(each.data, PACKET) for each in sound]))
        return Part(
            boxes.fragment(self._number, runs),
            self._origin_s + part.start / VIDEO_RATE,
            (part.end - part.start) / VIDEO_RATE,
            independent=part.samples[0].keyframe,
            ends=part.ends,
        )


class SoundCutter:
    """Cuts sound alone."""

    def __init__(self, sound: Sound, origin_s: float) -> None:
        self._origin_sample = round(origin_s * RATE)
        self._sound: deque[Encoded] = deque()
        self._made: list[Piece] = [Header(boxes.header(None, sound), sound.codecs)]
        self._number = 0

    def add_sound(self, packets: Iterable[Encoded]) -> None:
        """Take the next packets."""
        self._sound.extend(each for each in packets if each.at >= self._origin_sample)

    def pieces(self) -> list[Piece]:
        """What is whole."""
        while len(self._sound) >= SOUND_PACKETS:
            packets = [self._sound.popleft() for _ in range(SOUND_PACKETS)]
            self._number += 1
            at = packets[0].at
            samples = [Sample(each.data, PACKET) for each in packets]
            run = Run(SOUND_TRACK, at - self._origin_sample, samples)
            self._made.append(
                Part(
                    boxes.fragment(self._number, [run]),
                    at / RATE,
                    SOUND_PACKETS * PACKET / RATE,
                    independent=True,
                    ends=self._number % SOUND_PARTS == 0,
                )
            )
        made, self._made = self._made, []
        return made


def _units(data: bytes) -> list[bytes]:
    """The NAL units of a picture as `Assembler` gives it: each behind a start code of four
    bytes.
    """
    return [unit for unit in data.split(b"\0\0\0\1") if unit]
