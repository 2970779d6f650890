"""Debian's Chromium, with a synthetic camera and microphone, driven by Playwright."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Locator, async_playwright, expect

from tests.support.patience import PATIENCE_S

ARGUMENTS = (
    "--no-sandbox",  # CI runs as root, where Chromium's own sandbox refuses to start
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
)

expect.set_options(timeout=PATIENCE_S * 1000)


def chromium_path() -> str:
    """Where the system's Chromium is; `make test` installs it where it may.

    The headless shell is the same engine without the browser's own window, whose hidden pages take
    three quarters of a page's time.
    """
    for name in ("chromium-headless-shell", "chromium", "chromium-browser"):
        if path := shutil.which(name):
            return path
    raise RuntimeError("Browser tests need Chromium: apt-get install chromium-headless-shell")


@asynccontextmanager
async def chromium(*extra_arguments: str, camera_fps: int = 15) -> AsyncIterator[Browser]:
    """A headless browser for the length of the block.

    Encoding and drawing pictures is most of what tests with a publisher cost, and half of a real
    camera's `camera_fps` shows as much; measurements ask for all of it.
    """
    camera = f"--use-fake-device-for-media-stream=fps={camera_fps}"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(), args=[*ARGUMENTS, camera, *extra_arguments]
        )
        try:
            yield browser
        finally:
            await browser.close()


async def still(element: Locator, reading: str) -> str:
    """What `reading`, a function of the element, says once thirty frames in a row agree.

    A scroll runs over many frames, and a virtual list draws its rows one frame later; an answer of
    "nothing yet" does not count as one.
    """
    found: str = await element.evaluate(
        f"""async (element) => {{
            const read = {reading};
            for (let frame = 0, same = 0, last = null; frame < 1800; frame += 1) {{
                await new Promise((drawn) => requestAnimationFrame(drawn));
                const now = read(element);
                same = now && now === last ? same + 1 : 0;
                last = now;
                if (same === 30) return now;
            }}
            throw new Error('it never stood still');
        }}"""
    )
    return found
