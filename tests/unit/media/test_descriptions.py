"""Offers that are read, answers that are written, fragments that change them."""

import pytest

from live.media.answer import LocalTransport, write_answer, write_fragment
from live.media.fragment import Fragment, matches, read_fragment
from live.media.ice import IceCredentials
from live.media.offer import MalformedOfferError, Offer, read_offer
from live.media.publisher import PublisherPlan, plan_publisher
from live.media.shown import Shown
from live.media.source import PublisherClock, Source
from live.media.viewer import plan_viewer
from live.ports.media import SDP_LIMIT_BYTES
from live.ports.media_refusals import MediaRefusal

FINGERPRINT = "sha-256 " + ":".join(["AB"] * 32)
HEAD = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {mids}\r\n"
TRANSPORT = (
    "c=IN IP4 0.0.0.0\r\n"
    "a=candidate:1 1 udp 1 c0ffee.local 5000 typ host\r\n"
    f"a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\na=fingerprint:{FINGERPRINT}\r\n"
    "a=setup:{setup}\r\na=rtcp-mux\r\n"
)
VP8 = "a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 transport-cc\r\n"
RTX = "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
H264 = (
    "a=rtpmap:98 H264/90000\r\n"
    "a=fmtp:98 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"
)
OPUS = "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n"
EXTENSIONS = (
    "a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
    "a=extmap:4 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r\n"
)


def section(
    kind: str, mid: str, formats: str, lines: str, direction: str, *, setup: str = "actpass"
) -> str:
    return (
        f"m={kind} 9 UDP/TLS/RTP/SAVPF {formats}\r\na=mid:{mid}\r\na={direction}\r\n"
        + TRANSPORT.format(setup=setup)
        + lines
    )


def offer(*sections: str, mids: str = "0 1 2 3") -> str:
    return HEAD.format(mids=mids) + "".join(sections)


def video(
    direction: str, *, mid: str = "1", formats: str = "96 97 98", lines: str = VP8 + RTX + H264
) -> str:
    return section("video", mid, formats, lines + EXTENSIONS, direction)


def audio(direction: str, *, mid: str = "0") -> str:
    return section("audio", mid, "111", OPUS, direction)


def local() -> LocalTransport:
    return LocalTransport(
        IceCredentials(), ("1 1 udp 1 10.0.0.1 8189 typ host",), "sha-256 AA", "server"
    )


def accepted(text: str) -> tuple[Offer, PublisherPlan]:
    read = read_offer(text)
    plan = plan_publisher(read)
    assert isinstance(plan, PublisherPlan)
    return read, plan


async def on_stage(*offers: str) -> Shown:
    """Who made these offers has the seats, in their order; the first is the lead."""
    seats = []
    for made in offers:
        _, plan = accepted(made)
        clock = PublisherClock()
        seats.append({kind: Source(codec, clock) for kind, codec in plan.codecs.items()})
    return Shown(seats[0], tuple(seats))


def test_a_publisher_is_answered_with_its_own_first_codec_and_repair() -> None:
    read, plan = accepted(offer(audio("sendonly"), video("sendonly")))
    answer = write_answer(read, plan.taken, local())
    assert "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n" in answer
    assert "a=rtcp-fb:96 nack\r\n" in answer
    assert "transport-cc" not in answer
    assert "a=fmtp:97 apt=96\r\n" in answer
    assert "a=group:BUNDLE 0 1\r\n" in answer
    assert answer.count("a=recvonly") == 2
    assert "a=setup:passive" in answer
    assert "a=ice-lite\r\n" in answer


def test_a_mdns_candidate_is_nobodys_business() -> None:
    read, plan = accepted(offer(video("sendonly")))
    assert ".local" not in write_answer(read, plan.taken, local())


def test_second_sections_and_data_channels_are_declined_where_they_stand() -> None:
    data = section("application", "2", "webrtc-datachannel", "", "sendrecv").replace(
        "UDP/TLS/RTP/SAVPF", "UDP/DTLS/SCTP"
    )
    text = offer(video("sendonly"), data, video("sendonly", mid="3"))
    read, plan = accepted(text)
    answer = write_answer(read, plan.taken, local())
    assert "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n" in answer
    assert "m=video 0 UDP/TLS/RTP/SAVPF 96 97 98\r\n" in answer
    assert "a=group:BUNDLE 1\r\n" in answer


def test_a_section_that_is_only_bundled_is_not_taken_for_declined() -> None:
    bundled = video("sendonly").replace("m=video 9", "m=video 0")
    _, plan = accepted(offer(audio("sendonly"), bundled + "a=bundle-only\r\n"))
    assert set(plan.codecs) == {"audio", "video"}
    _, plan = accepted(offer(audio("sendonly"), bundled))
    assert set(plan.codecs) == {"audio"}


def test_a_peer_that_insists_on_being_passive_is_called() -> None:
    read, _ = accepted(offer(section("video", "1", "96", VP8, "sendonly", setup="passive")))
    assert read.our_role == "client"


@pytest.mark.parametrize(
    "lines",
    [
        "a=rtpmap:96 H265/90000\r\n",
        "a=rtpmap:96 VP10/90000\r\n",
        "a=rtpmap:96 VP8/0\r\n",
        f"a=rtpmap:96 VP8/9{'0' * 400}\r\n",
        "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=0;profile-level-id=42e01f\r\n",
        "",
    ],
)
def test_a_publisher_of_codecs_that_are_not_carried_is_refused(lines: str) -> None:
    refusal = plan_publisher(
        read_offer(offer(audio("sendonly"), video("sendonly", formats="96", lines=lines)))
    )
    assert isinstance(refusal, MediaRefusal)
    assert refusal.code == "codec"


async def test_a_viewer_is_answered_with_what_is_on_stage_first() -> None:
    shown = await on_stage(offer(audio("sendonly"), video("sendonly", formats="98", lines=H264)))
    read = read_offer(offer(video("recvonly"), audio("sendrecv")))
    plan = plan_viewer(read, shown)
    assert not isinstance(plan, MediaRefusal)
    taken, numbers = plan
    answer = write_answer(read, taken, local())
    assert "m=video 9 UDP/TLS/RTP/SAVPF 98 96 97\r\n" in answer
    assert answer.count("a=sendonly") == 2
    assert f"a=ssrc-group:FID {numbers[0].ssrc} {numbers[0].rtx_ssrc}\r\n" in answer
    assert numbers[1].rtx_ssrc is None


async def test_a_viewer_without_the_codec_on_stage_is_refused() -> None:
    shown = await on_stage(offer(video("sendonly", formats="98", lines=H264)))
    offered = offer(audio("recvonly"), video("recvonly", formats="96", lines=VP8))
    refusal = plan_viewer(read_offer(offered), shown)
    assert isinstance(refusal, MediaRefusal)
    assert refusal.code == "codec"


async def test_a_viewer_of_several_pictures_gets_a_place_for_each_of_four_seats() -> None:
    shown = await on_stage(
        offer(video("sendonly", formats="98", lines=H264)), offer(video("sendonly"))
    )
    pictures = [video("recvonly", mid=str(each), formats="96", lines=VP8) for each in range(5)]
    sounds = [audio("recvonly", mid=str(each)) for each in range(5, 9)]
    read = read_offer(offer(*pictures, *sounds, mids="0 1 2 3 4 5 6 7 8"))
    plan = plan_viewer(read, shown)
    # The first seat's codec is not for it; the second's is.
    assert not isinstance(plan, MediaRefusal)
    taken, numbers = plan
    assert [numbers[index].slot for index in sorted(taken)] == [0, 1, 2, 3, 0, 1, 2, 3]
    answer = write_answer(read, taken, local())
    assert answer.count("m=video 0") == 1
    assert answer.count("a=msid:causerie-1 ") == 2
    assert isinstance(
        plan_viewer(read, await on_stage(offer(video("sendonly", formats="98", lines=H264)))),
        MediaRefusal,
    )


async def test_a_viewer_that_only_sends_gets_nothing() -> None:
    shown = await on_stage(offer(video("sendonly")))
    refusal = plan_viewer(read_offer(offer(video("sendonly"))), shown)
    assert isinstance(refusal, MediaRefusal)


@pytest.mark.parametrize(
    "text",
    [
        offer(),
        offer(video("sendonly")).replace("a=ice-ufrag:abcd\r\n", ""),
        offer(video("sendonly")).replace("abcd\r\n", "ab cd\r\n"),
        offer(video("sendonly")).replace("sha-256", "sha-1"),
        offer(video("sendonly")).replace("a=setup:actpass\r\n", ""),
        offer(video("sendonly")).replace("RTP/SAVPF", "RTP/AVPF"),
        offer(video("sendonly"), audio("sendonly"), mids="0"),
        offer(video("sendonly")).replace("a=mid:1", "a=mid:1 2"),
    ],
)
def test_an_offer_without_what_a_leg_needs_is_malformed(text: str) -> None:
    with pytest.raises(MalformedOfferError):
        read_offer(text)


@pytest.mark.parametrize(
    "lines",
    [
        "\n" * 5_000,
        "a=fingerprint:sha-256 AB\r\n" * 400,
        "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" * 40,
        "a=rtcp-fb:96 nack\r\n" * 260,
        (f"m=video 9 UDP/TLS/RTP/SAVPF 96\r\n{'a=rtcp-fb:96 nack' + chr(10)}" + VP8) * 400,
        "a=rtcp-fb:* nack\r\n" * 20,
        "a=rtpmap:96 VP8/90000\r\n" * 2,
        "".join(f"a=rtpmap:{number} VP8/90000\r\n" for number in range(30, 95)),
        ("m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" + "a=rtcp-fb:96 x\r\n" * 200) * 10,
    ],
    ids=range(9),
)
def test_an_offer_that_would_take_long_to_read_is_malformed(lines: str) -> None:
    """It is read in turn with everyone's packets."""
    assert len(lines) < SDP_LIMIT_BYTES - 2_000
    with pytest.raises(MalformedOfferError):
        read_offer(offer(video("sendonly")) + lines)


def test_numbers_that_no_packet_can_carry_are_taken_from_nobody() -> None:
    lines = VP8 + RTX.replace("97", "300")
    _, plan = accepted(offer(video("sendonly", formats="96 200", lines=lines)))
    assert plan.codecs["video"].rtx_payload_type is None
    beyond = VP8.replace("96", "200")
    refusal = plan_publisher(read_offer(offer(video("sendonly", formats="200", lines=beyond))))
    assert isinstance(refusal, MediaRefusal)


def test_a_fragment_may_bring_candidates_or_new_credentials() -> None:
    candidates = (
        "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 1 ::1 9 typ host\r\n"
    )
    assert read_fragment(candidates) == Fragment(ufrag=None)
    restart = "a=ice-ufrag:wxyz\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n"
    assert read_fragment(restart + candidates + restart) == Fragment(ufrag="wxyz")


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "a=ice-ufrag:wxyz",
        "a=ice-ufrag:w z\r\na=ice-pwd:abcdefghijklmnopqrstuv",
        "a=ice-ufrag:wxyz\r\na=ice-ufrag:other\r\na=ice-pwd:abcdefgh\r\na=ice-pwd:ijklmnop",
        "a=x:" + "y" * 70_000,
        "\n" * 5_000,
    ],
)
def test_a_broken_fragment_is_malformed(text: str) -> None:
    refusal = read_fragment(text)
    assert isinstance(refusal, MediaRefusal)
    assert refusal.code == "malformed_sdp"


@pytest.mark.parametrize(
    ("if_match", "code"),
    [
        (None, "etag_required"),
        ("", "etag_required"),
        ('"new"', None),
        ('"old", "new"', None),
        ('W/"new"', None),
        ("*", None),
        ('"old"', "etag_mismatch"),
        ("new", "etag_mismatch"),
    ],
)
def test_a_change_names_the_state_it_is_for(if_match: str | None, code: str | None) -> None:
    refusal = matches(if_match, '"new"')
    assert (refusal.code if refusal is not None else None) == code


def test_an_answering_fragment_has_our_new_credentials() -> None:
    transport = local()
    text = write_fragment(["0", "1"], transport)
    assert f"a=ice-ufrag:{transport.credentials.ufrag}\r\n" in text
    assert f"a=ice-pwd:{transport.credentials.password}\r\n" in text
    assert "a=group:BUNDLE 0 1\r\n" in text
    assert read_fragment(text) == Fragment(ufrag=transport.credentials.ufrag)


def h264(profile: str, payload_type: int = 98) -> str:
    return H264.replace("42e01f", profile).replace(":98 ", f":{payload_type} ")


def test_of_several_codecs_the_one_that_most_viewers_understand_is_taken() -> None:
    lines = h264("640c1f", 100) + h264("42e01f") + VP8
    _, plan = accepted(offer(video("sendonly", formats="100 98 96", lines=lines)))
    assert plan.codecs["video"].name == "VP8"
    _, plan = accepted(
        offer(video("sendonly", formats="100 98", lines=h264("640c1f", 100) + h264("42e01f")))
    )
    assert plan.codecs["video"].payload_type == 98


OTHERS = {
    "VP9": "a=rtpmap:96 VP9/90000\r\n",
    "VP9 0": "a=rtpmap:96 VP9/90000\r\na=fmtp:96 profile-id=0\r\n",
    "VP9 2": "a=rtpmap:96 VP9/90000\r\na=fmtp:96 profile-id=2\r\n",
    "AV1": "a=rtpmap:96 AV1/90000\r\n",
    "AV1 0": "a=rtpmap:96 AV1/90000\r\na=fmtp:96 level-idx=5;profile=0;tier=0\r\n",
    "AV1 1": "a=rtpmap:96 AV1/90000\r\na=fmtp:96 level-idx=5;profile=1;tier=0\r\n",
}


@pytest.mark.parametrize(
    ("lines", "taken"),
    [
        (OTHERS["AV1"] + VP8.replace("96", "98"), "VP8"),
        (OTHERS["AV1"] + h264("640c1f"), "H264"),
        (OTHERS["AV1"] + OTHERS["VP9"].replace("96", "98"), "VP9"),
        (OTHERS["VP9 2"] + OTHERS["AV1 0"].replace("96", "98"), "AV1"),
    ],
)
def test_vp9_and_av1_are_taken_from_who_offers_nothing_that_more_viewers_have(
    lines: str, taken: str
) -> None:
    _, plan = accepted(offer(video("sendonly", formats="96 98", lines=lines)))
    assert plan.codecs["video"].name == taken


@pytest.mark.parametrize(
    ("published", "offered", "played"),
    [
        ("VP9", "VP9 0", True),
        ("VP9 0", "VP9", True),
        ("VP9 0", "VP9 2", False),
        ("VP9 2", "VP9 0", False),
        ("AV1", "AV1 0", True),
        ("AV1 0", "AV1 1", True),
        ("AV1 1", "AV1 0", False),
        ("AV1", "VP9", False),
    ],
)
async def test_vp9_and_av1_reach_who_can_decode_their_profile(
    published: str, offered: str, played: bool
) -> None:
    shown = await on_stage(offer(video("sendonly", formats="96", lines=OTHERS[published])))
    asked = read_offer(offer(video("recvonly", formats="96", lines=OTHERS[offered])))
    plan = plan_viewer(asked, shown)
    if played:
        assert not isinstance(plan, MediaRefusal)
        assert plan[0][0].codecs[0].name == published.split(maxsplit=1)[0]
    else:
        assert isinstance(plan, MediaRefusal)
        assert plan.code == "codec"
        assert published.split(maxsplit=1)[0] in plan.message


@pytest.mark.parametrize(
    ("published", "offered", "played"),
    [
        ("42e01f", "42001f", True),
        ("42e01f", "64001f", True),
        ("640c1f", "64001f", True),
        ("64001f", "640c1f", False),
        ("4d001f", "42e01f", False),
    ],
)
async def test_a_player_of_a_higher_profile_plays_a_lower_one(
    published: str, offered: str, played: bool
) -> None:
    shown = await on_stage(offer(video("sendonly", formats="98", lines=h264(published))))
    read = read_offer(offer(video("recvonly", formats="98", lines=h264(offered))))
    assert isinstance(plan_viewer(read, shown), MediaRefusal) is not played


async def test_a_player_of_several_profiles_is_sent_the_one_it_names_like_the_publisher() -> None:
    shown = await on_stage(offer(video("sendonly", formats="98", lines=h264("42e01f"))))
    lines = h264("64001f", 100) + h264("42e01f")
    plan = plan_viewer(read_offer(offer(video("recvonly", formats="100 98", lines=lines))), shown)
    assert not isinstance(plan, MediaRefusal)
    assert plan[0][0].codecs[0].payload_type == 98
