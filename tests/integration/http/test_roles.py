"""Every call of the HTTP API, tried by the roles that must not make it.

The rows come from here, the calls from the OpenAPI document: a call without a row fails the test,
so that none is added without saying who may make it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.integration.http.conftest import Cast, make_cast
from tests.support.offers import offer
from tests.support.raw_client import Http

ROLES = ("nobody", "viewer", "guest", "moderator", "host", "owner")
EVERYONE = frozenset(ROLES)
IN = EVERYONE - {"nobody"}
TEAM = frozenset({"host", "owner"})
ON_STAGE = TEAM | {"guest"}
OWNER = frozenset({"owner"})

STAFF = frozenset({"moderator", "host", "owner"})
MAY: dict[str, frozenset[str]] = {
    "POST /sessions": OWNER,
    "GET /sessions": OWNER,
    "GET /sessions/{slug}": EVERYONE,
    "PATCH /sessions/{slug}": OWNER,
    "POST /sessions/{slug}/state": TEAM,
    "GET /sessions/{slug}/calendar.ics": EVERYONE,
    "GET /sessions/{slug}/export": TEAM,
    "POST /sessions/{slug}/join": EVERYONE,
    "DELETE /sessions/{slug}/participants/{participant_id}": OWNER,
    "GET /sessions/{slug}/standing": EVERYONE,
    "POST /sessions/{slug}/appeals": EVERYONE,
    "GET /sessions/{slug}/people/{participant_id}": STAFF,
    "GET /sessions/{slug}/people/{participant_id}/history": STAFF,
    "POST /sessions/{slug}/invites": TEAM,
    "GET /sessions/{slug}/invites": TEAM,
    "DELETE /sessions/{slug}/invites/{invite_id}": TEAM,
    "GET /sessions/{slug}/decisions": STAFF,
    "GET /sessions/{slug}/audit": TEAM,
    "GET /audit": OWNER,
    "GET /sessions/{slug}/replies": STAFF,
    "POST /sessions/{slug}/replies": STAFF,
    "POST /sessions/{slug}/rehearsal": TEAM,
    "DELETE /sessions/{slug}/rehearsal": TEAM,
    "GET /sessions/{slug}/runshow": STAFF,
    "POST /sessions/{slug}/runshow": STAFF,
    "PUT /sessions/{slug}/replies/{reply_id}": STAFF,
    "DELETE /sessions/{slug}/replies/{reply_id}": STAFF,
    "GET /sessions/{slug}/messages": IN,
    "GET /sessions/{slug}/questions": IN,
    "GET /sessions/{slug}/events": IN,
    "GET /sessions/{slug}/search": STAFF,
    "GET /sessions/{slug}/team": STAFF,
    "POST /sessions/{slug}/announcements/outlook": STAFF,
    "POST /sessions/{slug}/announcements/translation": STAFF,
    "GET /sessions/{slug}/announcements/deliveries": STAFF,
    "POST /sessions/{slug}/receipts": IN,
    "GET /sessions/{slug}/go/{announcement_id}": EVERYONE,
    "POST /sessions/{slug}/pictures": STAFF,
    "GET /sessions/{slug}/pictures/{picture_id}": EVERYONE,
    "POST /sessions/{slug}/whip": ON_STAGE,
    "POST /sessions/{slug}/whep": IN,
    # A leg that is not one's own does not exist, whoever asks.
    "PATCH /sessions/{slug}/legs/{leg_id}": EVERYONE,
    "DELETE /sessions/{slug}/legs/{leg_id}": EVERYONE,
    "GET /sessions/{slug}/legs/{leg_id}/layer": EVERYONE,
    "POST /sessions/{slug}/legs/{leg_id}/layer": EVERYONE,
    "GET /sessions/{slug}/hls": IN,
    "GET /sessions/{slug}/hls/{name}": IN,
    "GET /hls/{piece}": EVERYONE,
    "PUT /sessions/{slug}/recording": TEAM,
    "GET /sessions/{slug}/recordings": STAFF,
    "DELETE /sessions/{slug}/recordings": OWNER,
    "DELETE /sessions/{slug}/recordings/{file_id}": OWNER,
    "GET /sessions/{slug}/recordings/{file_id}/media": EVERYONE,
    "PUT /sessions/{slug}/replay": OWNER,
    "GET /sessions/{slug}/replay": EVERYONE,
    "GET /sessions/{slug}/replay/moments": EVERYONE,
    "GET /sessions/{slug}/ear": STAFF,
    "GET /sessions/{slug}/capacity": STAFF,
    "GET /sessions/{slug}/pulse": STAFF,
    "GET /sessions/{slug}/funnel": STAFF,
    "GET /sessions/{slug}/adaptations": STAFF,
    "POST /sessions/{slug}/translations": IN,
    "GET /ear/filter": OWNER,
    "DELETE /ear/filter": OWNER,
    "GET /me": EVERYONE,
    "POST /owner/sign-in": EVERYONE,
    "POST /owner/sign-out": OWNER,
    "POST /owner/password": OWNER,
    "GET /brand": EVERYONE,
    "PATCH /brand": OWNER,
    "GET /brand/logo": EVERYONE,
    "PUT /brand/logo": OWNER,
    "DELETE /brand/logo": OWNER,
    "GET /openapi.json": EVERYONE,
    "GET /asyncapi.json": EVERYONE,
}
ANONYMOUS_HERE = frozenset({"viewer", "guest", "moderator", "host"})
"""A participant's token counts for its session alone; elsewhere it is not valid at all."""


@pytest.fixture
async def client(http: Http) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=http.url, trust_env=False, timeout=20) as made:
        yield made


async def request(
    client: httpx.AsyncClient, method: str, path: str, cast: Cast, token: str | None
) -> httpx.Response:
    filled = path.format(
        slug=cast.slug,
        participant_id="nobody-at-all",
        invite_id="none",
        leg_id="none",
        reply_id="none",
        announcement_id="none",
        picture_id="none",
        file_id="none",
        name="index.m3u8",
        piece="none",
    )
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    content = b"{}"
    headers["Content-Type"] = "application/json"
    if path.endswith(("/whip", "/whep")):
        headers["Content-Type"], content = "application/sdp", offer("sendonly").encode()
    elif path.endswith("{leg_id}"):
        headers["Content-Type"] = "application/trickle-ice-sdpfrag"
    elif path.endswith(("logo", "pictures")):
        headers["Content-Type"] = "image/png"
    # Whoever joins or signs in below does so for this one request.
    client.cookies.clear()
    return await client.request(
        method,
        f"/api/v1{filled}",
        headers=headers,
        content=None if method == "GET" else content,
    )


async def documented(http: Http) -> dict[str, dict[str, object]]:
    document = await http.call("GET", "/openapi.json")
    return {
        f"{method.upper()} {path}": operation
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }


async def test_every_documented_call_has_a_row(http: Http) -> None:
    assert set(await documented(http)) == set(MAY)


@pytest.mark.parametrize("visibility", ["public", "private"])
async def test_who_must_not_make_a_call_is_refused(
    http: Http, client: httpx.AsyncClient, visibility: str
) -> None:
    cast = await make_cast(http, title=f"A {visibility} circle", visibility=visibility)
    for call, allowed in MAY.items():
        method, path = call.split(" ")
        in_session = "{slug}" in path
        for role in sorted(EVERYONE - allowed):
            response = await request(client, method, path, cast, cast.tokens[role])
            code = response.json()["code"]
            if role == "nobody" and in_session and visibility == "private":
                assert (response.status_code, code) == (404, "not_found"), (call, role)
            elif role == "nobody" or (not in_session and role in ANONYMOUS_HERE):
                assert (response.status_code, code) == (401, "not_authenticated"), (call, role)
            elif "participants" in path:
                assert (response.status_code, code) == (403, "forbidden"), (call, role)
            else:
                assert (response.status_code, code) == (403, "forbidden"), (call, role)


async def test_who_may_make_a_call_is_not_refused_for_who_they_are(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    refusals = {"not_authenticated", "forbidden", "origin", "banned"}
    for call, allowed in MAY.items():
        method, path = call.split(" ")
        for role in sorted(allowed):
            if role in ANONYMOUS_HERE and "{slug}" not in path:
                continue
            if call == "POST /owner/sign-out":
                continue
            response = await request(client, method, path, cast, cast.tokens[role])
            if response.headers.get("content-type") == "application/problem+json":
                assert response.json()["code"] not in refusals, (call, role)


async def test_outsiders_of_a_private_session_are_told_that_there_is_none(
    http: Http, client: httpx.AsyncClient
) -> None:
    private = await make_cast(http, title="Friends only", visibility="private")
    outsider = (await make_cast(http, title="Elsewhere")).tokens["viewer"]
    nowhere = Cast("no-such-session", {}, {}, {})
    for call in MAY:
        method, path = call.split(" ")
        if "{slug}" not in path or path.endswith("/join"):
            continue
        for token in (None, outsider):
            hidden = await request(client, method, path, private, token)
            absent = await request(client, method, path, nowhere, token)
            assert hidden.status_code == absent.status_code == 404, call
            assert hidden.content == absent.content, call


async def test_every_error_code_that_occurs_is_documented(
    http: Http, client: httpx.AsyncClient, cast: Cast
) -> None:
    operations = await documented(http)
    for call in MAY:
        method, path = call.split(" ")
        for role in ROLES:
            if call == "POST /owner/sign-out" and role == "owner":
                continue
            response = await request(client, method, path, cast, cast.tokens[role])
            if response.headers.get("content-type") != "application/problem+json":
                continue
            answers = operations[call]["responses"]
            assert isinstance(answers, dict)
            content = answers[str(response.status_code)]["content"]["application/problem+json"]
            assert response.json()["code"] in content["examples"], (call, role)
