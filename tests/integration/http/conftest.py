"""One real server for all tests of the HTTP API, and people of every role."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.support.raw_client import Http, Json
from tests.support.running import OWNER_TOKEN, Server, running


@dataclass(frozen=True)
class Cast:
    """A live session and a bearer token for each role; ``nobody`` has none."""

    slug: str
    session: Json
    tokens: dict[str, str | None]
    ids: dict[str, str]


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("http") / "data") as started:
        yield started


@pytest.fixture
def http(server: Server) -> Http:
    return Http(server.url, OWNER_TOKEN)


@pytest.fixture
async def browser(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of our own pages: keeps cookies, sends our Origin."""
    headers = {"Origin": server.url, "Accept": "text/html"}
    async with httpx.AsyncClient(
        base_url=server.url, headers=headers, trust_env=False, timeout=20
    ) as client:
        yield client


async def make_cast(http: Http, **wishes: Any) -> Cast:
    """A live session with someone of every role in it."""
    session = await http.new_session(**wishes)
    slug = session["slug"]
    tokens: dict[str, str | None] = {"nobody": None, "owner": OWNER_TOKEN}
    ids: dict[str, str] = {}
    guest = await http.as_owner("POST", f"/sessions/{slug}/invites", role="guest")
    invites = {**session["invites"], "guest": guest}
    for role in ("host", "moderator", "guest", "viewer"):
        joined = await http.join(slug, invite=invites[role]["token"], display_name=role.title())
        tokens[role], ids[role] = joined["token"], joined["participant"]["id"]
    return Cast(slug, session, tokens, ids)


@pytest.fixture
async def cast(http: Http) -> Cast:
    return await make_cast(http, title="Everyone is here")
