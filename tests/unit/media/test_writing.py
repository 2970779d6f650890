"""Packets as a viewer gets them, written in Python and in C: the same bytes by either way."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiortc.rtp import RtpPacket
from hypothesis import given, settings
from hypothesis import strategies as st
from pylibsrtp import Policy

from live.media import srtp
from live.media.accelerator import LIBRARY, load
from live.media.dtls import SrtpKeys
from live.media.extensions import Extensions
from live.media.packets import Packet, Runs, group
from live.media.udp import Address, UdpPort
from live.media.vp8 import read_descriptor
from live.media.writing import Crowd, Rewriting, Writer
from tests.support.native import REPOSITORY, accelerate

SOURCE = REPOSITORY / "live" / "media" / "accelerator.c"
SSRC, PAYLOAD_TYPE = 0x1234_5678, 96
GCM = Policy.SRTP_PROFILE_AEAD_AES_128_GCM
CM = Policy.SRTP_PROFILE_AES128_CM_SHA1_80
KEY_BYTES = {GCM: 28, CM: 30}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The accelerator, built from the present source; it needs a C compiler."""
    path = tmp_path_factory.mktemp("accelerator") / LIBRARY.name
    assert accelerate()(path, SOURCE)
    return path


class Way:
    """A port that sends to a socket of ours, and what arrives there."""

    def __init__(self, profile: int = GCM) -> None:
        key = bytes(range(KEY_BYTES[profile]))
        self.keys = SrtpKeys(profile, sending=key, receiving=key)
        self.port = UdpPort.open(0)
        self.receiver = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self.receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.receiver.bind(("::1", 0))
        self.receiver.settimeout(10)

    def rewriting(
        self, writer: Writer, *, timed: bool = True, address: Address | None = None
    ) -> Rewriting:
        """A viewer at the receiver; sequence 256 stands for the source's 1,000."""
        made = writer.rewriting(SSRC, Extensions(b"1", 4, 2 if timed else None))
        made.payload_type = PAYLOAD_TYPE
        made.sequence_offset = 256 - 1_000
        made.timestamp_offset = -5_000
        made.session = srtp.sending_session(self.keys, window=128)
        made.address = address or self.receiver.getsockname()
        made.overhead = srtp.overhead(self.keys.profile)
        return made

    def arrived(self, count: int) -> list[bytes]:
        """So many datagrams, as they are."""
        return [self.receiver.recv(2048) for _ in range(count)]

    def read(self, datagrams: list[bytes]) -> list[RtpPacket]:
        """What a viewer reads in them."""
        receiving, arena = srtp.Receiving(self.keys), srtp.Arena()
        plain = [receiving.rtp(datagram, arena) for datagram in datagrams]
        return [RtpPacket.parse(packet) for packet in plain if packet is not None]

    def close(self) -> None:
        self.port.close()
        self.receiver.close()


@pytest.fixture(params=[GCM, CM], ids=["GCM", "CM"])
def way(request: pytest.FixtureRequest) -> Iterator[Way]:
    opened = Way(request.param)
    yield opened
    opened.close()


@pytest.fixture(params=["in Python", "in C"])
def writer(request: pytest.FixtureRequest, way: Way) -> Writer:
    arena = srtp.Arena()
    if request.param == "in Python":
        return Writer(way.port, arena)
    accelerator = load(path=request.getfixturevalue("library"))
    assert accelerator.runs, accelerator.reason
    return accelerator.writer(way.port, arena)


def _send(writer: Writer, runs: Runs, now: float, *to: Rewriting) -> list[tuple[int, int, int]]:
    """What was counted for each: packets, payload bytes, packets dropped."""
    writer.send(Crowd(to), runs, now)
    return [(each.counts.packets, each.counts.octets, each.counts.dropped) for each in to]


def _runs(sizes: list[int]) -> tuple[list[Packet], Runs]:
    packets = [
        Packet(
            (1_000 + number) & 0xFFFF,
            9_000,
            bytes([number % 256]) * size,
            marker=number == len(sizes) - 1,
            keyframe=False,
        )
        for number, size in enumerate(sizes)
    ]
    return packets, group(packets, pad=True)


SIZES = [1_100, 1_101, 1_099, 300, 1_100, 80]


@pytest.mark.parametrize("segments", [True, False], ids=["in one call", "one by one"])
def test_packets_arrive_under_the_viewers_names_and_numbers(
    way: Way, writer: Writer, segments: bool
) -> None:
    way.port.gso = way.port.gso and segments
    packets, runs = _runs(SIZES)
    counted = _send(writer, runs, 100.0, way.rewriting(writer))
    read = way.read(way.arrived(len(SIZES)))
    assert counted == [(len(SIZES), sum(len(packet.payload) for packet in packets), 0)]
    assert [packet.sequence_number for packet in read] == list(range(256, 256 + len(SIZES)))
    assert {packet.timestamp for packet in read} == {4_000}
    assert {packet.ssrc for packet in read} == {SSRC}
    assert {packet.payload_type for packet in read} == {PAYLOAD_TYPE}
    assert [packet.marker for packet in read] == [0] * (len(SIZES) - 1) + [1]
    # The parser takes the padding off again: what the publisher sent is what the viewer reads.
    assert [packet.payload for packet in read] == [
        bytes([number]) * size for number, size in enumerate(SIZES)
    ]


def test_the_time_of_sending_is_the_viewers_own(way: Way, writer: Writer) -> None:
    _, runs = _runs([100])
    for now in (100.0, 100.5):
        _send(writer, runs, now, way.rewriting(writer))
        (datagram,) = way.arrived(1)
        # 0xBEDE, one word; then id 2 with three bytes of 6.18 fixed-point seconds.
        assert datagram[12:17] == bytes.fromhex("bede0002 22")
        assert int.from_bytes(datagram[17:20], "big") == int(now * (1 << 18)) & 0xFFFFFF


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.one_of(st.integers(1, 1_200), st.integers(1_150, 1_156)), min_size=1, max_size=40),
    st.booleans(),
    st.sampled_from([GCM, CM]),
)
def test_both_ways_of_writing_make_the_same_bytes(
    library: Path, sizes: list[int], timed: bool, profile: int
) -> None:
    way = Way(profile)
    try:
        _, runs = _runs(sizes)
        made = []
        for writer in (
            Writer(way.port, srtp.Arena()),
            load(path=library).writer(way.port, srtp.Arena()),
        ):
            ((packets, _, dropped),) = _send(writer, runs, 7.0, way.rewriting(writer, timed=timed))
            assert (packets, dropped) == (len(sizes), 0)
            made.append(way.arrived(len(sizes)))
        assert made[0] == made[1]
    finally:
        way.close()


@pytest.mark.parametrize("segments", [True, False], ids=["in one call", "one by one"])
def test_a_crowd_gets_a_frame_each_under_its_own_names_and_in_its_own_order(
    way: Way, writer: Writer, segments: bool
) -> None:
    way.port.gso = way.port.gso and segments
    crowd = [way.rewriting(writer) for _ in range(150)]
    for place, rewriting in enumerate(crowd):
        rewriting.sequence_offset += 10 * place
    _, runs = _runs([900, 900, 300])
    assert _send(writer, runs, 1.0, *crowd) == [(3, 2_100, 0)] * len(crowd)
    numbers = [int.from_bytes(each[2:4], "big") for each in way.arrived(3 * len(crowd))]
    assert numbers == [256 + 10 * place + part for place in range(150) for part in range(3)]


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 0x7FFF),
    st.booleans(),
    st.integers(0, 255),
    st.integers(-40_000, 40_000),
    st.integers(-300, 300),
)
def test_a_viewer_who_changed_layers_reads_pictures_that_go_on(
    library: Path, picture: int, wide: bool, level: int, pictures: int, levels: int
) -> None:
    numbered = (0x8000 | picture).to_bytes(2, "big") if wide else bytes((picture & 0x7F,))
    payload = b"\x90\xe0" + numbered + bytes((level,)) + b"\x20" + bytes(200)
    packet = Packet(1_000, 9_000, payload, marker=True, keyframe=True)
    packet.descriptor = read_descriptor(payload)
    assert packet.descriptor is not None
    way = Way()
    try:
        made = []
        for writer in (
            Writer(way.port, srtp.Arena()),
            load(path=library).writer(way.port, srtp.Arena()),
        ):
            rewriting = way.rewriting(writer)
            rewriting.pictures, rewriting.levels = pictures, levels
            _send(writer, group([packet], pad=True), 1.0, rewriting)
            made += way.arrived(1)
        assert made[0] == made[1]
        (read,) = way.read(made[:1])
        told = read_descriptor(read.payload)
        assert told is not None
        assert told.picture(read.payload) == (packet.descriptor.picture(payload) + pictures) % (
            1 << (15 if wide else 7)
        )
        assert read.payload[told.level_at] == (level + levels) % 256
    finally:
        way.close()


def test_a_viewer_who_moved_or_was_renumbered_gets_the_next_packets_there(
    way: Way, writer: Writer
) -> None:
    rewriting = way.rewriting(writer)
    _, runs = _runs([100])
    _send(writer, runs, 1.0, rewriting)
    way.arrived(1)
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as elsewhere:
        elsewhere.bind(("::1", 0))
        elsewhere.settimeout(10)
        rewriting.address, rewriting.sequence_offset = elsewhere.getsockname(), 500 - 1_000
        assert _send(writer, runs, 1.0, rewriting) == [(2, 200, 0)]
        (packet,) = way.read([elsewhere.recv(2048)])
    assert packet.sequence_number == 500


def test_what_the_kernel_refuses_is_counted_and_the_rest_goes_on(way: Way, writer: Writer) -> None:
    _, runs = _runs([1_100, 1_100, 200])
    nowhere = ("::1", 0, 0, 0)
    several = [way.rewriting(writer), way.rewriting(writer, address=nowhere), way.rewriting(writer)]
    all_of_it = (3, sum(run.size * (len(run.packets) - 1) for run in runs) + 200, 0)
    assert _send(writer, runs, 1.0, *several) == [all_of_it, (0, 0, 3), all_of_it]
    assert way.port.datagrams_dropped == 3
    assert len(way.arrived(6)) == 6


def test_what_libsrtp_refuses_is_not_sent(way: Way, writer: Writer) -> None:
    rewriting = way.rewriting(writer)
    keys = way.keys
    another = Policy(keys.sending, Policy.SSRC_SPECIFIC, SSRC + 9, srtp_profile=keys.profile)
    rewriting.session = srtp.Session(another)
    assert _send(writer, _runs([100, 100])[1], 1.0, rewriting) == [(0, 0, 2)]


def test_a_repeat_has_a_stream_of_its_own_and_the_number_before_its_payload(
    way: Way, writer: Writer
) -> None:
    (packet,), _ = _runs([100])
    rtx = (SSRC + 1, PAYLOAD_TYPE + 1, 77)
    assert writer.send_again(way.rewriting(writer), packet, 256, 4_000, 1.0, rtx=rtx)
    (read,) = way.read(way.arrived(1))
    assert (read.ssrc, read.payload_type, read.sequence_number) == rtx
    assert read.payload == b"\x01\x00" + bytes(100)


def test_why_the_accelerator_does_not_run_is_said(library: Path, tmp_path: Path) -> None:
    assert "switched off" in load(wanted=False, path=library).reason
    assert "no C compiler" in load(path=tmp_path / "nothing.so").reason
    broken = tmp_path / "broken.so"
    broken.write_bytes(b"not a library")
    assert "cannot be loaded" in load(path=broken).reason
    older = tmp_path / "older.c"
    older.write_text("int causerie_version(void) { return 0; }\nvoid causerie_send(void) {}\n")
    assert accelerate()(tmp_path / "older.so", older)
    assert "another version" in load(path=tmp_path / "older.so").reason
    assert "accelerated" in load(path=library).reason


def test_a_build_without_a_compiler_leaves_no_accelerator_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    stale = tmp_path / LIBRARY.name
    stale.write_bytes(b"of an older source")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not accelerate()(stale, SOURCE)
    assert not stale.exists()
    assert "plain Python" in capfd.readouterr().err
