"""The brand, the pages that carry it, and the sessions they show."""

from __future__ import annotations

import io
from datetime import datetime

import httpx
import pytest
from icalendar import Calendar
from PIL import Image

from tests.integration.http.conftest import Cast
from tests.support.raw_client import Client, Http
from tests.support.running import OWNER_TOKEN

OWNER = {"Authorization": f"Bearer {OWNER_TOKEN}"}


def picture(kind: str, size: tuple[int, int] = (1_200, 600)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#0c6b65").save(out, kind)
    return out.getvalue()


async def test_a_colour_nobody_could_see_is_refused_with_the_nearest_that_would_do(
    browser: httpx.AsyncClient,
) -> None:
    faint = await browser.patch("/api/v1/brand", json={"accent": "#ffee00"}, headers=OWNER)
    assert (faint.status_code, faint.json()["code"]) == (422, "contrast")
    nearest = faint.json()["nearest"]
    taken = await browser.patch("/api/v1/brand", json={"accent": nearest}, headers=OWNER)
    assert taken.json()["accent"]["light"] == nearest
    assert nearest in (await browser.get("/brand.css")).text
    await browser.patch("/api/v1/brand", json={"accent": None}, headers=OWNER)
    assert (await browser.get("/brand.css")).text == ""


async def test_a_logo_is_taken_re_encoded_and_kept_for_good_under_its_own_address(
    browser: httpx.AsyncClient,
) -> None:
    for kind in ("PNG", "WEBP", "JPEG"):
        put = await browser.put(
            "/api/v1/brand/logo",
            content=picture(kind),
            headers={**OWNER, "Content-Type": f"image/{kind.lower()}"},
        )
        assert put.status_code == 200
        logo = await browser.get(put.json()["logo_url"])
        assert "immutable" in logo.headers["cache-control"]
        with Image.open(io.BytesIO(logo.content)) as shown:
            assert max(shown.size) == 512
    assert (await browser.delete("/api/v1/brand/logo", headers=OWNER)).status_code == 204
    assert (await browser.get("/api/v1/brand/logo")).status_code == 404


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"no picture", "image/png", 422, "invalid"),
        (picture("GIF", (8, 8)), "image/png", 422, "invalid"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", 415, "media_type"),
        (b"x" * 262_145, "image/png", 413, "too_large"),
    ],
)
async def test_what_is_no_logo_is_refused(
    browser: httpx.AsyncClient, content: bytes, media_type: str, status: int, code: str
) -> None:
    put = await browser.put(
        "/api/v1/brand/logo", content=content, headers={**OWNER, "Content-Type": media_type}
    )
    assert (put.status_code, put.json()["code"]) == (status, code)


async def test_a_shared_link_shows_the_session_escaped_and_under_a_strict_policy(
    browser: httpx.AsyncClient, http: Http
) -> None:
    session = await http.new_session(title='Shoes & "bags" <b>', description="All of <i>it</i>")
    page = await browser.get(f"/s/{session['slug']}", headers={"Accept-Language": "fr"})
    assert page.status_code == 200
    assert '<html lang="fr"' in page.text
    assert "Shoes &amp; &quot;bags&quot; &lt;b&gt;" in page.text
    assert "<i>" not in page.text
    assert f'content="{http.url}/s/{session["slug"]}"' in page.text
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/s/no-such-session", 404, "not_found"),
        ("/no/such/page", 404, "not_found"),
        ("/join/unknown", 404, "not_found"),
        ("/s/{slug}/host", 403, "forbidden"),
        ("/s/{slug}/moderate", 403, "forbidden"),
        ("/s/{slug}/report", 404, "not_found"),
    ],
)
async def test_what_cannot_be_shown_is_a_designed_notice(
    browser: httpx.AsyncClient, cast: Cast, path: str, status: int, code: str
) -> None:
    page = await browser.get(path.format(slug=cast.slug))
    assert page.status_code == status
    assert f'data-page-code="{code}"' in page.text
    asked_for_data = await browser.get(path.format(slug=cast.slug), headers={"Accept": "*/*"})
    assert asked_for_data.headers["content-type"] == "application/problem+json"


async def test_an_outsider_gets_no_page_of_a_private_session(
    browser: httpx.AsyncClient, http: Http
) -> None:
    session = await http.new_session(title="Friends only", visibility="private")
    hidden = await browser.get(f"/s/{session['slug']}")
    absent = await browser.get("/s/no-such-session")
    assert hidden.status_code == 404
    assert hidden.text == absent.text
    await browser.get(httpx.URL(session["invites"]["viewer"]["url"]).path)
    assert "Friends only" in (await browser.get(f"/s/{session['slug']}")).text


async def test_a_date_comes_as_a_calendar_file_in_its_own_zone(
    browser: httpx.AsyncClient, http: Http
) -> None:
    session = await http.as_owner(
        "POST", "/sessions", title="Automne, en direct", starts_at="2027-03-01T20:00:00+01:00"
    )
    path = f"/api/v1/sessions/{session['slug']}"
    shown = (await browser.get(path)).json()
    assert shown["starts_at"] == "2027-03-01T19:00:00.000Z"
    file = await browser.get(f"{path}/calendar.ics")
    assert file.headers["content-type"] == "text/calendar; charset=utf-8"
    event = Calendar.from_ical(file.content).walk("VEVENT")[0]
    assert event.decoded("dtstart") == datetime.fromisoformat("2027-03-01T19:00:00+00:00")
    assert event["summary"] == "Automne, en direct"
    await browser.patch(path, json={"starts_at": None, "title": "Plus tard"}, headers=OWNER)
    changed = (await browser.get(path)).json()
    assert (changed["starts_at"], changed["title"]) == (None, "Plus tard")
    assert (await browser.get(f"{path}/calendar.ics")).status_code == 404


async def test_a_taken_slug_is_refused_and_a_title_finds_another(http: Http) -> None:
    first = await http.as_owner("POST", "/sessions", title="Déjà vu")
    second = await http.as_owner("POST", "/sessions", title="Déjà vu")
    assert first["slug"] == "deja-vu"
    assert second["slug"].startswith("deja-vu-")
    with pytest.raises(httpx.HTTPStatusError) as refused:
        await http.as_owner("POST", "/sessions", title="x", slug="deja-vu")
    assert refused.value.response.json()["code"] == "slug_taken"


async def test_older_messages_come_in_pages_without_gap(http: Http, cast: Cast) -> None:
    client = await Client(http.url, cast.slug, str(cast.tokens["moderator"])).open()
    for number in range(5):
        await client.say("message.post", text=f"line {number}")
    await client.close()
    found, path = [], f"/sessions/{cast.slug}/messages?limit=2"
    page = await http.call("GET", path, cast.tokens["viewer"])
    while True:
        found += [item["text"] for item in page["items"]]
        if page["next_before"] is None:
            break
        page = await http.call("GET", f"{path}&before={page['next_before']}", cast.tokens["viewer"])
    assert found == [f"line {number}" for number in reversed(range(5))]


async def test_a_player_of_another_site_may_watch_with_a_bearer_token(
    browser: httpx.AsyncClient, cast: Cast
) -> None:
    elsewhere = {"Origin": "https://player.example"}
    asked = await browser.options(
        f"/api/v1/sessions/{cast.slug}/whep",
        headers={**elsewhere, "Access-Control-Request-Method": "POST"},
    )
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in asked.headers
    watched = await browser.post(
        f"/api/v1/sessions/{cast.slug}/whep",
        content="v=0",
        headers={
            **elsewhere,
            "Authorization": f"Bearer {cast.tokens['viewer']}",
            "Content-Type": "application/sdp",
        },
    )
    assert watched.headers["access-control-allow-origin"] == "*"
    by_cookie = await browser.post(
        f"/api/v1/sessions/{cast.slug}/whep", content="v=0", headers=elsewhere
    )
    assert by_cookie.json()["code"] == "origin"


async def test_the_documents_are_whole(browser: httpx.AsyncClient) -> None:
    openapi = (await browser.get("/api/v1/openapi.json")).json()
    assert openapi["openapi"] == "3.1.0"
    text = (await browser.get("/api/v1/openapi.json")).text
    for name in ("SessionPage", "MessagePage", "Joined", "Problem"):
        assert name in openapi["components"]["schemas"]
    assert "#/$defs/" not in text
    assert (await browser.get("/api/v1/asyncapi.json")).json()["asyncapi"] == "3.0.0"
