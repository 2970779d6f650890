"""The owner: a link that works once, then a password; and what both are kept from."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.patience import PATIENCE_S
from tests.support.processes import bare_environment, causerie_command, run_program
from tests.support.running import Server, running

PASSWORD = "correct horse battery staple"


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Server]:
    """A server at its first start, without the token that tests usually have."""
    with running(tmp_path / "data", CAUSERIE_OWNER_TOKEN="") as server:
        yield server


@pytest.fixture
async def browser(fresh: Server) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Origin": fresh.url}
    async with httpx.AsyncClient(
        base_url=fresh.url, headers=headers, trust_env=False, timeout=30
    ) as client:
        yield client


def is_owner_link(line: str) -> bool:
    return line.startswith("owner")


def owner_link(said: str) -> str:
    found = re.search(r"^owner +(\S+)$", said, re.MULTILINE)
    assert found is not None, said
    return httpx.URL(found[1]).path


async def test_the_first_start_prints_a_link_that_signs_in_once(
    fresh: Server, browser: httpx.AsyncClient
) -> None:
    link = owner_link(fresh.program.wait_for_line(is_owner_link))
    assert (await browser.get("/api/v1/me")).json()["owner"] is False
    taken = await browser.get(link)
    assert (taken.status_code, taken.headers["location"]) == (303, "/")
    assert (await browser.get("/api/v1/me")).json()["owner"] is True
    made = await browser.post("/api/v1/sessions", json={"title": "Mine"})
    assert made.status_code == 201

    browser.cookies.clear()
    again = await browser.get(link, headers={"Accept": "text/html"})
    assert again.status_code == 410
    assert 'data-page-code="gone"' in again.text
    forged = await browser.get(link[:-3] + "AAA")
    assert (forged.status_code, forged.json()["code"]) == (410, "link_used")


async def test_a_fresh_link_is_made_while_the_server_runs(
    fresh: Server, browser: httpx.AsyncClient
) -> None:
    environment = bare_environment(fresh.folder, CAUSERIE_PORT=str(fresh.port))
    with run_program(causerie_command("owner-link"), env=environment) as made:
        assert made.wait(within_s=PATIENCE_S) == 0, made.report()
        link = owner_link(made.stdout)
    assert (await browser.get(link)).status_code == 303
    assert (await browser.get("/api/v1/me")).json()["owner"] is True


async def test_a_password_signs_in_and_signing_out_ends_it(
    fresh: Server, browser: httpx.AsyncClient
) -> None:
    early = await browser.post("/api/v1/owner/sign-in", json={"password": PASSWORD})
    assert (early.status_code, early.json()["code"]) == (401, "wrong_password")
    await browser.get(owner_link(fresh.program.wait_for_line(is_owner_link)))
    short = await browser.post("/api/v1/owner/password", json={"password": "short"})
    assert (short.status_code, short.json()["code"]) == (422, "invalid")
    chosen = await browser.post("/api/v1/owner/password", json={"password": PASSWORD})
    assert chosen.status_code == 204
    assert (await browser.get("/api/v1/me")).json() == {
        "owner": True,
        "has_password": True,
        "server": {"version": "0.1.0"},
    }
    unproven = await browser.post("/api/v1/owner/password", json={"password": PASSWORD[::-1]})
    assert (unproven.status_code, unproven.json()["code"]) == (401, "wrong_password")

    assert (await browser.post("/api/v1/owner/sign-out")).status_code == 204
    assert (await browser.get("/api/v1/me")).json()["owner"] is False
    wrong = await browser.post("/api/v1/owner/sign-in", json={"password": "guess"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_password")
    right = await browser.post("/api/v1/owner/sign-in", json={"password": PASSWORD})
    assert right.status_code == 204
    assert "; HttpOnly" in right.headers["set-cookie"]
    assert (await browser.get("/api/v1/me")).json()["owner"] is True


async def test_a_changed_password_ends_every_other_sign_in(
    fresh: Server, browser: httpx.AsyncClient
) -> None:
    await browser.get(owner_link(fresh.program.wait_for_line(is_owner_link)))
    await browser.post("/api/v1/owner/password", json={"password": PASSWORD})
    async with httpx.AsyncClient(
        base_url=fresh.url, headers={"Origin": fresh.url}, trust_env=False
    ) as other:
        await other.post("/api/v1/owner/sign-in", json={"password": PASSWORD})
        await browser.post(
            "/api/v1/owner/password", json={"password": PASSWORD[::-1], "current": PASSWORD}
        )
        assert (await other.get("/api/v1/me")).json()["owner"] is False
    assert (await browser.get("/api/v1/me")).json()["owner"] is True


async def test_guessing_is_slowed_down(browser: httpx.AsyncClient) -> None:
    statuses = [
        (await browser.post("/api/v1/owner/sign-in", json={"password": f"guess {n}"})).status_code
        for n in range(12)
    ]
    assert statuses[:10] == [401] * 10
    assert statuses[10:] == [429] * 2


async def test_the_owner_enters_any_session_and_leaves_it_by_signing_out(
    fresh: Server, browser: httpx.AsyncClient
) -> None:
    await browser.get(owner_link(fresh.program.wait_for_line(is_owner_link)))
    made = (await browser.post("/api/v1/sessions", json={"title": "Mine"})).json()
    path = f"/api/v1/sessions/{made['slug']}"
    joined = (await browser.post(f"{path}/join", json={"display_name": "The owner"})).json()
    assert joined["participant"]["role"] == "owner"
    assert (await browser.post(f"{path}/state", json={"state": "live"})).status_code == 200
    assert (await browser.get(f"/s/{made['slug']}/host")).status_code == 200
    await browser.post("/api/v1/owner/sign-out")
    late = await browser.post(f"{path}/state", json={"state": "ended"})
    assert (late.status_code, late.json()["code"]) == (401, "not_authenticated")


async def test_no_token_gets_into_the_log(fresh: Server, browser: httpx.AsyncClient) -> None:
    link = owner_link(fresh.program.wait_for_line(is_owner_link))
    await browser.get(link)
    made = (await browser.post("/api/v1/sessions", json={"title": "A secret title"})).json()
    invite = made["invites"]["moderator"]["token"]
    await browser.get(f"/join/{invite}")
    joined = (
        await browser.post(f"/api/v1/sessions/{made['slug']}/join", json={"invite": invite})
    ).json()
    await browser.get("/api/v1/no-such-thing")
    logged = fresh.program.stderr
    for secret in (link.rpartition("/")[2], invite, joined["token"], "A secret title"):
        assert secret not in logged
    assert '"path": "/join/{invite}"' in logged
