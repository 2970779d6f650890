"""The ear under a steady stream: ``python -m benchmarks.ear.steady [LINES_PER_S] [SECONDS]``.

Sends the shipped lines through the hosted ear, models and all, at a fixed rate, and prints one JSON
object: milliseconds from asking to opinion, how many lines were judged without the models, how late
the event loop was meanwhile, the process's resident memory, and the processor time that a line
takes of the ear's process, of this one, and of the phases alone. Both processes share one core:
the others are left to whatever else runs here.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

from live.domain.ids import ParticipantId, SessionId
from live.domain.people import Role
from live.ports.gate import Candidate
from moderation.adapters.language import FastTextLanguages
from moderation.ear.hosted import HostedEar
from moderation.ear.lines import shipped
from moderation.policy.history import Past
from moderation.policy.judge import Case, Judge
from moderation.policy.normalise import fold
from moderation.policy.watch import Watch
from moderation.policy.wordlists import WordLists

LAG_EVERY_S = 0.01
LOADING_MOST_S = 120


class WallClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


def candidate(text: str, number: int) -> Candidate:
    """A line by one of a hundred people."""
    return Candidate(
        session_id=SessionId("steady"),
        author_id=ParticipantId(f"author-{number % 100}"),
        author_role=Role.VIEWER,
        kind="message",
        text=text,
        languages=("fr", "en"),
        author_language="fr",
        author_chose=False,
    )


def quantile(values: list[float], share: float) -> float:
    """In milliseconds."""
    return round(1000 * sorted(values)[int(share * (len(values) - 1))], 2)


def phases_alone(texts: list[str]) -> dict[str, float]:
    """Processor time of the phases that need no models."""
    judge = Judge(FastTextLanguages(), WordLists(), watch=Watch())
    took: list[float] = []
    for number, text in enumerate(texts):
        begun = time.thread_time()
        judge.judge(Case(candidate(text, number), fold(text), Past()))
        took.append(time.thread_time() - begun)
    return {"phases_p50_ms": quantile(took, 0.5), "phases_p95_ms": quantile(took, 0.95)}


def cpu_s(pid: int | None) -> float:
    """Processor time that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def stream(texts: list[str], per_s: int) -> dict[str, float]:
    """Send every text, ``per_s`` of them a second."""
    took: list[float] = []
    late: list[float] = []
    bare = 0

    async def ask(number: int, text: str) -> None:
        nonlocal bare
        begun = time.monotonic()
        opinion = await ear.review(candidate(text, number))
        took.append(time.monotonic() - begun)
        bare += opinion.heard is None

    async def watch_loop() -> None:
        while True:
            begun = time.monotonic()
            await asyncio.sleep(LAG_EVERY_S)
            late.append(time.monotonic() - begun - LAG_EVERY_S)

    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        ear = HostedEar(Path(folder), WallClock())
        running = asyncio.create_task(ear.run())
        async with asyncio.timeout(LOADING_MOST_S):
            while ear.status.models != "ready":  # noqa: ASYNC110 - it has no event to wait for
                await asyncio.sleep(0.1)
        watching = asyncio.create_task(watch_loop())
        ears_before, ours_before = cpu_s(ear.pid), time.process_time()
        begun = time.monotonic()
        async with asyncio.TaskGroup() as asked:
            for number, text in enumerate(texts):
                await asyncio.sleep(max(0.0, begun + number / per_s - time.monotonic()))
                asked.create_task(ask(number, f"{text} {number}"))
        ours, ears = time.process_time() - ours_before, cpu_s(ear.pid) - ears_before
        watching.cancel()
        rss_mb = ear.status.rss_mb
        running.cancel()
        await asyncio.gather(running, watching, return_exceptions=True)
    return {
        "p50_ms": quantile(took, 0.5),
        "p95_ms": quantile(took, 0.95),
        "p99_ms": quantile(took, 0.99),
        "without_models": bare,
        "ear_cpu_ms": round(1000 * ears / len(texts), 3),
        "own_cpu_ms": round(1000 * ours / len(texts), 3),
        "loop_late_p95_ms": quantile(late, 0.95),
        "rss_mb": round(rss_mb, 1),
    }


def main() -> None:
    """Measure and print."""
    per_s, seconds = (int(each) for each in (*sys.argv[1:], *("200", "60")[len(sys.argv) - 1 :]))
    shipped_texts = [line.text for line in shipped().chat]
    texts = list(islice(cycle(shipped_texts), per_s * seconds))
    told = {"lines_per_s": per_s, "lines": len(texts), **phases_alone(shipped_texts)}
    print(json.dumps(told | asyncio.run(stream(texts, per_s))))


if __name__ == "__main__":
    main()
