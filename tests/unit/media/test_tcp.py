"""What a stranger may do with the TCP port, and what a slow link costs."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from live.media import tcp
from live.media.routing import Router
from live.media.tcp import Connection, TcpPort
from tests.support.patience import PATIENCE_S

PROOF = b"a check with the right password"


class Peers:
    """Everything that came; a connection is proved by `PROOF`."""

    def __init__(self) -> None:
        self.came: asyncio.Queue[tuple[bytes, Connection]] = asyncio.Queue()

    def take(self, datagram: bytes, connection: Connection) -> None:
        if datagram == PROOF:
            connection.prove()
        self.came.put_nowait((datagram, connection))

    async def next(self) -> tuple[bytes, Connection]:
        async with asyncio.timeout(PATIENCE_S):
            return await self.came.get()


@pytest.fixture
def peers() -> Peers:
    return Peers()


@pytest_asyncio.fixture
async def port(peers: Peers) -> AsyncIterator[TcpPort]:
    opened = await TcpPort.open(0, peers.take)
    yield opened
    opened.close()


Caller = tuple[asyncio.StreamReader, asyncio.StreamWriter]


Call = Callable[[], Awaitable[Caller]]


@pytest_asyncio.fixture
async def call(port: TcpPort) -> AsyncIterator[Call]:
    callers: list[Caller] = []

    async def connect() -> Caller:
        callers.append(await asyncio.open_connection("127.0.0.1", port.number))
        return callers[-1]

    yield connect
    for _, writer in callers:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def framed(datagram: bytes) -> bytes:
    return len(datagram).to_bytes(2, "big") + datagram


async def hung_up(caller: Caller) -> bool:
    """Wait until the server has closed this connection."""
    async with asyncio.timeout(PATIENCE_S):
        try:
            return await caller[0].read() == b""
        except ConnectionError:
            return True


async def test_datagrams_arrive_whole_however_the_stream_is_cut(call: Call, peers: Peers) -> None:
    _, writer = await call()
    stream = framed(PROOF) + framed(b"d" * 1_200) + framed(b"last datagram")
    for at in range(0, len(stream), 7):
        writer.write(stream[at : at + 7])
        await writer.drain()
    assert [(await peers.next())[0] for _ in range(3)] == [PROOF, b"d" * 1_200, b"last datagram"]


async def test_what_is_sent_has_its_length_before_it(call: Call, peers: Peers) -> None:
    reader, writer = await call()
    writer.write(framed(PROOF))
    _, connection = await peers.next()
    assert connection.peer[1] == writer.get_extra_info("sockname")[1]
    assert connection.send(b"alone")
    assert connection.send_segments(memoryview(b"aaaabbbbcc"), 4)
    async with asyncio.timeout(PATIENCE_S):
        came = await reader.readexactly(7 + 6 + 6 + 4)
    assert came == framed(b"alone") + framed(b"aaaa") + framed(b"bbbb") + framed(b"cc")


@pytest.mark.parametrize(
    "stream",
    [
        b"\xff\xffa frame longer than any datagram of ours",
        b"\x00\x00\x00\x00",
        b"GET / HTTP/1.1\r\n\r\n",
        framed(b"not a check at all!!") * 300,
    ],
    ids=["long", "empty", "http", "much"],
)
async def test_who_sends_what_does_not_belong_here_is_hung_up_on(call: Call, stream: bytes) -> None:
    caller = await call()
    caller[1].write(stream)
    assert await hung_up(caller)


async def test_who_proves_nothing_in_time_is_hung_up_on_and_who_does_stays(
    call: Call, peers: Peers, monkeypatch: pytest.MonkeyPatch
) -> None:
    proved = await call()
    proved[1].write(framed(PROOF))
    _, connection = await peers.next()
    monkeypatch.setattr(tcp, "UNPROVED_S", 0.1)
    assert await hung_up(await call())
    assert connection._deadline is None
    assert connection.send(b"still here")


async def test_strangers_cannot_keep_newcomers_out(
    call: Call, peers: Peers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "UNPROVED_PER_HOST", 3)
    strangers = [await call() for _ in range(3)]
    newcomer = await call()
    newcomer[1].write(framed(PROOF))
    _, connection = await peers.next()
    assert await hung_up(strangers[0])
    assert connection.send(b"welcome")


async def test_past_the_number_of_all_connections_newcomers_are_hung_up_on(
    port: TcpPort, call: Call, peers: Peers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(port, "_limit", 1)
    first = await call()
    first[1].write(framed(PROOF))
    _, connection = await peers.next()
    assert await hung_up(await call())
    assert port.count == 1
    assert connection.send(b"undisturbed")


async def test_a_link_that_takes_nothing_costs_a_bounded_buffer_and_no_waiting(
    call: Call, peers: Peers
) -> None:
    _, writer = await call()
    writer.write(framed(PROOF))
    _, connection = await peers.next()
    picture = memoryview(bytes(1_200 * 20))
    sent = 0
    while connection.send_segments(picture, 1_200):
        sent += 1
        assert sent < 10_000, "it never says that it is full"
    assert not connection.send(b"one more")
    transport = connection._transport
    assert transport is not None
    assert transport.get_write_buffer_size() <= tcp.WRITE_LIMIT_BYTES + len(picture) + 40


async def test_after_its_leg_a_connection_goes_when_the_farewell_has_had_its_time(
    port: TcpPort, call: Call, peers: Peers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "LINGER_S", 0.1)
    caller = await call()
    caller[1].write(framed(PROOF))
    _, connection = await peers.next()
    connection.close()
    assert connection.send(b"farewell")
    async with asyncio.timeout(PATIENCE_S):
        assert await caller[0].readexactly(10) == framed(b"farewell")
    assert await hung_up(caller)
    assert not connection.send(b"too late")
    assert port.count == 0


async def test_a_thousand_senseless_streams_leave_nothing_behind() -> None:
    chance = random.Random(20_261_123)
    broken: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: broken.append(context))
    port = await TcpPort.open(0, Router().datagram_arrived)

    async def stranger(stream: bytes) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port.number)
        writer.write(stream)
        with contextlib.suppress(ConnectionError):
            writer.write_eof()
            await reader.read()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    def senseless() -> bytes:
        first = bytes([chance.choice((0, 1, 22, 63, 128, 191, 255))])
        frames = (first + chance.randbytes(chance.randint(0, 1_500)) for _ in range(4))
        return b"".join(map(framed, frames))[chance.randint(0, 3) :]

    async with asyncio.timeout(PATIENCE_S):
        for _ in range(50):
            await asyncio.gather(*(stranger(senseless()) for _ in range(20)))
    assert (broken, port.count) == ([], 0)
    port.close()
