"""A viewer that costs little: real ICE and DTLS, then it only counts what comes.

So a hundred of them can join within a second from the other core of this machine.
"""

import asyncio
import secrets
import socket
from typing import Final, cast

from aioice import stun

from live.media.dtls import Certificate, DtlsSession
from live.ports.media import Leg, LegId, MediaEngine, WatchRequest

_CERTIFICATE: Final = Certificate()
_CHECK_AGAIN_S: Final = 0.25
_CONSENT_S: Final = 4.0
CONNECT_LIMIT_S: Final = 15.0


class LightViewer(asyncio.DatagramProtocol):
    """One viewer of a session; `packets` of media came to it so far."""

    def __init__(self, engine: MediaEngine, session_id: str, participant_id: str) -> None:
        self.packets = 0
        self.leg_id: LegId | None = None
        self._engine = engine
        self._session_id = session_id
        self._participant_id = participant_id
        self._ufrag, self._password = secrets.token_hex(4), secrets.token_hex(16)
        self._first = asyncio.get_running_loop().create_future()
        self._answered = asyncio.Event()
        self._transport: asyncio.DatagramTransport | None = None
        self._consent: asyncio.Task[None] | None = None
        self._dtls = DtlsSession(_CERTIFICATE, "client", self._send, lambda: None)

    async def join(self) -> None:
        """Ask to watch, connect, and wait for the first packet of media; TimeoutError otherwise."""
        request = WatchRequest(self._session_id, self._participant_id, self._offer())
        leg = await self._engine.watch(request)
        if not isinstance(leg, Leg):
            raise ConnectionError(leg.message)
        self.leg_id = leg.leg_id
        said = _said(leg.answer_sdp)
        port = int(said["candidate"].split()[5])
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(
            lambda: self, remote_addr=("127.0.0.1", port), family=socket.AF_INET
        )
        async with asyncio.timeout(CONNECT_LIMIT_S):
            self._consent = loop.create_task(self._check(said["ice-ufrag"], said["ice-pwd"]))
            await self._answered.wait()
            algorithm, value = said["fingerprint"].split()
            await self._dtls.handshake(((algorithm, value),))
            await self._first

    async def leave(self) -> None:
        """Hang up and free the socket."""
        if self._consent is not None:
            self._consent.cancel()
        if self.leg_id is not None:
            await self._engine.hang_up(self.leg_id)
        self._dtls.close()
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 -- the base's
        first = data[0]
        if first <= 3:
            self._answered.set()
        elif 20 <= first <= 63:
            self._dtls.feed(data)
        elif not 192 <= data[1] <= 223:
            self.packets += 1
            if not self._first.done():
                self._first.set_result(None)

    def _send(self, datagram: bytes) -> None:
        if self._transport is not None:
            self._transport.sendto(datagram)

    async def _check(self, ufrag: str, password: str) -> None:
        while True:
            request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
            request.attributes["USERNAME"] = f"{ufrag}:{self._ufrag}"
            request.attributes["PRIORITY"] = 1
            request.attributes["ICE-CONTROLLING"] = 7
            request.attributes["USE-CANDIDATE"] = None
            request.add_message_integrity(password.encode())
            self._send(bytes(request))
            await asyncio.sleep(_CONSENT_S if self._answered.is_set() else _CHECK_AGAIN_S)

    def _offer(self) -> str:
        fingerprint = f"sha-256 {_CERTIFICATE.fingerprint}"
        common = (
            f"c=IN IP4 0.0.0.0\r\na=ice-ufrag:{self._ufrag}\r\na=ice-pwd:{self._password}\r\n"
            f"a=fingerprint:{fingerprint}\r\na=setup:active\r\na=rtcp-mux\r\na=recvonly\r\n"
        )
        return (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
            f"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n{common}a=rtpmap:111 opus/48000/2\r\n"
            f"m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:1\r\n{common}a=rtpmap:96 VP8/90000\r\n"
            "a=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\n"
            "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
        )


def _said(answer: str) -> dict[str, str]:
    """The first of each attribute; of the candidates, the one of this machine."""
    said: dict[str, str] = {}
    for line in answer.splitlines():
        name, colon, value = line.removeprefix("a=").partition(":")
        if colon and line.startswith("a=") and (name != "candidate" or " 127.0.0.1 " in value):
            said.setdefault(name, value)
    return said
