"""RFC 6455 as a server reads it; the numbers are those of Autobahn's cases.

``python -m benchmarks.autobahn`` runs all of Autobahn's own; these are what its groups ask, so that
no Python 2 is needed to see them hold.
"""

from __future__ import annotations

import struct
import zlib

import pytest

from live.gateway.framing import FrameReader, Incoming, Kind, Violation

LIMIT = 16 * 1024
CONT, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
MASK = b"\x37\xfa\x21\x3d"


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, reserved: int = 0) -> bytes:
    """A frame as a client sends it."""
    size = len(payload)
    first = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    if size < 126:
        head = first + bytes([0x80 | size])
    elif size < 65_536:
        head = first + b"\xfe" + struct.pack("!H", size)
    else:
        head = first + b"\xff" + struct.pack("!Q", size)
    masked = bytes(byte ^ MASK[at % 4] for at, byte in enumerate(payload))
    return head + MASK + masked


def read(
    *chunks: bytes, limit: int = LIMIT, inflates: bool = False
) -> list[tuple[Kind, bytes]] | int:
    """What comes of these chunks; the close code instead, if the peer broke the protocol."""
    reader = FrameReader(limit, inflates=inflates)
    found: list[Incoming] = []
    try:
        for chunk in chunks:
            text, came = reader.one_text(chunk), list(reader.feed(chunk))
            assert text is None or came == [Incoming(Kind.TEXT, text)]
            found += came
    except Violation as violation:
        return violation.code
    return [(each.kind, each.payload) for each in found]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 128, 4_096, LIMIT])
@pytest.mark.parametrize(("opcode", "kind"), [(TEXT, Kind.TEXT), (BINARY, Kind.BINARY)])
def test_1_messages_of_every_size_are_read(size: int, opcode: int, kind: Kind) -> None:
    assert read(frame(opcode, b"*" * size)) == [(kind, b"*" * size)]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 4_096, LIMIT])
def test_a_whole_short_text_is_read_by_the_short_way(size: int) -> None:
    reader = FrameReader(LIMIT, inflates=True)
    text = ("é" * size).encode()[:size]
    if size % 2 == 0:
        assert reader.one_text(frame(TEXT, text)) == text
    assert reader.one_text(frame(TEXT, b"*" * size)) == b"*" * size


def test_everything_else_is_left_to_the_long_way() -> None:
    reader = FrameReader(LIMIT, inflates=True)
    whole = frame(TEXT, b"*" * 20)
    for other in (
        b"",
        whole[:1],
        whole[:-1],
        whole + b"!",
        whole + whole,
        frame(TEXT, b"*" * 200)[:-1],
        frame(TEXT, b"*" * 70_000),
        frame(TEXT, b"*" * (LIMIT + 1)),
        frame(TEXT, b"\xff" * 20),
        frame(TEXT, b"*", fin=False),
        frame(TEXT, b"*", reserved=4),
        frame(CONT, b"*"),
        frame(BINARY, b"*"),
        frame(PING, b"*"),
        frame(CLOSE),
        b"\x81\x04****",  # not masked
    ):
        assert reader.one_text(other) is None
    list(reader.feed(frame(TEXT, b"a part of", fin=False)))
    assert reader.one_text(whole) is None
    list(reader.feed(frame(CONT, b" it")))
    list(reader.feed(whole[:3]))
    assert reader.one_text(whole) is None


def test_1_1_8_a_message_may_come_in_any_pieces() -> None:
    whole = frame(TEXT, b"*" * 300) + frame(PING, b"!") + frame(BINARY, b"\xff")
    read_at_once = [(Kind.TEXT, b"*" * 300), (Kind.PING, b"!"), (Kind.BINARY, b"\xff")]
    assert read(whole) == read_at_once
    for size in (1, 2, 7, 299):
        pieces = (whole[at : at + size] for at in range(0, len(whole), size))
        assert read(*pieces) == read_at_once


def test_1_1_7_a_message_beyond_16_bits_is_read_where_the_limit_allows_it() -> None:
    assert read(frame(TEXT, b"*" * 65_536), limit=1 << 20) == [(Kind.TEXT, b"*" * 65_536)]


def test_2_pings_and_pongs_of_at_most_125_bytes_are_read() -> None:
    assert read(frame(PING, b"\xfe" * 125), frame(PONG)) == [
        (Kind.PING, b"\xfe" * 125),
        (Kind.PONG, b""),
    ]
    assert read(frame(PING, b"\xfe" * 126)) == 1002


@pytest.mark.parametrize("reserved", range(1, 8))
@pytest.mark.parametrize("opcode", [TEXT, BINARY, CONT, PING, CLOSE])
def test_3_reserved_bits_break_the_protocol(reserved: int, opcode: int) -> None:
    assert read(frame(opcode, b"", reserved=reserved)) == 1002


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
def test_4_reserved_opcodes_break_the_protocol(opcode: int) -> None:
    assert read(frame(TEXT, b"before"), frame(opcode)) == 1002


@pytest.mark.parametrize(
    ("frames", "result"),
    [
        ([frame(PING, fin=False), frame(CONT)], 1002),  # 5.1
        ([frame(PONG, fin=False), frame(CONT)], 1002),  # 5.2
        ([frame(TEXT, b"a", fin=False), frame(CONT, b"b")], [(Kind.TEXT, b"ab")]),  # 5.3
        (
            [frame(TEXT, b"a", fin=False), frame(PING, b"p"), frame(CONT, b"b")],
            [(Kind.PING, b"p"), (Kind.TEXT, b"ab")],
        ),  # 5.6
        ([frame(CONT, b"nothing", fin=False), frame(TEXT, b"x")], 1002),  # 5.9
        ([frame(CONT, b"nothing")], 1002),  # 5.10
        ([frame(TEXT, b"a", fin=False), frame(TEXT, b"b")], 1002),  # 5.18
        (
            [frame(BINARY, b"1", fin=False), frame(CONT, b"2", fin=False), frame(CONT, b"3")],
            [(Kind.BINARY, b"123")],
        ),  # 5.19
    ],
)
def test_5_fragments(frames: list[bytes], result: object) -> None:
    assert read(*frames) == result


GOOD = "κόσμε � 𐄣".encode()
BAD = (b"\xce\xba\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf", b"\xff", b"\xce")


def test_6_text_is_utf_8_wherever_it_is_cut() -> None:
    for cut in range(len(GOOD) + 1):
        parts = frame(TEXT, GOOD[:cut], fin=False), frame(CONT, GOOD[cut:])
        assert read(*parts) == [(Kind.TEXT, GOOD)]


@pytest.mark.parametrize("bad", BAD)
def test_6_what_is_not_utf_8_ends_the_connection(bad: bytes) -> None:
    assert read(frame(TEXT, bad)) == 1007
    assert read(frame(TEXT, b"a", fin=False), frame(CONT, bad)) == 1007


def test_6_4_text_that_cannot_become_utf_8_fails_before_the_message_ends() -> None:
    assert read(frame(TEXT, b"\xce\xba", fin=False), frame(CONT, b"\xf4\x90", fin=False)) == 1007


def test_7_1_5_a_client_may_close_in_the_middle_of_a_message() -> None:
    assert read(frame(TEXT, b"a", fin=False), frame(CLOSE, b"\x03\xe8")) == [
        (Kind.CLOSE, b"\x03\xe8")
    ]


@pytest.mark.parametrize(
    ("payload", "result"),
    [
        (b"", 1005),  # 7.3.1
        (b"\x03", 1002),  # 7.3.2
        (struct.pack("!H", 1000) + b"*" * 123, 1000),  # 7.3.5
        (struct.pack("!H", 1000) + b"\xce", 1007),  # 7.5.1
        *((struct.pack("!H", code), code) for code in (1000, 1003, 1007, 1011, 3000, 4999)),
        *((struct.pack("!H", code), 1002) for code in (0, 999, 1004, 1005, 1006, 1016, 2999, 5000)),
    ],
)
def test_7_close_frames(payload: bytes, result: int) -> None:
    reader = FrameReader(LIMIT, inflates=False)
    try:
        codes = [each.code for each in reader.feed(frame(CLOSE, payload))]
    except Violation as violation:
        codes = [violation.code]
    assert codes == [result]


def test_10_a_large_message_in_many_fragments() -> None:
    parts = [frame(TEXT, b"*" * 1_300, fin=False), *[frame(CONT, b"*" * 1_300, fin=False)] * 9]
    assert read(*parts, frame(CONT, b"*")) == [(Kind.TEXT, b"*" * 13_001)]


@pytest.mark.parametrize(
    "frames",
    [
        [frame(TEXT, b"*" * (LIMIT + 1))],
        [frame(BINARY, b"*" * LIMIT, fin=False), frame(CONT, b"*")],
    ],
)
def test_a_message_beyond_the_limit_ends_with_the_code_of_the_contract(
    frames: list[bytes],
) -> None:
    assert read(*frames) == 4413


def test_a_length_is_refused_before_its_bytes_have_come() -> None:
    assert read(frame(TEXT, b"*" * (LIMIT + 1))[:8]) == 4413
    assert read(b"\x81\xff" + struct.pack("!Q", 1 << 63)) == 1002


def test_a_frame_without_a_mask_breaks_the_protocol() -> None:
    assert read(b"\x81\x02ab") == 1002


def deflated(text: bytes) -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (deflate.compress(text) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]


def test_12_a_compressed_message_is_read_where_that_was_agreed_on() -> None:
    packed = deflated(b"hello " * 20)
    half = len(packed) // 2
    whole = [(Kind.TEXT, b"hello " * 20)]
    assert read(frame(TEXT, packed, reserved=4), inflates=True) == whole
    parts = frame(TEXT, packed[:half], fin=False, reserved=4), frame(CONT, packed[half:])
    assert read(*parts, inflates=True) == whole
    assert read(frame(TEXT, packed, reserved=4), inflates=False) == 1002


@pytest.mark.parametrize(
    ("payload", "code"), [(deflated(b"*" * (LIMIT + 1)), 4413), (b"\xff\xff\xff", 1007)]
)
def test_what_unpacks_to_too_much_or_to_nothing_ends_the_connection(
    payload: bytes, code: int
) -> None:
    assert read(frame(TEXT, payload, reserved=4), inflates=True) == code


def test_nothing_is_kept_between_messages() -> None:
    reader = FrameReader(LIMIT, inflates=False)
    assert len(list(reader.feed(frame(TEXT, b"x" * 1_000)))) == 1
    assert (reader._rest, reader._partial) == (b"", None)
