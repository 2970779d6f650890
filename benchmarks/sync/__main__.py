"""What a viewer sees and hears, and when: lip sync, glass to glass, the publisher's bit rate.

    python -m benchmarks.sync                     everything, into docs/performance.md
    python -m benchmarks.sync --repeats 1 --seconds 10

A host's page and a viewer's page in Chromium, a server between them, all on this machine. The
host's camera is a canvas of 1280 x 720 with a clock in it, at 30 pictures a second, the microphone
a tone that begins with each full second. Late is when the viewer's page gets the picture on the
screen (`requestVideoFrameCallback`) or hands the sound to the loudspeaker, less when it was made:
what the clock in the picture says, and when the tone was in the host's own track.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from playwright.async_api import Browser, Page

from benchmarks.harness.report import (
    HEAD,
    Figure,
    Row,
    at_least,
    at_most,
    publish,
    surroundings,
    table,
)
from tests.support.chromium import chromium
from tests.support.raw_client import Http
from tests.support.running import OWNER_TOKEN, running

NAME: Final = "bench-sync"
HERE: Final = Path(__file__).parent
SETTLE_S: Final = 15.0
RATE_S: Final = 5.0
HEIGHT: Final = 720


@dataclass
class Run:
    """Of each repeat: milliseconds, and the share of its bound that a publisher reached."""

    picture_late: list[float] = field(default_factory=list)
    picture_late_p95: list[float] = field(default_factory=list)
    sound_late: list[float] = field(default_factory=list)
    apart: list[float] = field(default_factory=list)
    worst_apart: list[float] = field(default_factory=list)
    height: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)


async def played(browser: Browser, http: Http, run: Run, seconds: float, *, grainy: bool) -> None:
    """One show: with a grainy picture for the bit rate, with a calm one for the delays."""
    session = await http.as_owner("POST", "/sessions", title="Benchmark")
    await http.as_owner("POST", f"/sessions/{session['slug']}/state", state="lobby")
    before = f"window.grainy = {str(grainy).lower()}"
    host = await _page(browser, before, "publisher.js", "viewer.js")
    viewer = await _page(browser, "", "viewer.js")
    await host.goto(session["invites"]["host"]["url"])
    await host.get_by_role("button", name="Go live").click()
    if grainy:
        await asyncio.sleep(SETTLE_S)
        rate_bps, cap_bps = await host.evaluate(f"() => pictureRate({RATE_S})")
        run.rate.append(rate_bps / cap_bps)
    else:
        await viewer.goto(f"{http.url}/s/{session['slug']}")
        await viewer.get_by_role("button", name="Turn the sound on").click()
        await asyncio.sleep(SETTLE_S)
        await host.evaluate("() => { listen(microphoneTrack) }")
        await viewer.evaluate(
            "() => { listen(document.querySelector('video').srcObject.getAudioTracks()[0]) }"
        )
        await viewer.evaluate("() => { picturesSeen.length = 0 }")
        await asyncio.sleep(seconds)
        pictures = await viewer.evaluate("() => picturesSeen")
        tones = await host.evaluate("() => tones()"), await viewer.evaluate("() => tones()")
        _judge(run, pictures, *tones)
    for page in (host, viewer):
        await page.context.close()


async def _page(browser: Browser, before: str, *scripts: str) -> Page:
    context = await browser.new_context(
        permissions=["camera", "microphone"],
        locale="en-GB",
        viewport={"width": 1280, "height": 800},
    )
    await context.add_init_script(before)
    for script in scripts:
        await context.add_init_script(path=HERE / script)
    return await context.new_page()


def _judge(run: Run, pictures: list[list[float]], made: list[float], tones: list[float]) -> None:
    late = [(at - taken) % (1 << 32) for at, taken, _ in pictures]
    late = [each for each in late if each < 30_000]  # the others could not be read
    # Tones are a second apart: each is of the last one that was made before it.
    tones_late = [min((at - each for each in made if at >= each), default=0.0) for at in tones[1:]]
    if len(late) < 30 or len(tones_late) < 3:
        raise RuntimeError(f"only {len(late)} pictures and {len(tones_late)} tones")
    picture_late = statistics.median(late)
    run.picture_late.append(picture_late)
    run.picture_late_p95.append(statistics.quantiles(late, n=20)[-1])
    run.sound_late.append(statistics.median(tones_late))
    run.apart.append(statistics.median(tones_late) - picture_late)
    run.worst_apart.append(max(abs(each - picture_late) for each in tones_late))
    run.height.append(statistics.median(height for *_, height in pictures))


def rows(run: Run) -> list[Row]:
    """What is asked for, and what came of it."""
    apart = Figure(tuple(abs(each) for each in run.apart))
    heights = ", ".join(f"{each:.0f}" for each in sorted(set(run.height)))
    return [
        Row(
            "lip sync",
            "sound and picture apart, ms",
            apart,
            at_most(60),
            f"sound after picture by {Figure(tuple(run.apart)).show('ms')};"
            f" worst single tone {max(run.worst_apart, default=0):.0f} ms",
        ),
        Row(
            "glass to glass",
            f"picture of {HEIGHT} lines late, median of a run, ms",
            Figure(tuple(run.picture_late)),
            at_most(120),
            f"p95 {Figure(tuple(run.picture_late_p95)).show('ms')};"
            f" sound {Figure(tuple(run.sound_late)).show('ms')}; lines shown: {heights}",
        ),
        Row(
            "bit rate",
            f"of its bound, {SETTLE_S:.0f} s after going on air",
            Figure(tuple(run.rate)),
            at_least(0.9),
            f"picture in three sizes, mean of {RATE_S:.0f} s",
        ),
    ]


async def measure(repeats: int, seconds: float) -> Run:
    """Every repeat with pages of its own."""
    run = Run()
    with (
        TemporaryDirectory(prefix="causerie-bench-") as folder,
        running(Path(folder) / "data") as server,
    ):
        http = Http(server.url, OWNER_TOKEN)
        async with chromium("--autoplay-policy=no-user-gesture-required", camera_fps=30) as browser:
            for repeat in range(repeats):
                for grainy in (False, True):
                    await played(browser, http, run, seconds, grainy=grainy)
                print(f"{repeat + 1} of {repeats}", flush=True)
    return run


def main() -> None:
    """Measure, print, and publish a whole run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20.0, help="of looking and listening")
    given = parser.parse_args()
    run = asyncio.run(measure(given.repeats, given.seconds))
    text = f"{table([HEAD, *(row.cells() for row in rows(run))])}\n\n{surroundings(given.repeats)}"
    print(f"\n{text}")
    if sys.argv[1:] == []:
        publish(NAME, text)


if __name__ == "__main__":
    main()
