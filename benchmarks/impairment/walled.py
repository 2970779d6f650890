"""`python -m benchmarks.impairment.walled [--runs 10]`: the first picture where no UDP passes.

As the other scenes: a server and a publisher in one network namespace, a viewer's page in another.
Between them nothing is lost but, behind a wall, every datagram. Told is the time from the page's
first request for the picture to the first picture shown: past the wall by the server's own TCP port
and by a real TURN server, and without a wall, to see that neither way slows the direct one. With
`--poor`, how the picture goes on by UDP and by TCP where packets are lost and where the link is
narrow. Needs root, `ip`, /dev/net/tun and coturn, and two minutes (six with `--poor`).
"""

import argparse
import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from playwright.async_api import Page

from benchmarks.impairment import network as net
from benchmarks.impairment.__main__ import PORT, SEED, Watched, watched
from benchmarks.impairment.bridge import Way
from benchmarks.impairment.scenes import back, longest_freeze
from tests.integration.deploy.coturn import SECRET, coturn
from tests.support.running import Server

TCP_PORT: Final = 8_189

NOTE: Final = """(() => {
    const note = setInterval(() => {
        const video = document.querySelector('video')
        if (!video) return
        clearInterval(note)
        video.requestVideoFrameCallback(() => { window.firstPicture = Date.now() })
    }, 5)
})()"""

TOOK: Final = """() => {
    const asked = performance.getEntriesByType('resource').find(each => each.name.endsWith('/whep'))
    if (!asked || !window.firstPicture) return false
    return window.firstPicture - performance.timeOrigin - asked.startTime
}"""


@dataclass(frozen=True, slots=True)
class Case:
    """What stands between, and what the operator has set against it."""

    what: str
    walled: bool
    tcp: bool = False
    turn: bool = False


SETTLE_S: Final = 4.0
POOR_S: Final = 30.0
POOR: Final = {
    "nothing lost": Way(),
    "1 % lost, 20 ms each way": Way(loss=0.01, delay_ms=20),
    "2 % lost, 20 ms each way": Way(loss=0.02, delay_ms=20),
    "700 kbit/s, 20 ms each way": Way(rate_kbps=700, delay_ms=20),
}

CASES: Final = (
    Case("no wall, no other way set", walled=False),
    Case("no wall, TCP port and TURN set", walled=False, tcp=True, turn=True),
    Case("wall, TCP port", walled=True, tcp=True),
    Case("wall, TURN over TCP", walled=True, turn=True),
)


async def first_pictures(page: Page, runs: int) -> list[float]:
    """Seconds, of each time the page was opened."""
    await page.add_init_script(NOTE)
    took = []
    for _ in range(runs):
        await page.reload()
        found = await page.wait_for_function(TOOK, polling=20, timeout=30_000)
        took.append(await found.json_value() / 1_000)
    return took


@contextlib.asynccontextmanager
async def played(case: Case, there: str) -> AsyncIterator[Watched]:
    """A show that is on air, as things are in this case."""
    settings = {
        "CAUSERIE_HOST": "0.0.0.0",  # noqa: S104 -- a namespace of its own
        "CAUSERIE_PUBLIC_URL": f"http://{net.HERE_ADDRESS}:{PORT}",
        "CAUSERIE_PUBLIC_IP": net.HERE_ADDRESS,
    }
    if case.tcp:
        settings["CAUSERIE_MEDIA_TCP_PORT"] = str(TCP_PORT)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        way = stack.enter_context(net.network(there, SEED))
        way.become(Way(walled=case.walled))
        if case.turn:
            here = net.HERE_ADDRESS
            turn = stack.enter_context(coturn(folder / "coturn", at=here, relays_to=here))
            settings |= {"CAUSERIE_TURN_URLS": turn.url, "CAUSERIE_TURN_SECRET": SECRET}
        server = Server(folder / "data", settings, port=PORT)
        stack.callback(server.stop)
        server.start()
        async with watched(server, way, folder) as show:
            yield show


async def endured(show: Watched, way: Way) -> str:
    """How the picture goes on by a way like this."""
    show.network.become(way)
    await asyncio.sleep(SETTLE_S)
    await show.seen()
    began = time.time()
    await asyncio.sleep(POOR_S)
    seen = await show.seen()
    freeze = longest_freeze([(began, began), *seen], time.time())
    late = [shown - taken for shown, taken in seen] or [POOR_S]
    return f"{freeze:.2f} s | {statistics.median(late):.2f} s | {max(late):.2f} s"


async def tell(runs: int, there: str) -> None:
    """A table of Markdown: every case, its median and its worst."""
    print("| between viewer and server | first picture, s | median | worst |\n|---|---|---|---|")
    for case in CASES:
        async with played(case, there) as show:
            took = await first_pictures(show.page, runs)
        shown = " ".join(f"{each:.2f}" for each in took)
        median, worst = statistics.median(took), max(took)
        print(f"| {case.what} | {shown} | {median:.2f} s | {worst:.2f} s |", flush=True)


async def tell_poor(there: str) -> None:
    """A table of Markdown: each poor way by UDP and by TCP."""
    print("| way | longest freeze | glass to glass, median | worst |\n|---|---|---|---|")
    for case in CASES[1:3]:
        async with played(case, there) as show:
            await back(show, time.time())
            for what, way in POOR.items():
                said = await endured(show, replace(way, walled=case.walled))
                print(f"| {'TCP' if case.walled else 'UDP'}, {what} | {said} |", flush=True)


def main() -> int:
    """Within the namespaces, measure; outside of them, make them first."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.impairment.walled")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--poor", action="store_true", help="how it goes on, by UDP and by TCP")
    asked = parser.parse_args()
    there = os.environ.get(net.INSIDE)
    if there is None:
        if os.geteuid() != 0:
            parser.error("network namespaces need root")
        return net.run_between_two("benchmarks.impairment.walled", sys.argv[1:])
    asyncio.run(tell_poor(there) if asked.poor else tell(asked.runs, there))
    return 0


if __name__ == "__main__":
    sys.exit(main())
