"""The server forwards; it never decodes or encodes."""

import logging
import sys

import pytest
from playwright.async_api import Browser

from live.ports.media_events import SeatPublishing
from tests.integration.media.peers import HERE
from tests.integration.media.server import SESSION, media_server


async def test_a_browser_plays_while_every_codec_of_the_media_process_is_mined(
    caplog: pytest.LogCaptureFixture, browser: Browser
) -> None:
    command = (sys.executable, str(HERE / "guarded_process.py"))
    with caplog.at_level(logging.INFO):
        async with media_server(command=command) as server:
            page = await browser.new_page()
            await page.goto(server.url)
            assert await page.evaluate("publish()") == "201"
            await server.event(SeatPublishing)
            assert await page.evaluate("watch()") == "201"
            assert await page.evaluate("pictures(8)") == 8
            assert await page.evaluate("loudness(0.1)") > 0.1
            assert (await server.media.health()).restarts == 0
            assert (await server.media.stats(SESSION)).viewers == 1
            await page.close()
    assert "codec" not in caplog.text
