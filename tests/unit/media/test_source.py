"""One stream of a publisher, handed on to whoever follows it."""

import gc
import weakref

import pytest

from live.media.codecs import Codec, CodecName, Kind
from live.media.layers import Rung
from live.media.packets import Packet, Runs
from live.media.picture import Picture
from live.media.source import PublisherClock, Source, ntp_now

KEYFRAME, DELTA = b"\x10\x00", b"\x10\x01"


def codec(name: CodecName, kind: Kind, clock_rate: int) -> Codec:
    return Codec(
        kind=kind,
        name=name,
        payload_type=96,
        rtx_payload_type=None,
        clock_rate=clock_rate,
        channels=None,
        parameters="",
        feedback=(),
        profile=None,
    )


class Kept:
    """A sink that keeps what it gets."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    def send(self, packets: list[Packet], runs: Runs, now: float) -> None:
        assert [p for run in runs for p in run.packets] == packets
        assert now >= 0
        self.batches.append([packet.sequence for packet in packets])


class Broken(Kept):
    """A sink that meets a bug."""

    def send(self, packets: list[Packet], runs: Runs, now: float) -> None:
        super().send(packets, runs, now)
        raise RuntimeError("a bug")


@pytest.fixture
async def video() -> Source:
    return Source(codec("VP8", "video", 90_000), PublisherClock())


@pytest.fixture
async def audio() -> Source:
    return Source(codec("opus", "audio", 48_000), PublisherClock())


def _take(source: Source, *numbers: int, marker: int | None = None) -> None:
    for number in numbers:
        source.take(number, 0, DELTA, marker=number == marker, now=0.0)


async def test_a_frame_leaves_as_one_when_its_last_packet_comes_in_order(video: Source) -> None:
    kept = Kept()
    video.sinks[kept] = None
    _take(video, 65_535, 1, 0)
    assert kept.batches == []
    _take(video, 2, marker=2)
    assert kept.batches == [[65_535, 0, 1, 2]]


async def test_sound_leaves_at_once_and_each_packet_only_once(audio: Source) -> None:
    kept = Kept()
    audio.sinks[kept] = None
    _take(audio, 7, 7, 8)
    assert kept.batches == [[7], [8]]


async def test_a_viewer_that_meets_a_bug_does_not_take_the_picture_from_others(
    audio: Source, caplog: pytest.LogCaptureFixture
) -> None:
    broken, kept = Broken(), Kept()
    audio.sinks |= {broken: None, kept: None}
    _take(audio, 1, 2, 3)
    assert kept.batches == [[1], [2], [3]]
    assert broken.batches == [[1]]
    assert "a stream to a viewer failed" in caplog.text


async def test_a_stream_that_begins_anew_wants_a_keyframe_and_forgets(video: Source) -> None:
    video.take(1, 0, KEYFRAME, marker=True, now=0.0)
    assert video.latest_group.replay(0.0)
    video.begin_anew()
    assert video.latest_group.replay(0.0) == []
    assert video.cache.get(1) is None
    assert video.keyframe_requests.due(1.0)


async def test_the_clock_follows_the_publishers_report_on_our_time(video: Source) -> None:
    assert video.clock_at(0.0) is None
    video.take(1, 1_000, KEYFRAME, marker=True, now=10.0)
    _, timestamp = video.clock_at(10.5) or (0, 0)
    assert timestamp == 1_000 + 45_000
    video.note_sender_report(5 << 32, 0xFFFFFFFF, 20.0)
    ntp, timestamp = video.clock_at(21.0) or (0, 0)
    assert timestamp == 89_999
    assert abs(ntp - (1 << 32) - ntp_now()) < 60 << 32


async def test_two_streams_of_one_publisher_stay_in_step_whatever_its_clock_says() -> None:
    clock = PublisherClock()
    assert clock.ours(9 << 32) - clock.ours(7 << 32) == 2 << 32


async def test_what_is_cut_goes_nowhere_and_comes_late_to_nobody(video: Source) -> None:
    kept = Kept()
    video.sinks[kept] = None
    _take(video, 1, marker=1)
    video.cut(on=True)
    assert not video.keyframe_requests.due(100.0)
    _take(video, 2, 3, 6, marker=6)
    video.cut(on=False)
    assert video.keyframe_requests.due(100.0)
    _take(video, 4, 5, marker=5)
    assert kept.batches == [[1]]
    assert video.cache.get(5) is None
    _take(video, 7, marker=7)
    assert kept.batches == [[1], [7]]


async def test_what_waited_to_leave_with_its_frame_is_cut_too(video: Source) -> None:
    kept = Kept()
    video.sinks[kept] = None
    _take(video, 1, 2)
    epoch = video.epoch
    video.cut(on=True)
    video.cut(on=False)
    _take(video, 3, marker=3)
    assert kept.batches == [[3]]
    assert video.epoch > epoch


async def test_a_stream_that_begins_anew_while_it_is_cut_is_known_by_its_new_numbers(
    video: Source,
) -> None:
    kept = Kept()
    video.sinks[kept] = None
    video.cut(on=True)
    _take(video, 60_000, marker=60_000)
    video.begin_anew()
    _take(video, 5, marker=5)
    video.cut(on=False)
    _take(video, 5, 6, marker=6)
    assert kept.batches == [[6]]


async def test_a_picture_that_ended_is_free_at_once_with_all_its_layers() -> None:
    """As it has megabytes of packets: nothing of it may wait for the collector."""
    clock = PublisherClock()
    layers = [Source(codec("VP8", "video", 90_000), clock, rid) for rid in ("q", "f")]
    picture = Picture(layers)
    thinned = picture.source(Rung("f", 0, 100_000, 180))
    thinned.sinks[Kept()] = None
    _take(layers[1], 0, marker=0)
    held = [weakref.ref(each) for each in (picture, thinned, *layers)]
    gc.disable()
    try:
        layers[0].close()
        assert not thinned.sinks
        del picture, thinned, layers
        assert [each() for each in held] == [None] * 4
    finally:
        gc.enable()
