"""A network that loses packets between the publisher, the engine and the viewer."""

from typing import Any

from playwright.async_api import Page

from live.ports.media_events import SeatPublishing
from tests.integration.media.lossy import lossy_relay
from tests.integration.media.server import MediaServer
from tests.integration.media.waiting import eventually

SEED = 7


async def _video(page: Page, name: str, kind: str) -> dict[str, Any]:
    entries: list[dict[str, Any]] = await page.evaluate(f"stats('{name}', '{kind}')")
    return next(entry for entry in entries if entry["kind"] == "video")


async def test_what_is_lost_on_either_side_is_repaired_and_the_picture_goes_on(
    server: MediaServer, page: Page
) -> None:
    async with lossy_relay(server.media.udp_port, seed=SEED) as relay:
        server.reroute = relay.rewritten
        assert await page.evaluate("publish()") == "201"
        await server.event(SeatPublishing)
        assert await page.evaluate("watch()") == "201"
        assert await page.evaluate("pictures(2)") == 2
        relay.loss = 0.06

        async def repaired() -> bool:
            sent = await _video(page, "publisher", "outbound-rtp")
            received = await _video(page, "viewer", "inbound-rtp")
            resent: int = received.get("retransmittedPacketsReceived", 0)
            return resent > 2 and int(sent["nackCount"]) > 2

        await eventually(repaired)
        assert await page.evaluate("pictures(10)") == 10
        relay.loss = 0.0
        before = await _video(page, "viewer", "inbound-rtp")
        assert await page.evaluate("pictures(10)") == 10
        after = await _video(page, "viewer", "inbound-rtp")
        assert after["framesDecoded"] > before["framesDecoded"]
        assert relay.lost > 10


async def test_the_picture_comes_back_by_itself_after_a_blackout(
    server: MediaServer, page: Page
) -> None:
    async with lossy_relay(server.media.udp_port, seed=SEED) as relay:
        server.reroute = relay.rewritten
        await page.evaluate("publish()")
        await server.event(SeatPublishing)
        await page.evaluate("watch()")
        assert await page.evaluate("pictures(2)") == 2
        relay.loss = 1.0
        await page.evaluate("new Promise((resolve) => setTimeout(resolve, 3000))")
        relay.loss = 0.0
        assert await page.evaluate("pictures(12)") == 12
        assert await page.evaluate("peers.viewer.peer.connectionState") == "connected"
