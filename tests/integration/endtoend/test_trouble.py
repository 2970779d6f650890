"""A real server in trouble: refuses cleanly, keeps the order, and comes back by itself."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx

from tests.support.databases import postgresql_database
from tests.support.patience import PATIENCE_S
from tests.support.postgres import PostgresServer
from tests.support.raw_client import Client, Http, RefusedByServer
from tests.support.running import OWNER_TOKEN, Server
from tests.support.slow_wire import SlowWire

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


@dataclass
class Evening:
    """A live session of one server, with one who talks and one who listens."""

    server: Server
    talker: Client
    reader: Client
    acked: list[str] = field(default_factory=list)
    refusals: list[RefusedByServer] = field(default_factory=list)

    async def post(self, text: str) -> bool:
        """Post once; whether it was acknowledged."""
        try:
            await self.talker.say("message.post", text=text)
        except RefusedByServer as refused:
            self.refusals.append(refused)
            return False
        self.acked.append(text)
        return True

    async def until(self, happens: Callable[[], bool], say: str) -> None:
        """Post on until something has happened."""
        async with asyncio.timeout(PATIENCE_S):
            count = 0
            while not happens():
                count += 1
                await self.post(f"{say} {count}")
                await asyncio.sleep(0.02)  # a client that says more than 60 frames a second floods

    async def ready(self) -> tuple[int, str]:
        async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False) as http:
            answer = await http.get(f"{self.server.url}/readyz")
        return answer.status_code, answer.text

    async def until_ready(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while (await self.ready())[0] != 200:
                pass

    def check_refusals(self) -> None:
        assert self.refusals
        assert {each.code for each in self.refusals} == {"overloaded"}
        assert all(each.frame["retry_after_s"] > 0 for each in self.refusals)

    async def check_the_end(self) -> None:
        """The listener, who was there all the time, and a newcomer hold what was acknowledged, in
        the order in which it was, and nothing twice."""
        await self.reader.until(lambda client: self.acked[-1] in said(client))
        heard = said(self.reader)
        assert [each for each in heard if each in set(self.acked)] == self.acked
        assert len(set(heard)) == len(heard)
        assert self.reader.closed_with is None
        late = await Client(self.talker.url, self.talker.slug, self.talker.token).open()
        shown = [each["text"] for each in late.snapshot["messages"]]
        assert shown == heard[-50:]
        await late.close()


def said(client: Client) -> list[str]:
    return [
        event["data"]["message"]["text"]
        for event in client.events
        if event["type"] == "message.published"
    ]


@contextlib.asynccontextmanager
async def evening(folder: Path, **settings: str) -> AsyncIterator[Evening]:
    server = Server(folder, {"CAUSERIE_LIMIT_MESSAGES": "100000/10s", **settings})
    try:
        await asyncio.to_thread(server.start)
        http = Http(server.url, OWNER_TOKEN)
        slug = (await http.new_session())["slug"]

        async def enter(name: str) -> Client:
            token = (await http.join(slug, display_name=name))["token"]
            return await Client(http.url, slug, token).open()

        show = Evening(server, await enter("talker"), await enter("reader"))
        yield show
        await show.talker.close()
        await show.reader.close()
    finally:
        await asyncio.to_thread(server.stop)


async def test_a_full_disk_refuses_and_recovers_by_itself(tmp_path: Path) -> None:
    async with evening(tmp_path) as show:
        assert await show.post("before")
        pid = show.server.program.process.pid
        hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
        log = tmp_path / "causerie.sqlite-wal"

        # No file may grow any more: what a write meets when the disk is full.
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (log.stat().st_size, hard))
        await show.until(lambda: len(show.refusals) >= 2, "while it fills")
        status, told = await show.ready()
        assert status == 503
        assert "database failed" in told
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))

        accepted = len(show.acked)
        await show.until(lambda: len(show.acked) >= accepted + 3, "afterwards")
        await show.until_ready()
        show.check_refusals()
        await show.check_the_end()


async def test_a_locked_sqlite_refuses_what_comes_keeps_what_it_took_and_recovers(
    tmp_path: Path,
) -> None:
    async with evening(tmp_path) as show:
        assert await show.post("before")
        with contextlib.closing(
            sqlite3.connect(tmp_path / "causerie.sqlite", isolation_level=None)
        ) as other:
            other.execute("BEGIN IMMEDIATE")
            taken = asyncio.create_task(show.post("taken while it is locked"))
            status, told = await show.ready()  # it waits for its deadline
            assert (status, "takes longer than 2 s" in told) == (503, True)
            assert not await show.post("refused at once")
            other.execute("ROLLBACK")
        assert await taken

        await show.until(lambda: len(show.acked) >= 4, "afterwards")
        await show.until_ready()
        show.check_refusals()
        await show.check_the_end()


async def test_a_postgresql_that_answers_after_two_seconds(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    with postgresql_database(postgres) as url:
        async with SlowWire.before(postgres.folder) as wire:
            shown = url.set(query={"host": str(wire.folder)}).render_as_string()
            async with evening(tmp_path, CAUSERIE_DATABASE_URL=shown) as show:
                assert await show.post("before")
                wire.delay_s = 2.0
                slow = asyncio.create_task(show.post("taken while it is slow"))
                status, told = await show.ready()
                assert (status, "takes longer than 2 s" in told) == (503, True)
                assert not await show.post("refused at once")
                wire.delay_s = 0.0
                assert await slow

                await show.until(lambda: len(show.acked) >= 4, "afterwards")
                await show.until_ready()
                show.check_refusals()
                await show.check_the_end()


async def test_a_clock_that_jumps_an_hour_changes_nothing_for_anyone(tmp_path: Path) -> None:
    assert FAKETIME is not None, "the Debian package libfaketime is missing"
    clock = tmp_path / "clock"
    clock.write_text("+0")
    settings = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    async with evening(tmp_path / "data", **settings) as show:
        for jump_s in (0, 3600, -3600, 0):
            clock.write_text(f"{jump_s:+}")
            await show.until(
                partial(is_ahead, show.reader, jump_s),
                f"once {len(show.acked)} were said, at {jump_s:+}",
            )
            enough = len(show.acked) + 3
            await show.until(partial(has_acked, show, enough), f"after {enough}, at {jump_s:+}")
            assert (await show.ready())[0] == 200
        # Of a server that is starved of its processor's time; no other refusal has a clock in it.
        assert {each.code for each in show.refusals} <= {"overloaded"}
        assert "Traceback" not in show.server.said
        await show.check_the_end()


def has_acked(show: Evening, count: int) -> bool:
    return len(show.acked) >= count


def is_ahead(client: Client, by_s: float) -> bool:
    """Whether the server's clock was so far ahead of ours when it published the last message."""
    said_at = [event["at"] for event in client.events if event["type"] == "message.published"]
    if not said_at:
        return False
    ahead_s = (datetime.fromisoformat(said_at[-1]) - datetime.now(UTC)).total_seconds()
    return abs(ahead_s - by_s) < 600
