"""Row S6: where no UDP gets through, the show comes and goes by a real TURN server over TCP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Page

from tests.browser.show.people import Show
from tests.browser.show.test_video import go_live, wait_for_moving_pixels
from tests.integration.deploy.coturn import SECRET, coturn
from tests.support.chromium import chromium
from tests.support.raw_client import Http
from tests.support.running import OWNER_TOKEN, running

NO_UDP = "--force-webrtc-ip-handling-policy=disable_non_proxied_udp"
"""The browser itself sends no datagram, as in a company that forbids it."""

KEEP_PEERS = """(() => {
    const Peer = RTCPeerConnection
    window.peers = []
    window.RTCPeerConnection = class extends Peer {
        constructor(settings) {
            super(settings)
            window.peers.push(this)
        }
    }
})()"""

WAY = """async () => {
    const told = [...(await window.peers.at(-1).getStats()).values()]
    const used = told.find((each) => each.type === 'candidate-pair' && each.nominated)
    const mine = told.find((each) => each.id === used.localCandidateId)
    return [mine.candidateType, mine.relayProtocol]
}"""
"""By what the page's latest connection goes."""


@pytest_asyncio.fixture
async def show(tmp_path: Path) -> AsyncIterator[Show]:
    """A show of whose server no datagram gets through to its people's browser."""
    async with AsyncExitStack() as stack:
        turn = stack.enter_context(coturn(tmp_path / "coturn"))
        given = {"CAUSERIE_TURN_URLS": turn.url, "CAUSERIE_TURN_SECRET": SECRET}
        server = stack.enter_context(running(tmp_path / "data", **given))
        browser = await stack.enter_async_context(chromium(NO_UDP))
        http = Http(server.url, OWNER_TOKEN)
        session = await http.as_owner("POST", "/sessions", title="The winter collection")
        await http.as_owner("POST", f"/sessions/{session['slug']}/state", state="lobby")
        opened = Show(http, browser, session)
        stack.push_async_callback(opened.close)
        yield opened


async def watched(page: Page) -> Page:
    """The same page anew, its connections within a test's reach."""
    await page.add_init_script(KEEP_PEERS)
    await page.reload()
    return page


async def test_s6_host_and_viewers_without_udp_reach_each_other_by_the_relay(show: Show) -> None:
    host = await show.host()
    await watched(host.page)
    viewer = await show.viewer()
    await watched(viewer.page)
    await go_live(host)

    await wait_for_moving_pixels(viewer.page)

    for person in (host, viewer):
        assert await person.page.evaluate(WAY) == ["relay", "tcp"]
