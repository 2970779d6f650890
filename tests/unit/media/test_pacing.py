"""Newcomers catch up with what is live: all of it, in order, and no faster than links bear."""

import asyncio

import pytest

from live.media.pacing import (
    BEHIND_LIMIT,
    BURST_BYTES,
    HURRY,
    LATE_S,
    RATE_BPS,
    STEP_S,
    CatchUp,
    Pacer,
    together_bps,
)
from live.media.packets import Packet, Runs
from live.media.source import PublisherClock, Source
from tests.integration.media.waiting import eventually
from tests.unit.media.test_source import codec

SIZE = 1_000


class Arriving:
    """A stream that begins, and when what of it was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[float, int]] = []

    def send(self, packets: list[Packet], runs: Runs, now: float) -> None:
        assert [packet for run in runs for packet in run.packets] == packets
        self.sent += [(now, packet.sequence) for packet in packets]

    @property
    def numbers(self) -> list[int]:
        return [number for _, number in self.sent]


@pytest.fixture
async def source() -> Source:
    return Source(codec("VP8", "video", 90_000), PublisherClock())


def packets(first: int, last: int) -> list[Packet]:
    return [
        Packet(number, 0, bytes(SIZE), marker=True, keyframe=number == 1)
        for number in range(first, last + 1)
    ]


async def test_a_newcomer_gets_the_beginning_at_once_and_the_rest_at_a_pace(source: Source) -> None:
    stream = Arriving()
    catch_up = CatchUp(stream, source, packets(1, 150), now=10.0)
    for step in range(400):
        catch_up.advance(1e9, 10.0 + step * STEP_S)
    assert stream.numbers == list(range(1, 151))
    assert catch_up.over
    assert stream.sent[BURST_BYTES // SIZE - 1][0] == 10.0
    for place, (at, _) in enumerate(stream.sent):
        assert place * SIZE <= BURST_BYTES + (at - 10.0) * RATE_BPS / 8
    assert stream.sent[-1][0] - 10.0 < 150 * SIZE * 8 / RATE_BPS


async def test_the_pace_is_that_of_what_comes_live_but_faster(source: Source) -> None:
    for at in (0.0, 0.5, 1.0, 1.5):
        source.meter.note(500_000, 0, at)
    (rate_bps,) = source.meter.rates_bps()
    assert rate_bps > RATE_BPS
    catch_up = CatchUp(Arriving(), source, packets(1, 500), now=2.0)
    first = catch_up.advance(1e9, 2.0)
    assert abs(first - BURST_BYTES) <= SIZE
    steps = [catch_up.advance(1e9, 2.0 + step * STEP_S) for step in range(1, 11)]
    assert abs(sum(steps) - HURRY * rate_bps / 8 * 10 * STEP_S) <= 2 * SIZE


async def test_what_comes_live_meanwhile_waits_its_turn_and_nothing_is_lost(source: Source) -> None:
    stream = Arriving()
    catch_up = CatchUp(stream, source, packets(1, 60), now=0.0)
    catch_up.advance(1e9, 0.0)
    assert source.followed
    now = 0.0
    for number in range(61, 91):
        now += STEP_S
        source.deliver(packets(number, number), now)
        catch_up.advance(1e9, now)
    while not catch_up.over:
        now += STEP_S
        catch_up.advance(1e9, now)
    source.deliver(packets(91, 92), now)
    assert stream.numbers == list(range(1, 93))
    assert list(source.sinks) == [stream]


async def test_who_falls_too_far_behind_or_whose_stream_began_anew_begins_anew_as_well(
    source: Source,
) -> None:
    for forget in (True, False):
        stream = Arriving()
        catch_up = CatchUp(stream, source, packets(1, 150), now=0.0)
        catch_up.advance(1e9, 0.0)
        before = len(stream.sent)
        if forget:
            source.begin_anew()
        else:
            source.deliver(packets(151, 151 + BEHIND_LIMIT), 0.1)
        source.deliver(packets(5_000, 5_001), 0.2)
        assert stream.numbers[before:] == [5_000, 5_001]
        assert catch_up.over
        assert list(source.sinks) == [stream]
        source.sinks.clear()


async def test_who_left_gets_nothing_more(source: Source) -> None:
    stream = Arriving()
    catch_up = CatchUp(stream, source, packets(1, 150), now=0.0)
    catch_up.close()
    source.deliver(packets(151, 152), 0.1)
    assert catch_up.advance(1e9, 1.0) == 0
    assert stream.sent == []
    assert not source.followed


async def test_an_audience_that_comes_at_once_shares_one_bound_and_each_has_its_turn(
    source: Source,
) -> None:
    limit_bps = 40_000_000.0
    pacer = Pacer(limit_bps)
    began = asyncio.get_running_loop().time()
    audience = [Arriving() for _ in range(50)]
    newcomers = []
    for stream in audience:
        newcomers.append(CatchUp(stream, source, packets(1, 20), began))
        pacer.begin(newcomers[-1], asyncio.get_running_loop().time())
    await eventually(lambda: all(newcomer.over for newcomer in newcomers))
    assert all(stream.numbers == list(range(1, 21)) for stream in audience)
    sent = sorted(at for stream in audience for at, _ in stream.sent)
    room = limit_bps / 8 * LATE_S + SIZE
    for place, at in enumerate(sent):
        assert place * SIZE <= room + (at - began) * limit_bps / 8
    last_first = max(stream.sent[0][0] for stream in audience)
    assert last_first < max(stream.sent[-1][0] for stream in audience)
    pacer.close()


def test_the_bound_is_a_part_of_the_link_where_that_is_known() -> None:
    assert together_bps(1_000) == 250_000_000
    assert together_bps(None) == 200_000_000
