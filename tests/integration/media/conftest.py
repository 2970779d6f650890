"""One engine and one browser for each test of the video path."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from tests.integration.media.server import MediaServer, media_server
from tests.support.chromium import chromium


@pytest.fixture
async def server() -> AsyncIterator[MediaServer]:
    """The engine with WHIP and WHEP around it, on air."""
    async with media_server() as running:
        yield running


@pytest.fixture
async def page(server: MediaServer) -> AsyncIterator[Page]:
    """A page that can publish and play."""
    async with chromium("--autoplay-policy=no-user-gesture-required") as browser:
        tab = await browser.new_page()
        await tab.goto(server.url)
        yield tab
