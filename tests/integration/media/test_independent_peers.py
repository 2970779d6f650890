"""Publishers and players that share no code with the server."""

from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page

from live.ports.media_events import SeatFreed, SeatPublishing, SeatSilent
from tests.integration.media.peers import ffmpeg_publishes, install_players, play
from tests.integration.media.server import SESSION, MediaServer


@pytest_asyncio.fixture(loop_scope="session")
async def players() -> None:
    """The players on Node, installed from their lock file."""
    await install_players()


@pytest.mark.usefixtures("players")
async def test_two_foreign_players_play_what_a_browser_publishes(
    server: MediaServer, page: Page
) -> None:
    assert await page.evaluate("publish()") == "201"
    after = await server.event(SeatPublishing)
    libwebrtc = await play("play-libwebrtc.mjs", f"{server.url}/whep", 5, 20_000, "clock")
    assert len(libwebrtc["clocks"]) >= 5
    assert libwebrtc["pitch"] == pytest.approx(440, abs=20)
    picture_alone = await play("play-libwebrtc.mjs", f"{server.url}/whep", 5, 20_000, "video")
    assert picture_alone["pictures"] >= 5
    werift = await play("play-werift.mjs", f"{server.url}/whep", 20, 20_000)
    assert werift["pictures"] >= 20
    assert werift["audio"] > 10
    assert werift["reports"] > 0
    assert werift["gaps"] == 0
    await page.evaluate("hangUp('publisher')")
    after = await server.event(SeatFreed, after=after)
    assert await page.evaluate("publish({codec: 'video/VP9'})") == "201"
    await server.event(SeatPublishing, after=after)
    passed_on = await play("play-libwebrtc.mjs", f"{server.url}/whep", 5, 20_000, "clock")
    assert len(passed_on["clocks"]) >= 5
    told = await play("play-werift.mjs", f"{server.url}/whep", 1, 1_000)
    assert told["status"] == 406  # it offers VP8 alone


@pytest.mark.usefixtures("players")
async def test_a_browser_plays_what_ffmpeg_publishes(
    server: MediaServer, page: Page, tmp_path: Path
) -> None:
    async with ffmpeg_publishes(f"{server.url}/whip", tmp_path):
        await server.event(SeatPublishing)
        assert (await server.media.stats(SESSION)).seats[0].video_codec == "H264"
        assert await page.evaluate("watch()") == "201"
        assert len(await page.evaluate("clocks(5)")) == 5
        assert await page.evaluate("pitch(440)") == pytest.approx(440, abs=20)
        # This player has no H264: it is told so instead of being shown nothing.
        refused = await play("play-libwebrtc.mjs", f"{server.url}/whep", 1, 1_000)
        assert refused["status"] == 406
        assert "H264" in refused["reason"]


async def test_a_publisher_that_is_killed_is_silent_at_first_and_then_its_seat_is_free(
    server: MediaServer, tmp_path: Path
) -> None:
    async with ffmpeg_publishes(f"{server.url}/whip", tmp_path) as publisher:
        await server.event(SeatPublishing)
        publisher.kill()
        await server.event(SeatSilent)
        after = await server.event(SeatFreed)
    freed = server.events[after - 1]
    assert isinstance(freed, SeatFreed)
    assert freed.reason == "lost"
