"""How connections begin and end, on the wire."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus
from websockets.typing import Subprotocol

from app import http_protocol
from app.http_protocol import Entrance
from live.domain.ids import ParticipantId
from live.domain.message_commands import PostMessage
from live.domain.sanction import SanctionKind
from live.domain.sanction_commands import SetSanction
from live.gateway import accelerator, crush, sockets
from live.gateway.connection import HIGH_WATER_BYTES, Connection
from live.gateway.crush import Pace
from live.gateway.member import Member
from live.gateway.sockets import Socket
from live.gateway.volley import Volley
from live.ports.store import StoreUnavailable
from tests.support.native import REPOSITORY, accelerate
from tests.support.patience import PATIENCE_S
from tests.support.socket_client import Phone, phone
from tests.support.socket_fake import Client
from tests.support.socket_server import Listening, Server, listening

PROTOCOL = Subprotocol("causerie.v1")
FRAME_MOST_BYTES = 64 * 1024
"""Of what these tests say at once, so much may follow the bytes that make a reader slow."""

UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


def present(people: int) -> Callable[[Client], bool]:
    return lambda client: client.pulse is not None and client.pulse["present"] == people


async def first(url: str, *protocols: str, **options: Any) -> str | int:
    """The kind of the first frame, or the code that ends the connection."""
    async with connect(
        url, subprotocols=[Subprotocol(each) for each in protocols] or None, **options
    ) as connection:
        try:
            kind: str = json.loads(await connection.recv())["t"]
        except ConnectionClosed:
            return connection.close_code or 0
        assert connection.subprotocol == "causerie.v1"
        return kind


@pytest.mark.parametrize(
    ("protocols", "slug", "result"),
    [
        (("causerie.v1", "bearer.ada"), "spring", "hello"),
        (("bearer.ada", "causerie.v1"), "spring", "hello"),
        (("causerie.v1",), "spring", 4401),
        (("causerie.v1", "bearer.nobody"), "spring", 4401),
        (("causerie.v1", "bearer.bob"), "spring", 4403),
        (("causerie.v1", "bearer.ada"), "autumn", 4404),
        (("causerie.v1", "bearer.nobody"), "autumn", 4404),
        (("causerie.v2", "bearer.ada"), "spring", 4400),
        (("bearer.ada",), "autumn", 4400),
        ((), "spring", 4400),
    ],
)
async def test_the_checks_of_a_handshake_in_their_order(
    protocols: tuple[str, ...], slug: str, result: str | int
) -> None:
    async with listening() as server:
        server.doorman.revoked.add("bob")
        assert await first(server.url.replace("spring", slug), *protocols) == result


async def test_a_bearer_header_and_a_cookie_of_our_own_page_let_in() -> None:
    async with listening() as server:
        header = {"Authorization": "Bearer ada"}
        assert await first(server.url, PROTOCOL, additional_headers=header) == "hello"
        cookie = {"Cookie": "ada", "Origin": "https://ours.example"}
        assert await first(server.url, PROTOCOL, additional_headers=cookie) == "hello"


async def test_a_foreign_page_with_our_cookie_is_refused_before_the_upgrade() -> None:
    async with listening() as server:
        headers = {"Cookie": "ada", "Origin": "https://elsewhere.example"}
        with pytest.raises(InvalidStatus) as refused:
            await first(server.url, PROTOCOL, additional_headers=headers)
        assert refused.value.response.status_code == 403


async def test_an_overloaded_server_sends_newcomers_away_before_the_upgrade(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with listening() as server, phone(server.url, "mod") as mod:
        await mod.until(lambda client: client.state is not None)
        monkeypatch.setattr(Pace, "late_s", 60.0)
        with pytest.raises(InvalidStatus) as refused:
            await first(server.url, "causerie.v1", "bearer.ada")
        assert refused.value.response.status_code == 503
        assert int(refused.value.response.headers["Retry-After"]) >= 1
        assert (await mod.say("message.post", text="Still here"))["t"] == "ack"
        monkeypatch.undo()
        assert await first(server.url, "causerie.v1", "bearer.ada") == "hello"


async def test_a_large_audience_is_told_to_come_back_far_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crush, "RETURNS_PER_S", 1)
    wide = {"min_ms": 500, "max_ms": 8000, "spread_ms": 2000}
    async with (
        listening() as server,
        phone(server.url, "bob") as bob,
        phone(server.url, "ada") as ada,
    ):
        await ada.until(present(2))
        assert ada.client.frames[0]["reconnect"] == wide
        await bob.until(
            lambda client: any(frame.get("reconnect") == wide for frame in client.frames)
        )


async def test_a_failing_doorman_ends_the_connection_and_nothing_else() -> None:
    async with listening() as server, phone(server.url, "bob") as bob:
        server.doorman.broken = RuntimeError("planted")
        assert await first(server.url, "causerie.v1", "bearer.ada") == 1011
        assert (await bob.say("message.post", text="Hello"))["t"] == "ack"


async def test_who_comes_while_the_database_is_away_is_asked_to_come_again() -> None:
    async with listening() as server:
        server.doorman.broken = StoreUnavailable("planted")
        assert await first(server.url, "causerie.v1", "bearer.ada") == 1012


async def test_a_ban_ends_all_ones_connections_at_once() -> None:
    async with (
        listening() as server,
        phone(server.url, "ada") as ada,
        phone(server.url, "ada") as tablet,
        phone(server.url, "bob") as bob,
    ):
        await ada.until(lambda client: client.state is not None)
        await tablet.until(lambda client: client.state is not None)
        await server.house.do("mod", SetSanction(ParticipantId("ada"), SanctionKind.BAN))
        assert await ada.closed() == 4403
        assert await tablet.closed() == 4403
        assert (await bob.say("message.post", text="Hello"))["t"] == "ack"
        assert await first(server.url, "causerie.v1", "bearer.ada") == 4403


async def test_a_stopping_server_says_come_back() -> None:
    async with (
        listening() as server,
        phone(server.url, "ada") as ada,
        phone(server.url, "mod") as mod,
    ):
        await asyncio.gather(
            ada.until(lambda client: client.state is not None),
            mod.until(lambda client: client.state is not None),
        )
        await server.stop()
        assert await ada.closed() == 1012
        assert await mod.closed() == 1012


@pytest.mark.parametrize(
    ("payloads", "code"),
    [
        (["x" * 17_000], 4413),
        ([["x" * 9_000, "x" * 9_000]], 4413),
        ([b"{}"] * 10, 4400),
        (["{"] * 10, 4400),
    ],
)
async def test_what_ends_a_connection(payloads: list[Any], code: int) -> None:
    async with listening() as server, phone(server.url, "ada") as ada:
        await ada.until(lambda client: client.state is not None)
        for payload in payloads:
            await ada.connection.send(payload)
        assert await ada.closed() == code


async def test_text_that_is_not_utf_8_ends_the_connection() -> None:
    async with listening() as server, phone(server.url, "ada") as ada:
        await ada.until(lambda client: client.state is not None)
        await ada.connection.send(b"\xff\xfe", text=True)
        assert await ada.closed() == 1007


async def test_a_command_may_come_in_fragments() -> None:
    async with listening() as server, phone(server.url, "ada") as ada:
        frame = json.dumps(
            {"id": "c1", "type": "message.post", "data": {"text": "Héllo"}}, ensure_ascii=False
        )
        encoded = frame.encode()
        cut = encoded.index(b"\xc3") + 1
        await ada.connection.send([encoded[:cut], encoded[cut:]], text=True)
        await ada.until(lambda client: "c1" in client.answers)
        assert ada.client.answers["c1"]["data"]["message"]["text"] == "Héllo"


async def test_a_client_that_leaves_is_forgotten() -> None:
    async with listening() as server, phone(server.url, "bob") as bob:
        async with phone(server.url, "ada"):
            await bob.until(present(2))
        await bob.until(present(1))
        assert server.gateway.connections == 1


@contextlib.asynccontextmanager
async def serving(application: ASGIApp) -> AsyncIterator[str]:
    """Any application behind our class; its address."""
    config = uvicorn.Config(
        application,
        host="127.0.0.1",
        port=0,
        http=Entrance,
        ws=Socket,
        log_level="critical",
        lifespan="off",
        timeout_graceful_shutdown=0,
    )
    server = Server(config)
    running = asyncio.create_task(server.serve())
    await server.ready.wait()
    yield f"ws://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    server.should_exit = True
    await running


async def never_answers(_scope: Scope, _receive: Receive, _send: Send) -> None:
    await asyncio.Event().wait()


async def test_a_handshake_that_the_application_never_answers_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_DEADLINE_S", 0.5)
    async with serving(never_answers) as url:
        with pytest.raises(InvalidMessage):
            await first(url, "causerie.v1")


async def test_who_speaks_before_the_answer_is_cut_off() -> None:
    async with serving(never_answers) as url:
        where = urlsplit(url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(UPGRADE)

        async def talk() -> None:
            while True:
                writer.write(b"too early")
                await asyncio.sleep(0.01)

        talking = asyncio.create_task(talk())
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 20) == b""
        talking.cancel()
        writer.close()


@pytest.mark.parametrize(
    ("does", "status"),
    [("nothing", 500), ("fail", 500), ("refuse", 403), ("answer", 418), ("receive", 500)],
)
async def test_what_an_application_does_instead_of_accepting_is_told_in_http(
    does: str, status: int
) -> None:
    async def application(_scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "websocket.connect"
        match does:
            case "fail":
                raise RuntimeError("planted")
            case "refuse":
                await send({"type": "websocket.close"})
            case "answer":
                start = {"type": "websocket.http.response.start", "status": 418, "headers": []}
                await send(start)
                await send({"type": "websocket.http.response.body", "body": b"a teapot"})
            case "receive":
                await send({"type": "websocket.send", "text": "too early"})

    async with serving(application) as url:
        with pytest.raises(InvalidStatus) as refused:
            await first(url, "causerie.v1")
        assert refused.value.response.status_code == status


async def test_a_client_that_left_during_the_handshake_leaves_nothing_behind() -> None:
    left = asyncio.Event()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "causerie.v1"})
        assert (await receive())["type"] == "websocket.disconnect"
        left.set()
        with pytest.raises(ConnectionAbortedError):
            scope["extensions"][sockets.EXTENSION].detach()

    async with serving(application) as url:
        where = urlsplit(url)
        _, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(UPGRADE)
        await writer.drain()
        writer.close()
        await asyncio.wait_for(left.wait(), 20)


def buffered_bytes(member: Member) -> int:
    """What the server keeps for a connection, the kernel's part aside."""
    assert isinstance(member.socket, Connection)
    return member.socket._transport.get_write_buffer_size()


async def fill(server: Listening, witness: Phone, slow: Member) -> None:
    """Say things until a reader who does not read is found to be slow."""
    for _ in range(400):
        if slow.slow_since is not None:
            return
        await chatter(server, witness, "x" * 450)
    raise AssertionError("the kernel does not take that much")


async def chatter(server: Listening, witness: Phone, text: str) -> None:
    """Fifty messages, read by one who keeps up."""
    for _ in range(50):
        done = await server.house.do("mod", PostMessage(text))
    await witness.until(lambda client: client.position == done.seq)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The accelerator, built from the present source; it needs a C compiler."""
    path = tmp_path_factory.mktemp("accelerator") / accelerator.LIBRARY.name
    assert accelerate()(path, REPOSITORY / "live" / "gateway" / "accelerator.c")
    return path


@pytest.fixture(params=["python", "c"])
def volley(request: pytest.FixtureRequest, library: Path) -> Volley:
    """Either way to send."""
    found = accelerator.load(wanted=request.param == "c", path=library)
    assert found.runs == (request.param == "c")
    return found.volley()


@contextlib.contextmanager
def opened(server: Listening, name: str) -> Iterator[socket.socket]:
    """A client that has asked for a socket, and reads nothing by itself."""
    where = urlsplit(server.url)
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        raw.connect((str(where.hostname), where.port or 0))
        raw.sendall(
            f"GET {where.path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            f"Sec-WebSocket-Protocol: causerie.v1, bearer.{name}\r\n\r\n".encode()
        )
        yield raw


async def test_a_reader_that_never_reads_costs_little_and_disturbs_nobody(volley: Volley) -> None:
    async with listening(volley=volley) as server, phone(server.url, "bob") as bob:
        with opened(server, "ada"):
            await bob.until(present(2))
            (silent,) = server.hub._parties[ParticipantId("ada")].members
            assert isinstance(silent.socket, Connection)
            raw = silent.socket._transport.get_extra_info("socket")
            in_kernel = raw.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
            assert in_kernel == 2 * sockets.SEND_BUFFER_BYTES, "Linux doubles what it is told"
            await fill(server, bob, silent)
            held = buffered_bytes(silent)
            for _ in range(5):
                await chatter(server, bob, "x" * 450)
            assert buffered_bytes(silent) <= held < HIGH_WATER_BYTES + FRAME_MOST_BYTES
            assert [frame["t"] for frame in bob.client.frames].count("snapshot") == 0
            server.clock.skipped_s += 60
            await bob.until(present(1))


async def test_who_pings_without_end_and_reads_nothing_is_read_no_more() -> None:
    """What is answered must not pile up either."""
    async with listening() as server, phone(server.url, "bob") as bob:
        with opened(server, "ada") as raw:
            await bob.until(present(2))
            (flood,) = server.hub._parties[ParticipantId("ada")].members
            raw.setblocking(False)
            pings = b"".join(b"\x89\xfd" + bytes(4) + b"?" * 125 for _ in range(64))
            async with asyncio.timeout(PATIENCE_S):
                while not flood.is_held:
                    with contextlib.suppress(BlockingIOError):
                        raw.send(pings)
                    await asyncio.sleep(0)
            assert buffered_bytes(flood) < HIGH_WATER_BYTES + FRAME_MOST_BYTES
            assert (await bob.say("message.post", text="Nobody notices"))["t"] == "ack"


async def test_a_connection_has_no_task_and_no_timer_of_its_own() -> None:
    async with listening() as server, phone(server.url, "bob") as bob:
        await bob.until(present(1))
        tasks = len(asyncio.all_tasks())
        with contextlib.ExitStack() as crowd:
            for raw in [crowd.enter_context(opened(server, "ada")) for _ in range(20)]:
                raw.setblocking(False)
                async with asyncio.timeout(PATIENCE_S):
                    came = await asyncio.get_running_loop().sock_recv(raw, 65_536)
                assert came.startswith(b"HTTP/1.1 101")
            lines = [each.socket for each in server.hub._delivery]
            assert [each._deadline for each in lines if isinstance(each, Connection)] == [None] * 21
            assert len(asyncio.all_tasks()) <= tasks


async def test_a_slow_reader_is_skipped_ahead_by_a_snapshot() -> None:
    async with (
        listening() as server,
        phone(server.url, "bob") as bob,
        phone(server.url, "ada", compression=None) as ada,
    ):
        await ada.until(lambda client: client.pulse is not None)
        (slow,) = server.hub._parties[ParticipantId("ada")].members
        ada.connection.transport.pause_reading()
        await fill(server, bob, slow)
        await chatter(server, bob, "y" * 450)
        head = bob.client.position
        ada.connection.transport.resume_reading()
        await ada.until(lambda client: client.position == head)
        snapshots = [frame for frame in ada.client.frames if frame["t"] == "snapshot"]
        assert [frame["reason"] for frame in snapshots] == ["slow"]
        assert (await ada.say("message.post", text="Here again"))["t"] == "ack"
