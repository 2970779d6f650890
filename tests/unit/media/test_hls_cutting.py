"""What is cut is decoded again: every picture at its time, the sound beside it, and a start where a
player may start.
"""

import itertools

import numpy as np
import pytest

from live.media.hls.cutting import (
    PART_S,
    SEGMENT_LEAST_S,
    SEGMENT_MOST_S,
    Header,
    Part,
    PictureCutter,
    Piece,
    SoundCutter,
)
from live.media.hls.sound import Mix, Voice
from live.media.recording.container import OPUS_RATE
from tests.support.pieces import RATE, TONE_HZ, headers, joined, parts, pictures, shown, tone

ORIGIN_S = 1_700_000_000.0


def _cut(count: int, *, keyframe_every: int, gap_after: int | None = None) -> list[Piece]:
    """So many pictures and the sound of their time; optionally with ten seconds of none between."""
    mix = Mix(round(ORIGIN_S * OPUS_RATE))
    voice, cutter = Voice(), PictureCutter(mix.form, ORIGIN_S)
    sound = tone(count / RATE + 0.5)
    for at, data in itertools.islice(sound, 10):
        decoded = voice.decode(data, ORIGIN_S + at)
        if decoded is not None:
            mix.add(*decoded)
    made: list[Piece] = []
    late_s = 0.0
    for at, frame in pictures(count, keyframe_every=keyframe_every):
        if gap_after is not None and round(at * RATE) == gap_after:
            late_s = 10.0
        cutter.add_picture(ORIGIN_S + at + late_s, frame)
        for moment, data in itertools.islice(sound, 2):
            decoded = voice.decode(data, ORIGIN_S + moment)
            if decoded is not None:
                mix.add(*decoded)
        cutter.add_sound(mix.encode(ORIGIN_S + at + late_s + 0.1))
        made += cutter.pieces(mix.until_s)
    return made


def test_every_picture_is_shown_once_at_its_time_with_the_sound_of_that_time() -> None:
    pieces = _cut(150, keyframe_every=50)
    (header,) = headers(pieces)
    assert header.codecs.startswith("avc1.42")
    assert header.codecs.endswith(",mp4a.40.2")
    assert (header.width, header.height) == (256, 64)
    seen = shown(joined(pieces))
    assert seen.numbers == list(range(len(seen.numbers)))
    assert len(seen.numbers) >= 130
    assert seen.times == pytest.approx([number / RATE for number in seen.numbers], abs=0.001)
    assert seen.tone_hz == pytest.approx(TONE_HZ, abs=1)
    steps = np.diff(seen.sound_times)
    assert steps == pytest.approx(np.full(len(steps), 1_024 / OPUS_RATE), abs=0.001)
    assert seen.sound_times[-1] == pytest.approx(seen.times[-1], abs=0.3)


def test_a_player_may_start_at_every_segment_and_parts_are_short() -> None:
    pieces = _cut(150, keyframe_every=50)
    cut = parts(pieces)
    assert all(0.2 < part.duration_s <= PART_S for part in cut)
    for part, after in itertools.pairwise(cut):
        assert part.start_s + part.duration_s == pytest.approx(after.start_s, abs=0.001)
    lengths = [
        sum(part.duration_s for part in segment) for segment in _segments(cut) if segment[-1].ends
    ]
    assert lengths == pytest.approx([2.0] * len(lengths), abs=0.001)
    (header,) = headers(pieces)
    for segment in _segments(cut):
        assert segment[0].independent
        first = round((segment[0].start_s - ORIGIN_S) * RATE)
        assert shown(joined([header, *segment])).numbers[0] == first


def _segments(cut: list[Part]) -> list[list[Part]]:
    segments: list[list[Part]] = [[]]
    for part in cut:
        segments[-1].append(part)
        if part.ends:
            segments.append([])
    return [segment for segment in segments if segment]


@pytest.mark.parametrize("keyframe_every", [10, 26, 500])
def test_however_often_keyframes_come_a_segment_is_no_longer_than_promised(
    keyframe_every: int,
) -> None:
    cut = parts(_cut(170, keyframe_every=keyframe_every))
    whole = [segment for segment in _segments(cut) if segment[-1].ends]
    assert len(whole) >= 2
    for segment in whole:
        assert SEGMENT_LEAST_S - 0.05 <= sum(part.duration_s for part in segment) <= SEGMENT_MOST_S
        if keyframe_every < 500:
            assert segment[0].independent


def test_another_size_or_a_long_silence_is_a_new_beginning() -> None:
    pieces = _cut(150, keyframe_every=25, gap_after=75)
    assert len(headers(pieces)) == 2
    place = max(at for at, piece in enumerate(pieces) if isinstance(piece, Header))
    before, after = pieces[:place], pieces[place:]
    assert parts(before)[-1].ends
    assert shown(joined(before)).numbers == list(range(75))
    assert shown(joined(after)).numbers[0] == 75
    mix = Mix(round(ORIGIN_S * OPUS_RATE))
    cutter = PictureCutter(mix.form, ORIGIN_S)
    for at, frame in pictures(50, keyframe_every=25):
        cutter.add_picture(ORIGIN_S + at, frame)
    for at, frame in pictures(50, keyframe_every=25, width=512, first=50):
        cutter.add_picture(ORIGIN_S + at, frame)
    narrow, wide = headers(cutter.pieces(ORIGIN_S + 10))
    assert (narrow.width, wide.width) == (256, 512)


def test_pictures_before_the_first_keyframe_are_left_out() -> None:
    mix = Mix(round(ORIGIN_S * OPUS_RATE))
    cutter = PictureCutter(mix.form, ORIGIN_S)
    for at, frame in itertools.islice(pictures(60, keyframe_every=30), 1, None):
        cutter.add_picture(ORIGIN_S + at, frame)
    pieces = cutter.pieces(ORIGIN_S + 10)
    assert shown(joined(pieces)).numbers[0] == 30


def test_two_voices_are_heard_together_and_where_nobody_speaks_there_is_silence() -> None:
    mix = Mix(round(ORIGIN_S * OPUS_RATE))
    cutter = SoundCutter(mix.form, ORIGIN_S)
    for begins_s in (0.0, 1.0):
        voice = Voice()
        for at, data in tone(2.0):
            decoded = voice.decode(data, ORIGIN_S + begins_s + at)
            if decoded is not None:
                mix.add(*decoded)
    made: list[Piece] = []
    for second in range(1, 7):
        cutter.add_sound(mix.encode(ORIGIN_S + second))
        made += cutter.pieces()
    assert headers(made)[0].codecs == "mp4a.40.2"
    assert all(part.independent for part in parts(made))
    sound = np.abs(shown(joined(made)).sound)
    alone, both, none = (sound[int(second * 48_000) :][:24_000].max() for second in (0.4, 1.4, 4.0))
    assert alone == pytest.approx(12_000 / 32_768, abs=0.06)
    assert both == pytest.approx(2 * alone, rel=0.1)
    assert none < 0.001


def test_garbage_is_no_sound_and_what_comes_too_late_or_too_early_is_left_out() -> None:
    voice = Voice()
    assert voice.decode(b"\xff\xff\xff", ORIGIN_S) is None
    mix = Mix(round(ORIGIN_S * OPUS_RATE))
    late, early = -3 * OPUS_RATE, 100 * OPUS_RATE
    for moved in (late, early):
        loud = np.full((960, 2), 20_000, dtype=np.int32)
        mix.add(round(ORIGIN_S * OPUS_RATE) + moved, loud)
    cutter = SoundCutter(mix.form, ORIGIN_S)
    cutter.add_sound(mix.encode(ORIGIN_S + 3))
    assert np.abs(shown(joined(cutter.pieces())).sound).max() < 0.001
