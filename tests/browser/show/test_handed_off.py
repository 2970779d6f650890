"""Shows whose picture and sound another server has, by our own pages: Janus for one installation,
and that installation for another one, as a service with WHIP and WHEP.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.show.people import Show
from tests.browser.show.test_video import LEVEL_OF_SOUND, go_live, wait_for_moving_pixels
from tests.integration.media.scripted import AnnouncedPublisher, Peer, shown
from tests.integration.media.waiting import eventually
from tests.support.janus import ADMIN_KEY, SECRET, running_janus
from tests.support.patience import PATIENCE_S
from tests.support.raw_client import Client, Http
from tests.support.running import OWNER_TOKEN, Server


@dataclass(frozen=True)
class Chain:
    """A server whose picture a real Janus has, and one whose picture that server has."""

    over_janus: Server
    beyond: Server


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """Both start at once."""
    folder = tmp_path_factory.mktemp("handed-off")
    with running_janus(folder / "janus") as janus:
        over = {
            "CAUSERIE_MEDIA_URL": f"janus+{janus.url}",
            "CAUSERIE_MEDIA_TOKEN": SECRET,
            "CAUSERIE_MEDIA_ADMIN_KEY": ADMIN_KEY,
        }
        over_janus = Server(folder / "over", over)
        sessions = f"{over_janus.url}/api/v1/sessions/{{session}}"
        beyond = {
            "CAUSERIE_MEDIA_URL": f"whip+{sessions}/whip",
            "CAUSERIE_MEDIA_WATCH_URL": f"whep+{sessions}/whep",
            "CAUSERIE_MEDIA_TOKEN": OWNER_TOKEN,
        }
        made = Chain(over_janus, Server(folder / "beyond", beyond))
        servers = (made.over_janus, made.beyond)
        try:
            with ThreadPoolExecutor() as pool:
                list(pool.map(lambda server: server.start(), servers))
            yield made
        finally:
            with ThreadPoolExecutor() as pool:
                list(pool.map(lambda server: server.stop(), servers))


@pytest_asyncio.fixture(loop_scope="session")
async def closing() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def _show(server: Server, browser: Browser, stack: AsyncExitStack, slug: str) -> Show:
    http = Http(server.url, OWNER_TOKEN)
    session = await http.as_owner("POST", "/sessions", title="Handed off", slug=slug)
    await http.as_owner("POST", f"/sessions/{slug}/state", state="lobby")
    show = Show(http, browser, session)
    stack.push_async_callback(show.close)
    return show


async def _leg(server: Server, slug: str, token: str) -> Peer:
    """A viewer without a page, who gets the picture."""
    viewer = Peer("recvonly")
    url = f"{server.url}/api/v1/sessions/{slug}/whep"
    assert await viewer.connect(url, token) == 201
    await eventually(lambda: viewer.received("VP8"))
    return viewer


async def _refused(server: Server, method: str, path: str, **body: object) -> str:
    """The code of a refusal that the hand-off makes."""
    headers = {"Authorization": f"Bearer {OWNER_TOKEN}"}
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S, headers=headers) as http:
        answer = await http.request(method, f"{server.url}/api/v1/sessions/{path}", json=body)
    assert answer.status_code == 422
    code: str = answer.json()["code"]
    return code


async def test_a_show_over_janus_is_seen_heard_cut_and_closed_to_the_banned(
    chain: Chain, browser: Browser, closing: AsyncExitStack
) -> None:
    slug, over_janus = "over-janus", chain.over_janus
    show = await _show(over_janus, browser, closing, slug)
    host = await show.host()
    await go_live(host)
    ana = await show.viewer("Ana")
    await wait_for_moving_pixels(ana.page)
    await ana.button("Turn the sound on").click()
    assert await ana.page.evaluate(LEVEL_OF_SOUND) > 0.01

    bob = await show.http.join(slug, display_name="Bob")
    viewer = await _leg(over_janus, slug, bob["token"])
    moderator = await show.moderator_client("Lea")
    await moderator.say("sanction.set", participant_id=bob["participant"]["id"], kind="ban")
    await eventually(lambda: viewer.connection.connectionState == "closed")
    await viewer.close()
    again = Peer("recvonly")
    assert await again.connect(f"{over_janus.url}/api/v1/sessions/{slug}/whep", bob["token"]) == 403

    await moderator.say("slate.set", on=True)
    slate = ana.text("We’ll be right back").first
    await expect(slate).to_be_visible()
    await moderator.say("slate.set", on=False)
    await expect(slate).to_be_hidden()
    await ana.page.evaluate("() => { delete window.seenPicture }")
    await wait_for_moving_pixels(ana.page)

    assert await _refused(over_janus, "GET", f"{slug}/capacity") == "handed_off"
    assert await _refused(over_janus, "PUT", f"{slug}/recording", on=True) == "handed_off"


async def test_an_installation_serves_another_one_as_its_media_service(chain: Chain) -> None:
    slug, server = "of-another", chain.beyond
    await Http(chain.over_janus.url, OWNER_TOKEN).new_session(slug=slug)
    http = Http(server.url, OWNER_TOKEN)
    session = await http.new_session(slug=slug)
    host = await http.join(slug, invite=session["invites"]["host"]["token"])
    publisher = AnnouncedPublisher()
    url = f"{server.url}/api/v1/sessions/{slug}"
    assert await publisher.connect(f"{url}/whip", host["token"]) == 201
    bob = await http.join(slug, display_name="Bob")
    viewers: list[Peer] = []

    async def let_in() -> bool:
        await publisher.frame(keyframe=True)
        viewers[:] = [Peer("recvonly")]
        return await viewers[0].connect(f"{url}/whep", bob["token"]) == 201

    await eventually(let_in)
    (viewer,) = viewers
    await shown(publisher, viewer)
    for peer in (publisher, viewer):
        assert peer.resource.startswith(server.url)
        assert chain.over_janus.url not in peer.resource

    ban = {"participant_id": bob["participant"]["id"], "kind": "ban"}
    moderator = await Client(server.url, slug, host["token"]).open()
    await moderator.say("sanction.set", **ban)
    await eventually(lambda: viewer.connection.connectionState == "closed")
    await http.as_owner("POST", f"/sessions/{slug}/state", state="ended")
    await eventually(lambda: publisher.connection.connectionState == "closed")
    await moderator.close()
    for peer in (publisher, viewer):
        await peer.close()
