"""The team's card of a person; what stands against oneself, and being heard about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.http.conftest import Cast, make_cast
from tests.integration.media.waiting import eventually
from tests.support.raw_client import Client, Http, Json, RefusedByServer
from tests.support.running import OWNER_TOKEN, running

NOTE = "canary-note-never-told"


async def entered(http: Http, cast: Cast, role: str) -> Client:
    return await Client(http.url, cast.slug, str(cast.tokens[role])).open()


async def as_browser(browser: httpx.AsyncClient, slug: str, name: str) -> Json:
    joined = await browser.post(f"/api/v1/sessions/{slug}/join", json={"display_name": name})
    assert joined.status_code == 200, joined.text
    told: Json = joined.json()
    return told


async def test_the_card_tells_the_team_of_this_and_earlier_sessions(
    browser: httpx.AsyncClient, http: Http
) -> None:
    earlier, now = await make_cast(http, title="Last week"), await make_cast(http, title="Today")
    await as_browser(browser, earlier.slug, "Ada")
    before = await browser.get(f"/api/v1/sessions/{earlier.slug}")
    known_as = before.json()["you"]["id"]
    then = await entered(http, earlier, "moderator")
    await then.say("note.add", participant_id=known_as, text=NOTE)
    joined = await as_browser(browser, now.slug, "Ada L.")
    ada = await Client(http.url, now.slug, joined["token"]).open()
    mod = await entered(http, now, "moderator")
    line = (await ada.say("message.post", text="Buy this"))["data"]["message"]
    subject = {"kind": "message", "id": line["id"]}
    bob = await entered(http, now, "viewer")
    await bob.say("report.file", subject=subject, reason="Advertising")
    await mod.say("moderation.decide", subject=subject, revision=1, verdict="remove", reason="Ad")
    until = "2031-01-01T00:00:00Z"
    await mod.say("sanction.set", participant_id=line["author"]["id"], kind="mute", until=until)
    await ada.say("report.file", subject=await public_line(mod), reason="I report too")

    path = f"/sessions/{now.slug}/people/{line['author']['id']}"
    card = await http.call("GET", path, mod.token)
    assert [each["title"] for each in card["sessions"]] == ["Today", "Last week"]
    assert card["sessions"][0]["messages"] == {"removed": 1}
    assert [each["kind"] for each in card["sanctions"]] == ["mute"]
    assert [each["text"] for each in card["papers"]] == [NOTE]
    first = await http.call("GET", f"{path}/history?limit=3", mod.token)
    rest = await http.call("GET", f"{path}/history?before={first['next_before']}", mod.token)
    told = [*first["items"], *rest["items"]]
    assert [each["what"] for each in told] == ["filed", "set", "decided", "reported", "wrote"]
    assert told[2]["reason"] == "Ad"
    assert told[2]["by"]["display_name"] == "Moderator"
    assert told[4]["line"]["text"] == "Buy this"
    there = await http.call("GET", f"{path}/history?session={earlier.slug}", mod.token)
    assert there == {"items": [], "next_before": None}

    assert NOTE not in str(await http.as_owner("GET", f"/sessions/{earlier.slug}/export"))

    # Nobody but the team is told any of it; every frame the viewers got is looked through.
    for viewer in (ada, bob):
        assert all(NOTE not in text for text in viewer.texts)
    for client in (then, ada, mod, bob):
        await client.close()


async def public_line(writer: Client) -> Json:
    posted = await writer.say("message.post", text="From the team")
    return {"kind": "message", "id": posted["data"]["message"]["id"]}


async def test_people_of_other_sessions_and_bad_input_are_refused_and_change_nothing(
    http: Http, cast: Cast
) -> None:
    foreign = (await make_cast(http, title="Elsewhere")).ids["viewer"]
    mod = await entered(http, cast, "moderator")
    refusals: list[tuple[str, Json, str]] = [
        ("note.add", {"participant_id": foreign, "text": "x"}, "not_found"),
        ("letter.send", {"participant_id": foreign, "text": "x"}, "not_found"),
        ("sanction.set", {"participant_id": foreign, "kind": "ban"}, "not_found"),
        ("note.add", {"participant_id": cast.ids["viewer"], "text": "x" * 1_001}, "too_long"),
        ("note.add", {"participant_id": cast.ids["viewer"], "text": " \u200b"}, "empty"),
        ("appeal.settle", {"paper_id": "none", "accept": True}, "not_found"),
        ("question.answer_privately", {"question_id": "none", "text": "x"}, "not_found"),
        ("sanction.set", {"participant_id": cast.ids["viewer"], "kind": "shadow"}, "invalid"),
    ]
    for kind, data, code in refusals:
        with pytest.raises(RefusedByServer) as refused:
            await mod.say(kind, **data)
        assert refused.value.code == code, kind
    for path in (f"people/{foreign}", f"people/{foreign}/history"):
        response = await http_get(http, f"/sessions/{cast.slug}/{path}", mod.token)
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
    me = f"/sessions/{cast.slug}/people/{cast.ids['viewer']}/history"
    for query in ("before=9007199254740992000", "limit=0", "session=elsewhere"):
        response = await http_get(http, f"{me}?{query}", mod.token)
        assert response.status_code in (404, 422), query
    before = mod.position
    await mod.send_text('{"id":"big","type":"note.add","data":{"text":"%s"}}' % ("x" * 1_048_576))
    await mod.until(lambda c: c.closed_with == 4413)
    again = await entered(http, cast, "moderator")
    assert again.hello["head"] == before
    await again.close()


async def http_get(http: Http, path: str, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=http.url, trust_env=False) as client:
        return await client.get(f"/api/v1{path}", headers=headers)


async def appeal(browser: httpx.AsyncClient, slug: str, **body: Any) -> httpx.Response:
    return await browser.post(f"/api/v1/sessions/{slug}/appeals", json=body)


async def test_the_banned_are_told_why_and_are_heard_once(
    browser: httpx.AsyncClient, http: Http, cast: Cast
) -> None:
    joined = await as_browser(browser, cast.slug, "Rude")
    me = joined["participant"]["id"]
    mod = await entered(http, cast, "moderator")
    await mod.say("sanction.set", participant_id=me, kind="ban", reason="Insults")

    standing = (await browser.get(f"/api/v1/sessions/{cast.slug}/standing")).json()
    (ban,) = standing["sanctions"]
    assert (ban["kind"], ban["until"], ban["reason"]) == ("ban", None, "Insults")
    assert "by" not in ban
    assert (await appeal(browser, cast.slug, kind="mute", text="?")).status_code == 404
    assert (await appeal(browser, cast.slug, kind="ban", text="x" * 501)).status_code == 422
    heard = await appeal(browser, cast.slug, kind="ban", text="It was my brother")
    assert heard.status_code == 201
    again = await appeal(browser, cast.slug, kind="ban", text="Please")
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")

    def reached(client: Client) -> Any:
        papers = [e["data"]["paper"] for e in client.events if e["type"] == "paper.changed"]
        return next((each for each in papers if each["kind"] == "appeal"), None)

    paper = await mod.until(reached)
    assert (paper["text"], paper["status"]) == ("It was my brother", "waiting")
    await mod.say("appeal.settle", paper_id=paper["id"], accept=False, text="We have the recording")
    told = (await browser.get(f"/api/v1/sessions/{cast.slug}/standing")).json()
    assert [(each["status"], each["reply"]) for each in told["appeals"]] == [
        ("declined", "We have the recording")
    ]
    nobody = await http_get(http, f"/sessions/{cast.slug}/standing", str(cast.tokens["viewer"]))
    assert nobody.json() == {"sanctions": [], "appeals": []}
    await mod.close()


async def let_in_again(browser: httpx.AsyncClient, slug: str) -> None:
    """Lifted in one session, it is carried to the others by the server in a moment."""

    async def is_open() -> bool:
        door = await browser.post(f"/api/v1/sessions/{slug}/join", json={})
        return door.status_code == 200

    await eventually(is_open)


async def test_a_ban_of_the_brand_holds_at_every_door_until_any_team_lifts_it(
    browser: httpx.AsyncClient, http: Http, cast: Cast
) -> None:
    other, third = await make_cast(http, title="Next"), await make_cast(http, title="After")
    joined = await as_browser(browser, cast.slug, "Rude")
    here = await as_browser(browser, other.slug, "Rude")
    socket = await Client(http.url, other.slug, here["token"]).open()
    mod = await entered(http, cast, "moderator")
    me = joined["participant"]["id"]
    await mod.say("sanction.set", participant_id=me, kind="ban", scope="brand", reason="Threats")

    await socket.until(lambda c: c.closed_with == 4403)
    for slug in (cast.slug, other.slug, third.slug):
        door = await browser.post(f"/api/v1/sessions/{slug}/join", json={})
        assert (door.status_code, door.json()["code"]) == (403, "banned")
        assert "appeal" in door.json()["detail"]
    # At a door where they never were, they are heard by that session's team, which lifts it.
    assert (await appeal(browser, third.slug, kind="ban", text="Sorry")).status_code == 201
    host = await entered(http, third, "host")
    (paper,) = host.snapshot["papers"]
    await host.say("appeal.settle", paper_id=paper["id"], accept=True)
    await mod.until(lambda c: any(e["data"].get("lifted") for e in c.events))
    for slug in (cast.slug, other.slug, third.slug):
        await let_in_again(browser, slug)
    for client in (mod, host):
        await client.close()


async def test_a_banned_browser_that_clears_its_cookies_is_let_in_and_read_first(
    tmp_path: Path,
) -> None:
    with running(tmp_path / "data", CAUSERIE_EVASION_HINTS="on") as server:
        http = Http(server.url, OWNER_TOKEN)
        cast = await make_cast(http)
        about = await http.call("GET", f"/sessions/{cast.slug}", None)
        assert about["evasion_hints"] is True, "the page can tell the people concerned"
        headers = {"Origin": server.url, "User-Agent": "One browser", "Accept-Language": "fr"}
        async with httpx.AsyncClient(
            base_url=server.url, headers=headers, trust_env=False
        ) as browser:
            troll = await as_browser(browser, cast.slug, "Troll")
            mod = await entered(http, cast, "moderator")
            banned = troll["participant"]["id"]
            socket = await Client(server.url, cast.slug, troll["token"]).open()
            await mod.say("sanction.set", participant_id=banned, kind="ban")
            await socket.until(lambda c: c.closed_with == 4403)
            browser.cookies.clear()
            again = await as_browser(browser, cast.slug, "Somebody new")
            browser.headers["User-Agent"] = "Another browser"
            browser.cookies.clear()
            neighbour = await as_browser(browser, cast.slug, "Neighbour")
        back = await Client(server.url, cast.slug, again["token"]).open()
        (review,) = back.hello["snapshot"]["you"]["sanctions"]
        assert review["kind"] == "review", "told, not shadowed"
        said = (await back.say("message.post", text="Hello"))["data"]["message"]
        assert said["status"] == "pending"
        assert [each["code"] for each in said["reasons"]] == ["banned_device"]
        other = await Client(server.url, cast.slug, neighbour["token"]).open()
        free = (await other.say("message.post", text="Hello"))["data"]["message"]
        assert free["status"] == "published"
        now = "2020-01-01T00:00:00Z"
        me = again["participant"]["id"]
        await mod.say("sanction.set", participant_id=me, kind="review", until=now)
        released = (await back.say("message.post", text="Thanks"))["data"]["message"]
        assert released["status"] == "published"
        for client in (mod, back, other):
            await client.close()
