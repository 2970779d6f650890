"""One packet to many connections, in Python and in C, over real sockets."""

from __future__ import annotations

import asyncio
import socket
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from live.gateway.accelerator import AT_ONCE, LIBRARY, load
from live.gateway.connection import HIGH_WATER_BYTES, VIA_TRANSPORT, Connection
from live.gateway.framing import FrameReader
from live.gateway.packets import Packet
from live.gateway.volley import Volley
from live.wire.codes import CloseCode
from tests.support.native import REPOSITORY, accelerate
from tests.support.patience import PATIENCE_S

SMALL = Packet(b'"a small one"')
LARGE = Packet(b'"a large one, which is compressed where a client wants that"' * 40)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The accelerator, built from the present source; it needs a C compiler."""
    path = tmp_path_factory.mktemp("accelerator") / LIBRARY.name
    assert accelerate()(path, REPOSITORY / "live" / "gateway" / "accelerator.c")
    return path


@pytest.fixture(params=["python", "c"])
def volley(request: pytest.FixtureRequest, library: Path) -> Volley:
    """Either way to send."""
    found = load(wanted=request.param == "c", path=library)
    assert found.runs == (request.param == "c")
    return found.volley()


class Owner:
    """Who a connection belongs to: notes what happens to it."""

    def __init__(self) -> None:
        self.keeps_up = asyncio.Event()
        self.keeps_up.set()
        self.lost_it = asyncio.Event()

    def text(self, payload: bytes) -> None:
        raise AssertionError(payload)

    def binary(self, payload: bytes) -> None:
        raise AssertionError(payload)

    def heard(self) -> None:
        raise AssertionError("nobody says anything here")

    def paused(self) -> None:
        self.keeps_up.clear()

    def drained(self) -> None:
        self.keeps_up.set()

    def lost(self) -> None:
        self.lost_it.set()


class Reader:
    """A connection of ours, its owner, and the client's end of it."""

    def __init__(self, line: Connection, owner: Owner, far: socket.socket) -> None:
        self.line = line
        self.owner = owner
        self.far = far

    async def reads(self, size: int) -> bytes:
        loop, data = asyncio.get_running_loop(), b""
        async with asyncio.timeout(PATIENCE_S):
            while len(data) < size:
                data += await loop.sock_recv(self.far, size - len(data))
        return data


class House:
    """Makes connections."""

    def __init__(self) -> None:
        self.readers: list[Reader] = []

    async def comes(self, *, compresses: bool = False) -> Reader:
        near, far = socket.socketpair()
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        for end in (near, far):
            end.setblocking(False)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_connection(asyncio.Protocol, sock=near)
        framing = FrameReader(16_384, inflates=False)
        line = Connection(transport, framing, set(), compresses=compresses)
        owner = Owner()
        line.attach(owner)
        line.ping()  # nothing is held back: from now on bytes may go to the socket
        reader = Reader(line, owner, far)
        assert await reader.reads(2) == b"\x89\x00"
        self.readers.append(reader)
        return reader

    def close(self) -> None:
        for each in self.readers:
            each.line.abort()
            each.far.close()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """Connections that end with the test."""
    house = House()
    yield house
    house.close()
    await asyncio.sleep(0)


def lines_of(*readers: Reader) -> list[Connection]:
    return [each.line for each in readers]


async def test_everyone_gets_the_same_bytes_and_who_asked_for_it_gets_them_compressed(
    house: House, volley: Volley
) -> None:
    readers = [await house.comes(compresses=number % 3 == 0) for number in range(12)]
    for packet in (SMALL, LARGE, SMALL):
        volley.send(packet, lines_of(*readers))
    for number, reader in enumerate(readers):
        sent = [each.plain if number % 3 else each.compressed for each in (SMALL, LARGE, SMALL)]
        assert await reader.reads(len(b"".join(sent))) == b"".join(sent)
        assert reader.line.descriptor != VIA_TRANSPORT


async def test_what_many_want_compressed_is_compressed_once(
    house: House, volley: Volley, monkeypatch: pytest.MonkeyPatch
) -> None:
    compressed: list[int] = []
    make = zlib.compressobj

    def compressobj(level: int, method: int, window_bits: int) -> object:
        compressed.append(1)
        return make(level, method, window_bits)

    monkeypatch.setattr("live.gateway.packets.zlib.compressobj", compressobj)
    packet = Packet(b'"the same for everyone, and large"' * 40)
    readers = [await house.comes(compresses=True) for _ in range(12)]
    volley.send(packet, lines_of(*readers))
    for reader in readers:
        assert await reader.reads(len(packet.compressed)) == packet.compressed
    assert compressed == [1]


async def test_more_connections_than_one_call_takes(house: House, volley: Volley) -> None:
    reader, other = await house.comes(), await house.comes()
    volley.send(SMALL, lines_of(*[reader] * AT_ONCE, other))
    assert await reader.reads(AT_ONCE * len(SMALL.plain)) == SMALL.plain * AT_ONCE
    assert await other.reads(len(SMALL.plain)) == SMALL.plain


async def test_a_reader_that_takes_a_part_gets_the_rest_in_order_and_delays_nobody(
    house: House, volley: Volley
) -> None:
    slow, quick = await house.comes(), await house.comes()
    sent = b""
    while slow.owner.keeps_up.is_set():
        assert len(sent) < 2 * HIGH_WATER_BYTES, "what is held back is bounded"
        volley.send(LARGE, lines_of(slow, quick))
        sent += LARGE.plain
        assert await quick.reads(len(LARGE.plain)) == LARGE.plain
    assert slow.line.descriptor == VIA_TRANSPORT
    volley.send(SMALL, lines_of(slow, quick))
    assert await quick.reads(len(SMALL.plain)) == SMALL.plain
    assert await slow.reads(len(sent + SMALL.plain)) == sent + SMALL.plain
    async with asyncio.timeout(PATIENCE_S):
        await slow.owner.keeps_up.wait()
    volley.send(SMALL, lines_of(slow))
    assert await slow.reads(len(SMALL.plain)) == SMALL.plain
    assert slow.line.descriptor != VIA_TRANSPORT


async def test_who_is_gone_or_closing_is_left_out(house: House, volley: Volley) -> None:
    gone, closing, here = await house.comes(), await house.comes(), await house.comes()
    gone.far.close()
    closing.line.close(CloseCode.RESTART)
    volley.send(SMALL, lines_of(gone, closing, here))
    assert await here.reads(len(SMALL.plain)) == SMALL.plain
    goodbye = await closing.reads(4)
    assert goodbye == b"\x88\x02" + int(CloseCode.RESTART).to_bytes(2)
    async with asyncio.timeout(PATIENCE_S):
        await gone.owner.lost_it.wait()
    assert gone.line.disconnected
    volley.send(SMALL, lines_of(gone, here))
    assert await here.reads(len(SMALL.plain)) == SMALL.plain


def test_why_the_accelerator_does_not_run_is_said(library: Path, tmp_path: Path) -> None:
    assert "switched off" in load(wanted=False, path=library).reason
    assert "no C compiler" in load(path=tmp_path / "nothing.so").reason
    assert "frames are sent by C" in load(path=library).reason
