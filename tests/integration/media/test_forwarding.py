"""What becomes of a publisher's packets on their way to viewers, packet by packet."""

import asyncio
import socket
import time

import httpx
import pytest_asyncio
from aioice import stun
from aiortc.rtp import RtcpPsfbPacket, RtcpRtpfbPacket, RtcpSrPacket, RtpPacket

from live.ports.media_events import SeatFreed, SeatPublishing, SeatResumed, SeatSilent
from tests.integration.media.scripted import Peer, ScriptedPublisher, publisher_at, shown, viewer_at
from tests.integration.media.server import SESSION, MediaServer
from tests.integration.media.waiting import eventually
from tests.support.patience import PATIENCE_S


@pytest_asyncio.fixture(loop_scope="session")
async def whip(server: MediaServer) -> str:
    return f"{server.url}/whip"


@pytest_asyncio.fixture(loop_scope="session")
async def whep(server: MediaServer) -> str:
    return f"{server.url}/whep"


async def _publishing(server: MediaServer, **numbering: int) -> ScriptedPublisher:
    publisher = await publisher_at(f"{server.url}/whip", **numbering)
    await server.event(SeatPublishing)
    return publisher


def _plain(packets: list[RtpPacket]) -> list[bytes]:
    return [packet.payload for packet in packets]


async def test_a_viewer_starts_with_the_latest_keyframe_and_gets_every_packet_in_order(
    server: MediaServer, whep: str
) -> None:
    publisher = await _publishing(server, sequence=65_534)
    viewer = await viewer_at(whep)
    await shown(publisher, viewer)
    await publisher.frame(packets=3)
    await publisher.frame(packets=5, size=1_000)
    await eventually(lambda: _ends_a_frame_of(viewer.received("VP8")[-1], 1_000))
    packets = viewer.received("VP8")
    assert packets[0].payload[:3] == b"\x10\x10\x02"
    numbers = [packet.sequence_number for packet in packets]
    assert numbers == list(range(numbers[0], numbers[0] + len(packets)))
    assert [p.marker for p in packets[-8:]] == [0, 0, 1, 0, 0, 0, 0, 1]
    assert len({p.timestamp for p in packets[-9:]}) == 3
    assert {p.ssrc for p in packets} != {publisher.ssrc}
    await viewer.close()
    await publisher.close()


def _ends_a_frame_of(packet: RtpPacket, size: int) -> bool:
    return bool(packet.marker) and len(packet.payload) == size


async def test_packets_of_unequal_length_arrive_unchanged(server: MediaServer, whep: str) -> None:
    publisher = await _publishing(server)
    viewer = await viewer_at(whep)
    await shown(publisher, viewer)
    before = len(viewer.received("VP8"))
    sent = []
    for index, size in enumerate((700, 702, 701, 703, 120, 5, 1_200, 1_199, 3)):
        payload = b"\x00" + bytes((index,)) * size
        sent.append(payload)
        await publisher.send(publisher.packet(payload, marker=index == 8))
        publisher.sequence = (publisher.sequence + 1) & 0xFFFF
    await eventually(lambda: len(viewer.received("VP8")) >= before + 9)
    assert _plain(viewer.received("VP8")[-9:]) == sent
    await viewer.close()
    await publisher.close()


async def test_nothing_reaches_a_viewer_before_a_keyframe_and_one_is_asked_for(
    server: MediaServer, whep: str
) -> None:
    publisher = await _publishing(server)
    for _ in range(250):
        await publisher.frame()
        await asyncio.sleep(0)
    viewer = await viewer_at(whep)
    await publisher.frame()

    def asked() -> list[RtcpPsfbPacket]:
        wishes = [p for p in publisher.rtcp if isinstance(p, RtcpPsfbPacket)]
        return [p for p in wishes if p.fmt == 1]

    await eventually(asked)

    async def asked_again() -> bool:
        await publisher.frame()
        return len(asked()) > 1

    await eventually(asked_again)
    assert asked()[0].media_ssrc == publisher.ssrc
    assert viewer.received("VP8") == []
    await publisher.frame(keyframe=True)
    await eventually(lambda: viewer.received("VP8"))
    assert viewer.received("VP8")[0].payload[:3] == b"\x10\x10\x02"
    await viewer.close()
    await publisher.close()


async def test_wishes_for_keyframes_of_many_moments_become_few(
    server: MediaServer, whep: str
) -> None:
    publisher = await _publishing(server)
    viewer = await viewer_at(whep)
    ssrc = (await shown(publisher, viewer)).ssrc
    publisher.rtcp.clear()
    began = time.monotonic()
    for _ in range(60):
        await viewer.send(bytes(RtcpPsfbPacket(fmt=1, ssrc=1, media_ssrc=ssrc)))
        await asyncio.sleep(0.01)

    def asked() -> int:
        return sum(isinstance(p, RtcpPsfbPacket) and p.fmt == 1 for p in publisher.rtcp)

    # The first at once, the rest as one that trails; never two within half a second.
    await eventually(lambda: asked() >= 2)
    assert asked() <= 2 + (time.monotonic() - began) / 0.5
    await viewer.close()
    await publisher.close()


async def test_a_lost_packet_is_sent_again_to_the_viewer_who_asks(
    server: MediaServer, whep: str
) -> None:
    publisher = await _publishing(server)
    viewer = await viewer_at(whep)
    await shown(publisher, viewer)
    await publisher.frame(packets=4, size=77)
    await eventually(lambda: [len(p) for p in _plain(viewer.received("VP8"))].count(77) == 4)
    lost = viewer.received("VP8")[-3]
    before = len(viewer.rtp)
    nack = RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=lost.ssrc, lost=[lost.sequence_number])
    await viewer.send(bytes(nack))
    await eventually(lambda: len(viewer.rtp) > before)
    again = viewer.rtp[before]
    # RFC 4588: a stream of its own, the original number in front of the payload.
    assert again.ssrc != lost.ssrc
    assert again.payload == lost.sequence_number.to_bytes(2, "big") + lost.payload
    await viewer.close()
    await publisher.close()


async def test_a_hole_in_what_the_publisher_sends_is_asked_for_and_filled_late(
    server: MediaServer, whep: str
) -> None:
    publisher = await _publishing(server)
    viewer = await viewer_at(whep)
    await shown(publisher, viewer)
    held_back = publisher.packet(b"\x00late", marker=False)
    missing = publisher.sequence
    publisher.sequence = (publisher.sequence + 1) & 0xFFFF
    await publisher.frame()

    def asked() -> bool:
        nacks = [p for p in publisher.rtcp if isinstance(p, RtcpRtpfbPacket)]
        return any(missing in p.lost for p in nacks)

    await eventually(asked)
    await publisher.send(held_back)
    await eventually(lambda: b"\x00late" in _plain(viewer.received("VP8")))
    numbers = [p.sequence_number for p in viewer.received("VP8")]
    assert sorted(numbers) == list(range(min(numbers), min(numbers) + len(numbers)))
    await viewer.close()
    await publisher.close()


async def test_a_viewer_learns_which_timestamp_belongs_to_which_time(
    server: MediaServer, whep: str
) -> None:
    publisher = await _publishing(server)
    viewer = await viewer_at(whep)
    await shown(publisher, viewer)
    await eventually(lambda: any(isinstance(p, RtcpSrPacket) for p in viewer.rtcp))
    report = next(p for p in viewer.rtcp if isinstance(p, RtcpSrPacket))
    first = viewer.received("VP8")[0]
    assert report.ssrc == first.ssrc
    ahead = (report.sender_info.rtp_timestamp - first.timestamp) & 0xFFFFFFFF
    assert ahead < 30 * 90_000
    await viewer.close()
    await publisher.close()


async def test_a_viewer_keeps_its_numbering_when_the_publisher_is_replaced(
    server: MediaServer, whip: str, whep: str
) -> None:
    first = await _publishing(server, sequence=40_000, timestamp=123)
    viewer = await viewer_at(whep)
    old = await shown(first, viewer)
    before = len(viewer.received("VP8"))
    second = await publisher_at(f"{whip}?takeover=1&as=other", sequence=7, timestamp=1 << 31)
    await eventually(lambda: len(viewer.received("VP8")) > before)
    new = viewer.received("VP8")[before]
    assert (new.ssrc, new.sequence_number) == (old.ssrc, old.sequence_number + 1)
    assert 0 < (new.timestamp - old.timestamp) & 0xFFFFFFFF < 60 * 90_000
    assert [type(event) for event in server.turns] == [SeatPublishing, SeatFreed, SeatPublishing]
    freed = server.turns[1]
    assert isinstance(freed, SeatFreed)
    assert freed.reason == "replaced"
    for peer in (viewer, first, second):
        await peer.close()


async def test_a_stream_that_begins_anew_goes_on_for_its_viewers_from_its_next_keyframe(
    server: MediaServer, whep: str
) -> None:
    publisher = await _publishing(server, sequence=100)
    viewer = await viewer_at(whep)
    old = await shown(publisher, viewer)
    before = len(viewer.received("VP8"))
    publisher.sequence = 30_000
    await publisher.frame()
    await publisher.frame(keyframe=True)
    await eventually(lambda: len(viewer.received("VP8")) > before)
    new = viewer.received("VP8")[before]
    assert new.sequence_number == old.sequence_number + 1
    assert new.payload[:3] == b"\x10\x10\x02"
    await viewer.close()
    await publisher.close()


async def test_a_publisher_that_falls_silent_is_noticed_and_so_is_its_return(
    server: MediaServer,
) -> None:
    publisher = await _publishing(server)
    after = await server.event(SeatSilent)
    await publisher.frame(keyframe=True)
    await server.event(SeatResumed, after=after)
    await publisher.close()
    assert await server.event(SeatFreed, after=after)


async def test_in_the_lobby_nobody_receives_and_going_on_air_lets_viewers_in(
    server: MediaServer, whep: str
) -> None:
    await server.media.set_on_air(SESSION, on=False)
    publisher = await _publishing(server)
    assert await Peer("recvonly").connect(whep) == 409
    await server.media.set_on_air(SESSION, on=True)
    viewer = await viewer_at(whep)
    await shown(publisher, viewer)
    await server.media.set_on_air(SESSION, on=False)
    await eventually(lambda: viewer.connection.connectionState == "closed")
    assert (await server.media.stats(SESSION)).viewers == 0
    assert publisher.connection.connectionState == "connected"
    await publisher.close()


async def test_a_participant_who_is_evicted_is_told_at_once(server: MediaServer, whep: str) -> None:
    publisher = await _publishing(server)
    guest, other = await viewer_at(f"{whep}?as=guest"), await viewer_at(f"{whep}?as=other")
    assert await server.media.evict(SESSION, "guest") == 1
    await eventually(lambda: guest.connection.connectionState == "closed")
    await shown(publisher, other)
    assert await server.media.evict(SESSION, "guest") == 0
    await other.close()
    await publisher.close()


async def test_a_publisher_who_is_evicted_is_told_at_once_and_sends_nobody_anything_more(
    server: MediaServer, whip: str, whep: str
) -> None:
    troll = await publisher_at(f"{whip}?as=troll")
    published = await server.event(SeatPublishing)
    viewer = await viewer_at(whep)
    await shown(troll, viewer)
    assert await server.media.evict(SESSION, "troll") == 1
    await server.event(SeatFreed, after=published)
    seen = len(viewer.received("VP8"))
    await eventually(lambda: troll.connection.connectionState == "closed")
    assert len(viewer.received("VP8")) == seen
    other = await publisher_at(f"{whip}?as=host")  # the seat is free at once
    await shown(other, viewer)
    await other.close()
    await viewer.close()


async def test_an_ended_leg_is_nobodys_and_cannot_be_ended_again(
    server: MediaServer, whep: str
) -> None:
    publisher = await _publishing(server)
    viewer = await viewer_at(whep)
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.delete(viewer.resource)).status_code == 200
        assert (await http.delete(viewer.resource)).status_code == 404
    await eventually(lambda: viewer.connection.connectionState == "closed")
    await publisher.close()


async def test_a_viewer_whose_address_changes_goes_on_at_the_new_one(
    server: MediaServer, whep: str
) -> None:
    publisher = await _publishing(server)
    viewer = await viewer_at(whep)
    ssrc = (await shown(publisher, viewer)).ssrc
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
        elsewhere.setblocking(False)
        loop = asyncio.get_running_loop()
        target = ("127.0.0.1", server.media.udp_port)
        await loop.sock_sendto(elsewhere, _nomination(viewer.answer), target)
        async with asyncio.timeout(PATIENCE_S):
            answer, _ = await loop.sock_recvfrom(elsewhere, 2_048)
            assert stun.parse_message(answer).message_class is stun.Class.RESPONSE
            await publisher.frame()
            media = b""
            while media[8:12] != ssrc.to_bytes(4, "big"):
                media, _ = await loop.sock_recvfrom(elsewhere, 2_048)
    assert media[0] >> 6 == 2
    await viewer.close()
    await publisher.close()


def _nomination(answer: str) -> bytes:
    """A connectivity check with the credentials of an answer, nominating where it comes from."""
    lines = dict(line[2:].split(":", 1) for line in answer.splitlines() if ":" in line)
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{lines['ice-ufrag']}:them"
    request.attributes["USE-CANDIDATE"] = None
    request.add_message_integrity(lines["ice-pwd"].encode())
    return bytes(request)


async def test_who_holds_a_leg_and_is_gone_leaves_nothing_behind(
    server: MediaServer, whep: str
) -> None:
    publisher = await _publishing(server)
    for _ in range(3):
        viewer = await viewer_at(whep)
        await viewer.close()
    await publisher.close()

    async def is_empty() -> bool:
        health = await server.media.health()
        return (health.publishers, health.viewers) == (0, 0)

    await eventually(is_empty)
