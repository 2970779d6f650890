"""One real server for all; every test opens a show of its own on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.show.people import OpenShow, opened_shows
from tests.support.running import Server, running


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("show") / "data") as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def open_show(server: Server, browser: Browser) -> AsyncIterator[OpenShow]:
    """Opens a session (live unless told otherwise) that closes with the test."""
    async with opened_shows(server.url, browser, title="The winter collection") as open_one:
        yield open_one
