"""Picture and sound handed off to the real Janus: what people see and hear of it, and that nobody
comes in past us.
"""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from aiortc.rtp import RtcpRrPacket, RtcpSrPacket
from playwright.async_api import Browser
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from app.doctor.handoff import media_server
from live.media.handoff.janus import JanusMedia
from live.media.handoff.place import JanusPlace
from live.media.settings import MediaSettings
from live.ports.media import LayerWish, Leg, LegId, PublishRequest, Watched, WatchRequest
from live.ports.media_events import (
    EngineBack,
    EngineLost,
    SeatFreed,
    SeatPublishing,
    SeatResumed,
    SeatSilent,
)
from live.ports.media_refusals import MediaRefusal, RefusalCode
from live.ports.media_seats import SeatOrder
from tests.integration.media.scripted import AnnouncedPublisher, Peer
from tests.integration.media.server import SESSION, Served, served
from tests.integration.media.waiting import eventually
from tests.support.janus import ADMIN_KEY, SECRET, Janus, running_janus

Show = Served[JanusMedia]


@pytest.fixture(scope="module")
def janus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Janus]:
    with running_janus(tmp_path_factory.mktemp("janus")) as started:
        yield started


def over(janus: Janus, secret: str = SECRET) -> JanusMedia:
    place = JanusPlace(janus.url, secret, ADMIN_KEY)
    return JanusMedia(place, MediaSettings(udp_port=0, max_viewers=9), b"a key of the tests")


@pytest_asyncio.fixture(loop_scope="session")
async def show(janus: Janus) -> AsyncIterator[Show]:
    """A session on air whose picture Janus has."""
    async with served(over(janus)) as running:
        await eventually(lambda: _is_up(running.media))
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def peers() -> AsyncIterator[list[Peer]]:
    """Peers that are closed when the test ends."""
    made: list[Peer] = []
    yield made
    for peer in made:
        await peer.close()


async def _is_up(media: JanusMedia) -> bool:
    return (await media.health()).ok


async def _publish(
    show: Show, peers: list[Peer], who: str = "host"
) -> tuple[Leg, AnnouncedPublisher]:
    """A publisher whose first frames have arrived."""
    publisher = AnnouncedPublisher()
    peers.append(publisher)
    request = PublishRequest(SESSION, who, "host", await publisher.offer(), takeover=True)
    leg = await show.media.publish(request)
    assert isinstance(leg, Leg)
    before = len(show.events)
    await publisher.accept(leg.answer_sdp)

    async def published() -> bool:
        await publisher.frame(keyframe=True)
        return any(isinstance(event, SeatPublishing) for event in show.events[before:])

    await eventually(published)
    return leg, publisher


async def _offer(peers: list[Peer]) -> str:
    """Of a publisher that goes no further."""
    peers.append(AnnouncedPublisher())
    return await peers[-1].offer()


async def _watch(show: Show, peers: list[Peer], who: str = "viewer") -> tuple[Leg, Peer]:
    viewer = Peer("recvonly")
    peers.append(viewer)
    leg = await show.media.watch(WatchRequest(SESSION, who, await viewer.offer()))
    assert isinstance(leg, Leg)
    await viewer.accept(leg.answer_sdp)
    return leg, viewer


async def _sees(viewer: Peer, publisher: AnnouncedPublisher, mark: bytes) -> None:
    """Until a picture that ends in `mark` has come."""

    async def came() -> bool:
        keyframe = publisher.packet(b"\x10\x00\x00\x00\x9d\x01\x2a" + mark, marker=True)
        await publisher.send(keyframe)
        publisher.sequence = (publisher.sequence + 1) & 0xFFFF
        return any(packet.payload.endswith(mark) for packet in viewer.received("VP8"))

    await eventually(came)


def _reported(publisher: AnnouncedPublisher) -> bool:
    """Whether Janus has dealt with everything that was sent: it reports the latest number."""
    latest = (publisher.sequence - 1) & 0xFFFF
    return any(
        report.ssrc == publisher.ssrc and report.highest_sequence & 0xFFFF == latest
        for packet in publisher.rtcp
        if isinstance(packet, RtcpRrPacket | RtcpSrPacket)
        for report in packet.reports
    )


def _code(outcome: object) -> RefusalCode | None:
    return outcome.code if isinstance(outcome, MediaRefusal) else None


async def test_browsers_and_others_see_and_hear_what_a_browser_publishes_in_layers(
    show: Show, browser: Browser, peers: list[Peer]
) -> None:
    page = await browser.new_page()
    await page.goto(show.url)
    layers = "[{rid: 'low', scaleResolutionDownBy: 2}, {rid: 'high'}]"
    sending = f"publish({{sendEncodings: {layers}, width: 640, height: 360}})"
    assert await page.evaluate(sending) == "201"
    seen = await show.event(SeatPublishing)
    assert await page.evaluate("watch()") == "201"
    assert await page.evaluate("pictures(8)") == 8
    assert await page.evaluate("loudness(0.1)") > 0.1
    # The best layer, once it comes: Chromium begins with the lowest.
    await page.wait_for_function("() => document.querySelector('video').videoHeight === 360")
    _, other = await _watch(show, peers, "other")
    # Under its own payload types: 97 and 96, where the browsers say 96 and 111.
    await eventually(lambda: other.received("VP8") and other.received("opus"))
    assert {packet.payload_type for packet in other.rtp} == {96, 97}

    guest = "publish({name: 'guest', url: '/whip?seat=guest-1&as=guest'})"
    assert await page.evaluate(guest) == "201"
    await show.event(SeatPublishing, after=seen)
    both = "['video', 'video', 'audio', 'audio']"
    assert await page.evaluate(f"watch({{name: 'both', kinds: {both}}})") == "201"
    await page.wait_for_function(
        """async () => [...(await peers.both.peer.getStats()).values()].filter(
            (each) => each.type === 'inbound-rtp' && each.framesDecoded > 3).length === 2"""
    )
    strange = await page.evaluate("watch({name: 'strange', codec: 'video/H264'})")
    assert strange == "406 codec"
    assert (await show.media.health()).viewers == 3
    assert [seat.seat for seat in (await show.media.stats(SESSION)).seats] == ["host", "guest-1"]
    for name in ("both", "guest"):
        await page.evaluate(f"hangUp('{name}')")
    freed = await show.event(SeatFreed)
    # The host comes back in another codec: who can take it goes on, from a mountpoint of its own.
    again = "publish({name: 'again', codec: 'video/H264', url: '/whip?takeover=1'})"
    assert await page.evaluate(again) == "201"
    await show.event(SeatPublishing, after=freed)
    assert await page.evaluate("watch({name: 'strange', codec: 'video/H264'})") == "201"
    assert await page.evaluate("pictures(4)") == 4
    for name in ("strange", "again"):
        await page.evaluate(f"hangUp('{name}')")
    await eventually(lambda: sum(isinstance(each, SeatFreed) for each in show.events) == 3)
    await page.close()


async def test_a_preview_a_slate_and_a_guest_backstage_reach_nobody(
    show: Show, peers: list[Peer]
) -> None:
    _, publisher = await _publish(show, peers)
    await show.media.set_on_air(SESSION, on=False)
    viewer = Peer("recvonly")
    peers.append(viewer)
    early = await show.media.watch(WatchRequest(SESSION, "viewer", await viewer.offer()))
    assert _code(early) == "not_publishing"
    await show.media.set_on_air(SESSION, on=True)
    _, viewer = await _watch(show, peers)
    await _sees(viewer, publisher, b"before")

    await show.media.set_slate(SESSION, on=True)
    await publisher.frame(keyframe=True, size=333)
    await eventually(lambda: _reported(publisher))
    await show.media.set_slate(SESSION, on=False)
    await _sees(viewer, publisher, b"after")
    assert not [packet for packet in viewer.received("VP8") if len(packet.payload) == 333]

    backstage = AnnouncedPublisher()
    peers.append(backstage)
    request = PublishRequest(SESSION, "guest", "guest-1", await backstage.offer(), on_air=False)
    leg = await show.media.publish(request)
    assert isinstance(leg, Leg)
    await show.media.set_seats(SESSION, (SeatOrder("guest-1", "guest", on_air=True),))
    assert (await show.media.owner_of(leg.leg_id)) is not None
    await show.media.set_seats(SESSION, (SeatOrder("guest-1", None),))
    assert await show.media.owner_of(leg.leg_id) is None
    await show.media.set_on_air(SESSION, on=False)
    await eventually(lambda: viewer.connection.connectionState == "closed")
    assert (await show.media.health()).viewers == 0


async def test_a_seat_has_one_publisher_viewers_stay_with_the_next_and_the_banned_go(
    show: Show, peers: list[Peer]
) -> None:
    _, first = await _publish(show, peers)
    leg, viewer = await _watch(show, peers)
    await _sees(viewer, first, b"first")
    offer = await _offer(peers)
    taken = await show.media.publish(PublishRequest(SESSION, "other", "host", offer))
    assert _code(taken) == "seat_taken"
    _, second = await _publish(show, peers, "other")
    assert SeatFreed(SESSION, "host", "host", "replaced") in show.events
    await _sees(viewer, second, b"second")

    assert await show.media.evict(SESSION, "viewer") == 1
    await eventually(lambda: viewer.connection.connectionState == "closed")
    assert await show.media.owner_of(leg.leg_id) is None
    assert not await show.media.hang_up(leg.leg_id)
    assert await show.media.evict(SESSION, "viewer") == 0

    await show.media.end_session(SESSION)
    assert (await show.media.health()).publishers == 0


async def test_candidates_are_passed_on_and_what_janus_does_not_offer_is_said(
    show: Show, peers: list[Peer]
) -> None:
    await _publish(show, peers)
    leg, _ = await _watch(show, peers)
    candidate = "a=candidate:1 1 udp 1 192.0.2.9 9 typ host\r\n"
    trickled = await show.media.trickle(leg.leg_id, leg.etag, candidate)
    assert not isinstance(trickled, MediaRefusal)
    restart = "a=ice-ufrag:wxyz\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n"
    for etag, fragment, code in (
        (None, candidate, "etag_required"),
        ('"other"', candidate, "etag_mismatch"),
        (leg.etag, "no fragment", "malformed_sdp"),
        (leg.etag, restart, "handed_off"),
    ):
        assert _code(await show.media.trickle(leg.leg_id, etag, fragment)) == code
    assert _code(await show.media.trickle(LegId("none"), leg.etag, "")) == "not_found"
    for offer in ("", "v=0\r\n", "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" * 40):
        request = WatchRequest(SESSION, "viewer", offer)
        assert _code(await show.media.watch(request)) == "malformed_sdp"
        sending = PublishRequest(SESSION, "host", "host", offer, takeover=True)
        assert _code(await show.media.publish(sending)) == "malformed_sdp"


async def test_a_viewer_may_have_the_sound_alone_and_the_picture_again(
    show: Show, peers: list[Peer]
) -> None:
    _, publisher = await _publish(show, peers)
    leg, viewer = await _watch(show, peers)
    await _sees(viewer, publisher, b"before")
    asked = await show.media.adjust(leg.leg_id, LayerWish("audio", 360))
    assert isinstance(asked, Watched)
    assert (asked.quality, asked.picture) == ("audio", False)
    await publisher.frame(keyframe=True, size=333)
    await eventually(lambda: _reported(publisher))
    asked = await show.media.adjust(leg.leg_id, LayerWish("low"))
    assert isinstance(asked, Watched)
    assert (asked.quality, asked.picture) == ("auto", True)
    await _sees(viewer, publisher, b"after")
    assert not [packet for packet in viewer.received("VP8") if len(packet.payload) == 333]
    assert _code(await show.media.adjust(LegId("none"), LayerWish())) == "not_found"


async def test_who_reaches_janus_without_us_neither_joins_nor_watches(
    show: Show, janus: Janus, peers: list[Peer]
) -> None:
    _, publisher = await _publish(show, peers)
    _, viewer = await _watch(show, peers)
    await _sees(viewer, publisher, b"seen")
    async with connect(janus.url, subprotocols=[Subprotocol("janus-protocol")]) as raw:

        async def ask(**message: Any) -> dict[str, Any]:
            await raw.send(json.dumps(message | {"transaction": "t"}))
            while True:
                said: dict[str, Any] = json.loads(await raw.recv())
                if said["janus"] != "ack":
                    return said

        assert (await ask(janus="create"))["error"]["code"] == 403
        # Even with the secret, rooms and mountpoints are ours.
        made = await ask(janus="create", apisecret=SECRET)
        session = {"session_id": made["data"]["id"], "apisecret": SECRET}
        for plugin, listed, entering in (
            ("videoroom", "list", {"request": "join", "ptype": "publisher"}),
            ("streaming", "list", {"request": "watch"}),
        ):
            attached = await ask(janus="attach", plugin=f"janus.plugin.{plugin}", **session)
            handle = session | {"janus": "message", "handle_id": attached["data"]["id"]}
            shown = await ask(**handle, body={"request": listed})
            assert not shown["plugindata"]["data"]["list"]
            name = {"room": _room(show)} if plugin == "videoroom" else {"id": _mountpoint(show)}
            guessed = entering | name | {"pin": "a guess"}
            refused = await ask(**handle, body=guessed)
            assert "nauthorized" in refused["plugindata"]["data"]["error"]


def _room(show: Show) -> int:
    return show.media._stages[SESSION]._room_id


def _mountpoint(show: Show) -> int:
    return next(iter(show.media._stages[SESSION]._mounts.values())).id


async def test_a_janus_that_dies_frees_the_seats_and_one_that_comes_back_is_used_again(
    show: Show, janus: Janus, peers: list[Peer]
) -> None:
    await _publish(show, peers)
    await _watch(show, peers)
    janus.stop()
    lost = await show.event(EngineLost)
    turns = [e for e in show.events if not isinstance(e, SeatSilent | SeatResumed)]
    assert turns[-2:] == [SeatFreed(SESSION, "host", "host", "engine_lost"), EngineLost()]
    health = await show.media.health()
    assert (health.ok, health.publishers, health.viewers) == (False, 0, 0)
    assert "Janus" in health.trouble
    offer = await _offer(peers)
    refused = await show.media.publish(PublishRequest(SESSION, "host", "host", offer))
    assert _code(refused) == "engine_down"

    janus.start()
    await show.event(EngineBack, after=lost)
    _, publisher = await _publish(show, peers)
    _, viewer = await _watch(show, peers)
    await _sees(viewer, publisher, b"back")


async def test_the_doctor_and_the_health_name_what_keeps_us_out(janus: Janus) -> None:
    good = JanusPlace(janus.url, SECRET, ADMIN_KEY)
    finding = await media_server(good)
    assert (finding.ok, "makes rooms and mountpoints" in finding.says) == (True, True)
    for place, mend in (
        (replace(good, secret="guessed"), "CAUSERIE_MEDIA_TOKEN"),
        (replace(good, admin_key=None), "CAUSERIE_MEDIA_ADMIN_KEY"),
        (replace(good, url="ws://127.0.0.1:1"), "CAUSERIE_MEDIA_URL"),
    ):
        finding = await media_server(place)
        assert not finding.ok
        assert mend in finding.mend
        assert SECRET not in finding.says
    media = over(janus, "not the secret")
    await media.start()

    async def told() -> bool:
        return "refuses" in (await media.health()).trouble

    await eventually(told)
    await media.close()
    await media.close()
