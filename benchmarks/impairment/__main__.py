"""`python -m benchmarks.impairment [--scenes loss5,address] [--runs 5]`: a viewer on a bad network.

A server and a publisher stand in one network namespace, a viewer's page (Chromium) in another;
between them is a bridge that loses, delays and holds back. The picture is a clock, so that what was
seen can be told from what merely moved. The worst of all runs counts. Needs root, `ip` and
/dev/net/tun, and about twenty minutes for all of it.
"""

import argparse
import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.async_api import Page, async_playwright

from benchmarks.impairment import network as net
from benchmarks.impairment.network import Network
from benchmarks.impairment.scenes import SCENES, SETTLE_S, Outcome, Seen, back
from tests.support.chromium import ARGUMENTS, chromium_path
from tests.support.raw_client import Http, Json
from tests.support.running import OWNER_TOKEN, Server

SEED: Final = 20_261_123
PORT: Final = 8_000
GONE: Final = """() => ['connection is weak', 'stepped away', 'was cut off'].some(
    words => document.body.innerText.includes(words))"""
"""What the page says of a host who is not there."""


@dataclass
class Watched:
    """See `Show`."""

    network: Network
    page: Page
    whip: str
    token: str
    _publisher: subprocess.Popen[bytes] | None = None

    async def seen(self) -> Seen:
        told: list[list[float]] = await self.page.evaluate("() => picturesSeen.splice(0)")
        return [(at / 1_000, _whole(taken, at) / 1_000) for at, taken in told]

    def kill_publisher(self) -> None:
        if self._publisher is not None:
            self._publisher.kill()
            self._publisher.wait()

    def start_publisher(self) -> None:
        module = [sys.executable, "-m", "benchmarks.impairment.publisher"]
        self._publisher = subprocess.Popen([*module, self.whip, self.token], stdout=subprocess.PIPE)
        assert self._publisher.stdout is not None
        if self._publisher.stdout.readline() != b"here\n":
            raise RuntimeError("the publisher did not start")

    async def says_it_is_gone(self) -> float:
        await self.page.wait_for_function(GONE, polling=50, timeout=30_000)
        return time.time()


def _whole(taken_ms: float, at_ms: float) -> float:
    """The time of which the picture has the lower 32 bits: the last such moment before `at_ms`."""
    return at_ms - (at_ms - taken_ms) % (1 << 32)


@contextlib.asynccontextmanager
async def watched(server: Server, way: Network, folder: Path) -> AsyncIterator[Watched]:
    """A live session that is published and watched."""
    http = Http(server.url, OWNER_TOKEN)
    session: Json = await http.new_session()
    host = await http.join(session["slug"], invite=session["invites"]["host"]["token"])
    whip = f"{server.url}/api/v1/sessions/{session['slug']}/whip"
    page_url = f"http://{net.HERE_ADDRESS}:{server.port}/s/{session['slug']}"
    program = net.program_there(way.there, chromium_path(), folder)
    origin = f"--unsafely-treat-insecure-origin-as-secure=http://{net.HERE_ADDRESS}:{server.port}"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=[*ARGUMENTS, origin]
        )
        page = await browser.new_page()
        await page.add_init_script(path=Path(__file__).parent / "page.js")
        show = Watched(way, page, whip, host["token"])
        show.start_publisher()
        try:
            await page.goto(page_url)
            yield show
        finally:
            show.kill_publisher()
            await browser.close()


async def measure(scenes: list[str], runs: int, there: str) -> dict[str, list[Outcome]]:
    """What came of each scene, run by run."""
    found: dict[str, list[Outcome]] = {}
    settings = {
        "CAUSERIE_HOST": "0.0.0.0",  # noqa: S104 -- a namespace of its own
        "CAUSERIE_PUBLIC_URL": f"http://{net.HERE_ADDRESS}:{PORT}",
        "CAUSERIE_PUBLIC_IP": net.HERE_ADDRESS,
    }
    with tempfile.TemporaryDirectory() as kept, net.network(there, SEED) as way:
        folder = Path(kept)
        server = Server(folder / "data", settings, port=PORT)
        try:
            server.start()
            for scene in scenes:
                async with watched(server, way, folder) as show:
                    await back(show, time.time())
                    for run in range(runs):
                        await asyncio.sleep(SETTLE_S)
                        for outcome in await SCENES[scene](show):
                            found.setdefault(outcome.what, []).append(outcome)
                            print(f"{run + 1}: {outcome.what}: {outcome.seconds:.2f} s", flush=True)
        finally:
            server.stop()
    return found


def table(found: dict[str, list[Outcome]]) -> str:
    """Markdown, the worst run last."""
    rows = ["| what | runs, s | worst | bound |", "|---|---|---|---|"]
    for what, outcomes in found.items():
        runs = " ".join(f"{each.seconds:.2f}" for each in outcomes)
        worst = max(each.seconds for each in outcomes)
        bound = outcomes[0].bound_s
        verdict = "" if worst <= bound else " (missed)"
        rows.append(f"| {what} | {runs} | {worst:.2f} s{verdict} | {bound:g} s |")
    return "\n".join(rows)


def main() -> int:
    """Within the namespaces, measure; outside of them, make them first."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.impairment")
    parser.add_argument("--scenes", default=",".join(SCENES), help="of " + ", ".join(SCENES))
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    there = os.environ.get(net.INSIDE)
    if there is None:
        if os.geteuid() != 0:
            parser.error("network namespaces need root")
        return net.run_between_two("benchmarks.impairment", sys.argv[1:])
    found = asyncio.run(measure(asked.scenes.split(","), asked.runs, there))
    print(table(found))
    return int(any(each.seconds > each.bound_s for all_ in found.values() for each in all_))


if __name__ == "__main__":
    sys.exit(main())
