"""`python -m tests.integration.media.matrix`: every publisher with every viewer, judged by what is
seen and heard.

Publishers and viewers share no code with the server: Debian's Chromium and Firefox, FFmpeg's WHIP
muxer, libwebrtc in Node. Each publishes with every codec that it has a picture with a clock in it
and a tone; each viewer that can decode it must read the clock, several times and of the present,
and hear the pitch; every other one must get 406 and a sentence. What a viewer can decode is what
it says itself. Prints a table; exit 1 where one cell is not as it should be.
"""

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final, Protocol

from live.ports.media_events import SeatFreed, SeatPublishing
from tests.integration.media.peers import ffmpeg_publishes, install_players, play
from tests.integration.media.server import media_server
from tests.support.chromium import chromium
from tests.support.firefox import firefox

CODECS: Final = ("VP8", "H264", "VP9", "AV1")
PITCH_HZ: Final = 440
CLOCKS: Final = 10
PRESENT_S: Final = 5.0
LIMIT_MS: Final = 15_000


class Page(Protocol):
    """A tab of either browser, with `page.html` in it."""

    async def evaluate(self, expression: str, /) -> Any:
        """What an expression comes to."""

    async def goto(self, url: str, /) -> Any:
        """Load a page."""


class Watched(Protocol):
    """A viewer of whatever kind."""

    async def codecs(self) -> set[str]:
        """The codecs that it says it decodes."""

    async def verdict(self, *, shares: bool) -> str:
        """`plays`, `refused`, or what went wrong. ``shares``: it has the publisher's codec."""


class InBrowser:
    """See `Watched`."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def codecs(self) -> set[str]:
        known = await self._page.evaluate(
            "RTCRtpReceiver.getCapabilities('video').codecs.map((each) => each.mimeType)"
        )
        return {each.removeprefix("video/") for each in known}

    async def verdict(self, *, shares: bool) -> str:  # noqa: ARG002 -- it is not needed to look
        said = await self._page.evaluate("watch()")
        if said != "201":
            return refusal(said[:3], await self._page.evaluate("peers.viewer.reason"))
        clocks = await self._page.evaluate(f"clocks({CLOCKS}, {LIMIT_MS})")
        pitch = await self._page.evaluate(f"pitch({PITCH_HZ}, 'viewer', {LIMIT_MS})")
        await self._page.evaluate("hangUp('viewer')")
        return judged(clocks, pitch)


class InNode:
    """See `Watched`."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/whep"

    async def codecs(self) -> set[str]:
        return set((await self._play(1))["codecs"])

    async def verdict(self, *, shares: bool) -> str:
        told = await self._play(LIMIT_MS if shares else 1)
        if told["status"] != 201:
            return refusal(str(told["status"]), told["reason"])
        return judged(told["clocks"], told["pitch"])

    async def _play(self, limit_ms: int) -> dict[str, Any]:
        return await play("play-libwebrtc.mjs", self._url, CLOCKS, limit_ms, "clock")


def refusal(status: str, sentence: str | None) -> str:
    """What is to be said of an answer that took nothing."""
    if status == "406" and sentence and sentence.endswith("."):
        return "refused"
    return f"{status}: {sentence}"


def judged(clocks: list[int], pitch: float) -> str:
    """Whether the present was seen, in many pictures, and the tone heard."""
    now = int(time.time() * 1_000)
    oldest_ms = max(((now - each) % (1 << 32) for each in clocks), default=0)
    if len(clocks) < CLOCKS or oldest_ms > 1_000 * (PRESENT_S + LIMIT_MS / 1_000):
        return f"{len(clocks)} clocks, the oldest {oldest_ms} ms ago"
    if abs(pitch - PITCH_HZ) > 20:
        return f"a pitch of {pitch:.0f} Hz"
    return "plays"


@contextlib.asynccontextmanager
async def published_by_page(page: Page, codec: str) -> AsyncIterator[bool]:
    """Whether this browser publishes with this codec, for the length of the block."""
    known = await page.evaluate(
        "RTCRtpSender.getCapabilities('video').codecs.map((each) => each.mimeType)"
    )
    if f"video/{codec}" not in known:
        yield False
        return
    said = await page.evaluate(f"publish({{codec: 'video/{codec}'}})")
    if said != "201":
        raise RuntimeError(f"{codec} is not taken: {said}")
    yield True
    await page.evaluate("hangUp('publisher')")


async def row(codec: str, viewers: dict[str, Watched]) -> list[str]:
    """A verdict for each viewer of who publishes now; one in bold type is not as it should be."""
    cells = []
    for viewer in viewers.values():
        shares = codec in await viewer.codecs()
        verdict = await viewer.verdict(shares=shares)
        cells.append(verdict if verdict == ("plays" if shares else "refused") else f"**{verdict}**")
    return cells


async def rows(folder: Path) -> list[list[str]]:
    """Every publisher and codec, with the verdict of each viewer."""
    found: list[list[str]] = []
    async with media_server() as server, chromium() as browser, firefox() as fox:
        page = await browser.new_page()
        for each in (page, fox):
            await each.goto(server.url)
        viewers: dict[str, Watched] = {
            "Chromium": InBrowser(page),
            "Firefox": InBrowser(fox),
            "libwebrtc in Node": InNode(server.url),
        }
        found.append(["publisher", "codec", *viewers])
        publishers: dict[str, Page] = {"Chromium": page, "Firefox": fox}
        after = 0
        for name, publisher in publishers.items():
            for codec in CODECS:
                async with published_by_page(publisher, codec) as does:
                    if not does:
                        continue
                    after = await server.event(SeatPublishing, after=after)
                    found.append([name, codec, *await row(codec, viewers)])
                after = await server.event(SeatFreed, after=after)
        async with ffmpeg_publishes(f"{server.url}/whip", folder):
            await server.event(SeatPublishing, after=after)
            found.append(["FFmpeg", "H264", *await row("H264", viewers)])
    return found


def main() -> int:
    """Print the table."""
    asyncio.run(install_players())
    with tempfile.TemporaryDirectory() as folder:
        head, *body = asyncio.run(rows(Path(folder)))
    for line in (head, ["---"] * len(head), *body):
        sys.stdout.write("| " + " | ".join(line) + " |\n")
    return int(any("**" in cell for line in body for cell in line))


if __name__ == "__main__":
    sys.exit(main())
