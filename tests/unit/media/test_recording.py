"""What arrives as packets, lost, late and out of order, is put into a file as frames in time."""

import asyncio
import random
import time
from pathlib import Path

import av
import pytest

from benchmarks.hostile import forged
from live.media.codecs import CodecName, Kind
from live.media.packets import Packet, Runs
from live.media.picture import Picture
from live.media.recording.container import UnreadableStartError, picture_size
from live.media.recording.finish import finish
from live.media.recording.frames import Assembler, Frame
from live.media.recording.recorder import Allowance, FileClosed, FileOpened, Note, Recorder, Stopped
from live.media.recording.tap import Arrived, Tap
from live.media.recording.timeline import TrackClock
from live.media.source import PublisherClock, Source, ntp_now
from live.ports.media_events import RecordingTrouble
from tests.unit.media.test_source import codec

KEYFRAME = bytes.fromhex("10100200 9d012a4001f000")
DELTA = bytes.fromhex("10110200")


def _packet(
    number: int, at: int, payload: bytes, *, marker: bool = True, keyframe: bool = False
) -> Packet:
    return Packet(number & 0xFFFF, at, payload, marker=marker, keyframe=keyframe)


def _taken(assembler: Assembler, *packets: Packet, now: float = 0.0) -> list[Frame]:
    return [frame for packet in packets for frame in assembler.take(packet, now)]


def test_packets_out_of_order_and_twice_become_each_frame_once() -> None:
    assembler = Assembler("VP8")
    one, two = (
        _packet(65_534, 10, KEYFRAME, marker=False, keyframe=True),
        _packet(65_535, 10, b"\x00rest"),
    )
    late, last = _packet(0, 20, DELTA), _packet(1, 30, DELTA)
    frames = _taken(assembler, one, two, two, last, one, late, late)
    assert [(frame.timestamp, frame.keyframe) for frame in frames] == [
        (10, True),
        (20, False),
        (30, False),
    ]
    assert frames[0].data == KEYFRAME[1:] + b"rest"
    assert assembler.lost == 0


def test_a_hole_is_waited_for_and_then_costs_the_pictures_up_to_the_next_keyframe() -> None:
    assembler = Assembler("VP8")
    assert len(_taken(assembler, _packet(1, 1, KEYFRAME, keyframe=True))) == 1
    assert _taken(assembler, _packet(3, 3, DELTA), now=0.0) == []
    assert _taken(assembler, _packet(4, 4, DELTA), now=0.9) == []
    assert not assembler.starved
    assert _taken(assembler, _packet(5, 5, DELTA), now=1.1) == []
    assert (assembler.starved, assembler.lost) == (True, 1)
    repaired = _taken(assembler, _packet(2, 2, DELTA), now=1.2)
    assert repaired == []  # it comes when its place has been passed over
    (frame,) = _taken(assembler, _packet(6, 6, KEYFRAME, keyframe=True), now=1.3)
    assert (frame.timestamp, assembler.starved) == (6, False)


def test_a_packet_without_content_is_no_loss_and_sound_goes_on_behind_a_hole() -> None:
    video = Assembler("VP8")
    _taken(video, _packet(1, 1, KEYFRAME, keyframe=True))
    assert video.pass_over(2, 0.0) == []
    assert [frame.timestamp for frame in _taken(video, _packet(3, 3, DELTA))] == [3]
    sound = Assembler("opus")
    _taken(sound, _packet(1, 1, b"a"), _packet(3, 3, b"c"))
    assert _taken(sound, _packet(4, 4, b"d"), now=0.5) == []
    behind = _taken(sound, _packet(5, 5, b"e"), now=1.5)
    assert [frame.data for frame in behind] == [b"c", b"d", b"e"]


def test_what_forwarding_added_to_make_packets_equally_long_is_taken_off() -> None:
    packet = _packet(1, 1, b"sound", keyframe=True)
    packet.pad(3)
    (frame,) = _taken(Assembler("opus"), packet)
    assert frame.data == b"sound"


def test_a_pictures_packets_at_once_make_the_frame_that_they_make_one_by_one() -> None:
    """Also behind a hole, across the end of the numbers, and where two pictures came together."""
    batches = [
        [_packet(65_534, 1, KEYFRAME, marker=False, keyframe=True), _packet(65_535, 1, b"\x00a")],
        [_packet(0, 2, DELTA)],
        [_packet(2, 4, DELTA, marker=False), _packet(3, 4, b"\x00b")],
        [_packet(1, 3, DELTA)],
        [_packet(4, 5, DELTA), _packet(5, 6, DELTA)],
        [_packet(6, 7, DELTA, marker=False)],
        [_packet(7, 7, b"\x00c")],
        [_packet(8, 8, DELTA, marker=False), _packet(9, 8, b"\x00d")],
    ]
    together, alone = Assembler("VP8"), Assembler("VP8")
    for packets in batches:
        frames = together.take_all(packets, 0.0)
        assert frames == [f for packet in packets for f in alone.take(packet, 0.0)]
    assert together.lost == alone.lost == 0


class _Heard:
    """Keeps where the clock stood, of all that comes."""

    needs_keyframe = False

    def __init__(self) -> None:
        self.clocks: list[tuple[int, int] | None] = []

    def take(self, arrived: Arrived) -> None:
        self.clocks.append(arrived.clock)


async def test_where_a_clock_stands_is_told_when_it_is_news_and_once_a_second() -> None:
    clock = PublisherClock()
    small, large = (Source(codec("VP8", "video", 90_000), clock, rid) for rid in ("q", "f"))
    Picture([small, large])
    heard = _Heard()
    tap = Tap("video", small, heard)
    small.note_sender_report(ntp_now(), 0, 100.0)

    def hear(source: Source, now: float, payload: bytes = DELTA) -> bool:
        packet = _packet(0, 0, payload, keyframe=payload is KEYFRAME)
        for sink in source.sinks:
            sink.send([packet], Runs(), now)
        return heard.clocks[-1] is not None

    assert [hear(small, 100 + step / 4) for step in range(6)] == [1, 0, 0, 0, 1, 0]
    small.note_sender_report(ntp_now(), 0, 101.3)
    assert [hear(small, 101.3), hear(small, 101.4)] == [True, False]
    large.note_sender_report(ntp_now(), 0, 101.4)
    large.meter.height, small.meter.height = 720, 180
    assert [hear(large, 101.5, KEYFRAME), hear(large, 101.6)] == [True, False]
    # Going back, whoever listens begins anew, and knows nothing of what was told before.
    small.meter.height = 1_080
    assert [hear(small, 101.7, KEYFRAME), hear(small, 101.8)] == [True, False]
    tap.close()
    assert not small.sinks


@pytest.mark.parametrize("name", ["VP8", "H264"])
def test_garbage_makes_no_frame_and_no_error(name: CodecName) -> None:
    assembler = Assembler(name)
    for number, payload in enumerate([b"", b"\x90", b"\x1c", b"\x18\xff\xff", b"\xff" * 5]):
        _taken(assembler, _packet(number, number, payload, keyframe=True))
    with pytest.raises(UnreadableStartError):
        picture_size(name, b"\x00\x00")


def test_sound_and_picture_are_laid_on_one_clock_by_the_publishers_reports() -> None:
    """The picture travels 300 ms longer than the sound; taken together, they are shown together."""
    now = ntp_now()
    sound, picture = TrackClock(48_000), TrackClock(90_000)
    sound.note(now, 0xFFFFFFF0, reported=False)
    picture.note(now + int(0.3 * (1 << 32)), 5_000, reported=False)
    assert picture.at(5_000) - sound.at(0xFFFFFFF0) == pytest.approx(0.3, abs=1e-6)
    sound.note(now, 0xFFFFFFF0, reported=True)
    picture.note(now, 5_000, reported=True)
    # A second later, across the end of the 32 bits.
    assert picture.at(95_000) == pytest.approx(sound.at(47_984), abs=1e-6)
    before = sound.at(47_984)
    sound.note(now + (1 << 32) + int(0.005 * (1 << 32)), 47_984, reported=True)
    assert sound.at(47_984) == before  # a report's own trembling moves nothing
    sound.note(now + (1 << 32) + int(0.5 * (1 << 32)), 47_984, reported=True)
    assert sound.at(47_984) - before == pytest.approx(0.5, abs=1e-6)


async def _recorded(allowance: Allowance) -> list[Note]:
    """Two seconds of picture and sound, that reach the recorder at once."""
    clock = PublisherClock()
    sources: dict[Kind, Source] = {
        "video": Source(codec("VP8", "video", 90_000), clock),
        "audio": Source(codec("opus", "audio", 48_000), clock),
    }
    told: list[Note] = []
    recorder = Recorder(sources, allowance, "host", told.append)
    ntp, now = ntp_now(), asyncio.get_running_loop().time()
    for number in range(60):
        for kind, source in sources.items():
            rate = source.codec.clock_rate
            source.note_sender_report(ntp, 0, now)
            payload = b"\xfc\xff\xfe" if kind == "audio" else DELTA if number % 30 else KEYFRAME
            source.take(number, number * rate // 30, payload, marker=True, now=now)
    recorder.stop()
    await asyncio.to_thread(recorder.join, 10)
    assert not recorder.running
    assert not sources["video"].sinks
    return told


async def test_a_file_holds_what_came_and_is_whole_when_the_recorder_stops(tmp_path: Path) -> None:
    opened, closed = await _recorded(Allowance(tmp_path / "show", 1 << 40, 0))
    assert isinstance(opened, FileOpened)
    assert isinstance(closed, FileClosed)
    path = tmp_path / "show" / opened.name
    assert (closed.size, closed.lost) == (path.stat().st_size, 0)
    assert 1_900 < closed.duration_ms < 2_100
    with av.open(str(path)) as file:
        kinds = [packet.stream.type for packet in file.demux() if packet.dts is not None]
        assert kinds.count("video") == 60
        assert kinds.count("audio") in {59, 60}  # sound of the very first moment may go
    whole = path.read_bytes()
    told = finish(path)
    assert (told["state"], told["size"]) == ("ready", len(whole))
    assert told["duration_ms"] == pytest.approx(2_000, abs=60)
    assert path.read_bytes() == whole
    # As a kill leaves it: without an end, torn in the middle of a frame.
    path.write_bytes(whole[: len(whole) * 3 // 4].replace(b"\x44\x89", b"\x44\x8a", 1))
    assert finish(path)["state"] == "ready"
    path.write_bytes(b"not a film")
    assert finish(path) == {"state": "empty"}


async def test_frames_keep_their_order_where_a_publishers_clock_steps_back(tmp_path: Path) -> None:
    """As at a change of layer, whose clock is a guess at first."""
    source = Source(codec("VP8", "video", 90_000), PublisherClock())
    told: list[Note] = []
    recorder = Recorder({"video": source}, Allowance(tmp_path, 1 << 40, 0), "host", told.append)
    ntp, now = ntp_now(), asyncio.get_running_loop().time()
    sent = []
    for stretch in range(2):
        source.begin_anew()
        source.note_sender_report(ntp, stretch * 9_000, now)  # the second 100 ms back
        for number in range(10):
            picture = (DELTA if number else KEYFRAME) + bytes((stretch, number))
            source.take(number, (number + 10 * stretch) * 3_000, picture, marker=True, now=now)
            sent.append(picture[-2:])
    recorder.stop()
    await asyncio.to_thread(recorder.join, 10)
    assert isinstance(told[0], FileOpened)
    with av.open(str(tmp_path / told[0].name)) as file:
        assert [bytes(each)[-2:] for each in file.demux() if each.size] == sent


async def test_a_publisher_that_lies_about_its_clock_makes_no_show_of_weeks(tmp_path: Path) -> None:
    source = Source(codec("VP8", "video", 90_000), PublisherClock())
    told: list[Note] = []
    recorder = Recorder({"video": source}, Allowance(tmp_path, 1 << 40, 0), "guest-1", told.append)
    ntp, now = ntp_now(), asyncio.get_running_loop().time()
    for number in range(60):
        source.note_sender_report(ntp + (number * 86_400 << 32), 0, now)
        picture = DELTA if number else KEYFRAME
        source.take(number, number << 30 & 0xFFFFFFFF, picture, marker=True, now=now)
    recorder.stop()
    await asyncio.to_thread(recorder.join, 10)
    opened, closed = told
    assert isinstance(opened, FileOpened)
    assert isinstance(closed, FileClosed)
    assert abs(opened.started_us / 1e6 - time.time()) < 60
    assert closed.duration_ms < 30_000


async def test_a_disk_that_does_not_keep_up_costs_a_hole_and_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.media.recording.recorder.BACKLOG_MOST", 40)
    monkeypatch.setattr("live.media.recording.recorder.WRITE_EVERY_S", 3_600.0)
    opened, closed = await _recorded(Allowance(tmp_path, 1 << 40, 0))
    assert isinstance(opened, FileOpened)
    assert isinstance(closed, FileClosed)
    with av.open(str(tmp_path / opened.name)) as file:
        kinds = [packet.stream.type for packet in file.demux() if packet.size]
    assert kinds.count("video") == 20, "of 60, as many as may wait, with their sound"


@pytest.mark.parametrize("name", ["VP8", "H264", "VP9", "AV1"])
async def test_nonsense_ends_files_and_never_the_sessions_recording(
    tmp_path: Path, name: CodecName
) -> None:
    """`Stopped` would be told to the session, and everyone's recording end."""
    chance = random.Random(7)
    clock = PublisherClock()
    sources: dict[Kind, Source] = {
        "video": Source(codec(name, "video", 90_000), clock),
        "audio": Source(codec("opus", "audio", 48_000), clock),
    }
    told: list[Note] = []
    recorder = Recorder(sources, Allowance(tmp_path, 1 << 40, 0), "guest-1", told.append)
    now = asyncio.get_running_loop().time()
    for source in sources.values():
        source.note_sender_report(ntp_now(), 0, now)
    for number in range(1_500):
        payload = forged.packet(1, number, chance)[12:]
        for source in sources.values():
            source.take(number, chance.getrandbits(32), payload, marker=number % 3 > 0, now=now)
    recorder.stop()
    await asyncio.to_thread(recorder.join, 10)
    assert not recorder.running
    assert not any(isinstance(note, Stopped) for note in told)


async def test_a_disk_without_room_ends_the_recording_and_says_so(tmp_path: Path) -> None:
    full: list[tuple[Allowance, RecordingTrouble]] = [
        (Allowance(tmp_path / "a", 1 << 40, 1 << 62), "disk_full"),
        (Allowance(tmp_path / "b", 1, 0), "quota_full"),
    ]
    for allowance, trouble in full:
        told = await _recorded(allowance)
        assert told[-1] == Stopped(trouble)
        assert [type(note) for note in told] == [FileOpened, FileClosed, Stopped]
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be")
    assert await _recorded(Allowance(blocked, 1 << 40, 0)) == [Stopped("unwritable")]
