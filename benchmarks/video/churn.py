"""A thousand viewers join and leave over ten minutes: memory and descriptors are as before.

    python -m benchmarks.video.churn                        a thousand in ten minutes
    python -m benchmarks.video.churn --visits 200 --minutes 1

They come one after the other at an even pace, and each stays some seconds. What the server holds is
compared from the end of the warm-up on: by then the last packets of the stream, which are kept on
purpose, are all there. Ends with 1, and says why, if something stayed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import re
import sys
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.harness.machine import Server, pinned, two_cores
from benchmarks.video.peer import Peer
from benchmarks.video.servers import FAST, Forwarder, serving
from benchmarks.video.stream import Stream
from benchmarks.video.visits import joined

WARM_UP_VISITS: Final = 100
WARM_UP_S: Final = 60.0
STAY_S: Final = 4.0
LOOK_S: Final = 0.2
SETTLE_S: Final = 3.0
GROWTH_LIMIT_KB: Final = 2_048
"""A thousand viewers that each left 2 KB behind."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a server and all below it hold."""

    memory_kb: int
    descriptors: int


def held(server: Server) -> Held:
    """Look it up in /proc: memory that was written to and is nobody else's, and open files."""
    memory = descriptors = 0
    for pid in server.pids():
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        memory += sum(map(int, re.findall(r"^Private_Dirty:\s+(\d+) kB", rollup, re.MULTILINE)))
        descriptors += sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return Held(memory, descriptors)


async def visit(forwarder: Forwarder) -> None:
    """Join, watch for a while, leave."""
    viewer = await joined(forwarder)
    for _ in range(int(STAY_S / LOOK_S)):
        viewer.keep_alive()
        deque(viewer.waiting(), maxlen=0)
        await asyncio.sleep(LOOK_S)
    await viewer.close()


async def come_and_go(forwarder: Forwarder, visits: int, seconds: float) -> None:
    """So many visits, begun at an even pace in so many seconds."""
    async with asyncio.TaskGroup() as group:
        for _ in range(visits):
            group.create_task(visit(forwarder))
            await asyncio.sleep(seconds / visits)


@contextlib.asynccontextmanager
async def streaming(forwarder: Forwarder) -> AsyncIterator[None]:
    """A publisher sends for the length of the block."""
    publisher = Peer()
    await forwarder.publish(publisher)
    running = asyncio.create_task(Stream(publisher).run())
    keeping = asyncio.create_task(_keep(publisher))
    try:
        yield
    finally:
        for task in (running, keeping):
            task.cancel()
        await publisher.close()


async def _keep(publisher: Peer) -> None:
    while True:
        publisher.keep_alive()
        await asyncio.sleep(2)


async def measure(visits: int, minutes: float, folder: Path) -> str | None:
    """What stayed, in a sentence; None if nothing did."""
    cores = two_cores()
    with pinned(cores.client):
        async with serving(FAST, folder, cores.server) as forwarder, streaming(forwarder):
            await come_and_go(forwarder, WARM_UP_VISITS, WARM_UP_S)
            await asyncio.sleep(SETTLE_S)
            before = now = held(forwarder.server)
            print(f"{0:6} visits: {before}", flush=True)
            for part in range(1, 11):
                await come_and_go(forwarder, visits // 10, minutes * 6)
                await asyncio.sleep(SETTLE_S)
                now = held(forwarder.server)
                print(f"{part * visits // 10:6} visits: {now}", flush=True)
    if now.memory_kb - before.memory_kb > GROWTH_LIMIT_KB:
        return f"memory grew by {now.memory_kb - before.memory_kb:,} KB"
    if now.descriptors > before.descriptors:
        return f"{now.descriptors - before.descriptors} descriptors are still open"
    return None


def main() -> None:
    """Run, and end with the verdict."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--visits", type=int, default=1_000)
    parser.add_argument("--minutes", type=float, default=10)
    given = parser.parse_args()
    with TemporaryDirectory(prefix="causerie-churn-") as name:
        sys.exit(asyncio.run(measure(given.visits, given.minutes, Path(name))) or 0)


if __name__ == "__main__":
    main()
