"""What the team does over HTTP is in the audit, in the transaction that does it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import httpx
import pytest

from app.api.endpoint import SAFE_METHODS, Who
from app.application import ENDPOINTS
from tests.integration.http.conftest import Cast
from tests.support.raw_client import Http
from tests.support.running import OWNER_TOKEN, Server


def records(server: Server, chain: str | None = None) -> list[dict[str, Any]]:
    """What the database holds of one chain, or of all but the installation's own."""
    with closing(sqlite3.connect(server.folder / "causerie.sqlite")) as database:
        rows = database.execute("SELECT chain, body FROM audit ORDER BY chain, n")
        return [json.loads(body) for kept, body in rows if (kept == "brand") == (chain == "brand")]


async def test_the_team_signs_in_and_makes_and_takes_back_invites(
    http: Http, server: Server, cast: Cast
) -> None:
    known = len(records(server))
    made = await http.as_owner("POST", f"/sessions/{cast.slug}/invites", role="moderator", uses=1)
    joined = await http.join(cast.slug, invite=made["token"], display_name="Max")
    await http.join(cast.slug, display_name="Nobody in particular")
    await http.as_owner("DELETE", f"/sessions/{cast.slug}/invites/{made['id']}")
    with pytest.raises(httpx.HTTPStatusError):
        await http.as_owner("DELETE", f"/sessions/{cast.slug}/invites/none")

    new = [each for each in records(server) if made["id"] in json.dumps(each)]
    assert [each["action"] for each in new] == [
        "sign_in",
        "DELETE /sessions/{slug}/invites/{invite_id}",
    ]
    assert (new[0]["by"], new[0]["role"]) == (joined["participant"]["id"], "moderator")
    acts = [each for each in records(server) if each["action"] == "POST /sessions/{slug}/invites"]
    assert {"role": "moderator", "uses": 1} in [each["asked"] for each in acts]
    assert len(records(server)) == known + 3


async def test_the_owners_acts_are_in_the_brands_chain_without_a_password(
    http: Http, server: Server
) -> None:
    known = len(records(server, "brand"))
    await http.as_owner("PATCH", "/brand", name="Maison Alba")
    await http.as_owner("POST", "/owner/password", password="a long enough password")
    with pytest.raises(httpx.HTTPStatusError):
        await http.call("POST", "/owner/sign-in", None, password="another one, and wrong")
    await http.call("POST", "/owner/sign-in", None, password="a long enough password")
    told = records(server, "brand")[known:]
    assert [each["action"] for each in told] == [
        "PATCH /brand",
        "POST /owner/password",
        "POST /owner/sign-in",
    ]
    assert [each["role"] for each in told] == ["owner"] * 3
    assert "password" not in json.dumps([each.get("words") for each in told])
    assert "password" not in json.dumps([each.get("asked") for each in told])
    assert list(told[0]["words"]) == ["name"]


async def test_exports_and_steps_and_settings_are_in_the_sessions_chain(
    http: Http, server: Server, cast: Cast
) -> None:
    known = len(records(server))
    await http.as_owner("GET", f"/sessions/{cast.slug}/export")
    await http.as_owner("PATCH", f"/sessions/{cast.slug}", review="before")
    await http.call("POST", f"/sessions/{cast.slug}/state", cast.tokens["host"], state="ended")
    await http.as_owner("DELETE", f"/sessions/{cast.slug}/participants/{cast.ids['viewer']}")
    fresh = records(server)[known:]
    mine = [each["action"] for each in fresh]
    assert mine.count("GET /sessions/{slug}/export") == 1
    assert [each for each in mine if each in ("session_details", "erase_participant")] == [
        "session_details",
        "erase_participant",
    ]
    ends = [each for each in fresh if each.get("asked") == {"state": "ended"}]
    assert [(each["action"], each["by"]) for each in ends] == [("change_state", cast.ids["host"])]


def test_every_write_that_is_for_the_team_alone_is_an_act_or_a_rooms_own() -> None:
    """A new endpoint is audited unless it says that its room tells, or that it writes nothing."""
    writes = [
        each
        for each in ENDPOINTS
        if each.method not in SAFE_METHODS and each.who in (Who.STAFF, Who.HOST, Who.OWNER)
    ]
    unaudited = {f"{each.method} {each.path}" for each in writes if not each.is_act}
    rooms_own = {
        "PATCH /sessions/{slug}",
        "POST /sessions/{slug}/state",
        "POST /sessions/{slug}/runshow",
    }
    announcements = "POST /sessions/{slug}/announcements"
    looked_up = {f"{announcements}/outlook", f"{announcements}/translation"}
    assert unaudited == rooms_own | looked_up
    assert len(writes) > len(unaudited)


async def test_nobody_without_the_right_leaves_a_record(
    http: Http, server: Server, cast: Cast
) -> None:
    known = len(records(server)), len(records(server, "brand"))
    for role in ("viewer", "guest", "moderator"):
        for call in ("POST /sessions/{}/invites", "POST /sessions/{}/state"):
            method, path = call.split(" ")
            with pytest.raises(httpx.HTTPStatusError):
                await http.call(method, path.format(cast.slug), cast.tokens[role], role="viewer")
    assert (len(records(server)), len(records(server, "brand"))) == known
    assert OWNER_TOKEN not in json.dumps(records(server, "brand"))
