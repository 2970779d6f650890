"""How fast the moderators' desk answers its keys while its queues are full and more arrives.

    python -m benchmarks.desk                           5,000 items, 50 a second, 10 minutes
    python -m benchmarks.desk --minutes 1 --rate 50     a shorter look

A real Chromium shows the built page; the other end of its socket is scripted, so that nothing but
the page is measured. A key is pressed several times a second, in turns: next, choose, publish, set
aside, undo, search. Colleagues handle as many as come, so that the queue stays as long as it is: a
heap that grows would be a leak. What is printed: the load of the machine; from each key press to
the next paint, as the browser's own Event Timing says; long tasks; the heap after each minute's
collection. During the first 20 s the processor time of every task of the page's thread is taken
as well: it says the same on a machine that has other things to do. The build must be current:
`python frontend/build_hook.py build`.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import random
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import CDPSession, Page

from tests.browser.pages.shapes import hello, message, question, snapshot, you
from tests.browser.pages.staged import Answer, Stage, problem
from tests.support.chromium import chromium

Json = Any
KEYS = ("j", "j", "p", "j", "x", "j", "d", "k", "z", "j", "h", "Escape")
NAMES = ("renard-vif", "Do Nguyen", "Hana", "Jules", "visiteur-40")
WORDS = (
    *("is", "the", "wool", "itchy", "do", "you", "ship", "to", "Belgium", "before"),
    *("Christmas", "in", "midnight", "blue", "or", "grey"),
)
TRACED_S = 20.0
TRACED_MOST_S = 300.0
"""So many seconds are tens of megabytes, which a busy machine takes its time to hand over."""
WATCH = """() => {
  window.measured = { keys: [], tasks: [] };
  new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) {
      if (name === 'keydown') window.measured.keys.push(duration);
    }
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.measured.tasks.push(duration);
  }).observe({ type: 'longtask', buffered: true });
}"""


@dataclass
class Figures:
    """Milliseconds and megabytes. Keys that were painted within 16 ms are counted, not listed."""

    pressed: int = 0
    keys_ms: list[float] = field(default_factory=list)
    tasks_ms: list[float] = field(default_factory=list)
    heap_mb: list[float] = field(default_factory=list)
    task_cpu_ms: list[float] = field(default_factory=list)
    key_cpu_ms: list[float] = field(default_factory=list)
    handled: int = 0
    waiting: tuple[int, int] = (0, 0)
    load: float = 0.0

    def quantile(self, share: float) -> float:
        """Of all keys pressed; those that are not listed took less than 16 ms."""
        slow = sorted(self.keys_ms)
        listed = slow[-max(1, round(self.pressed * (1 - share))) :]
        return listed[0] if len(listed) >= round(self.pressed * (1 - share)) else 16.0

    def __str__(self) -> str:
        longest = max(self.keys_ms, default=0.0)
        keys = sorted(self.key_cpu_ms) or [0.0]
        heap = ", ".join(f"{each:.1f}" for each in self.heap_mb)
        return "\n".join(
            (
                f"load of the machine     {self.load:.1f} on {os.cpu_count()} cores",
                f"waiting                 {self.waiting[0]} at first, {self.waiting[1]} at the end",
                f"keys pressed            {self.pressed}, {self.handled} of them decisions",
                f"key to paint, p50       {self.quantile(0.5):.0f} ms",
                f"key to paint, p95       {self.quantile(0.95):.0f} ms",
                f"key to paint, longest   {longest:.0f} ms",
                f"long tasks (> 50 ms)    {len(self.tasks_ms)}",
                f"longest task            {max(self.tasks_ms, default=0.0):.0f} ms",
                f"key, processor p95      {keys[len(keys) * 95 // 100]:.1f} ms",
                f"key, processor longest  {keys[-1]:.1f} ms",
                f"task, processor longest {max(self.task_cpu_ms, default=0.0):.1f} ms",
                f"heap each minute        {heap} MB",
            )
        )


def sentences(chance: random.Random) -> Iterator[str]:
    """Texts of some length, no two alike."""
    for number in itertools.count():
        words = chance.choices(WORDS, k=chance.randint(3, 24))
        yield f"{' '.join(words).capitalize()}? ({number})"


class Crowd(Stage):
    """A session with many items that answers decisions as the server does."""

    def fill(self, count: int, chance: random.Random) -> None:
        """Nine in ten wait, the others are live questions."""
        self._chance = chance
        self._said = sentences(chance)
        self._items: dict[str, Json] = {}
        self.waiting: dict[str, Json] = {}
        self._made = itertools.count()
        self._decided: list[str] = []
        self._places = itertools.count(count)
        self._decisions = itertools.count()
        waiting = [self._new("pending") for _ in range(count * 9 // 10)]
        self._enough = len(waiting)
        live = [self._new("published", kind="question") for _ in range(count - len(waiting))]
        told = snapshot(
            held={"items": waiting, "total": len(waiting)},
            questions={"items": [_bare(each) for each in live[-200:]], "total": 200},
            labels=[],
        )
        self.hello = hello(told)
        self.live = live

    def _new(self, status: str, kind: str | None = None) -> Json:
        number = next(self._made)
        kind = kind or self._chance.choice(("question", "message"))
        make = question if kind == "question" else message
        text, name = next(self._said), self._chance.choice(NAMES)
        minute, second = divmod(number // 10 % 3600, 60)
        item = make(f"{kind[0]}{number}", text, name, status=status)
        item |= {"kind": kind, "at": f"2026-11-20T19:{minute:02}:{second:02}.{number % 1000:03}Z"}
        if status == "published":
            item["seq"] = number
        else:
            self.waiting[f"{kind}:{item['id']}"] = item
        self._items[f"{kind}:{item['id']}"] = item
        return item

    async def arrive(self) -> None:
        """One more item, or a vote on one that is there."""
        if self._chance.random() < 0.2:
            item = self._chance.choice(self.live)
            item["votes"] += 1
            await self.event("vote.tallied", {"question_id": item["id"], "votes": item["votes"]})
            return
        if self._chance.random() < 0.5:
            item = self._new("pending")
            await self.event(f"{item['kind']}.held", {item["kind"]: _bare(item)})
        else:
            item = self._new("published", "message")
            await self.event("message.published", {"message": _bare(item)})
        while len(self.waiting) > self._enough:
            await self._handled()

    async def _handled(self) -> None:
        """A colleague publishes what waits longest; who asked a question withdraws it, since what
        everyone sees of questions is kept by a desk for as long as the session has it."""
        item = self.waiting.pop(next(iter(self.waiting)))
        item["revision"] += 1
        if item["kind"] == "question":
            gone = {"id": item["id"], "status": "dismissed"}
            await self.event("question.changed", {"question": gone})
            return
        item |= {"status": "published", "seq": next(self._places)}
        await self.event("message.published", {"message": _bare(item)})

    def _receive(self, text: str | bytes) -> None:
        frame = json.loads(text)
        decided = {"moderation.decide": self._decide, "moderation.undo": self._undo}
        act = decided.get(frame["type"])
        reply = {"t": "ack", "seq": None, "data": {}} if act is None else act(frame["data"])
        assert self._socket is not None
        self._socket.send(json.dumps({"id": frame["id"], **reply}))

    def _decide(self, data: Json) -> Json:
        subject = data["subject"]
        item = self._items[f"{subject['kind']}:{subject['id']}"]
        after = {"publish": "published", "pick": "picked", "remove": "removed"}
        gone = "refused" if subject["kind"] == "message" else "dismissed"
        return self._become(item, after.get(data["verdict"], gone), data["verdict"])

    def _undo(self, _data: Json) -> Json:
        item = self._items[self._decided.pop()]
        return self._become(item, "pending", "undo")

    def _become(self, item: Json, status: str, verdict: str) -> Json:
        subject = {"kind": item["kind"], "id": item["id"]}
        decision = {
            "id": f"d{next(self._decisions)}",
            "subject": subject,
            "verdict": verdict,
            "by": {"id": "me", "display_name": "Lise Martin", "role": "moderator"},
            "at": item["at"],
            "revision": item["revision"],
        }
        if verdict != "undo":
            self._decided.append(f"{item['kind']}:{item['id']}")
        item["status"] = status
        item["revision"] += 1
        key = f"{item['kind']}:{item['id']}"
        self.waiting.pop(key, None)
        if status == "pending":
            self.waiting[key] = item
        data = {item["kind"]: _bare(item), "decision": decision, "id": decision["id"]}
        return {"t": "ack", "seq": None, "data": data}


def _bare(item: Json) -> Json:
    return {name: value for name, value in item.items() if name != "kind"}


@asynccontextmanager
async def desk(count: int) -> AsyncIterator[Crowd]:
    """The console of a full session, in a browser of its own."""
    async with chromium("--enable-precise-memory-info") as browser:
        context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
        page = await context.new_page()
        joined = Answer({"participant": you("moderator"), "token": "t"})
        nothing = Answer({"items": [], "next_before": None})
        stage = Crowd(
            page,
            {
                "POST /sessions/hiver/join": joined,
                "POST /sessions/hiver/whep": problem(409, "nobody_publishes"),
                "GET /sessions/hiver/messages": nothing,
                "GET /sessions/hiver/questions": nothing,
            },
        )
        stage.fill(count, random.Random(7))
        await page.add_init_script(f"({WATCH})()")
        await stage.open("/s/hiver/moderate", "moderate")
        await page.locator("[data-lane=handle] article").first.wait_for()
        yield stage


async def work(page: Page, figures: Figures, until: float, pause_s: float) -> None:
    """Press one key after the other, as a moderator in a hurry does."""
    loop = asyncio.get_running_loop()
    for turn in itertools.count():
        if loop.time() >= until:
            return
        key = KEYS[turn % len(KEYS)]
        await page.keyboard.press(key)
        figures.pressed += 1
        figures.handled += key in "pdzh"
        if turn % 120 == 60:
            await page.keyboard.press("/")
            await page.keyboard.type("belgium", delay=60)
            await page.keyboard.press("Escape")
            figures.pressed += 9
        await asyncio.sleep(pause_s)


async def stream(stage: Crowd, until: float, rate: float) -> None:
    """So many arrivals a second."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while loop.time() < until:
        due += 1 / rate
        await stage.arrive()
        await asyncio.sleep(max(0.0, due - loop.time()))


async def weigh(page: Page, devtools: CDPSession, figures: Figures, until: float) -> None:
    """The heap after a collection, once a minute."""
    loop = asyncio.get_running_loop()
    while loop.time() < until:
        await devtools.send("HeapProfiler.collectGarbage")
        used = await page.evaluate("performance.memory.usedJSHeapSize")
        figures.heap_mb.append(used / 2**20)
        await asyncio.sleep(max(0.0, min(60.0, until - loop.time())))


async def trace(devtools: CDPSession, figures: Figures, seconds: float) -> None:
    """What the page's main thread did, in processor time."""
    told: list[Json] = []
    complete = asyncio.Event()
    devtools.on("Tracing.dataCollected", lambda data: told.extend(data["value"]))
    devtools.on("Tracing.tracingComplete", lambda _: complete.set())
    wanted = {"includedCategories": ["toplevel", "devtools.timeline"], "excludedCategories": ["*"]}
    await devtools.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": wanted})
    await asyncio.sleep(seconds)
    await devtools.send("Tracing.end")
    async with asyncio.timeout(TRACED_MOST_S):
        await complete.wait()
    names = (each for each in told if each["name"] == "thread_name")
    page = {
        (each["pid"], each["tid"]) for each in names if each["args"]["name"] == "CrRendererMain"
    }
    for each in told:
        if (each["pid"], each["tid"]) not in page or "tdur" not in each:
            continue
        if each["name"].endswith("RunTask"):
            figures.task_cpu_ms.append(each["tdur"] / 1000)
        elif each["name"] == "EventDispatch" and each["args"]["data"]["type"] == "keydown":
            figures.key_cpu_ms.append(each["tdur"] / 1000)


async def measure(given: argparse.Namespace) -> Figures:
    """Work at a full desk for the given time; fails where the page complains."""
    figures = Figures()
    async with desk(given.items) as stage:
        page = stage.page
        devtools = await page.context.new_cdp_session(page)
        await page.evaluate("() => { window.measured.keys = []; window.measured.tasks = []; }")
        before = len(stage.waiting)
        until = asyncio.get_running_loop().time() + given.minutes * 60
        async with asyncio.TaskGroup() as group:
            group.create_task(stream(stage, until, given.rate))
            group.create_task(work(page, figures, until, given.pause))
            group.create_task(weigh(page, devtools, figures, until))
            group.create_task(trace(devtools, figures, min(TRACED_S, given.minutes * 60)))
        measured = await page.evaluate("window.measured")
        figures.load, figures.waiting = os.getloadavg()[0], (before, len(stage.waiting))
        figures.keys_ms, figures.tasks_ms = measured["keys"], measured["tasks"]
        if stage.complaints:
            raise SystemExit(f"the page complained: {stage.complaints[:3]}")
    return figures


def main() -> None:
    """Measure as the command line asks, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--items", type=int, default=5000)
    parser.add_argument("--rate", type=float, default=50.0, help="items a second")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--pause", type=float, default=0.25, help="seconds between keys")
    given = parser.parse_args()
    sys.stdout.write(f"{asyncio.run(measure(given))}\n")


if __name__ == "__main__":
    main()
