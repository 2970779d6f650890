"""ICE over TCP: a browser whose network lets no UDP through publishes and plays all the same."""

import re

from playwright.async_api import Browser

from live.ports.media_events import SeatPublishing
from tests.integration.media.server import media_server

PROTOCOL = """async name => {
    const used = (await stats(name, "candidate-pair")).find((pair) => pair.nominated);
    const mine = await stats(name, "local-candidate");
    return mine.find((candidate) => candidate.id === used.localCandidateId).protocol;
}"""
"""By which protocol a peer's media goes."""


def without_udp(answer: str) -> str:
    """As if every datagram were lost on the way."""
    return re.sub(r"a=candidate:\S+ 1 udp .*\r\n", "", answer)


async def test_picture_and_sound_go_by_tcp_where_no_datagram_passes_and_only_there(
    browser: Browser,
) -> None:
    async with media_server(tcp_port=0) as server:
        page = await browser.new_page()
        await page.goto(server.url)
        assert await page.evaluate("publish()") == "201"
        after = await server.event(SeatPublishing)
        assert await page.evaluate("watch()") == "201"
        assert await page.evaluate("pictures(4)") == 4
        assert [await page.evaluate(PROTOCOL, name) for name in ("publisher", "viewer")] == [
            "udp",
            "udp",
        ]

        server.reroute = without_udp
        again = "publish({name: 'elsewhere', url: '/whip?as=elsewhere&takeover=1'})"
        assert await page.evaluate(again) == "201"
        await server.event(SeatPublishing, after=after)
        assert await page.evaluate("watch({name: 'walled'})") == "201"
        assert await page.evaluate("pictures(8)") == 8
        assert await page.evaluate("loudness(0.1, 'walled')") > 0.1
        assert [await page.evaluate(PROTOCOL, name) for name in ("elsewhere", "walled")] == [
            "tcp",
            "tcp",
        ]
        await page.close()
