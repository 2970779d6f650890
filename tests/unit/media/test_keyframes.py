"""Finding where a decoder can start, keeping it for newcomers, asking for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.media.codecs import CodecName
from live.media.keyframes import (
    ASK_INTERVAL_S,
    GROUP_AGE_LIMIT_S,
    GROUP_PACKETS_LIMIT,
    REMIND_S,
    KeyframeRequests,
    LatestGroup,
    keyframe_height,
    starts_keyframe,
)
from live.media.packets import Packet


@pytest.mark.parametrize(
    ("codec", "payload", "expected"),
    [
        ("VP8", "10 00", True),
        ("VP8", "10 01", False),  # a frame that needs an earlier one
        ("VP8", "11 00", False),  # partition 1
        ("VP8", "00 00", False),  # not the start of a partition
        ("VP8", "90 80 05 00", True),  # a picture id of one byte
        ("VP8", "90 80 85 05 00", True),  # of two bytes
        ("VP8", "90 f0 85 05 01 20 00", True),  # all that a descriptor can have
        ("VP8", "90 f0 85 05 01 20 01", False),
        ("VP8", "90 80 85", False),  # cut short
        ("H264", "65 88", True),
        ("H264", "67 42", True),
        ("H264", "61 88", False),
        ("H264", "78 0002 67 42 0002 68 ce", True),
        ("H264", "78 0002 06 42 0002 65 ce", True),
        ("H264", "78 0002 61 42 ffff 61", False),
        ("H264", "7c 85 00", True),  # the first fragment of an IDR slice
        ("H264", "7c 05 00", False),  # a later one
        ("H264", "7c 81 00", False),
        ("VP9", "8c 05 82 498342 00 27f0 1670", True),  # with a picture id of one byte
        ("VP9", "8c 8005 82 498342 00 27f0 1670", True),  # of two
        ("VP9", "0c 82 498342 00 27f0 1670", True),  # without a picture id
        ("VP9", "04 82 498342 00 27f0 1670", False),  # not the beginning of a frame
        ("VP9", "4c 82 498342 00 27f0 1670", False),  # needs earlier pictures
        ("VP9", "2c 00 00 82 498342 00 27f0 1670", True),  # the smallest of its layers
        ("VP9", "2c 02 00 82 498342 00 27f0 1670", False),  # an upper one
        ("VP9", "3c 02 82 498342 00 27f0 1670", False),
        ("VP9", "0c 86 00 40 92 9c", False),  # a frame that needs another, whatever is said of it
        ("VP9", "0c 82 498343 00 27f0 1670", False),
        ("VP9", "0c 82 498342", False),
        ("AV1", "18 0a0b 00000024 cfbfffe730", True),
        ("AV1", "10 32 00", False),
        ("AV1", "98 0a", False),  # the rest of a unit begins nothing
        ("AV1", "18", False),
        ("opus", "65 88", False),
    ],
)
def test_a_keyframe_is_known_by_its_first_bytes(
    codec: CodecName, payload: str, expected: bool
) -> None:
    assert starts_keyframe(codec, bytes.fromhex(payload)) is expected


@given(st.sampled_from(["VP8", "H264", "VP9", "AV1", "opus"]), st.binary(max_size=40))
def test_no_payload_is_too_broken_to_look_at(codec: CodecName, payload: bytes) -> None:
    starts_keyframe(codec, payload)
    keyframe_height(codec, payload)


def _packet(number: int, *, keyframe: bool = False, timestamp: int | None = None) -> Packet:
    time = number if timestamp is None else timestamp
    return Packet(number & 0xFFFF, time, b"x", marker=True, keyframe=keyframe)


def _group(*packets: Packet) -> LatestGroup:
    latest = LatestGroup()
    for packet in packets:
        latest.add(packet, 0.0)
    return latest


def test_a_newcomer_gets_everything_since_the_latest_keyframe_in_order() -> None:
    late, later = _packet(65_535), _packet(65_536)
    key = _packet(65_534, keyframe=True)
    latest = _group(_packet(1, keyframe=True), _packet(2), key, later, late)
    assert latest.replay(0.1) == [key, late, later]


def test_a_keyframe_of_several_packets_begins_once() -> None:
    parameters = _packet(5, keyframe=True, timestamp=9)
    picture = _packet(6, keyframe=True, timestamp=9)
    assert _group(parameters, picture).replay(0.1) == [parameters, picture]


def test_a_group_that_is_old_long_or_has_a_hole_is_not_replayed() -> None:
    key = _packet(0, keyframe=True)
    assert _group(key).replay(GROUP_AGE_LIMIT_S + 0.01) == []
    assert _group(key, _packet(2)).replay(0.1) == []
    assert _group(key, *(_packet(n) for n in range(1, GROUP_PACKETS_LIMIT + 1))).replay(0.1) == []
    assert _group(_packet(3)).replay(0.1) == []


def test_wishes_for_a_keyframe_are_merged_and_the_last_one_counts() -> None:
    requests = KeyframeRequests()
    assert not requests.due(0.0)
    for _ in range(50):
        requests.want()
    assert requests.due(10.0)
    requests.want()
    assert not requests.due(10.0 + ASK_INTERVAL_S / 2)
    assert requests.due(10.0 + ASK_INTERVAL_S)
    assert not requests.due(20.0)
    requests.want()
    requests.arrived()
    assert not requests.due(30.0)


def test_who_still_waits_asks_again_once_a_request_must_have_been_lost() -> None:
    requests = KeyframeRequests()
    requests.want()
    assert requests.due(10.0)
    requests.remind(10.0 + REMIND_S / 2)
    assert not requests.due(20.0)
    requests.remind(10.0 + REMIND_S)
    assert requests.due(20.0)
