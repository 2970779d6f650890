"""An engine for each test of the video path, and pages that publish and play."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.integration.media.server import MediaServer, media_server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Lets the tests share the loop that the browser lives on."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(loop_scope="session")
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


@pytest_asyncio.fixture(loop_scope="session")
async def page(server: MediaServer, browser: Browser) -> AsyncIterator[Page]:
    """A page that can publish and play."""
    tab = await browser.new_page()
    await tab.goto(server.url)
    yield tab
    await tab.close()
