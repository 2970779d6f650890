"""Some thousands of mutated datagrams and offers, while a stream runs that must not notice."""

import asyncio
import contextlib
import random
import socket
from collections.abc import Iterator

import httpx
import pylibsrtp
from aioice import stun
from aiortc.rtp import RtcpPsfbPacket, RtcpRrPacket, RtcpRtpfbPacket

from live.media.dtls import Certificate, DtlsSession
from live.ports.media import SeatPublishing
from tests.integration.media.scripted import Peer, ScriptedPublisher, publisher_at, shown, viewer_at
from tests.integration.media.server import SESSION, MediaServer
from tests.integration.media.waiting import eventually
from tests.support.offers import FINGERPRINT

SEED = 20_261_123


def mutated(original: bytes, chance: random.Random) -> bytes:
    """The original with a few bytes changed, cut, doubled or put in."""
    data = bytearray(original)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0 if at < len(data):
                data[at] = chance.randrange(256)
            case 1:
                del data[at:]
            case 2:
                data[at:at] = chance.randbytes(chance.randint(1, 8))
            case _:
                data += data[at:]
    return bytes(data[:2_000])


def _check(ufrag: str, password: str) -> bytes:
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{ufrag}:them"
    request.attributes["PRIORITY"] = 1
    request.attributes["ICE-CONTROLLING"] = 7
    request.attributes["USE-CANDIDATE"] = None
    request.add_message_integrity(password.encode())
    return bytes(request)


def _attribute(sdp: str, name: str) -> str:
    line = next(line for line in sdp.splitlines() if line.startswith(f"a={name}:"))
    return line.partition(":")[2]


def _datagrams(ufrag: str, chance: random.Random) -> Iterator[bytes]:
    # The true user fragment with a password that is not: it goes as deep as a stranger gets.
    originals = [
        _check(ufrag, "x" * 24),
        bytes.fromhex("16feff0000000000000000") + bytes(100),
        bytes.fromhex("8060 0001 00000000 00001111") + bytes(200),
        bytes.fromhex("80c9 0007 00001111") + bytes(24),
    ]
    for _ in range(4_000):
        yield mutated(chance.choice(originals), chance)


async def test_a_flood_from_strangers_is_ignored_and_never_answered(server: MediaServer) -> None:
    publisher = await publisher_at(f"{server.url}/whip")
    await server.event(SeatPublishing)
    viewer = await viewer_at(f"{server.url}/whep")
    await shown(publisher, viewer)
    chance = random.Random(SEED)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.setblocking(False)
        target = ("127.0.0.1", server.media.udp_port)
        for number, datagram in enumerate(
            _datagrams(_attribute(viewer.answer, "ice-ufrag"), chance)
        ):
            stranger.sendto(datagram, target)
            if number % 40 == 0:
                await publisher.frame()
        await publisher.frame(keyframe=True)
        await eventually(lambda: len(viewer.received("VP8")) > 100)
        assert _silent(stranger)
    assert (await server.media.health()).restarts == 0
    for peer in (viewer, publisher):
        await peer.close()


def _silent(stranger: socket.socket) -> bool:
    try:
        stranger.recv(2_048)
    except BlockingIOError:
        return True
    return False


async def test_broken_packets_of_a_publisher_harm_nobody(server: MediaServer) -> None:
    publisher = await publisher_at(f"{server.url}/whip")
    await server.event(SeatPublishing)
    viewer = await viewer_at(f"{server.url}/whep")
    await shown(publisher, viewer)
    chance = random.Random(SEED)
    for _ in range(1_500):
        packet = mutated(publisher.packet(b"\x90\x80" + bytes(60), marker=False), chance)[:1_300]
        # aiortc encrypts only what looks like RTP: two bits and twelve bytes.
        if len(packet) >= 16 and packet[0] >> 6 == 2 and not 192 <= packet[1] <= 223:
            await _send(publisher, packet)
    await _goes_on(server, publisher, viewer)


async def test_broken_and_forged_dtls_records_from_a_connected_address_end_nothing(
    server: MediaServer,
) -> None:
    publisher = await publisher_at(f"{server.url}/whip")
    await server.event(SeatPublishing)
    viewer = await viewer_at(f"{server.url}/whep")
    await shown(publisher, viewer)
    chance = random.Random(SEED)
    # A farewell in the clear and a greeting: from someone who forges a connected peer's address.
    farewell = bytes.fromhex("15fefd 0000 000000000001 0002 0100")
    hello = bytes.fromhex("16fefd 0000 000000000000 0030 01000024 0000 000000 000024") + bytes(36)
    for number in range(600):
        broken = b"\x16" + mutated(hello, chance)[1:]
        await publisher.send_plain(farewell if number % 3 == 0 else broken)
    await _goes_on(server, publisher, viewer)


async def test_broken_reports_of_a_viewer_harm_nobody(server: MediaServer) -> None:
    publisher = await publisher_at(f"{server.url}/whip")
    await server.event(SeatPublishing)
    viewer = await viewer_at(f"{server.url}/whep")
    ssrc = (await shown(publisher, viewer)).ssrc
    chance = random.Random(SEED)
    originals = [
        bytes(RtcpRrPacket(ssrc=1)),
        bytes(RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=ssrc, lost=list(range(300)))),
        bytes(RtcpPsfbPacket(fmt=1, ssrc=1, media_ssrc=ssrc)),
        bytes(RtcpPsfbPacket(fmt=4, ssrc=1, media_ssrc=0, fci=ssrc.to_bytes(4, "big") * 2)),
        bytes(RtcpPsfbPacket(fmt=15, ssrc=1, media_ssrc=0, fci=b"REMB\xff\xff\xff\xff")),
    ]
    for _ in range(1_500):
        packet = mutated(chance.choice(originals), chance)[:1_200]
        if len(packet) >= 8 and packet[0] >> 6 == 2 and 192 <= packet[1] <= 208:
            await _send(viewer, packet)
    await _goes_on(server, publisher, viewer)


async def _send(peer: Peer, packet: bytes) -> None:
    # Some of it libsrtp will not encrypt (a CSRC count beyond the end, say): then it stays here.
    with contextlib.suppress(pylibsrtp.Error):
        await peer.send(packet)


async def _goes_on(server: MediaServer, publisher: ScriptedPublisher, viewer: Peer) -> None:
    """A new viewer plays, and the engine is the one that was."""
    publisher.sequence = 20_000
    publisher.timestamp = (publisher.timestamp + 900_000) & 0xFFFFFFFF
    await publisher.frame(keyframe=True)
    fresh = await viewer_at(f"{server.url}/whep")
    await shown(publisher, fresh)
    assert (await server.media.health()).restarts == 0
    for peer in (viewer, fresh, publisher):
        await peer.close()


async def test_broken_offers_are_refused_or_understood_but_never_crash(
    server: MediaServer,
) -> None:
    peer = Peer("sendonly")
    await peer.connection.setLocalDescription(await peer.connection.createOffer())
    offer = peer.connection.localDescription.sdp.encode()
    chance = random.Random(SEED)
    statuses: set[int] = set()
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        for number in range(400):
            body = mutated(offer, chance).decode("utf-8", "replace")
            path = ("/whip?takeover=1", "/whep")[number % 2]
            statuses.add((await http.post(path, content=body.encode())).status_code)
    assert statuses <= {201, 400, 406, 409}
    assert {400, 409} <= statuses
    assert (await server.media.health()).restarts == 0
    assert await server.media.evict(SESSION, "host") <= 1
    await peer.close()


async def test_who_never_completes_a_handshake_gets_at_most_three_times_what_came_from_there(
    server: MediaServer,
) -> None:
    """With the credentials of a leg, and a greeting of OpenSSL's own that nobody follows up."""
    publisher = await publisher_at(f"{server.url}/whip")
    await server.event(SeatPublishing)
    peer = Peer("recvonly")
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = (await http.post(f"{server.url}/whep", content=await peer.offer())).text
    stranger = _Counting()
    loop = asyncio.get_running_loop()
    target = ("127.0.0.1", server.media.udp_port)
    transport, _ = await loop.create_datagram_endpoint(lambda: stranger, remote_addr=target)
    check = _check(_attribute(answer, "ice-ufrag"), _attribute(answer, "ice-pwd"))
    given = 0
    for datagram in (check, _greeting(), check):
        transport.sendto(datagram)
        given += len(datagram)
        # OpenSSL repeats its flight after a second: that is what must not come again and again.
        await asyncio.sleep(1.2)
        await publisher.frame(keyframe=True)
        assert 0 < stranger.taken <= 3 * given
    await eventually(lambda: stranger.kinds == {"check", "handshake"})
    transport.close()
    await peer.close()
    await publisher.close()


class _Counting(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.taken = 0
        self.kinds: set[str] = set()

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 -- the base's
        self.taken += len(data)
        self.kinds.add("check" if data[0] <= 3 else "handshake" if data[0] <= 63 else "media")


def _greeting() -> bytes:
    """How a handshake begins."""
    records: list[bytes] = []
    session = DtlsSession(Certificate(), "client", records.append, lambda: None)
    session.handshake((("sha-256", FINGERPRINT),))
    session.close()
    return records[0]
