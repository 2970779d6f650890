"""Grouping packets for one system call, and keeping them for those who ask again."""

from hypothesis import given
from hypothesis import strategies as st

from live.media.packets import (
    CACHED_PACKETS,
    HEADROOM,
    PADDING_LIMIT,
    Packet,
    PacketCache,
    group,
    signed_distance,
)
from live.media.udp import GSO_BYTES_LIMIT, SEGMENTS_LIMIT


def _packets(sizes: list[int]) -> list[Packet]:
    return [
        Packet(number, 0, bytes([7]) * size, marker=False, keyframe=False)
        for number, size in enumerate(sizes)
    ]


def _text(packet: Packet) -> bytes:
    """The payload without its padding, as a receiver reads it."""
    if packet.first_byte & 0x20:
        return packet.payload[: -packet.payload[-1]]
    return packet.payload


sizes = st.lists(st.integers(1, 1_300), min_size=1, max_size=150)
near_sizes = st.lists(st.integers(1_180, 1_186), min_size=1, max_size=150)


@given(st.one_of(sizes, near_sizes), st.booleans())
def test_every_run_can_be_sent_in_one_call_and_reads_as_what_came(
    lengths: list[int], pad: bool
) -> None:
    packets = _packets(lengths)
    texts = [packet.payload for packet in packets]
    runs = group(packets, pad=pad)
    assert [packet for run in runs for packet in run.packets] == packets
    assert [_text(packet) for packet in packets] == texts
    for run in runs:
        *most, last = [len(packet.payload) for packet in run.packets]
        assert set(most) <= {run.size}
        assert last <= run.size
        assert len(run.packets) <= SEGMENTS_LIMIT
        assert len(run.packets) * (run.size + HEADROOM) <= GSO_BYTES_LIMIT


@given(sizes)
def test_packets_that_were_sent_before_are_not_changed(lengths: list[int]) -> None:
    packets = _packets(lengths)
    group(packets, pad=False)
    assert [len(packet.payload) for packet in packets] == lengths
    assert {packet.first_byte for packet in packets} == {0x80}


def test_the_almost_equal_parts_of_a_frame_leave_together() -> None:
    runs = group(_packets([1_100, 1_101, 1_100, 1_101, 1_100]), pad=True)
    assert len(runs) == 1
    assert runs[0].size == 1_101
    assert len(group(_packets([1_100, 1_100 + PADDING_LIMIT + 1]), pad=True)) == 2


def test_a_shorter_last_packet_closes_a_run() -> None:
    runs = group(_packets([500, 500, 90, 500]), pad=True)
    assert [len(run.packets) for run in runs] == [3, 1]


def test_the_cache_gives_what_is_recent_and_takes_each_number_once() -> None:
    cache = PacketCache()
    first, *_ = packets = _packets([1] * 5)
    assert all(cache.add(packet) for packet in packets)
    assert not cache.add(Packet(0, 0, b"other", marker=False, keyframe=False))
    assert cache.get(0) is first
    assert cache.add(Packet(CACHED_PACKETS, 0, b"newer", marker=False, keyframe=False))
    assert cache.get(0) is None
    assert cache.get(77) is None


@given(st.integers(0, 0xFFFF), st.integers(-0x8000, 0x7FFF))
def test_distances_hold_across_the_wrap_of_sequence_numbers(since: int, distance: int) -> None:
    assert signed_distance((since + distance) & 0xFFFF, since) == distance
