"""A viewer whom WebRTC does not reach: the show some seconds late, and back by itself (S6)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Route, expect

from tests.browser.show.people import OpenShow
from tests.browser.show.test_video import go_live, wait_for_moving_pixels
from tests.support.patience import PATIENCE_S
from tests.support.raw_client import Client
from tests.support.running import OWNER_TOKEN, Server, running

WITHOUT_H264 = """for (const side of [RTCRtpSender, RTCRtpReceiver]) {
    const all = side.getCapabilities.bind(side)
    const isKept = ({ mimeType }) => !/h264/i.test(mimeType)
    side.getCapabilities = (kind) => ({ ...all(kind), codecs: all(kind).codecs.filter(isKept) })
}"""
HEARD = """() => {
    const video = document.querySelector('video')
    return video.currentTime > 0 && video.webkitAudioDecodedByteCount > 20000 && !video.videoWidth
}"""
NO_H264 = re.compile("sends no H264")

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
    open_show: OpenShow, server: Server
) -> None:
    show = await open_show(state="lobby")
    ana = await show.viewer()
    await ana.page.route("**/whep", _refuse)
    await go_live(await show.host())
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


async def test_a_host_whose_browser_has_no_h264_reads_it_and_by_hls_there_is_the_sound(
    open_show: OpenShow,
) -> None:
    show = await open_show(state="lobby")
    host = await show.host()
    await expect(host.page.get_by_text("This machine carries:")).to_be_visible()
    await expect(host.page.get_by_text(NO_H264)).to_have_count(0)
    await host.context.add_init_script(WITHOUT_H264)
    await host.page.reload()
    await expect(host.page.get_by_text(NO_H264)).to_be_visible()
    await go_live(host)
    await expect(host.page.get_by_text(NO_H264)).to_be_visible()
    ana = await show.viewer()
    await ana.page.route("**/whep", _refuse)
    await ana.page.reload()
    await ana.sees("Sound only, a few seconds behind")
    await ana.page.wait_for_function(HEARD, timeout=PATIENCE_S * 1000)
