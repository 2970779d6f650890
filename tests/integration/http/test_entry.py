"""Coming in: as oneself again, by invites, with roles that rise, and out by a ban."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.integration.http.conftest import Cast
from tests.support.raw_client import Client, Http
from tests.support.running import OWNER_TOKEN, Server, running


def path_of(url: str) -> str:
    return httpx.URL(url).path


async def test_watching_asks_nothing_and_coming_back_is_being_the_same(
    browser: httpx.AsyncClient, cast: Cast
) -> None:
    first = (await browser.post(f"/api/v1/sessions/{cast.slug}/join", json={})).json()
    assert first["participant"]["role"] == "viewer"
    assert first["participant"]["display_name"] is None
    named = await browser.post(
        f"/api/v1/sessions/{cast.slug}/join",
        json={"display_name": "Inès", "language": "fr", "segment": "customer"},
    )
    again = (await browser.post(f"/api/v1/sessions/{cast.slug}/join", json={})).json()
    assert again == named.json()
    assert again["participant"] == {
        "id": first["participant"]["id"],
        "role": "viewer",
        "display_name": "Inès",
        "segment": "customer",
        "language": "fr",
    }


async def test_a_device_that_lost_its_session_cookie_is_still_known(
    browser: httpx.AsyncClient, cast: Cast
) -> None:
    join = f"/api/v1/sessions/{cast.slug}/join"
    first = (await browser.post(join, json={"display_name": "Inès"})).json()
    browser.cookies.delete(f"causerie_s_{cast.slug}")
    back = (await browser.post(join, json={})).json()
    assert back["participant"] == first["participant"]
    assert back["token"] != first["token"]


async def test_a_forged_device_cookie_is_nobodys(browser: httpx.AsyncClient, cast: Cast) -> None:
    join = f"/api/v1/sessions/{cast.slug}/join"
    first = (await browser.post(join, json={})).json()
    device = browser.cookies["causerie_device"]
    browser.cookies.clear()
    browser.cookies.set("causerie_device", device[:-2] + "AA")
    assert (await browser.post(join, json={})).json()["participant"] != first["participant"]


async def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(
    browser: httpx.AsyncClient, cast: Cast
) -> None:
    response = await browser.post(f"/api/v1/sessions/{cast.slug}/join", json={})
    cookies = response.headers.get_list("set-cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {
        f"causerie_s_{cast.slug}",
        "causerie_device",
    }
    for cookie in cookies:
        assert "; HttpOnly" in cookie
        assert "; SameSite=lax" in cookie
        assert "; Path=/" in cookie
        assert "Secure" not in cookie, "this server is reached without TLS"


async def test_an_invite_link_leads_to_the_page_of_its_role(server: Server, cast: Cast) -> None:
    pages = {"host": "/host", "moderator": "/moderate", "viewer": ""}
    for role, page in pages.items():
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as browser:
            link = path_of(cast.session["invites"][role]["url"])
            taken = await browser.get(link)
            assert taken.status_code == 303
            assert taken.headers["location"] == f"/s/{cast.slug}{page}"
            opened = await browser.get(taken.headers["location"])
            assert opened.status_code == 200


async def test_asking_for_the_head_of_an_invite_uses_nothing_up(
    server: Server, http: Http, cast: Cast
) -> None:
    path = f"/sessions/{cast.slug}/invites"
    invite = await http.as_owner("POST", path, role="viewer", uses=1)
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as browser:
        assert (await browser.head(path_of(invite["url"]))).status_code == 200
        assert (await browser.get(path_of(invite["url"]))).status_code == 303
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as stranger:
        late = await stranger.get(path_of(invite["url"]), headers={"Accept": "text/html"})
        assert late.status_code == 410
        assert 'data-page-code="gone"' in late.text


async def test_a_better_role_ends_the_former_credential_and_a_lesser_link_takes_nothing(
    browser: httpx.AsyncClient, http: Http, cast: Cast
) -> None:
    join = f"/api/v1/sessions/{cast.slug}/join"
    viewer = (await browser.post(join, json={"display_name": "Inès"})).json()
    await browser.get(path_of(cast.session["invites"]["moderator"]["url"]))
    moderator = (await browser.post(join, json={})).json()
    assert moderator["participant"]["id"] == viewer["participant"]["id"]
    assert moderator["participant"]["role"] == "moderator"
    assert moderator["participant"]["display_name"] == "Inès"
    assert moderator["token"] != viewer["token"]

    async with httpx.AsyncClient(base_url=http.url, trust_env=False) as client:
        old = await client.get(
            f"/api/v1/sessions/{cast.slug}/messages",
            headers={"Authorization": f"Bearer {viewer['token']}"},
        )
        assert old.status_code == 401
    await browser.get(path_of(cast.session["invites"]["viewer"]["url"]))
    assert (await browser.post(join, json={})).json()["participant"]["role"] == "moderator"


async def test_a_granted_segment_takes_an_invite(http: Http, cast: Cast) -> None:
    async with httpx.AsyncClient(base_url=http.url, trust_env=False) as client:
        join = f"/api/v1/sessions/{cast.slug}/join"
        closed = await client.post(join, json={"segment": "ambassador"})
        assert (closed.status_code, closed.json()["code"]) == (403, "segment_closed")
        unknown = await client.post(join, json={"segment": "royalty"})
        assert (unknown.status_code, unknown.json()["code"]) == (422, "invalid")
        role = await client.post(join, json={"role": "host"})
        assert (role.status_code, role.json()["code"]) == (422, "invalid")
    invite = await http.as_owner(
        "POST", f"/sessions/{cast.slug}/invites", role="viewer", segment="ambassador"
    )
    joined = await http.join(cast.slug, invite=invite["token"])
    assert joined["participant"]["segment"] == "ambassador"


async def test_a_name_that_imitates_the_team_is_refused(http: Http, cast: Cast) -> None:
    async with httpx.AsyncClient(base_url=http.url, trust_env=False) as client:
        taken = await client.post(
            f"/api/v1/sessions/{cast.slug}/join", json={"display_name": "Mоderatоr"}
        )
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")


async def test_a_banned_person_is_shown_out_and_stays_out(
    browser: httpx.AsyncClient, http: Http, cast: Cast
) -> None:
    join = f"/api/v1/sessions/{cast.slug}/join"
    joined = (await browser.post(join, json={"display_name": "Spam"})).json()
    client = await Client(http.url, cast.slug, joined["token"]).open()
    moderator = await Client(http.url, cast.slug, str(cast.tokens["moderator"])).open()
    await moderator.say(
        "sanction.set", participant_id=joined["participant"]["id"], kind="ban", until=None
    )
    await client.until(lambda _: client.closed_with is not None)
    assert client.closed_with == 4403
    back = await browser.post(join, json={})
    assert (back.status_code, back.json()["code"]) == (403, "banned")
    listed = await browser.get(f"/api/v1/sessions/{cast.slug}/messages")
    assert (listed.status_code, listed.json()["code"]) == (403, "banned")
    await moderator.close()
    await client.close()


async def test_the_erased_leave_no_word_and_may_come_back_as_someone_new(
    browser: httpx.AsyncClient, http: Http, cast: Cast
) -> None:
    join = f"/api/v1/sessions/{cast.slug}/join"
    joined = (await browser.post(join, json={"display_name": "Forgetful"})).json()
    client = await Client(http.url, cast.slug, joined["token"]).open()
    await client.say("message.post", text="words to be forgotten")
    me = joined["participant"]["id"]
    gone = await browser.delete(f"/api/v1/sessions/{cast.slug}/participants/{me}")
    assert gone.status_code == 204
    await client.until(lambda _: client.closed_with is not None)
    async with httpx.AsyncClient(base_url=http.url, trust_env=False) as reader:
        owner = {"Authorization": f"Bearer {http.owner_token}"}
        # The team's copies go by a snapshot, so the log sends them there too.
        expected = {"messages": 200, "export?format=json": 200, "export?format=csv": 200}
        for path, status in {**expected, "events?since=0": 409}.items():
            found = await reader.get(f"/api/v1/sessions/{cast.slug}/{path}", headers=owner)
            assert found.status_code == status
            assert "to be forgotten" not in found.text
            assert "Forgetful" not in found.text
    again = (await browser.post(join, json={})).json()["participant"]
    assert again["id"] != me
    assert again["display_name"] is None
    await client.close()


async def test_joins_beyond_the_rate_are_told_when_to_come_back(tmp_path: Path) -> None:
    with running(tmp_path / "data", CAUSERIE_LIMIT_JOINS="3/60s") as server:
        slug = (await Http(server.url, OWNER_TOKEN).new_session())["slug"]
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
            # What a proxy that nobody trusts says of the address changes nothing.
            answers = [
                await client.post(
                    f"/api/v1/sessions/{slug}/join", headers={"X-Forwarded-For": f"192.0.2.{n}"}
                )
                for n in range(4)
            ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].json()["code"] == "rate_limited"
    assert 0 < int(answers[3].headers["retry-after"]) <= 60
