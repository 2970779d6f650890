"""Requests that are refused: each with its code, and nobody else notices."""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio
from aiortc import RTCSessionDescription

from live.ports.media import SDP_LIMIT_BYTES
from live.ports.media_events import SeatPublishing
from tests.integration.media.scripted import Peer, publisher_at, shown, viewer_at
from tests.integration.media.server import MediaServer
from tests.integration.media.waiting import eventually


@pytest_asyncio.fixture(loop_scope="session")
async def http(server: MediaServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        yield client


async def test_a_taken_seat_is_refused_and_its_holder_goes_on(server: MediaServer) -> None:
    publisher = await publisher_at(f"{server.url}/whip")
    await server.event(SeatPublishing)
    assert await Peer("sendonly").connect(f"{server.url}/whip?as=other") == 409
    assert await Peer("sendonly").connect(f"{server.url}/whip") == 409
    viewer = await viewer_at(f"{server.url}/whep")
    await shown(publisher, viewer)
    for peer in (viewer, publisher):
        await peer.close()


async def test_watching_nobody_says_when_to_ask_again(http: httpx.AsyncClient) -> None:
    viewer = Peer("recvonly")
    await viewer.connection.setLocalDescription(await viewer.connection.createOffer())
    reply = await http.post("/whep", content=viewer.connection.localDescription.sdp)
    assert (reply.status_code, reply.text) == (409, "not_publishing")
    assert int(reply.headers["Retry-After"]) > 0
    await viewer.close()


NONSENSE = (
    "",
    "hello",
    "v=0\r\n",
    "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF x\r\n",
    "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/x\r\n",
    "v=0\r\nm=video 9 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\na=sendonly\r\n",
    "v=0\r\n" + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" * 40,
    "v=0\r\na=x:" + "y" * SDP_LIMIT_BYTES,
)


async def test_an_offer_that_makes_no_sense_is_malformed(http: httpx.AsyncClient) -> None:
    for offer in NONSENSE:
        for path in ("/whip", "/whep"):
            reply = await http.post(path, content=offer)
            assert (reply.status_code, reply.text) == (400, "malformed_sdp"), offer


async def test_a_change_needs_the_latest_etag(server: MediaServer, http: httpx.AsyncClient) -> None:
    publisher = await publisher_at(f"{server.url}/whip")
    candidate = (
        "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 1 a.local 9 typ host"
    )
    restart = "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n"
    leg = publisher.resource

    async def change(body: str, **headers: str) -> tuple[int, str]:
        reply = await http.patch(leg, content=body, headers=headers)
        return reply.status_code, reply.headers.get("ETag", "")

    assert (await change(candidate))[0] == 428
    assert (await change(candidate, **{"If-Match": '"of another time"'}))[0] == 412
    assert (await change(candidate, **{"If-Match": "*"}))[0] == 204
    status, etag = await change(restart, **{"If-Match": "*"})
    assert status == 200
    assert etag.startswith('"')
    assert (await change(candidate, **{"If-Match": etag}))[0] == 204
    assert (await change(restart, **{"If-Match": etag})) == (204, "")
    assert (await change("not sdp", **{"If-Match": etag}))[0] == 400
    assert (await change("a=ice-ufrag:abcd", **{"If-Match": etag}))[0] == 400
    leg = f"{server.url}/leg/of-nobody"
    assert (await change(candidate, **{"If-Match": "*"}))[0] == 404
    await publisher.close()


async def test_a_peer_that_cannot_prove_its_fingerprint_gets_no_seat(
    server: MediaServer, http: httpx.AsyncClient
) -> None:
    impostor = Peer("sendonly")
    states: list[str] = []
    impostor.connection.on(
        "iceconnectionstatechange", lambda: states.append(impostor.connection.iceConnectionState)
    )
    await impostor.connection.setLocalDescription(await impostor.connection.createOffer())
    offer = impostor.connection.localDescription.sdp
    own = next(line for line in offer.splitlines() if line.startswith("a=fingerprint:sha-256"))
    forged = own[:-2] + ("00" if own[-2:] != "00" else "01")
    only_forged = "\r\n".join(
        forged if line == own else line
        for line in offer.splitlines()
        if line == own or not line.startswith("a=fingerprint")
    )
    reply = await http.post("/whip", content=only_forged)
    assert reply.status_code == 201
    answer = RTCSessionDescription(type="answer", sdp=reply.text)
    await impostor.connection.setRemoteDescription(answer)
    # It may hold for less than a moment: the handshake follows at once.
    await eventually(lambda: "completed" in states)

    async def is_gone() -> bool:
        return (await server.media.health()).publishers == 0

    await eventually(is_gone)
    leg = reply.headers["Location"]
    patched = await http.patch(leg, content="", headers={"If-Match": "*"})
    assert patched.status_code == 404
    assert server.events == []
    await impostor.close()
