"""Input that no page of ours sends: refused with a stable code, and the server goes on."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from app.services import MEDIA_CALLS
from tests.integration.http.conftest import Cast
from tests.support.patience import PATIENCE_S
from tests.support.raw_client import Client, Http
from tests.support.running import OWNER_TOKEN, Server

EDGES = ("9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z")
OWNER = {"Authorization": f"Bearer {OWNER_TOKEN}"}


@pytest.mark.parametrize("moment", EDGES)
async def test_dates_at_the_edge_of_time_are_refused(http: Http, cast: Cast, moment: str) -> None:
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/sessions", {"title": "Someday", "starts_at": moment}),
        ("PATCH", f"/sessions/{cast.slug}", {"starts_at": moment}),
        ("POST", f"/sessions/{cast.slug}/invites", {"role": "viewer", "expires_at": moment}),
    ]
    for method, path, body in calls:
        with pytest.raises(httpx.HTTPStatusError) as refused:
            await http.as_owner(method, path, **body)
        assert refused.value.response.status_code == 422
        assert refused.value.response.json()["code"] == "invalid"


async def test_addresses_that_mean_nothing_are_problems_with_a_code(
    server: Server, cast: Cast
) -> None:
    session = f"/api/v1/sessions/{cast.slug}"
    odd = (
        "/s/%00",
        "/s/%ff",
        f"/s/{'a' * 3_000}",
        "/join/%00",
        "/join/owner-%ff",
        "/assets/%2e%2e/%2e%2e/pyproject.toml",
        "/api/v1/sessions/%F0%9F%98%80",
        f"{session}/events?since=99999999999999999999999999",
        f"{session}/events?limit=-1",
        f"{session}/messages?before=%00",
        f"{session}/questions?status=no-such",
        f"{session}/export?format=no-such",
    )
    async with httpx.AsyncClient(base_url=server.url, headers=OWNER, trust_env=False) as client:
        for address in odd:
            answer = await client.get(address)
            assert 400 <= answer.status_code < 500, (address, answer.status_code)
            assert answer.json()["code"], address


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("[" * 8_000, "malformed"),
        ("null", "malformed"),
        ('{"id":5}', "malformed"),
        ('{"id":"a","type":"message.post","data":{"text":"\\ud800"}}', "malformed"),
        ('{"id":"\\ud800","type":"message.post","data":{"text":"x"}}', "malformed"),
        ('{"id":"b","type":"message.post","data":{"text":"\\u200b\\ufeff"}}', "empty"),
        ('{"id":"c","type":"reaction.add","data":{"kind":"heart","count":1e999}}', "invalid"),
        ('{"id":"d","type":"reaction.add","data":{"kind":"heart","count":true}}', "invalid"),
        ('{"id":"e","type":"profile.set","data":{"language":"' + "x" * 200 + '"}}', "invalid"),
    ],
)
async def test_odd_frames_are_refused_and_the_connection_stays(
    server: Server, cast: Cast, frame: str, code: str
) -> None:
    client = await Client(server.url, cast.slug, str(cast.tokens["viewer"])).open()
    await client.send_text(frame)
    await client.until(lambda c: any(f'"code":"{code}"' in text for text in c.texts))
    await client.say("reaction.add", kind="heart", count=1)
    await client.close()


@pytest.mark.parametrize(
    "request_head",
    [
        b"\x16\x03\x01\x02\x00\x01",
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_what_is_no_http_is_answered_with_400(server: Server, request_head: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request_head)
    async with asyncio.timeout(PATIENCE_S):
        assert (await reader.readline()).startswith(b"HTTP/1.1 400 ")
    writer.close()
    await writer.wait_closed()


async def test_descriptions_that_make_no_sense_or_no_end_are_refused(
    server: Server, cast: Cast
) -> None:
    """Of each route that takes one, by its size, its kind, its text and how often it comes."""
    session = f"{server.url}/api/v1/sessions/{cast.slug}"
    sdp = {"Content-Type": "application/sdp"}
    fragment = {"Content-Type": "application/trickle-ice-sdpfrag"}
    places = [
        ("POST", "whip", "host", sdp),
        ("POST", "whep", "viewer", sdp),
        ("PATCH", "legs/none", "viewer", fragment),
    ]
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:

        async def call(place: int, content: bytes, **more: str) -> tuple[int, str]:
            method, path, role, kind = places[place]
            token = {"Authorization": f"Bearer {cast.tokens[role]}"}
            answer = await client.request(
                method, f"{session}/{path}", content=content, headers={**kind, **token, **more}
            )
            assert answer.headers["access-control-allow-origin"] == "*"
            return answer.status_code, answer.json()["code"]

        for place in range(len(places)):
            assert await call(place, b"v=0\n" * 20_000) == (413, "too_large")
            assert await call(place, b"v=0", **{"Content-Type": "text/plain"}) == (
                415,
                "media_type",
            )
        for place in (0, 1):
            for text in (b"", b"\xff", b"v=0", b"v=0\n" * 10_000, "v=0\nm=\u2028".encode()):
                assert await call(place, text) == (400, "malformed_sdp"), text
        assert await call(2, b"") == (404, "not_found")
        codes: list[tuple[int, str]] = []
        while len(codes) < MEDIA_CALLS.count:
            codes += await asyncio.gather(*(call(2, b"") for _ in range(50)))
        assert (429, "rate_limited") in codes
        assert (await call(1, b"v=0"))[0] == 429
        assert (await call(0, b"v=0"))[0] == 400
