"""How a demo ends, and how it begins again."""

from __future__ import annotations

import asyncio
import signal

from tests.integration.demo.conftest import SLUG, Demo, children_of, runs
from tests.integration.media.waiting import eventually
from tests.support.raw_client import Client, Json


async def authors(demo: Demo) -> dict[str, str]:
    """The names of those who wrote, by id."""
    watcher = await watch(demo)
    await watcher.close()
    messages: list[Json] = watcher.snapshot["messages"]
    return {m["author"]["id"]: m["author"]["display_name"] for m in messages}


def faults(demo: Demo) -> list[str]:
    """What the latest run logged that is no news but a fault."""
    lines = demo.program.stderr.splitlines()
    return [line for line in lines if '"level": "info"' not in line]


async def watch(demo: Demo) -> Client:
    joined = await demo.http.join(SLUG)
    return await Client(demo.http.url, SLUG, joined["token"]).open()


async def test_ctrl_c_ends_all_of_it_and_the_next_start_finds_the_same_people(demo: Demo) -> None:
    demo.start("--audience", "8", CAUSERIE_EAR="on")
    watcher = await watch(demo)
    await watcher.until(lambda c: c.pulse.get("present", 0) > 8)
    started = children_of(demo.program.process.pid)
    assert len(started) == 3, "the media process, the ear's and the demo's people"
    before = await authors(demo)

    assert await asyncio.to_thread(demo.interrupt) == 0
    await watcher.until(lambda c: c.closed_with == 1012)
    await watcher.close()
    assert not any(runs(pid) for pid in started)
    assert faults(demo) == []

    demo.start("--audience", "8")
    again = await watch(demo)
    await again.until(lambda c: c.pulse.get("present", 0) > 8)
    await again.close()
    after = await authors(demo)
    assert before.items() <= after.items()
    assert len(set(after.values())) == len(after), "nobody is here twice"


async def test_nobody_outlives_a_demo_that_was_killed(demo: Demo) -> None:
    demo.start("--quiet")
    started = children_of(demo.program.process.pid)
    assert started
    demo.program.send(signal.SIGKILL)
    await eventually(lambda: not any(runs(pid) for pid in started))


async def test_a_demo_whose_show_was_ended_shows_the_next_one(demo: Demo) -> None:
    demo.start("--audience", "8", CAUSERIE_OWNER_TOKEN=demo.http.owner_token)
    await demo.http.as_owner("POST", f"/sessions/{SLUG}/state", state="ended")
    assert demo.interrupt() == 0
    demo.start("--audience", "8", CAUSERIE_OWNER_TOKEN=demo.http.owner_token)
    sessions = await demo.http.as_owner("GET", "/sessions")
    states = {each["slug"]: each["state"] for each in sessions["sessions"]}
    assert states == {SLUG: "ended", f"{SLUG}-2": "live"}
