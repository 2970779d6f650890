"""A viewer whom WebRTC does not reach: the show some seconds late, and back by itself (S6)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from tests.browser.show.conftest import OpenShow
from tests.browser.show.test_video import wait_for_moving_pixels
from tests.integration.media.peers import ffmpeg_publishes
from tests.support.patience import PATIENCE_S
from tests.support.raw_client import Client
from tests.support.running import OWNER_TOKEN, Server, running

BY_WEBRTC = "() => document.querySelector('video').srcObject instanceof MediaStream"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("hls") / "data", CAUSERIE_HLS="on") as server:
        yield server


async def _refuse(route: Route) -> None:
    """What a machine says that carries no more viewers, behind a CDN that does."""
    await route.fulfill(
        status=503,
        headers={"Retry-After": "1", "Content-Type": "application/problem+json"},
        body='{"code": "full", "hls_fits": true}',
    )


async def test_s6_who_gets_no_webrtc_watches_some_seconds_late_and_webrtc_again_when_it_works(
    open_show: OpenShow, server: Server, tmp_path: Path
) -> None:
    show = await open_show()
    ana = await show.viewer()
    await ana.page.route("**/whep", _refuse)
    whip = f"{server.url}/api/v1/sessions/{show.slug}/whip"
    async with ffmpeg_publishes(whip, tmp_path, OWNER_TOKEN):
        await ana.sees("A few seconds behind")
        await wait_for_moving_pixels(ana.page)
        assert not await ana.page.evaluate(BY_WEBRTC)
        await ana.write("Discussion", "I see you")
        await ana.give_name("Ana")
        await expect(ana.discussion.get_by_text("I see you")).to_be_visible()

        # What the team cuts is not seen for as long as it would take to play what was fetched.
        owner = await Client(server.url, show.slug, OWNER_TOKEN).open()
        await owner.say("slate.set", on=True)
        await ana.sees("We’ll be right back")
        await expect(ana.page.locator("video").first).to_be_hidden()
        await ana.does_not_see("A few seconds behind")
        await owner.say("slate.set", on=False)
        await owner.close()
        await ana.sees("A few seconds behind")

        await ana.page.unroute("**/whep")
        await ana.does_not_see("A few seconds behind")
        await ana.page.wait_for_function(BY_WEBRTC, timeout=PATIENCE_S * 1000)
        await ana.page.evaluate("() => { delete window.seenPicture }")
        await wait_for_moving_pixels(ana.page)
