"""Chromium publishes and Chromium plays, through the engine in its own process."""

from playwright.async_api import Browser, Page

from live.ports.media import SeatPublishing
from tests.integration.media.server import SESSION, MediaServer


async def test_a_browser_sees_and_hears_what_a_browser_publishes(
    server: MediaServer, page: Page
) -> None:
    assert await page.evaluate("publish()") == "201"
    await server.event(SeatPublishing)
    assert await page.evaluate("watch()") == "201"
    assert await page.evaluate("pictures(8)") == 8
    assert await page.evaluate("loudness(0.1)") > 0.1
    stats = await server.media.stats(SESSION)
    assert stats.viewers == 1
    assert stats.seats[0].video_codec == "VP8"
