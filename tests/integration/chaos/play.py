"""One run: a crowd talks, things die, and the log is held against what is stored."""

from __future__ import annotations

import asyncio
import itertools
import math
import random
import signal
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec

from tests.integration.chaos import records
from tests.integration.chaos.checker import Checker, Findings
from tests.integration.chaos.crowd import Plan, Seat
from tests.integration.chaos.site import Kill, Site
from tests.integration.chaos.stored import dump
from tests.support.processes import bare_environment, run_program
from tests.support.raw_client import Http
from tests.support.running import OWNER_TOKEN

JOINS_AT_ONCE = 10
LEAVING_S = 60.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """How many people say how much, and what dies. Each kill is followed by `down_s` of absence;
    `pause_s` (give or take a third) lies before the first, between any two and after the last."""

    people: int
    posts_per_s: float
    kills: Sequence[Kill]
    pause_s: float
    down_s: float = 1.0
    moderators: int = 2
    settle_s: float = 45.0
    seed: int = 1


class Killed(NamedTuple):
    """When something died, and when all of it was ready again (seconds of the records' clock)."""

    what: Kill
    at_s: float
    ready_s: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What died when, and what the checker found."""

    kills: Sequence[Killed]
    findings: Findings
    talked_s: float

    def away_s(self, share: float) -> float:
        """The time without a connection that this share of all comings back did not exceed."""
        times = sorted(time_s for _, time_s in self.findings.away)
        return times[min(int(len(times) * share), len(times) - 1)] if times else 0.0

    def silence_s(self, killed_s: float, until_s: float) -> float:
        """The longest time without any ack after a kill and before the next one."""
        moments = sorted(at for at in self.findings.acks_s if killed_s <= at < until_s)
        edges = [killed_s, *moments]
        return max((b - a for a, b in itertools.pairwise(edges)), default=0.0)


async def play(site: Site, scenario: Scenario, folder: Path) -> Outcome:
    """Play it on a running site. Logs are left in `folder`."""
    slug, seats = await _gather(site, scenario)
    log = folder / "log.jsonl"
    plan = Plan(
        log=str(log),
        nodes=[node.url for node in site.nodes],
        slug=slug,
        people=seats,
        posts_per_s=scenario.posts_per_s,
        seed=scenario.seed,
        settle_s=scenario.settle_s,
    )
    file = folder / "plan.json"
    file.write_bytes(msgspec.json.encode(plan))
    command = [sys.executable, "-m", "tests.integration.chaos.crowd", str(file)]
    with run_program(command, env=bare_environment(folder)) as crowd:
        began_s = records.now()
        kills = await _kill(site, scenario)
        talked_s = records.now() - began_s
        crowd.send(signal.SIGTERM)
        code = await asyncio.to_thread(crowd.wait, within_s=scenario.settle_s + LEAVING_S)
        assert code == 0, crowd.report()
    stored = await asyncio.to_thread(dump, site.database_url, slug)
    findings = await asyncio.to_thread(Checker(stored).run, records.read(log))
    return Outcome(kills, findings, talked_s)


async def _gather(site: Site, scenario: Scenario) -> tuple[str, list[Seat]]:
    """A live session and everyone's place in it."""
    http = Http(site.nodes[0].url, OWNER_TOKEN)
    session = await http.new_session(review="after")
    slug, invite = session["slug"], session["invites"]["moderator"]["token"]
    gate = asyncio.Semaphore(JOINS_AT_ONCE)

    async def enter(number: int) -> Seat:
        extra = {"invite": invite} if number < scenario.moderators else {}
        async with gate:
            joined = await http.join(slug, display_name=f"person {number}", language="en", **extra)
        you = joined["participant"]
        return Seat(you["id"], joined["token"], you["role"])

    return slug, await asyncio.gather(*(enter(number) for number in range(scenario.people)))


async def _kill(site: Site, scenario: Scenario) -> list[Killed]:
    rng = random.Random(scenario.seed)
    killed: list[Killed] = []
    for what in scenario.kills:
        await asyncio.sleep(scenario.pause_s * rng.uniform(2 / 3, 4 / 3))
        at_s = records.now()
        await site.kill(what, scenario.down_s)
        killed.append(Killed(what, at_s, records.now()))
    await asyncio.sleep(scenario.pause_s)
    return killed


def table(outcome: Outcome) -> str:
    """What happened, as a table in Markdown: one line a kind of kill."""
    head = (
        "killed | times | ready again | connections lost | first back | median | p99 | longest"
        " | longest without an ack"
    )
    lines = [f"| {head} |", "|---|---|---|---|---|---|---|---|---|"]
    ends = [*(each.at_s for each in outcome.kills[1:]), math.inf]
    for kind in dict.fromkeys(each.what for each in outcome.kills):
        mine = [
            (each, end) for each, end in zip(outcome.kills, ends, strict=True) if each.what == kind
        ]
        spans = [(each.at_s, end) for each, end in mine]
        ready_s = statistics.median(each.ready_s - each.at_s for each, _ in mine)
        away = sorted(
            time_s
            for lost_s, time_s in outcome.findings.away
            if any(at <= lost_s < end for at, end in spans)
        )
        back = (
            (away[0], statistics.median(away), away[int(len(away) * 0.99)], away[-1])
            if away
            else ()
        )
        silence = max(outcome.silence_s(at, end) for at, end in spans)
        cells = [kind, str(len(spans)), f"{ready_s:.1f} s", str(len(away))]
        cells += [f"{each:.1f} s" for each in back] or ["–"] * 4
        lines.append(f"| {' | '.join(cells)} | {silence:.1f} s |")
    return "\n".join(lines)
