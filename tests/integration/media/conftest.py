"""One engine and one browser for each test of the video path."""

import logging
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page

from tests.integration.media.server import MediaServer, media_server
from tests.support.chromium import chromium


@pytest.fixture
async def server(caplog: pytest.LogCaptureFixture) -> AsyncIterator[MediaServer]:
    """The engine with WHIP and WHEP around it, on air; it must not have met a bug when it ends."""
    caplog.set_level(logging.INFO, logger="live.media")
    async with media_server() as running:
        yield running
    # What the media process logs appears here; that it is gone is the supervisor's to say.
    bugs = [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.ERROR and record.name != "live.media.supervisor"
    ]
    assert bugs == []


@pytest.fixture
async def page(server: MediaServer) -> AsyncIterator[Page]:
    """A page that can publish and play."""
    async with chromium("--autoplay-policy=no-user-gesture-required") as browser:
        tab = await browser.new_page()
        await tab.goto(server.url)
        yield tab
