"""Those who watch by HLS: how late they are, and what they cost.

    python -m benchmarks.hls                       everything, into docs/performance.md
    python -m benchmarks.hls --repeats 1 --seconds 10

How late: a host's page and a viewer's page in Chromium, as in `benchmarks.sync`, but the viewer's
page is told that WebRTC is full, and plays H264 from pieces. What they cost: see `crowd.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from playwright.async_api import Browser, Page, Route

from benchmarks.harness.machine import free_port, two_cores
from benchmarks.harness.report import Figure, publish, surroundings, table
from benchmarks.hls.crowd import crowds
from tests.integration.deploy.proxies import pieces_cache
from tests.support.chromium import chromium
from tests.support.raw_client import Http
from tests.support.running import OWNER_TOKEN, running

NAME: Final = "bench-hls"
PAGES: Final = Path(__file__).parents[1] / "sync"
WARM_S: Final = 8.0
"""Pieces of so long are there when the viewer comes."""

SETTLE_S: Final = 10.0
FIRST_MS: Final = 30_000
HEAD: Final = [
    "how the page plays",
    "pieces from",
    "picture late, s: median of a run",
    "p95",
    "pictures/s shown",
    "page opened → first picture, s",
]


@dataclass(frozen=True, slots=True)
class Way:
    """How a page gets its pieces."""

    parts: bool
    cached: bool


WAYS: Final = tuple(
    Way(parts=parts, cached=cached) for parts in (True, False) for cached in (False, True)
)


@dataclass
class Seen:
    """Of each repeat, seconds."""

    late: list[float] = field(default_factory=list)
    worst: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)


async def _page(browser: Browser, *scripts: str) -> Page:
    context = await browser.new_context(
        permissions=["camera", "microphone"],
        locale="en-GB",
        viewport={"width": 1280, "height": 800},
    )
    for script in scripts:
        await context.add_init_script(path=PAGES / script)
    return await context.new_page()


async def _full(route: Route) -> None:
    """WebRTC has no place, so that the page turns to HLS at once."""
    await route.fulfill(
        status=503,
        headers={"Retry-After": "60", "Content-Type": "application/problem+json"},
        body='{"code": "full", "hls_fits": true}',
    )


async def _crowded(route: Route) -> None:
    """What the server says beyond two hundred viewers."""
    answer = await route.fetch()
    told = await answer.json()
    await route.fulfill(response=answer, json=told | {"low_latency": False})


async def _played(browser: Browser, http: Http, way: Way, seconds: float, seen: Seen) -> None:
    session = await http.as_owner("POST", "/sessions", title="Benchmark")
    slug = session["slug"]
    await http.as_owner("POST", f"/sessions/{slug}/state", state="lobby")
    host = await _page(browser, "publisher.js")
    await host.goto(session["invites"]["host"]["url"])
    await host.get_by_role("button", name="Go live").click()
    await asyncio.sleep(WARM_S)
    viewer = await _page(browser, "viewer.js")
    await viewer.route("**/whep", _full)
    if not way.parts:
        await viewer.route(f"**/sessions/{slug}/hls", _crowded)
    await viewer.goto(f"{http.url}/s/{slug}")
    await viewer.wait_for_function("() => picturesSeen.length > 0", timeout=FIRST_MS)
    first = await viewer.evaluate("() => picturesSeen[0][0] - performance.timeOrigin")
    await asyncio.sleep(SETTLE_S)
    await viewer.evaluate("() => { picturesSeen.length = 0 }")
    await asyncio.sleep(seconds)
    pictures = await viewer.evaluate("() => picturesSeen")
    late = [(at - taken) % (1 << 32) / 1_000 for at, taken, _ in pictures]
    late = [each for each in late if each < 60]  # the others could not be read
    if len(late) < 30:
        raise RuntimeError(f"only {len(late)} pictures")
    seen.late.append(statistics.median(late))
    seen.worst.append(statistics.quantiles(late, n=20)[-1])
    seen.rate.append(len(pictures) / seconds)
    seen.first.append(first / 1_000)
    for page in (host, viewer):
        await page.context.close()
    await http.as_owner("POST", f"/sessions/{slug}/state", state="ended")


async def delays(folder: Path, repeats: int, seconds: float) -> list[list[str]]:
    """Every way in turn, as rows of a table."""
    found = {way: Seen() for way in WAYS}
    async with chromium("--autoplay-policy=no-user-gesture-required", camera_fps=30) as browser:
        for cached in (False, True):
            with contextlib.ExitStack() as stack:
                home, port = folder / f"cached-{cached}", free_port()
                home.mkdir()
                settings = {"CAUSERIE_HLS": "on"}
                if cached:
                    settings["CAUSERIE_HLS_BASE_URL"] = f"http://127.0.0.1:{port}"
                server = stack.enter_context(running(home / "data", **settings))
                if cached:
                    stack.enter_context(pieces_cache(home, port=port, origin=server.port))
                http = Http(server.url, OWNER_TOKEN)
                for way in [way for way in WAYS if way.cached is cached] * repeats:
                    await _played(browser, http, way, seconds, found[way])
                    print(way, found[way], flush=True)
    return [HEAD, *(_cells(way, seen) for way, seen in found.items())]


def _cells(way: Way, seen: Seen) -> list[str]:
    return [
        "parts of half a second" if way.parts else "whole segments of two seconds",
        "nginx" if way.cached else "Causerie",
        *(Figure(tuple(each)).show() for each in (seen.late, seen.worst, seen.rate, seen.first)),
    ]


def main() -> None:
    """Measure, print, and publish a whole run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=15.0, help="of looking and counting")
    parser.add_argument("--only", choices=("delays", "crowds"))
    given = parser.parse_args()
    tables = []
    with TemporaryDirectory(prefix="causerie-bench-") as made:
        folder = Path(made)
        if given.only != "crowds":
            tables.append(asyncio.run(delays(folder, given.repeats, given.seconds)))
        if given.only != "delays":
            tables.append(crowds(folder, two_cores(), given.repeats, given.seconds))
    text = "\n\n".join([*map(table, tables), surroundings(given.repeats)])
    print(f"\n{text}")
    if given.only is None:
        publish(NAME, text)


if __name__ == "__main__":
    main()
