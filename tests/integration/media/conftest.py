"""An engine for each test of the video path, and one browser for each file of them."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.integration.media.server import MediaServer, media_server
from tests.support.chromium import chromium


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Lets the tests of one file share a loop, so that they can share a browser."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest_asyncio.fixture(loop_scope="module")
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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A browser that plays sound without being touched."""
    async with chromium("--autoplay-policy=no-user-gesture-required") as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def page(server: MediaServer, browser: Browser) -> AsyncIterator[Page]:
    """A page that can publish and play."""
    tab = await browser.new_page()
    await tab.goto(server.url)
    yield tab
    await tab.close()
