"""One real server for all; every test opens a show of its own on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.show.people import Show
from tests.support.raw_client import Http
from tests.support.running import OWNER_TOKEN, Server, running

OpenShow = Callable[..., Awaitable[Show]]


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("show") / "data") as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def open_show(server: Server, browser: Browser) -> AsyncIterator[OpenShow]:
    """Opens a session (live unless told otherwise) that closes with the test."""
    async with AsyncExitStack() as stack:

        async def open_one(*, state: str = "live", **body: Any) -> Show:
            http = Http(server.url, OWNER_TOKEN)
            session = await http.as_owner(
                "POST", "/sessions", **{"title": "The winter collection", **body}
            )
            if state != "draft":
                await http.as_owner("POST", f"/sessions/{session['slug']}/state", state=state)
            show = Show(http, browser, session)
            stack.push_async_callback(show.close)
            return show

        yield open_one
