"""Streams that follow a source get all that comes, once, whether alone or together with others."""

from collections.abc import Iterator

import pytest

from live.media import srtp
from live.media.extensions import Extensions
from live.media.followers import Newest
from live.media.packets import Packet, Runs
from live.media.source import PublisherClock, Source
from live.media.udp import UdpPort
from live.media.writing import Crowd, Rewriting, Writer
from tests.unit.media.test_source import DELTA, Kept, codec


class Together(Writer):
    """A writer that notes who got what instead of sending it."""

    def __init__(self, port: UdpPort) -> None:
        super().__init__(port, srtp.Arena())
        self.sent: dict[int, list[int]] = {}
        self.breaks = False

    def send(self, crowd: Crowd, runs: Runs, now: float) -> None:
        assert now >= 0
        if self.breaks:
            raise RuntimeError("a bug")
        for rewriting in crowd.rewritings:
            numbers = [packet.sequence for run in runs for packet in run.packets]
            self.sent.setdefault(rewriting.ssrc, []).extend(numbers)


class Viewer(Kept):
    """A stream to one viewer, that settles with the first it gets alone."""

    def __init__(self, name: int, source: Source, writer: Together) -> None:
        super().__init__()
        self.name = name
        self.source = source
        self.ends: list[Newest | None] = []
        self._writer = writer
        self._rewriting = Rewriting(name, Extensions(b"", None, None))
        source.sinks[self] = None

    def send(self, packets: list[Packet], runs: Runs, now: float) -> None:
        super().send(packets, runs, now)
        self.source.settle(self, self._rewriting, self._writer)

    def left(self, newest: Newest | None) -> None:
        self.ends.append(newest)

    @property
    def alone(self) -> list[int]:
        return [number for batch in self.batches for number in batch]


@pytest.fixture
def writer() -> Iterator[Together]:
    port = UdpPort.open(0)
    yield Together(port)
    port.close()


@pytest.fixture
async def audio() -> Source:
    return Source(codec("opus", "audio", 48_000), PublisherClock())


def come(source: Source, *numbers: int) -> None:
    for number in numbers:
        source.take(number, 0, DELTA, marker=True, now=float(number))


async def test_who_settles_gets_each_packet_once_and_who_comes_later_joins_them(
    audio: Source, writer: Together
) -> None:
    first = Viewer(1, audio, writer)
    come(audio, 1, 2)
    second = Viewer(2, audio, writer)
    come(audio, 3, 4, 5)
    assert (first.alone, writer.sent[1]) == ([1], [2, 3, 4, 5])
    assert (second.alone, writer.sent[2]) == ([3], [4, 5])
    assert not audio.sinks
    assert audio.followed


async def test_who_is_about_to_change_gets_the_next_alone_and_hears_what_was_last(
    audio: Source, writer: Together
) -> None:
    viewer, other = Viewer(1, audio, writer), Viewer(2, audio, writer)
    come(audio, 10, 11, 13, 12)
    audio.unsettle(viewer)
    audio.unsettle(viewer)
    ((newest, _),) = [end for end in viewer.ends if end is not None]
    assert newest.sequence == 13
    come(audio, 14, 15)
    assert (viewer.alone, writer.sent[1]) == ([10, 14], [11, 13, 12, 15])
    assert (other.alone, writer.sent[2]) == ([10], [11, 13, 12, 14, 15])
    audio.drop(viewer)
    audio.drop(other)
    assert not audio.followed
    come(audio, 16)
    assert 16 not in viewer.alone + writer.sent[1] + other.alone + writer.sent[2]


async def test_who_leaves_before_anything_came_is_told_nothing(
    audio: Source, writer: Together
) -> None:
    viewer = Viewer(1, audio, writer)
    come(audio, 1)
    audio.drop(viewer)
    assert viewer.ends == [None]


async def test_a_numbering_that_begins_anew_is_looked_at_by_each_alone(
    audio: Source, writer: Together
) -> None:
    viewers = [Viewer(name, audio, writer) for name in (1, 2)]
    come(audio, 1, 2)
    audio.begin_anew()
    come(audio, 60_000, 60_001)
    for viewer in viewers:
        assert viewer.alone == [1, 60_000]
        assert writer.sent[viewer.name] == [2, 60_001]


async def test_a_bug_in_sending_to_all_costs_one_delivery_and_then_each_is_sent_to_alone(
    audio: Source, writer: Together, caplog: pytest.LogCaptureFixture
) -> None:
    viewers = [Viewer(name, audio, writer) for name in (1, 2)]
    come(audio, 1, 2)
    writer.breaks = True
    come(audio, 3)
    writer.breaks = False
    come(audio, 4, 5)
    for viewer in viewers:
        assert viewer.alone == [1, 4]
        assert writer.sent[viewer.name] == [2, 5]
    assert "each gets the next frame alone" in caplog.text


async def test_who_goes_over_to_another_source_with_this_delivery_does_not_get_it_twice(
    audio: Source, writer: Together
) -> None:
    viewer = Viewer(1, audio, writer)
    come(audio, 1, 2)

    class Leaves(Kept):
        def send(self, packets: list[Packet], runs: Runs, now: float) -> None:
            super().send(packets, runs, now)
            audio.drop(viewer)

    audio.sinks[Leaves()] = None
    come(audio, 3)
    assert (viewer.alone, writer.sent[1]) == ([1], [2])
