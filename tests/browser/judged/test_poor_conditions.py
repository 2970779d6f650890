"""A slow phone on a bad network in a busy room: readable, usable, nothing lost."""

from __future__ import annotations

import asyncio
import itertools
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import CDPSession, expect

from tests.browser.show.people import OpenShow, Person, Show, Viewer
from tests.support.raw_client import Client

log = logging.getLogger(__name__)

SLOWDOWN = 6
BITS_PER_S, LATENCY_MS = 400_000, 300
CROWD, PER_S, FOR_S = 20, 200, 6
AWAY_S = 30
TASKS = """() => { window.longTasks = []
  new PerformanceObserver(l => window.longTasks.push(...l.getEntries().map(e => e.duration)))
    .observe({ entryTypes: ['longtask'] }) }"""


@asynccontextmanager
async def poor(viewer: Viewer) -> AsyncIterator[CDPSession]:
    """A sixth of this machine, 400 kb/s both ways and 300 ms, for the length of the block."""
    devtools = await viewer.context.new_cdp_session(viewer.page)
    line: dict[str, Any] = {
        "offline": False,
        "latency": LATENCY_MS,
        "downloadThroughput": BITS_PER_S / 8,
        "uploadThroughput": BITS_PER_S / 8,
    }
    await devtools.send("Network.enable")
    await devtools.send("Network.emulateNetworkConditions", line)
    await devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    yield devtools
    await devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})


async def crowd(show: Show) -> list[Client]:
    return [await show.writer(f"writer {number}") for number in range(CROWD)]


async def babble(writers: list[Client], *, per_s: int, seconds: float) -> int:
    """Write at this rate, in turn; how many lines were acknowledged."""
    loop = asyncio.get_running_loop()
    began, waiting = loop.time(), set()
    for number, writer in zip(range(int(per_s * seconds)), itertools.cycle(writers), strict=False):
        await asyncio.sleep(max(0.0, began + number / per_s - loop.time()))
        said = writer.insist("message.post", text=f"line {number} of a busy room")
        waiting.add(asyncio.create_task(said))
    return len(await asyncio.gather(*waiting))


async def heap_mb(devtools: CDPSession) -> float:
    """What the page keeps after a collection."""
    await devtools.send("HeapProfiler.collectGarbage")
    used = await devtools.send("Runtime.getHeapUsage")
    return float(used["usedSize"]) / 1e6


def lines_told(person: Person) -> list[str]:
    """The numbers of the lines that reached a page, in their order."""
    return [
        number
        for frame in person.frames
        for number in re.findall(r"line (\d+) of a busy room", frame)
    ]


async def reads_along(show: Show) -> None:
    """A slow phone misses none of 200 messages a second, and can be used meanwhile."""
    ana = await show.viewer("Ana")
    writers = await crowd(show)
    await ana.show("Discussion")
    async with poor(ana) as devtools:
        await ana.page.evaluate(TASKS)
        before_mb = await heap_mb(devtools)
        talk = asyncio.create_task(babble(writers, per_s=PER_S, seconds=FOR_S))
        # While they talk, the newest lines are there to read and the page does what it is asked.
        await expect(ana.page.get_by_text(re.compile(r"^line \d\d\d of")).first).to_be_visible()
        rows = ana.discussion.get_by_role("listitem")
        assert await rows.count() < 120, "the list is virtual"
        await ana.show("Questions")
        await expect(ana.page.get_by_role("textbox", name="Your question")).to_be_visible()
        await ana.show("Discussion")
        written = await talk
        assert written == PER_S * FOR_S
        for number in range(written):
            await ana.hears(f"line {number} of a busy room")
        last = ana.page.get_by_text(f"line {lines_told(ana)[-1]} of a busy room", exact=True)
        await expect(last.first).to_be_visible()

        await ana.write("Discussion", "I can still write")
        await writers[0].until(lambda c: "I can still write" in c.texts[-1])
        after_mb = await heap_mb(devtools)
        tasks = await ana.page.evaluate("window.longTasks")
        log.info("%d long tasks, the longest %.0f ms", len(tasks), max(tasks, default=0))
        log.info("heap %.1f MB, then %.1f MB", before_mb, after_mb)
        assert after_mb < before_mb + 30
    assert len(set(lines_told(ana))) == written


@asynccontextmanager
async def in_a_tunnel(show: Show) -> AsyncIterator[None]:
    """Someone is without network for half a minute, and for the length of the block at least;
    afterwards everything is there."""
    ana = await show.viewer("Ana", size=(1280, 800))
    ben = await show.writer("Ben")
    await ben.say("question.ask", text="Asked before")
    await expect(ana.question("Asked before")).to_be_visible()
    await ana.show("Discussion")
    await expect(ana.discussion.or_(ana.text("Discussion")).first).to_be_visible()
    await ana.page.evaluate("() => { window.sameDocument = true }")

    await ana.context.set_offline(True)
    away = asyncio.create_task(asyncio.sleep(AWAY_S))
    for number in range(12):
        await ben.say("message.post", text=f"while away {number}")
    await ben.say("question.ask", text="Asked meanwhile")
    await ana.write("Discussion", "from the tunnel")
    yield
    await away
    # What was there can still be read, and the page says why nothing new comes.
    await ana.show("Questions")
    await expect(ana.question("Asked before")).to_be_visible()
    await ana.context.set_offline(False)

    await expect(ana.question("Asked meanwhile")).to_be_visible()
    await ana.show("Discussion")
    await ben.until(lambda c: any("from the tunnel" in text for text in c.texts))
    lines = await ana.page.get_by_text(re.compile(r"^while away \d+$")).all_text_contents()
    assert lines == [f"while away {number}" for number in range(12)]
    await expect(ana.text("from the tunnel")).to_have_count(1)
    assert await ana.page.evaluate("() => window.sameDocument === true")


@pytest.mark.slow
async def test_a_slow_phone_reads_along_while_another_is_in_a_tunnel_and_neither_misses_anything(
    open_show: OpenShow,
) -> None:
    async with in_a_tunnel(await open_show()):
        await reads_along(await open_show())
