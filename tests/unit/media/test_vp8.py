"""The descriptor of a VP8 payload, read and renumbered."""

import pytest
from aiortc.codecs.vpx import vp8_depayload
from hypothesis import given
from hypothesis import strategies as st

from live.media.vp8 import joined, read_descriptor, renumbered

FULL = bytes.fromhex("90 f0 ff fe 05 a5 10 0200 9d012a 0005 d002")
"""Start of a keyframe of 1280 x 720: picture 32,766, level 5, layer 2, sync."""


def test_everything_that_a_descriptor_says_is_read() -> None:
    found = read_descriptor(FULL)
    assert found is not None
    assert (found.starts_frame, found.keyframe, found.height) == (True, True, 720)
    assert (found.layer, found.is_sync) == (2, True)
    assert found.picture(FULL) == 32_766
    assert FULL[found.level_at] == 5


def test_a_short_picture_id_stays_short_and_a_plain_payload_as_it_is() -> None:
    short = bytes.fromhex("90 80 7f 01")
    found = read_descriptor(short)
    assert found is not None
    assert renumbered(short, found, 2, 9) == bytes.fromhex("90 80 01 01")
    plain = bytes.fromhex("10 01 00")
    found = read_descriptor(plain)
    assert found is not None
    assert renumbered(plain, found, 1, 1) == plain


@given(st.integers(-70_000, 70_000), st.integers(-1_000, 1_000))
def test_numbers_wrap_and_nothing_else_changes(pictures: int, levels: int) -> None:
    found = read_descriptor(FULL)
    assert found is not None
    changed = renumbered(FULL, found, pictures, levels)
    assert found.picture(changed) == (32_766 + pictures) % (1 << 15)
    assert changed[found.level_at] == (5 + levels) % 256
    assert renumbered(changed, found, -pictures, -levels) == FULL
    assert read_descriptor(changed) == found


@given(st.binary(max_size=20))
def test_garbage_has_a_descriptor_within_it_or_none(payload: bytes) -> None:
    found = read_descriptor(payload)
    if found is not None:
        assert len(renumbered(payload, found, 1, 1)) == len(payload)


@pytest.mark.parametrize("first", [0x00, 0x10, 0x80, 0x90])
def test_a_frame_is_put_together_as_aiortc_does_it_whatever_is_in_front_of_its_parts(
    first: int,
) -> None:
    for present in range(0, 0x100, 0x10):
        for picture in (b"\x05", b"\x85\x06"):
            descriptor = bytes((first, present)) if first & 0x80 else bytes((first,))
            if first & 0x80:
                descriptor += picture if present & 0x80 else b""
                descriptor += bytes(bool(present & 0x40)) + bytes(bool(present & 0x30))
            payload = descriptor + b"part of a frame"
            assert joined([payload, b"\x00another"]) == vp8_depayload(payload) + b"another"


def test_a_part_that_is_cut_short_spoils_its_frame() -> None:
    for payload in (b"", b"\x80", b"\x80\x80"):
        with pytest.raises(IndexError):
            joined([b"\x10whole", payload])
