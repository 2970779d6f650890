"""A peer made for load: real ICE and DTLS over one socket, then RTP without any decoding."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from aioice import stun

from live.media.checks import read_check
from live.media.dtls import Certificate, DtlsRole, DtlsSession, SrtpKeys
from live.media.ice import IceCredentials, IceLite

CONNECT_S: Final = 20.0
CHECK_EVERY_S: Final = 0.2
_TIE_BREAKER: Final = secrets.randbits(64)
_CANDIDATE: Final = re.compile(
    r"^a=candidate:\S+ 1 udp (\d+) (\S+) (\d+) typ host", re.MULTILINE | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Remote:
    """What a server's description says of its transport."""

    ufrag: str
    password: str
    fingerprint: tuple[str, str]
    setup: str
    address: tuple[str, int]


def read_description(text: str) -> Remote:
    """The transport in an offer or an answer; the best IPv4 candidate that is not loopback, so
    that every server is reached by the same way."""
    found = [(int(p), host, int(port)) for p, host, port in _CANDIDATE.findall(text)]
    usable = [c for c in found if ":" not in c[1] and not c[1].startswith("127.")] or found
    _, host, port = max(usable)
    algorithm, value = _attribute(text, "fingerprint").split()
    return Remote(
        _attribute(text, "ice-ufrag"),
        _attribute(text, "ice-pwd"),
        (algorithm.lower(), value),
        _attribute(text, "setup"),
        (host, port),
    )


def _attribute(text: str, name: str) -> str:
    found = re.search(rf"^a={name}:(.+?)\s*$", text, re.MULTILINE)
    if found is None:
        raise ValueError(f"the description has no {name}")
    return found[1]


class Peer:
    """One leg to a server, on a socket of its own."""

    certificate: Certificate = Certificate()

    def __init__(self) -> None:
        self._ice = IceLite(IceCredentials())
        self.keys: SrtpKeys | None = None
        self._check = b""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)  # noqa: FBT003 -- the socket module's own signature
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._answered = asyncio.Event()
        self._dtls: DtlsSession | None = None
        self._early: list[bytes] = []
        """Media that came before the handshake was through on this side."""

    def sections(self, direction: str, setup: str, mids: tuple[str, str] = ("0", "1")) -> str:
        """An offer or answer of Opus (111) and VP8 (96)."""
        ice = self._ice.credentials
        transport = (
            f"c=IN IP4 0.0.0.0\r\na=ice-ufrag:{ice.ufrag}\r\na=ice-pwd:{ice.password}\r\n"
            f"a=fingerprint:sha-256 {self.certificate.fingerprint}\r\n"
            f"a=setup:{setup}\r\na=rtcp-mux\r\na={direction}\r\n"
        )
        streams = [("", ""), ("", "")]
        if direction == "sendonly":
            streams = [(f"a=ssrc:{n} cname:load\r\n", "a=msid:load load\r\n") for n in (1001, 1002)]
        return (
            f"v=0\r\no=- {secrets.randbits(60)} 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
            f"a=group:BUNDLE {mids[0]} {mids[1]}\r\n"
            f"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n{transport}a=mid:{mids[0]}\r\n"
            f"a=rtpmap:111 opus/48000/2\r\n{''.join(streams[0])}"
            f"m=video 9 UDP/TLS/RTP/SAVPF 96\r\n{transport}a=mid:{mids[1]}\r\n"
            "a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\n"
            f"{''.join(streams[1])}"
        )

    async def connect(self, description: str) -> None:
        """Check, shake hands, and have the keys; raises TimeoutError."""
        remote = read_description(description)
        role: DtlsRole = "server" if remote.setup == "active" else "client"
        self._socket.connect(remote.address)
        self._check = self._binding_request(remote)
        loop = asyncio.get_running_loop()
        self._dtls = DtlsSession(self.certificate, role, self._send, lambda: None)
        loop.add_reader(self._socket, self._readable)
        try:
            async with asyncio.timeout(CONNECT_S):
                while not self._answered.is_set():
                    self._send(self._check)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._answered.wait(), CHECK_EVERY_S)
                self.keys = await self._dtls.handshake((remote.fingerprint,))
        finally:
            loop.remove_reader(self._socket)

    @property
    def fd(self) -> int:
        """Its socket, connected."""
        return self._socket.fileno()

    def send(self, datagram: bytes) -> None:
        """Send a protected packet."""
        self._send(datagram)

    def keep_alive(self) -> None:
        """Say that it is still there: the same check serves again and again."""
        self._send(self._check)

    def listen(self, take: Callable[[bytes], None]) -> None:
        """Hand all media to `take`, what came already first; until it hangs up."""
        for datagram in self._early:
            take(datagram)
        self._early.clear()
        asyncio.get_running_loop().add_reader(self._socket, self._take_all, take)

    def waiting(self) -> Iterator[bytes]:
        """What came since the last look, for one that does not `listen`."""
        with contextlib.suppress(OSError):
            while True:
                yield self._socket.recv(2048)

    async def close(self) -> None:
        """Hang up."""
        asyncio.get_running_loop().remove_reader(self._socket)
        if self._dtls is not None:
            self._dtls.close()
        self._socket.close()

    def _binding_request(self, remote: Remote) -> bytes:
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{remote.ufrag}:{self._ice.credentials.ufrag}"
        request.attributes["PRIORITY"] = 126 << 24 | 65_535 << 8 | 255
        request.attributes["ICE-CONTROLLING"] = _TIE_BREAKER
        request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity(remote.password.encode())
        return bytes(request)

    def _send(self, datagram: bytes) -> None:
        with contextlib.suppress(OSError):  # as the network may drop it
            self._socket.send(datagram)

    def _check_or_answer(self, datagram: bytes) -> None:
        """A lite agent answers only; Janus, though told to be one, checks as well."""
        address = self._socket.getpeername()
        now = asyncio.get_running_loop().time()
        check = read_check(datagram)
        answer = None if check is None else self._ice.answer(check, address, now)
        if answer is not None:
            self._send(answer)
        else:
            self._answered.set()

    def _readable(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                datagram = self._socket.recv(2048)
                if datagram and datagram[0] <= 3:
                    self._check_or_answer(datagram)
                elif datagram and 20 <= datagram[0] <= 63 and self._dtls is not None:
                    self._dtls.feed(datagram)
                elif datagram and 128 <= datagram[0] <= 191:
                    self._early.append(datagram)

    def _take_all(self, take: Callable[[bytes], None]) -> None:
        with contextlib.suppress(OSError):
            while True:
                datagram = self._socket.recv(2048)
                if datagram and 128 <= datagram[0] <= 191:
                    take(datagram)
