"""VP9 and AV1: passed on as they are, found where they begin, put together again for a file."""

import asyncio
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.media import av1, vp9
from live.media.codecs import CodecName, Kind
from live.media.keyframes import keyframe_height, starts_keyframe
from live.media.recording.container import UnreadableStartError, picture_size
from live.media.recording.finish import finish
from live.media.recording.frames import Assembler
from live.media.recording.recorder import Allowance, FileOpened, Note, Recorder
from live.media.source import PublisherClock, Source, ntp_now
from tests.support.packetized import encoded, payloads
from tests.unit.media.test_recording import _packet
from tests.unit.media.test_source import codec

JOINED = {"VP9": vp9.joined, "AV1": av1.joined}
WIDTH, HEIGHT = 320, 180
BOTH: list[CodecName] = ["VP9", "AV1"]


@pytest.mark.parametrize("name", BOTH)
def test_a_picture_is_found_measured_and_put_together_from_its_packets(name: CodecName) -> None:
    pictures = encoded(name, WIDTH, HEIGHT, 3)
    assert [keyframe for _, keyframe in pictures] == [True, False, False]
    for picture, keyframe in pictures:
        parts = payloads(name, picture, keyframe)
        assert len(parts) > 2
        assert [starts_keyframe(name, part) for part in parts] == [keyframe] + [False] * (
            len(parts) - 1
        )
        assert JOINED[name](parts) == picture.removeprefix(b"\x12\x00")
    first = payloads(name, *pictures[0])
    assert keyframe_height(name, first[0]) == HEIGHT
    assert keyframe_height(name, first[1]) is None
    assert picture_size(name, JOINED[name](first)) == (WIDTH, HEIGHT)


@given(st.sampled_from(["VP9", "AV1"]), st.lists(st.binary(max_size=40), min_size=1, max_size=4))
def test_garbage_makes_no_frame_and_no_error(name: CodecName, parts: list[bytes]) -> None:
    assembler = Assembler(name)
    for number, part in enumerate(parts):
        assembler.take(_packet(number, 7, part, marker=part is parts[-1], keyframe=True), 0.0)


@pytest.mark.parametrize("name", BOTH)
def test_a_picture_that_says_nothing_of_its_size_begins_no_file(name: CodecName) -> None:
    with pytest.raises(UnreadableStartError):
        picture_size(name, b"\x00\x00")


def test_spatial_layers_of_one_picture_become_one_superframe() -> None:
    small = [b"\x2c\x00\x00" + b"s" * 20]
    large = [b"\x28\x02\x00" + b"l" * 30, b"\x24\x02\x00" + b"l" * 10]
    data = vp9.joined(small + large)
    mark = bytes((0b11011001,))
    index = mark + (20).to_bytes(4, "little") + (40).to_bytes(4, "little") + mark
    assert data == b"s" * 20 + b"l" * 40 + index


@pytest.mark.parametrize("name", BOTH)
async def test_a_recording_can_be_played_also_as_a_kill_leaves_it(
    name: CodecName, tmp_path: Path
) -> None:
    clock = PublisherClock()
    sources: dict[Kind, Source] = {
        "video": Source(codec(name, "video", 90_000), clock),
        "audio": Source(codec("opus", "audio", 48_000), clock),
    }
    told: list[Note] = []
    recorder = Recorder(sources, Allowance(tmp_path, 1 << 40, 0), "host", told.append)
    ntp, now = ntp_now(), asyncio.get_running_loop().time()
    for source in sources.values():
        source.note_sender_report(ntp, 0, now)
    number = 0
    for index, (picture, keyframe) in enumerate(encoded(name, WIDTH, HEIGHT, 45)):
        sources["audio"].take(index, index * 1_600, b"\xfc\xff\xfe", marker=True, now=now)
        parts = payloads(name, picture, keyframe)
        for part in parts:
            marker = part is parts[-1]
            sources["video"].take(number, index * 3_000, part, marker=marker, now=now)
            number += 1
    recorder.stop()
    await asyncio.to_thread(recorder.join, 10)
    opened = told[0]
    assert isinstance(opened, FileOpened)
    assert opened.form == "webm"
    path = tmp_path / opened.name
    assert _pictures(path) == (45, WIDTH, HEIGHT)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3].replace(b"\x44\x89", b"\x44\x8a", 1))
    assert finish(path)["state"] == "ready"
    count, *size = _pictures(path)
    assert (count > 10, size) == (True, [WIDTH, HEIGHT])


def _pictures(path: Path) -> tuple[int, int, int]:
    """How many pictures a decoder makes of a file, and their size."""
    with av.open(str(path)) as file:
        frames = list(file.decode(video=0))
    return len(frames), frames[-1].width, frames[-1].height
