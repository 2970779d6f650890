"""Chromium publishes and Chromium plays, through the engine in its own process."""

from playwright.async_api import Page

from live.ports.media_events import SeatFreed, SeatPublishing
from tests.integration.media.server import SESSION, MediaServer


async def test_a_browser_sees_and_hears_what_a_browser_publishes(
    server: MediaServer, page: Page
) -> None:
    assert await page.evaluate("publish()") == "201"
    await server.event(SeatPublishing)
    assert await page.evaluate("watch()") == "201"
    assert await page.evaluate("pictures(8)") == 8
    assert await page.evaluate("loudness(0.1)") > 0.1
    stats = await server.media.stats(SESSION)
    assert stats.viewers == 1
    assert stats.seats[0].video_codec == "VP8"


async def test_both_sides_survive_an_ice_restart_without_a_new_session(
    server: MediaServer, page: Page
) -> None:
    await page.evaluate("publish()")
    await server.event(SeatPublishing)
    await page.evaluate("watch()")
    assert await page.evaluate("pictures(2)") == 2
    for peer in ("viewer", "publisher"):
        former = await page.evaluate(f"peers.{peer}.etag")
        assert await page.evaluate(f"restartIce('{peer}')") == "200"
        assert await page.evaluate(f"peers.{peer}.etag") != former
        assert await page.evaluate("pictures(10)") == 10
    assert len(server.turns) == 1


async def test_a_viewer_goes_on_when_the_publisher_comes_back_with_another_codec(
    server: MediaServer, page: Page
) -> None:
    await page.evaluate("publish()")
    after = await server.event(SeatPublishing)
    await page.evaluate("watch()")
    assert await page.evaluate("pictures(2)") == 2
    for codec in ("H264", "VP9", "AV1"):
        await page.evaluate("hangUp('publisher')")
        after = await server.event(SeatFreed, after=after)
        assert await page.evaluate(f"publish({{codec: 'video/{codec}'}})") == "201"
        after = await server.event(SeatPublishing, after=after)
        assert (await server.media.stats(SESSION)).seats[0].video_codec == codec
        assert await page.evaluate("pictures(8)") == 8
        # Who comes later begins with a keyframe, kept or asked for.
        assert await page.evaluate(f"watch({{name: 'late', codec: 'video/{codec}'}})") == "201"
        assert await page.evaluate("pictures(4)") == 4
        await page.evaluate("hangUp('late')")
        await page.evaluate("show('viewer')")
    other = await page.evaluate("watch({name: 'other', codec: 'video/VP8'})")
    assert other == "406 codec"


async def test_a_takeover_replaces_the_picture_that_viewers_see(
    server: MediaServer, page: Page
) -> None:
    await page.evaluate("publish()")
    after = await server.event(SeatPublishing)
    await page.evaluate("watch()")
    assert await page.evaluate("pictures(2)") == 2
    again = "publish({name: 'second', url: '/whip?as=second'%s})"
    assert await page.evaluate(again % "") == "409 seat_taken"
    assert await page.evaluate(again.replace("?as", "?takeover=1&as") % "") == "201"
    after = await server.event(SeatFreed, after=after)
    await server.event(SeatPublishing, after=after)
    assert await page.evaluate("pictures(8)") == 8
    assert [s.participant_id for s in (await server.media.stats(SESSION)).seats] == ["second"]


async def test_a_player_without_sound_and_one_with_more_slots_than_there_are_both_play(
    server: MediaServer, page: Page
) -> None:
    await page.evaluate("publish()")
    await server.event(SeatPublishing)
    assert await page.evaluate("watch({name: 'mute', kinds: ['video']})") == "201"
    assert await page.evaluate("pictures(3)") == 3
    many = "['video', 'video', 'audio', 'video', 'audio']"
    assert await page.evaluate(f"watch({{name: 'many', kinds: {many}}})") == "201"
    assert await page.evaluate("pictures(3)") == 3
    assert await page.evaluate("loudness(0.1, 'many')") > 0.1
    assert await page.evaluate("watch({name: 'blind', kinds: ['audio']})") == "201"
    assert await page.evaluate("loudness(0.1, 'blind')") > 0.1
