"""One real server a module, and sessions on it as the owner's API makes them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.show.people import OpenShow, opened_shows
from tests.support.running import Server, running

# What a crowd needs to write as fast as it likes.
CROWD = {"CAUSERIE_LIMIT_MESSAGES": "100000/1s", "CAUSERIE_LIMIT_JOINS": "100000/1s"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that a test may stop and start again."""
    with running(tmp_path_factory.mktemp("judged") / "data", **CROWD) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def open_show(server: Server, browser: Browser) -> AsyncIterator[OpenShow]:
    """Opens a session (live unless told otherwise) that closes with the test."""
    async with opened_shows(server.url, browser, title="La collection d’hiver") as open_one:
        yield open_one
