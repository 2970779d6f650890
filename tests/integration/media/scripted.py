"""aiortc as a third kind of peer: it sends exactly the packets a test wants, and keeps all it
gets.
"""

import re
from typing import Final

import httpx
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.rtp import AnyRtcpPacket, RtcpPacket, RtpPacket

from tests.integration.media.waiting import eventually

VP8_KEYFRAME: Final = bytes.fromhex("10100200 9d012a4001f000")
"""A VP8 descriptor (start of partition 0) and the first bytes of a 320 x 240 keyframe."""

VP8_DELTA: Final = bytes.fromhex("10110200")
"""The same of a frame that needs an earlier one."""

VIDEO_CLOCK: Final = 90_000


class Peer:
    """A peer connection whose incoming packets are kept instead of decoded."""

    def __init__(self, direction: str, kinds: tuple[str, ...] = ("audio", "video")) -> None:
        self.connection = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self.transceivers: dict[str, RTCRtpTransceiver] = {
            kind: self.connection.addTransceiver(kind, direction=direction) for kind in kinds
        }
        self.rtp: list[RtpPacket] = []
        self.rtcp: list[AnyRtcpPacket] = []
        self.resource = ""
        self.answer = ""

    async def offer(self) -> str:
        """The offer, and from now on the packets are kept."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        self._transport = next(iter(self.transceivers.values())).sender.transport
        # Before aiortc looks at them: its receivers would decode.
        taps = {"_handle_rtp_data": self._take_rtp, "_handle_rtcp_data": self._take_rtcp}
        for name, tap in taps.items():
            setattr(self._transport, name, tap)
        offer: str = self.connection.localDescription.sdp
        return offer

    async def accept(self, answer: str) -> None:
        """Connect to what answered."""
        self.answer = answer
        description = RTCSessionDescription(type="answer", sdp=answer)
        await self.connection.setRemoteDescription(description)
        await eventually(lambda: self.connection.connectionState == "connected")

    async def connect(self, url: str, token: str | None = None) -> int:
        """Offer to `url` and connect if that is accepted; the HTTP status."""
        offer = await self.offer()
        headers = {"Content-Type": "application/sdp"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        async with httpx.AsyncClient(trust_env=False) as http:
            reply = await http.post(url, content=offer, headers=headers)
        if reply.status_code != 201:
            await self.close()
            return reply.status_code
        self.resource = str(httpx.URL(url).join(reply.headers["Location"]))
        await self.accept(reply.text)
        return reply.status_code

    def payload_type(self, codec: str) -> int:
        """The payload type that was agreed on for `VP8` or `opus`."""
        lines = (line for line in self.answer.splitlines() if line.startswith("a=rtpmap:"))
        line = next(line for line in lines if f" {codec}/" in line)
        return int(line.removeprefix("a=rtpmap:").split()[0])

    def received(self, codec: str) -> list[RtpPacket]:
        """What came of `VP8` or `opus`, in the order of arrival."""
        wanted = self.payload_type(codec)
        return [packet for packet in self.rtp if packet.payload_type == wanted]

    async def send(self, packet: bytes) -> None:
        """Send an RTP or RTCP packet as it is, encrypted."""
        await self._transport._send_rtp(packet)

    async def send_plain(self, datagram: bytes) -> None:
        """Send a datagram as it is, not encrypted, from the address that is connected."""
        await self._transport.transport._send(datagram)

    async def close(self) -> None:
        """Close, telling the other side."""
        await self.connection.close()

    async def _take_rtp(self, data: bytes, **_arrival: int) -> None:
        self.rtp.append(RtpPacket.parse(data))

    async def _take_rtcp(self, data: bytes) -> None:
        self.rtcp += RtcpPacket.parse(data)


class ScriptedPublisher(Peer):
    """A publisher of VP8 frames that no encoder made; `ssrc` and numbering are the test's."""

    def __init__(self, *, ssrc: int = 0x1111, sequence: int = 65_000, timestamp: int = 0) -> None:
        super().__init__("sendonly")
        self.ssrc = ssrc
        self.sequence = sequence
        self.timestamp = timestamp

    async def frame(self, *, keyframe: bool = False, packets: int = 1, size: int = 100) -> int:
        """Send a frame of `packets` packets; the number of its first one."""
        first = self.sequence
        start = VP8_KEYFRAME if keyframe else VP8_DELTA
        for index in range(packets):
            payload = (start if index == 0 else b"\x00").ljust(size, bytes((index % 251,)))
            await self.send(self.packet(payload, marker=index == packets - 1))
            self.sequence = (self.sequence + 1) & 0xFFFF
        self.timestamp = (self.timestamp + VIDEO_CLOCK // 30) & 0xFFFFFFFF
        return first

    def packet(self, payload: bytes, *, marker: bool) -> bytes:
        """The next video packet, without counting it."""
        return RtpPacket(
            payload_type=self.payload_type("VP8"),
            marker=int(marker),
            sequence_number=self.sequence,
            timestamp=self.timestamp,
            ssrc=self.ssrc,
            payload=payload,
        ).serialize()


class AnnouncedPublisher(ScriptedPublisher):
    """One whose packets are of the stream that its offer names: Janus takes no other."""

    async def offer(self) -> str:
        offer = await super().offer()
        found = re.search(r"^m=video[\s\S]*?^a=ssrc:(\d+)", offer, re.MULTILINE)
        assert found is not None
        self.ssrc = int(found[1])
        return offer


async def shown(publisher: ScriptedPublisher, viewer: Peer) -> RtpPacket:
    """The latest video packet of a viewer who gets the picture; keyframes are sent until it does.

    A busy machine may take longer to connect than a keyframe is kept for newcomers.
    """

    async def received() -> list[RtpPacket]:
        if not viewer.received("VP8"):
            await publisher.frame(keyframe=True)
        return viewer.received("VP8")

    await eventually(received)
    return viewer.received("VP8")[-1]


async def publisher_at(url: str, **numbering: int) -> ScriptedPublisher:
    """A connected publisher that has sent its first keyframe."""
    publisher = ScriptedPublisher(**numbering)
    assert await publisher.connect(url) == 201
    await publisher.frame(keyframe=True)
    return publisher


async def viewer_at(url: str, kinds: tuple[str, ...] = ("audio", "video")) -> Peer:
    """A connected viewer."""
    viewer = Peer("recvonly", kinds)
    assert await viewer.connect(url) == 201
    return viewer
