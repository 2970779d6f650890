"""`python -m benchmarks.impairment.walled [--runs 10]`: the first picture where no UDP passes.

As the other scenes: a server and a publisher in one network namespace, a viewer's page in another.
Between them nothing is lost but, behind a wall, every datagram. Told is the time from the page's
first request for the picture to the first picture shown: past the wall by the server's own TCP port
and by a real TURN server, and without a wall, to see that neither way slows the direct one. Needs
root, `ip`, /dev/net/tun and coturn, and two minutes.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.async_api import Page

from benchmarks.impairment import network as net
from benchmarks.impairment.__main__ import PORT, SEED, watched
from benchmarks.impairment.bridge import Way
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


async def measure(case: Case, runs: int, there: str) -> list[float]:
    """Open the page again and again, as things are in this case."""
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
            return await first_pictures(show.page, runs)


async def tell(runs: int, there: str) -> None:
    """A table of Markdown: every case, its median and its worst."""
    print("| between viewer and server | first picture, s | median | worst |\n|---|---|---|---|")
    for case in CASES:
        took = await measure(case, runs, there)
        shown = " ".join(f"{each:.2f}" for each in took)
        median, worst = statistics.median(took), max(took)
        print(f"| {case.what} | {shown} | {median:.2f} s | {worst:.2f} s |", flush=True)


def main() -> int:
    """Within the namespaces, measure; outside of them, make them first."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.impairment.walled")
    parser.add_argument("--runs", type=int, default=10)
    asked = parser.parse_args()
    there = os.environ.get(net.INSIDE)
    if there is None:
        if os.geteuid() != 0:
            parser.error("network namespaces need root")
        return net.run_between_two("benchmarks.impairment.walled", sys.argv[1:])
    asyncio.run(tell(asked.runs, there))
    return 0


if __name__ == "__main__":
    sys.exit(main())
