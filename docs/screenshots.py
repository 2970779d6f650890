"""Takes the documentation's pictures from a running demo: `make screenshots`.

Starts `causerie demo` on free ports with a data folder of its own, waits until there is something
to see, and writes `docs/images/`: the viewer's phone, the moderator's console, the host's cockpit.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, Page, async_playwright

IMAGES = Path(__file__).parent / "images"
CAUSERIE = Path(sys.executable).parent / "causerie"
LIVELY_AFTER_S = 45


@dataclass(frozen=True, slots=True)
class Picture:
    """One page at one size; `link` is the word that the demo prints before its address."""

    name: str
    link: str
    size: tuple[int, int]
    scheme: Literal["light", "dark"]
    language: str
    scale: float = 1.0


PICTURES = (
    Picture("viewer", "viewer", (390, 844), "dark", "fr-FR", scale=2),
    Picture("viewer-desktop", "viewer", (1280, 800), "light", "en-GB"),
    Picture("console", "moderator", (1440, 900), "light", "fr-FR"),
    Picture("cockpit", "host", (1280, 800), "dark", "fr-FR"),
)


def free_port(kind: socket.SocketKind) -> int:
    """A port that was free a moment ago."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def read_links(lines: Iterable[str]) -> dict[str, str]:
    """The demo's links by their word, once it has printed them all."""
    links: dict[str, str] = {}
    for line in lines:
        words = line.split()
        if len(words) >= 2 and words[-1].startswith("http"):
            links[words[0]] = words[-1]
        if {picture.link for picture in PICTURES} <= links.keys():
            return links
    raise SystemExit("The demo ended before it printed its links.")


async def take(browser: Browser, picture: Picture, url: str) -> None:
    """Open the page as that person would, wait for a picture that moves, write the file."""
    context = await browser.new_context(
        viewport={"width": picture.size[0], "height": picture.size[1]},
        device_scale_factor=picture.scale,
        color_scheme=picture.scheme,
        locale=picture.language,
    )
    page = await context.new_page()
    await page.goto(url)
    await wait_for_video(page)
    await page.screenshot(path=IMAGES / f"{picture.name}.png")
    await context.close()


async def wait_for_video(page: Page) -> None:
    """Until the first video on the page has played for two seconds."""
    await page.wait_for_function(
        "() => [...document.querySelectorAll('video')].some(v => v.currentTime > 2)",
        timeout=30_000,
    )


async def take_all(links: dict[str, str]) -> None:
    """Let the audience talk for a while, then take each picture."""
    await asyncio.sleep(LIVELY_AFTER_S)
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--allow-loopback-in-peer-connection"],
        )
        for picture in PICTURES:
            await take(browser, picture, links[picture.link])
            print(IMAGES / f"{picture.name}.png")
        await browser.close()


def main() -> None:
    """Start the demo, take the pictures, end the demo."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(str(CAUSERIE), "demo", "--audience", "20", "--seed", "3", "--data-dir", folder),
            *("--port", str(free_port(socket.SOCK_STREAM))),
            *("--udp-port", str(free_port(socket.SOCK_DGRAM))),
        ]
        demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            asyncio.run(take_all(read_links(demo.stdout or ())))
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(15)


if __name__ == "__main__":
    main()
