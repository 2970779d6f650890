"""Links that are wide, and links that are not, between real browsers."""

from typing import Any

from playwright.async_api import Page

from live.ports.media_events import SeatPublishing
from tests.integration.media.lossy import lossy_relay
from tests.integration.media.server import MediaServer
from tests.integration.media.waiting import eventually

CAP_BPS = 1_500_000
LAYERS = (
    "[{rid: 'low', scaleResolutionDownBy: 2, maxBitrate: 150000, scalabilityMode: 'L1T2'},"
    " {rid: 'high', maxBitrate: 900000, scalabilityMode: 'L1T2'}]"
)


async def _pictures(page: Page, name: str, kind: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = await page.evaluate(f"stats('{name}', '{kind}')")
    return [entry for entry in entries if entry["kind"] == "video"]


async def test_a_publisher_on_a_clean_link_is_let_to_its_cap(
    server: MediaServer, page: Page
) -> None:
    encodings = f"[{{maxBitrate: {CAP_BPS}}}]"
    assert await page.evaluate(f"publish({{noise: true, sendEncodings: {encodings}}})") == "201"
    await server.event(SeatPublishing)

    async def at_its_cap() -> bool:
        (sent,) = await _pictures(page, "publisher", "outbound-rtp")
        return float(sent.get("targetBitrate", 0)) >= 0.9 * CAP_BPS

    await eventually(at_its_cap)


async def test_a_slow_viewer_gets_the_smaller_picture_and_the_other_keeps_the_large_one(
    server: MediaServer, page: Page
) -> None:
    assert await page.evaluate(f"publish({{noise: true, sendEncodings: {LAYERS}}})") == "201"
    await server.event(SeatPublishing)
    assert await page.evaluate("watch({name: 'quick'})") == "201"

    async def height(name: str) -> int:
        entries = await _pictures(page, name, "inbound-rtp")
        return int(entries[0].get("frameHeight", 0)) if entries else 0

    async def quick_has_the_large_one() -> bool:
        return await height("quick") == 360

    await eventually(quick_has_the_large_one)
    async with lossy_relay(server.media.udp_port, seed=3) as relay:
        server.reroute = relay.rewritten
        relay.rate_bps = 400_000
        assert await page.evaluate("watch({name: 'slow'})") == "201"

        async def slow_has_the_small_one() -> bool:
            return await height("slow") == 180

        await eventually(slow_has_the_small_one)
        assert await page.evaluate("pictures(4)") == 4
        assert await page.evaluate("loudness(0.1, 'slow')") > 0.1
        assert await height("quick") == 360
        (quick,) = await _pictures(page, "quick", "inbound-rtp")
        assert quick["packetsLost"] == 0
