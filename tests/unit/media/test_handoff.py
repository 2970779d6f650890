"""What is decided before another server is asked, and what is made of its answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest

from live.media.handoff.legs import Feed
from live.media.handoff.link import Said
from live.media.handoff.mediation import answer_to_client, answer_to_janus, plain
from live.media.handoff.meeting import agreed, receiving, sending
from live.media.handoff.place import JanusPlace, ServicePlace, place_of, read_media_url
from live.media.handoff.service import ServiceMedia
from live.media.handoff.strays import GONE_S, Strays
from live.media.handoff.upstream import Upstream
from live.media.offer import MalformedOfferError, read_offer
from live.media.settings import MediaSettings
from live.ports.media import (
    SDP_LIMIT_BYTES,
    LayerWish,
    Leg,
    LegId,
    LegOwner,
    PublishRequest,
    Restarted,
    Trickled,
    WatchRequest,
)
from live.ports.media_events import MediaEvent, SeatFreed, SeatPublishing, SeatResumed, SeatSilent
from live.ports.media_refusals import MediaRefusal
from tests.support.offers import offer
from tests.support.patience import PATIENCE_S

SENT = (
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE v0 a0\r\n"
    "a=fingerprint:sha-256 CD:EF\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:v0\r\na=sendonly\r\na=setup:actpass\r\n"
    "a=ice-ufrag:janu\r\na=ice-pwd:januspasswordjanuspassword\r\n"
    "a=candidate:1 1 udp 1 192.0.2.1 4000 typ host\r\n"
    "a=ssrc-group:FID 11 12\r\na=ssrc:11 cname:j\r\na=ssrc:12 cname:j\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:a0\r\na=sendonly\r\na=setup:actpass\r\n"
    "a=ice-ufrag:janu\r\na=ice-pwd:januspasswordjanuspassword\r\na=ssrc:21 cname:j\r\n"
)


# --- where to


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("https://sfu.example.org", "janus+ws"),
        ("janus+http://sfu:8088/janus", "WebSocket"),
        ("janus+ws://sfu:8188?secret=x", "CAUSERIE_MEDIA_TOKEN"),
        ("whip+https://sfu/whip", "{session}"),
        ("whip+https://{session}.sfu/whip", "{session}"),
        ("whip+https://me:password@sfu/{session}", "whip+https"),
        ("whip+https://sfu:0/{session}", "whip+https"),
        ("whip+ftp://sfu/{session}", "whip+https"),
    ],
)
def test_an_address_that_cannot_work_is_refused_with_what_would(text: str, remedy: str) -> None:
    with pytest.raises(ValueError, match=remedy.replace("{", r"\{").replace("+", r"\+")):
        read_media_url(text)


def test_settings_that_belong_together_make_a_place_that_repeats_no_secret() -> None:
    janus = place_of("janus+wss://sfu:8989", None, "the secret", "the key")
    assert janus == JanusPlace("wss://sfu:8989", "the secret", "the key")
    service = place_of(
        "whip+https://sfu/{session}/in", "whep+https://sfu/{session}/out", "t0", None
    )
    assert isinstance(service, ServicePlace)
    assert service.publish_url("a/b ?") == "https://sfu/a%2Fb%20%3F/in"
    assert service.watch_url("café") == "https://sfu/caf%C3%A9/out"
    shown = repr(janus) + repr(service)
    assert not any(secret in shown for secret in ("the secret", "the key", "t0"))
    assert place_of(None, None, None, None) is None
    for media_url, watch_url in (
        ("whip+https://sfu/{session}", None),
        ("janus+ws://sfu", "whep+https://sfu/{session}"),
        (None, "whep+https://sfu/{session}"),
    ):
        with pytest.raises(ValueError, match=r"leave it empty|where the service is watched"):
            place_of(media_url, watch_url, None, None)


# --- two offers


def test_two_offers_become_two_answers_in_which_each_takes_the_other() -> None:
    text = offer("recvonly")
    read = read_offer(text)
    publisher = sending(read_offer(offer("sendonly")), None)
    assert not isinstance(publisher, MediaRefusal)
    viewing = receiving(read, text, publisher["video"][1])
    assert not isinstance(viewing, MediaRefusal)
    to_client = answer_to_client(read, viewing.slots, SENT)
    to_janus = answer_to_janus(read, text, viewing.slots, SENT)

    # What the client's parser makes of its answer: Janus' transport, its own numbers and names.
    for line in (
        "a=ice-ufrag:janu",
        "a=setup:passive",
        "a=ssrc:11 ",
        "a=ssrc:21 ",
        "192.0.2.1 4000",
    ):
        assert line in to_client
    assert "a=ssrc:12 " not in to_client
    assert [s.mid for s in read_offer(to_client).sections] == [s.mid for s in read.sections]
    # And Janus: the client's transport, in the order and by the names of its own offer.
    answered = read_offer(to_janus)
    assert [section.mid for section in answered.sections] == ["v0", "a0"]
    assert answered.ufrag == read.ufrag
    assert "a=setup:active" in to_janus
    assert "extmap" not in to_janus
    for section, slot in zip(answered.sections, ("v0", "a0"), strict=True):
        codec = next(each.codec for each in viewing.slots if each.mid == slot)
        assert [each.payload_type for each in section.codecs] == [codec.payload_type]


def test_a_codec_that_a_player_lacks_is_a_refusal_and_sound_alone_is_enough() -> None:
    publisher = sending(read_offer(offer("sendonly", video="H264/90000")), None)
    assert isinstance(publisher, MediaRefusal)
    assert publisher.code == "codec"
    taken = sending(read_offer(offer("sendonly")), None)
    assert not isinstance(taken, MediaRefusal)
    text = offer("recvonly", video="VP9/90000")
    refused = receiving(read_offer(text), text, taken["video"][1])
    assert isinstance(refused, MediaRefusal)
    assert refused.code == "codec"
    # Nobody sends a picture: the sound is all there is.
    heard = receiving(read_offer(text), text, None)
    assert not isinstance(heard, MediaRefusal)
    assert [slot.mid for slot in heard.slots] == ["a0"]
    assert heard.profile.video_type != heard.profile.audio_type


def test_names_and_unknown_fingerprints_are_kept_from_janus() -> None:
    text = (
        "v=0\r\na=fingerprint:sha-512 AA\r\na=fingerprint:sha-256 BB\r\n"
        "a=candidate:1 1 udp 1 1b2c.local 9 typ host\r\n"
        "a=candidate:2 1 udp 1 192.0.2.9 9 typ host\r\n"
    )
    kept = plain(text)
    assert "192.0.2.9" in kept
    assert "sha-256" in kept
    assert ".local" not in kept
    assert "sha-512" not in kept
    assert "sha-512" in plain("v=0\r\na=fingerprint:sha-512 AA\r\n")


def test_an_offer_of_janus_without_a_transport_is_no_bug_of_ours() -> None:
    text = offer("recvonly")
    read = read_offer(text)
    with pytest.raises(MalformedOfferError):
        answer_to_client(read, [], "v=0\r\n")
    assert agreed("v=0\r\nm=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n", read.sections[1]) is None


# --- silences


async def test_viewers_whose_page_vanished_are_given_up_and_players_without_one_are_not() -> None:
    pages: dict[str, bool | None] = {"ana": True, "player": False, "stored": True}

    async def present(_session_id: str, participant_id: str) -> bool | None:
        return pages[participant_id]

    strays = Strays(present)
    legs = {
        LegId(who): LegOwner("show", who, "viewer", None) for who in ("ana", "player", "stored")
    }
    legs[LegId("host")] = LegOwner("show", "ana", "publisher", "host")
    assert await strays.look(legs, 0) == []
    pages |= {"ana": False, "stored": None}  # gone; and a database that does not answer
    assert await strays.look(legs, 10) == []
    pages["ana"] = True  # back: counted anew
    assert await strays.look(legs, 20) == []
    pages["ana"] = False
    assert await strays.look(legs, 30) == []
    assert await strays.look(legs, 30 + GONE_S - 1) == []
    assert await strays.look(legs, 30 + GONE_S) == ["ana"]
    del legs[LegId("ana")]
    assert await strays.look(legs, 90 + GONE_S) == []


async def test_a_publisher_falls_silent_resumes_and_is_given_up_when_it_stays_silent() -> None:
    told: list[MediaEvent] = []
    lost: asyncio.Future[LegId] = asyncio.get_running_loop().create_future()
    feed = Feed(
        leg_id=LegId("leg"),
        session_id="show",
        participant_id="host",
        seat="host",
        mids={"audio": "0", "video": "1"},
        video=None,
        layered=False,
        on_air=True,
        muted=False,
        ufrag="abcd",
        tell=told.append,
        lose=lost.set_result,
        silent_s=0.01,
        lost_s=0.01,
    )

    def media(mid: str, *, comes: bool) -> bool:
        return feed.hear(Said("media", mid=mid, receiving=comes))

    assert not media("0", comes=True)
    assert feed.hear(Said("webrtcup"))
    assert not media("1", comes=True)
    media("0", comes=False)
    media("1", comes=False)
    media("1", comes=True)
    assert [type(event) for event in told] == [SeatPublishing]
    media("1", comes=False)
    assert await asyncio.wait_for(lost, PATIENCE_S) == "leg"
    assert [type(event) for event in told] == [SeatPublishing, SeatSilent]
    media("1", comes=True)
    assert [type(event) for event in told[2:]] == [SeatResumed]
    media("1", comes=False)
    feed.rest()


# --- a service


@dataclass
class Service:
    """A faithful small one: it keeps its legs, and answers as it is told to."""

    answers: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
    legs: dict[str, str] = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    slow: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        self.came.set()
        await self.slow.wait()
        told = self.answers(request)
        if told is not None:
            return told
        path = request.url.path
        if request.method == "POST":
            name = f"/leg/{len(self.asked)}"
            self.legs[name] = path
            headers = [
                ("Location", f"..{name}"),
                ("ETag", '"theirs"'),
                ("Link", '<turn:relay.example.org>; rel="ice-server"; username="u"'),
                ("Link", '<https://inside.example.org/secret>; rel="ext"'),
            ]
            return httpx.Response(201, headers=headers, text=offer("recvonly"))
        if request.method == "OPTIONS":
            return httpx.Response(204)
        if path not in self.legs:
            return httpx.Response(404)
        if request.method == "DELETE":
            del self.legs[path]
            return httpx.Response(200)
        if b"ice-ufrag" in request.content:
            return httpx.Response(200, headers={"ETag": '"next"'}, text="a=ice-ufrag:next\r\n")
        return httpx.Response(204)


@pytest.fixture
def service() -> Service:
    made = Service()
    made.slow.set()
    return made


@pytest.fixture
def heard() -> list[MediaEvent]:
    return []


@pytest.fixture
def media(service: Service, heard: list[MediaEvent]) -> ServiceMedia:
    place = ServicePlace("https://sfu/whip/{session}", "https://sfu/whep/{session}", "our token")
    upstream = Upstream(place, transport=httpx.MockTransport(service.handle))

    async def slug_of(session_id: str) -> str | None:
        return {"id": "the show", "other": "other"}.get(session_id)

    made = ServiceMedia(upstream, MediaSettings(max_viewers=2), slug_of, look_s=0.01)
    made.subscribe(heard.append)
    return made


async def _publish(media: ServiceMedia, who: str = "host", **wish: bool) -> Leg | MediaRefusal:
    return await media.publish(PublishRequest("id", who, "host", offer("sendonly"), **wish))


async def _watch(media: ServiceMedia, who: str = "ana") -> Leg | MediaRefusal:
    return await media.watch(WatchRequest("id", who, offer("recvonly")))


def _code(outcome: object) -> str | None:
    return outcome.code if isinstance(outcome, MediaRefusal) else None


async def test_legs_are_opened_with_our_token_and_ended_where_they_are(
    media: ServiceMedia, service: Service, heard: list[MediaEvent]
) -> None:
    assert _code(await _watch(media)) == "not_publishing"
    published = await _publish(media)
    assert isinstance(published, Leg)
    (post,) = service.asked
    assert (post.headers["Authorization"], post.url.path) == ("Bearer our token", "/whip/the show")
    assert published.links == ('<turn:relay.example.org>; rel="ice-server"; username="u"',)
    assert heard == [SeatPublishing("id", "host", "host", True, True, "VP8")]
    assert _code(await _watch(media)) == "not_publishing"  # off air
    await media.set_on_air("id", on=True)
    for who in ("ana", "bob"):
        assert isinstance(await _watch(media, who), Leg)
    assert _code(await _watch(media, "eve")) == "full"
    assert _code(await _publish(media, "other")) == "seat_taken"
    assert len(service.legs) == 3

    assert await media.evict("id", "ana") == 1
    await media.settled(PATIENCE_S)
    assert sorted(service.legs.values()) == ["/whep/the show", "/whip/the show"]
    assert isinstance(await _publish(media, "other", takeover=True), Leg)
    assert heard[1:] == [
        SeatFreed("id", "host", "host", "replaced"),
        SeatPublishing("id", "host", "other", True, True, "VP8"),
    ]
    await media.end_session("id")
    await media.settled(PATIENCE_S)
    assert service.legs == {}
    assert (await media.health()).viewers == 0


async def test_the_slate_ends_the_picture_at_its_source_until_it_goes(
    media: ServiceMedia, service: Service
) -> None:
    await media.set_on_air("id", on=True)
    await _publish(media)
    await _watch(media)
    await media.set_slate("id", on=True)
    await media.settled(PATIENCE_S)
    assert service.legs == {}
    ended = [request.url.path for request in service.asked if request.method == "DELETE"]
    assert ended == ["/leg/1", "/leg/2"]
    assert _code(await _publish(media)) == "overloaded"
    await media.set_slate("id", on=False)
    assert isinstance(await _publish(media), Leg)


async def test_candidates_and_restarts_are_passed_on_and_a_leg_that_is_gone_is_forgotten(
    media: ServiceMedia, service: Service, heard: list[MediaEvent]
) -> None:
    leg = await _publish(media)
    assert isinstance(leg, Leg)
    fragment = "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n"
    assert _code(await media.trickle(leg.leg_id, None, fragment)) == "etag_required"
    restarted = await media.trickle(leg.leg_id, leg.etag, fragment)
    assert isinstance(restarted, Restarted)
    assert service.asked[-1].headers["If-Match"] == '"theirs"'
    assert _code(await media.trickle(leg.leg_id, leg.etag, "")) == "etag_mismatch"
    assert isinstance(await media.trickle(leg.leg_id, restarted.etag, ""), Trickled)
    assert service.asked[-1].headers["If-Match"] == '"next"'
    assert _code(await media.adjust(leg.leg_id, LayerWish("low"))) == "handed_off"

    service.answers = lambda request: httpx.Response(405) if request.method == "PATCH" else None
    assert _code(await media.trickle(leg.leg_id, restarted.etag, "")) == "handed_off"
    service.answers = lambda _: None
    service.legs.clear()
    assert _code(await media.trickle(leg.leg_id, restarted.etag, "")) == "not_found"
    assert heard[-1] == SeatFreed("id", "host", "host", "lost")
    assert await media.owner_of(leg.leg_id) is None


async def test_a_service_is_asked_whether_it_is_there_and_has_its_publisher_still(
    media: ServiceMedia, service: Service, heard: list[MediaEvent]
) -> None:
    freed = asyncio.Event()
    media.subscribe(lambda event: freed.set() if isinstance(event, SeatFreed) else None)
    await media.start()
    assert isinstance(await _publish(media), Leg)
    service.legs.clear()
    async with asyncio.timeout(PATIENCE_S):
        await freed.wait()
    assert heard[-1] == SeatFreed("id", "host", "host", "lost")
    assert (await media.health()).ok
    service.answers = lambda _: httpx.Response(403)
    service.came.clear()
    while (await media.health()).ok:
        await service.came.wait()
        service.came.clear()
    assert "403" in (await media.health()).trouble
    await media.close()


@pytest.mark.parametrize(
    ("answer", "publishing", "watching"),
    [
        (httpx.Response(400), "malformed_sdp", "malformed_sdp"),
        (httpx.Response(401), "engine_down", "engine_down"),
        (httpx.Response(404), "engine_down", "not_publishing"),
        (httpx.Response(406), "codec", "codec"),
        (httpx.Response(409), "seat_taken", "not_publishing"),
        (httpx.Response(503, headers={"Retry-After": "86400"}), "overloaded", "overloaded"),
        (httpx.Response(500), "engine_down", "engine_down"),
        (httpx.Response(201, text="v=0"), "engine_down", "engine_down"),
        (
            httpx.Response(201, headers={"Location": "https://elsewhere/leg"}, text="v=0"),
            "engine_down",
            "engine_down",
        ),
        (
            httpx.Response(307, headers={"Location": "http://169.254.169.254/"}),
            "engine_down",
            "engine_down",
        ),
        (httpx.Response(308, headers={"Location": "/whip/again"}), "engine_down", "engine_down"),
        (httpx.Response(201, text="x" * (SDP_LIMIT_BYTES + 1)), "engine_down", "engine_down"),
        (httpx.Response(201, content=b"\xff"), "engine_down", "engine_down"),
    ],
)
async def test_what_a_service_answers_becomes_one_of_our_refusals(
    media: ServiceMedia,
    service: Service,
    answer: httpx.Response,
    publishing: str,
    watching: str,
) -> None:
    await media.set_on_air("id", on=True)
    assert isinstance(await _publish(media), Leg)
    service.answers = lambda request: answer if request.method == "POST" else None
    refused = await _watch(media)
    assert _code(refused) == watching
    assert isinstance(refused, MediaRefusal)
    assert refused.retry_after_s is None or refused.retry_after_s <= 60
    assert _code(await _publish(media, takeover=True)) == publishing
    assert all(request.url.host == "sfu" for request in service.asked)
    assert len(service.asked) < 12


async def test_a_ban_that_comes_while_a_leg_is_asked_for_holds_for_it_too(
    media: ServiceMedia, service: Service
) -> None:
    await media.set_on_air("id", on=True)
    await _publish(media)
    service.slow.clear()
    service.came.clear()
    watching = asyncio.create_task(_watch(media))
    await service.came.wait()
    assert await media.evict("id", "ana") == 0
    service.slow.set()
    assert _code(await watching) == "not_found"
    await media.settled(PATIENCE_S)
    assert list(service.legs.values()) == ["/whip/the show"]
