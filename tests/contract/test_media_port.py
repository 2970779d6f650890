"""What `MediaEngine` promises, held over every form of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from live.media import MediaSettings, MediaSupervisor
from live.media.local import LocalMedia
from live.ports.media import (
    Leg,
    LegId,
    LegOwner,
    MediaEngine,
    PublishRequest,
    RecordingOrder,
    Restarted,
    Trickled,
    WatchRequest,
)
from live.ports.media_events import (
    MediaEvent,
    RecordingClosed,
    SeatFreed,
    SeatPublishing,
    SeatResumed,
    SeatSilent,
)
from live.ports.media_refusals import MediaRefusal, RefusalCode
from live.ports.media_seats import Seat
from tests.integration.media.scripted import VP8_DELTA, VP8_KEYFRAME, Peer, ScriptedPublisher, shown
from tests.integration.media.waiting import eventually

SHOW = "show"
RESTART = "a=ice-ufrag:wxyz\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n"


FORMS: dict[str, Callable[[], MediaEngine]] = {
    "processes": lambda: MediaSupervisor(MediaSettings(udp_port=0, workers=2)),
    "local": lambda: LocalMedia(MediaSettings(udp_port=0)),
}


@pytest.fixture(params=FORMS)
async def media(request: pytest.FixtureRequest) -> AsyncIterator[MediaEngine]:
    engine = FORMS[request.param]()
    await engine.start()
    yield engine
    await engine.close()


@pytest.fixture
def events(media: MediaEngine) -> list[MediaEvent]:
    """What happened, but for silences, which a busy machine makes of its own."""
    heard: list[MediaEvent] = []

    def hear(event: MediaEvent) -> None:
        if not isinstance(event, SeatSilent | SeatResumed):
            heard.append(event)

    media.subscribe(hear)
    return heard


@pytest.fixture
async def peers() -> AsyncIterator[list[Peer]]:
    """Peers that are closed when the test ends."""
    made: list[Peer] = []
    yield made
    for peer in made:
        await peer.close()


def _code(outcome: object) -> RefusalCode | None:
    return outcome.code if isinstance(outcome, MediaRefusal) else None


async def _publish(
    media: MediaEngine, peers: list[Peer], who: str = "host", seat: Seat = "host"
) -> tuple[Leg, ScriptedPublisher]:
    peer = ScriptedPublisher()
    peers.append(peer)
    leg = await media.publish(PublishRequest(SHOW, who, seat, await peer.offer()))
    assert isinstance(leg, Leg)
    await peer.accept(leg.answer_sdp)
    await peer.frame(keyframe=True)
    return leg, peer


async def _watch(media: MediaEngine, peers: list[Peer], who: str = "viewer") -> tuple[Leg, Peer]:
    peer = Peer("recvonly")
    peers.append(peer)
    leg = await media.watch(WatchRequest(SHOW, who, await peer.offer()))
    assert isinstance(leg, Leg)
    await peer.accept(leg.answer_sdp)
    return leg, peer


async def _offer(peers: list[Peer], direction: str) -> str:
    peers.append(Peer(direction))
    return await peers[-1].offer()


async def test_it_takes_a_publisher_and_forwards_to_viewers_once_on_air(
    media: MediaEngine, events: list[MediaEvent], peers: list[Peer]
) -> None:
    _, publisher = await _publish(media, peers)
    await eventually(lambda: events)
    assert events == [
        SeatPublishing(SHOW, "host", "host", has_audio=True, has_video=True, video_codec="VP8")
    ]
    early = await media.watch(WatchRequest(SHOW, "viewer", await _offer(peers, "recvonly")))
    assert isinstance(early, MediaRefusal)
    assert (early.code, early.retry_after_s is not None) == ("not_publishing", True)
    await media.set_on_air(SHOW, on=True)
    _, viewer = await _watch(media, peers)
    await shown(publisher, viewer)
    stats = await media.stats(SHOW)
    assert (stats.on_air, stats.viewers, len(stats.seats)) == (True, 1, 1)
    health = await media.health()
    assert (health.ok, health.publishers, health.viewers) == (True, 1, 1)


async def test_a_seat_has_one_publisher_and_others_have_their_own(
    media: MediaEngine, events: list[MediaEvent], peers: list[Peer]
) -> None:
    first, _ = await _publish(media, peers)
    await _publish(media, peers, "guest", "guest-1")
    await eventually(lambda: len(events) == 2)
    offer = await _offer(peers, "sendonly")
    assert _code(await media.publish(PublishRequest(SHOW, "other", "host", offer))) == "seat_taken"
    assert _code(await media.publish(PublishRequest(SHOW, "host", "host", offer))) == "seat_taken"
    taken = await media.publish(PublishRequest(SHOW, "other", "host", offer, takeover=True))
    assert isinstance(taken, Leg)
    await eventually(lambda: len(events) == 3)
    assert events[2] == SeatFreed(SHOW, "host", "host", "replaced")
    assert await media.owner_of(first.leg_id) is None
    elsewhere = PublishRequest("another show", "host", "host", offer)
    assert isinstance(await media.publish(elsewhere), Leg)


async def test_a_leg_is_its_owners_until_it_is_hung_up_once(
    media: MediaEngine, events: list[MediaEvent], peers: list[Peer]
) -> None:
    leg, publisher = await _publish(media, peers)
    assert await media.owner_of(leg.leg_id) == LegOwner(SHOW, "host", "publisher", "host")
    await eventually(lambda: events)
    assert await media.hang_up(leg.leg_id)
    assert not await media.hang_up(leg.leg_id)
    await eventually(lambda: len(events) == 2)
    assert events[1] == SeatFreed(SHOW, "host", "host", "hung_up")
    assert await media.owner_of(leg.leg_id) is None
    await eventually(lambda: publisher.connection.connectionState == "closed")
    assert _code(await media.trickle(leg.leg_id, "*", "")) == "not_found"


async def test_ice_begins_anew_with_a_new_etag_and_candidates_need_the_latest(
    media: MediaEngine, peers: list[Peer]
) -> None:
    leg, _ = await _publish(media, peers)
    assert _code(await media.trickle(leg.leg_id, None, "")) == "etag_required"
    assert _code(await media.trickle(leg.leg_id, '"other"', "")) == "etag_mismatch"
    assert _code(await media.trickle(leg.leg_id, leg.etag, "?")) == "malformed_sdp"
    assert isinstance(await media.trickle(leg.leg_id, leg.etag, ""), Trickled)
    restarted = await media.trickle(leg.leg_id, leg.etag, RESTART)
    assert isinstance(restarted, Restarted)
    assert restarted.etag != leg.etag
    assert "a=ice-ufrag:" in restarted.fragment
    assert _code(await media.trickle(leg.leg_id, leg.etag, RESTART)) == "etag_mismatch"
    assert isinstance(await media.trickle(leg.leg_id, restarted.etag, RESTART), Trickled)


async def test_going_off_air_ends_viewers_and_keeps_the_preview(
    media: MediaEngine, events: list[MediaEvent], peers: list[Peer]
) -> None:
    leg, _ = await _publish(media, peers)
    await eventually(lambda: events)
    await media.set_on_air(SHOW, on=True)
    _, viewer = await _watch(media, peers)
    await media.set_on_air(SHOW, on=False)
    await media.set_on_air(SHOW, on=False)
    await eventually(lambda: viewer.connection.connectionState == "closed")
    assert await media.owner_of(leg.leg_id) is not None


CUT = b"what nobody may see"


async def test_what_is_cut_reaches_no_viewer_and_no_file_and_newcomers_wait_for_what_is_fresh(
    media: MediaEngine, events: list[MediaEvent], peers: list[Peer], tmp_path: Path
) -> None:
    await media.set_on_air(SHOW, on=True)
    await media.set_recording(SHOW, RecordingOrder(str(tmp_path), 1 << 30, 0))
    _, publisher = await _publish(media, peers)
    await eventually(lambda: events)
    _, viewer = await _watch(media, peers)
    await shown(publisher, viewer)
    await media.set_slate(SHOW, on=True)
    await media.set_slate(SHOW, on=True)
    _, newcomer = await _watch(media, peers, "newcomer")
    for number in range(30):
        payload = (VP8_DELTA if number % 10 else VP8_KEYFRAME) + CUT
        await publisher.send(publisher.packet(payload, marker=True))
        publisher.sequence = (publisher.sequence + 1) & 0xFFFF
    # All of them arrived: the engine counts what it throws away.
    taken = publisher.sequence - 65_000 & 0xFFFF
    await eventually(lambda: _arrived(media, taken))
    assert newcomer.received("VP8") == []
    await media.set_slate(SHOW, on=False)
    # One of that time comes late, as a repeated one would.
    late = publisher.sequence
    publisher.sequence = late - 1 & 0xFFFF
    await publisher.send(publisher.packet(VP8_KEYFRAME + CUT, marker=True))
    publisher.sequence = late
    for peer in (viewer, newcomer):
        seen = len(peer.received("VP8"))
        while len(peer.received("VP8")) == seen:
            await publisher.frame(keyframe=True)
            await asyncio.sleep(0.02)
        assert not any(CUT in packet.payload for packet in peer.rtp)
    await media.end_session(SHOW)
    await eventually(lambda: sum(isinstance(e, RecordingClosed) for e in events) >= 2)
    files = [(tmp_path / event.name) for event in events if isinstance(event, RecordingClosed)]
    assert not any(CUT in file.read_bytes() for file in files)


async def _arrived(media: MediaEngine, packets: int) -> bool:
    (seat,) = (await media.stats(SHOW)).seats
    return seat.packets >= packets


async def test_an_evicted_participant_loses_every_leg_and_others_none(
    media: MediaEngine, events: list[MediaEvent], peers: list[Peer]
) -> None:
    await _publish(media, peers)
    await eventually(lambda: events)
    await media.set_on_air(SHOW, on=True)
    ours, _ = await _watch(media, peers, "one")
    theirs, _ = await _watch(media, peers, "two")
    assert await media.evict(SHOW, "one") == 1
    assert await media.evict(SHOW, "one") == 0
    assert await media.evict("another show", "two") == 0
    assert await media.owner_of(ours.leg_id) is None
    assert await media.owner_of(theirs.leg_id) is not None
    assert await media.evict(SHOW, "host") == 1
    await eventually(lambda: len(events) == 2)
    assert events[1] == SeatFreed(SHOW, "host", "host", "evicted")


async def test_the_end_of_a_session_ends_all_its_legs_and_forgets_it(
    media: MediaEngine, events: list[MediaEvent], peers: list[Peer]
) -> None:
    await _publish(media, peers)
    await eventually(lambda: events)
    await media.set_on_air(SHOW, on=True)
    await _watch(media, peers)
    await media.end_session(SHOW)
    await media.end_session(SHOW)
    await eventually(lambda: len(events) == 2)
    assert events[1] == SeatFreed(SHOW, "host", "host", "ended")
    health, stats = await media.health(), await media.stats(SHOW)
    assert (health.publishers, health.viewers, stats.on_air, stats.seats) == (0, 0, False, ())


async def test_a_listener_that_fails_or_stops_does_not_keep_others_from_hearing(
    media: MediaEngine, peers: list[Peer]
) -> None:
    heard: list[MediaEvent] = []
    gone: list[MediaEvent] = []

    def fails(event: MediaEvent) -> None:
        raise RuntimeError(type(event).__name__)

    media.subscribe(fails)
    stop = media.subscribe(gone.append)
    media.subscribe(heard.append)
    stop()
    stop()
    await _publish(media, peers)
    await eventually(lambda: heard)
    assert gone == []


@pytest.mark.parametrize("offer", ["", "nonsense", "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"])
async def test_an_offer_that_makes_no_sense_is_refused(media: MediaEngine, offer: str) -> None:
    assert _code(await media.publish(PublishRequest(SHOW, "a", "host", offer))) == "malformed_sdp"
    assert _code(await media.watch(WatchRequest(SHOW, "a", offer))) == "malformed_sdp"


async def test_what_was_never_there_is_told_without_raising(media: MediaEngine) -> None:
    nobody = LegId("nobody")
    assert await media.owner_of(nobody) is None
    assert not await media.hang_up(nobody)
    assert (await media.stats("unknown")).viewers == 0
    await media.end_session("unknown")


async def test_after_the_end_every_call_is_refused(media: MediaEngine) -> None:
    await media.close()
    await media.close()
    assert not (await media.health()).ok
    assert _code(await media.watch(WatchRequest(SHOW, "a", ""))) == "engine_down"
    assert _code(await media.publish(PublishRequest(SHOW, "a", "host", ""))) == "engine_down"
    assert _code(await media.trickle(LegId("a"), "*", "")) == "engine_down"
    assert await media.evict(SHOW, "a") == 0
