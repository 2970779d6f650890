from __future__ import annotations

import zlib

import pytest
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame
from websockets.streams import StreamReader

from live.gateway.packets import COMPRESS_FROM_BYTES, Around, Packet, Shared


def read(data: bytes, *, compressed: bool) -> list[Frame]:
    """The frames as another implementation reads them, from a server that masks nothing."""
    extensions = [PerMessageDeflate(True, True, 15, 15)] if compressed else []
    reader = StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    found = []
    while reader.buffer:
        parser = Frame.parse(reader.read_exact, mask=False, extensions=extensions)
        with pytest.raises(StopIteration) as stop:
            next(parser)
        found.append(stop.value.value)
    return found


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536, 200_000])
@pytest.mark.parametrize("compressed", [False, True])
def test_another_implementation_reads_the_frames(size: int, compressed: bool) -> None:
    packet = Packet(b"x" * size, b'{"t":"pulse"}')
    data = packet.compressed if compressed else packet.plain
    assert [frame.data for frame in read(data, compressed=compressed)] == [
        b"x" * size,
        b'{"t":"pulse"}',
    ]


def test_large_frames_are_compressed_once_and_small_ones_never() -> None:
    small = Packet(b"x" * (COMPRESS_FROM_BYTES - 1))
    large = Packet(b"x" * COMPRESS_FROM_BYTES)
    assert small.compressed == small.plain
    assert len(large.compressed) < 64
    assert large.compressed is large.compressed


def test_no_context_is_carried_from_one_message_to_the_next() -> None:
    payload = bytes(range(256)) * 8
    packet = Packet(payload, payload)
    body = packet.compressed
    half = len(body) // 2
    assert body[:half] == body[half:]
    inflated = zlib.decompressobj(-15).decompress(body[4:half] + b"\x00\x00\xff\xff")
    assert inflated == payload


@pytest.mark.parametrize("own", [0, 300, 65_535, 65_536, 200_000])
@pytest.mark.parametrize("shared", [0, COMPRESS_FROM_BYTES, 200_000])
@pytest.mark.parametrize("compressed", [False, True])
def test_ones_own_around_what_is_shared_is_one_frame(
    own: int, shared: int, *, compressed: bool
) -> None:
    before, common, after = b"b" * own, Shared(b"shared" * (shared // 6)), b"a" * own
    packet = Around(before, common, after, b'{"t":"pulse"}', b"y" * 2_000)
    data = packet.compressed if compressed else packet.plain
    assert [frame.data for frame in read(data, compressed=compressed)] == [
        before + common.plain + after,
        b'{"t":"pulse"}',
        b"y" * 2_000,
    ]


def test_what_is_shared_is_compressed_once_for_all() -> None:
    common = Shared(b"shared" * 1_000)
    ada, bob = Around(b"ada", common, b"}"), Around(b"bob", common, b"}")
    assert common.deflated is common.deflated
    assert common.deflated in ada.compressed
    assert common.deflated in bob.compressed
    assert len(ada.compressed) < 200
