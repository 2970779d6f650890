"""Starts that find the ear's files broken, and a check of the operator's that breaks: the chat
goes on, and the desk is told."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.patience import PATIENCE_S
from tests.support.ports import free_tcp_port
from tests.support.raw_client import Client, Json
from tests.support.real_ear import MANY, Show, show_on
from tests.support.running import running

PASSES = b'{"verdict": "pass"}'
HOLDS = b'{"verdict": "hold"}'
OK = b"200 OK"
LIES = b'{"verdict": "ban them all", "delete": true}'


@dataclass
class Check:
    """The operator's own service: answers with ``status`` and ``body``; with None it is silent."""

    body: bytes | None = PASSES
    status: bytes = OK
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/check"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request on one connection."""
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split()[0]))
        if self.body is None:
            await reader.read()  # until the asker has had enough
        else:
            size = len(self.body)
            answer = b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
            writer.write(answer % (self.status, size, self.body))
        writer.close()


@asynccontextmanager
async def checking() -> AsyncIterator[Check]:
    check = Check(port=free_tcp_port())
    async with await asyncio.start_server(check.serve, "127.0.0.1", check.port):
        yield check


@asynccontextmanager
async def begun(folder: Path, **settings: str) -> AsyncIterator[Show]:
    """A server on what is in the folder, and a session on it."""
    async with asyncio.timeout(120):
        with running(folder, **MANY, **settings) as server:
            async with show_on(server) as show:
                yield show


async def goes_on(show: Show, trouble: str) -> Json:
    """The chat does, the desk is told, and the filter learns from nothing on."""
    assert (await show.post("bonsoir à toutes et à tous"))["status"] == "published"
    now = await show.until_ear(lambda now: now["models"] == "ready" and trouble in now["trouble"])
    assert now["decisions"] == 0
    refused = await show.post("venez tous voir mon autre direct")
    await show.decide(refused, "remove")
    return await show.until_ear(lambda now: now["decisions"] == 1)


async def test_a_broken_memory_is_told_and_the_filter_begins_anew(tmp_path: Path) -> None:
    learned = tmp_path / "ear" / "learned"
    learned.parent.mkdir()
    learned.write_bytes(b"causerie-ear-1\n" + b"\0broken\xff" * 999)
    async with begun(tmp_path) as show:
        await goes_on(show, "state_unreadable")


async def test_with_no_folder_to_keep_it_in_the_ear_goes_on_in_memory_and_no_check_stops_the_chat(
    tmp_path: Path,
) -> None:
    (tmp_path / "ear").write_text("no folder")
    async with checking() as check, begun(tmp_path, CAUSERIE_HOOK_URL=check.url) as show:
        await goes_on(show, "state_unwritable")
        writer = await show.writer()
        check.body = HOLDS
        await until(
            show,
            writer,
            lambda said, _: [each["code"] for each in said.get("reasons", ())] == ["hook"],
        )
        faults = {"slow": (None, OK), "failing": (HOLDS, b"500 Oh"), "lying": (LIES, OK)}
        for fault, (body, status) in faults.items():
            check.body, check.status = body, status
            said = await show.post(f"tout va bien, service {fault}", writer)
            assert said["status"] == "published", fault
            assert "hook_failing" in (await show.ear())["trouble"], fault

            check.body, check.status = PASSES, OK
            await until(show, writer, lambda _, trouble: "hook_failing" not in trouble)


async def until(show: Show, writer: Client, holds: Callable[[Json, list[str]], bool]) -> None:
    """Write on until it is so: an answer that comes in time may need a machine that has some."""
    async with asyncio.timeout(PATIENCE_S):
        for number in itertools.count():
            said = await show.post(f"la ligne de plus, numéro {number}", writer)
            if holds(said, (await show.ear())["trouble"]):
                return
