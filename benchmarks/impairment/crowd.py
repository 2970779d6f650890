"""`python -m benchmarks.impairment.crowd [--joins 100] [--visits 1000] [--minutes 10]`: many who
come, and what they leave behind.

A hundred viewers join at once: how long until each has its first packet. Then a thousand come and
go, spread over some minutes: how much memory and how many descriptors the media process has before
and after, and what its first and last visitors waited.
"""

import argparse
import asyncio
import os
import time
from pathlib import Path
from typing import Final

from benchmarks.impairment.light import LightViewer
from live.media import MediaSettings, MediaSupervisor
from live.ports.media import Leg, PublishRequest
from tests.integration.media.scripted import ScriptedPublisher

SHOW: Final = "show"
FRAMES_PER_S: Final = 30
KEYFRAME_EVERY: Final = 60
STAYS_S: Final = 2.0
REST_S: Final = 3.0


def footprint(pid: int) -> tuple[float, int]:
    """Megabytes that a process alone has written to, and its open descriptors."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    private = sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty"))
    return private / 1024, len(list(Path(f"/proc/{pid}/fd").iterdir()))


async def publishing(media: MediaSupervisor) -> ScriptedPublisher:
    """A publisher of frames that no encoder made, on air."""
    publisher = ScriptedPublisher()
    offer = await publisher.offer()
    leg = await media.publish(PublishRequest(SHOW, "host", "host", offer))
    assert isinstance(leg, Leg)
    await publisher.accept(leg.answer_sdp)
    await media.set_on_air(SHOW, on=True)
    await publisher.frame(keyframe=True)
    return publisher


async def frames(publisher: ScriptedPublisher) -> None:
    """30 frames a second of six packets, until cancelled."""
    loop = asyncio.get_running_loop()
    began, count = loop.time(), 0
    while True:
        await publisher.frame(keyframe=count % KEYFRAME_EVERY == 0, packets=6, size=1_000)
        count += 1
        await asyncio.sleep(max(0.0, began + count / FRAMES_PER_S - loop.time()))


async def join_at_once(media: MediaSupervisor, number: int) -> list[float]:
    """Seconds until each of them had its first packet, from the moment in which all began."""
    began = time.monotonic()

    async def one(each: int) -> tuple[LightViewer, float]:
        viewer = LightViewer(media, SHOW, f"viewer {each}")
        await viewer.join()
        return viewer, time.monotonic() - began

    joined = await asyncio.gather(*(one(each) for each in range(number)))
    await asyncio.gather(*(viewer.leave() for viewer, _ in joined))
    return sorted(waited for _, waited in joined)


async def visits(media: MediaSupervisor, number: int, seconds: float) -> list[float]:
    """Come one after the other over so long, stay a moment, and go; what each waited."""
    waited: list[float] = []

    async def one(each: int) -> None:
        await asyncio.sleep(each * seconds / number)
        began = time.monotonic()
        viewer = LightViewer(media, SHOW, f"visitor {each}")
        await viewer.join()
        waited.append(time.monotonic() - began)
        await asyncio.sleep(STAYS_S)
        await viewer.leave()

    async with asyncio.TaskGroup() as group:
        for each in range(number):
            group.create_task(one(each))
    return waited


async def measure(joins: int, visitors: int, minutes: float) -> None:
    """Print what came of it."""
    media = MediaSupervisor(MediaSettings(udp_port=0))
    await media.start()
    assert media.pid is not None
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    publisher = await publishing(media)
    sending = asyncio.create_task(frames(publisher))
    try:
        await join_at_once(media, 20)
        for _ in range(5):
            waited = await join_at_once(media, joins)
            middle, last = waited[len(waited) // 2], waited[-1]
            print(f"{joins} join at once: median {middle:.2f} s, last {last:.2f} s", flush=True)
            await asyncio.sleep(REST_S)
        before = footprint(media.pid)
        waits = await visits(media, visitors, minutes * 60)
        await asyncio.sleep(REST_S)
        after = footprint(media.pid)
        health = await media.health()
    finally:
        sending.cancel()
        await publisher.close()
        await media.close()
    print(f"{visitors} visits over {minutes:g} min: longest wait {max(waits):.2f} s")
    print(f"memory {before[0]:.1f} MB, then {after[0]:.1f} MB; descriptors {before[1]}, {after[1]}")
    print(f"viewers left {health.viewers}, restarts {health.restarts}")


def main() -> None:
    """Read what is asked, and measure it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.impairment.crowd")
    parser.add_argument("--joins", type=int, default=100)
    parser.add_argument("--visits", type=int, default=1_000)
    parser.add_argument("--minutes", type=float, default=10.0)
    asked = parser.parse_args()
    asyncio.run(measure(asked.joins, asked.visits, asked.minutes))


if __name__ == "__main__":
    main()
