"""A stream under siege: strangers, a viewer and guests send what they should not.

The show is recorded meanwhile, guests and all, and each guest in turn has another codec. The attack
comes in volleys. After each, the host sends a picture with a number in it, and an honest viewer
must get that picture before the next volley begins: so the stream goes on throughout, by its
content, and every datagram of the attack has been read.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import re
import socket
import struct
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

import httpx
import pylibsrtp

from benchmarks.hostile import forged
from benchmarks.hostile.descriptions import CODECS, in_places, layered
from benchmarks.hostile.descriptions import forged as forged_offer
from benchmarks.hostile.mutations import check, greetings, mutated, picture, reports
from benchmarks.video.peer import Peer, read_description
from live.media import srtp
from live.media.dtls import SrtpKeys
from live.ports.media import RecordingOrder
from tests.integration.media.server import SESSION, MediaServer

VOLLEY: Final = 50
"""Datagrams at once: fewer than a socket of the system's own choice holds."""

OFFERS_EVERY: Final = 100
"""Datagrams for each description that is sent."""

KEYFRAME_EVERY: Final = 300
GUEST_EVERY: Final = 10_000
"""Datagrams until the guest makes room for the next one."""

GUESTS_STREAMS: Final = (2_001, 2_002, 2_003, 2_004)
STREAMS: Final = {"audio": (1001, 111), "video": (1002, 96)}
_KEYFRAME: Final = bytes.fromhex("10 100200 9d012a 0005d002")
_PICTURE: Final = bytes.fromhex("10 110200")
_FRAGMENT: Final = (
    b"a=ice-ufrag:abcd\r\na=ice-pwd:"
    + b"p" * 24
    + b"\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
)
_NUMBER: Final = struct.Struct("!Q")


def sender(keys: SrtpKeys) -> pylibsrtp.Session:
    """Protects what one who shook hands sends."""
    policy = pylibsrtp.Policy(
        keys.sending, pylibsrtp.Policy.SSRC_ANY_OUTBOUND, srtp_profile=keys.profile
    )
    policy.allow_repeat_tx = True
    return pylibsrtp.Session(policy)


class Member:
    """Someone with a leg of their own, and its keys."""

    def __init__(self, peer: Peer, answer: str, resource: str, etag: str) -> None:
        if peer.keys is None:
            raise ValueError("the peer is not connected")
        self._sending = sender(peer.keys)
        self.peer = peer
        self.answer = answer
        self.resource = resource
        self.etag = etag
        self._receiving = srtp.Receiving(peer.keys)
        self._arena = srtp.Arena()

    def attribute(self, name: str) -> str:
        """What our answer says first of this."""
        found = re.search(rf"^a={name}:(\S+)", self.answer, re.MULTILINE)
        if found is None:
            raise ValueError(f"the answer has no {name}")
        return found[1]

    def streams(self) -> list[int]:
        """The names of what it is sent."""
        return [int(ssrc) for ssrc in re.findall(r"^a=ssrc:(\d+)", self.answer, re.MULTILINE)]

    def sealed(self, packet: bytes) -> bytes:
        """The packet under the right keys; as it is, where libsrtp finds no header to leave out."""
        try:
            if len(packet) > 1 and 192 <= packet[1] <= 223:
                return self._sending.protect_rtcp(packet)
            return self._sending.protect(packet)
        except pylibsrtp.Error:
            return packet

    def opened(self, datagram: bytes) -> bytes | None:
        """A media packet that came."""
        if len(datagram) < 12 or not 128 <= datagram[0] <= 191 or 192 <= datagram[1] <= 223:
            return None
        return self._receiving.rtp(datagram, self._arena)


class Siege:
    """A server with a host, an honest viewer, and those who attack it; `seed` says with what."""

    def __init__(self, server: MediaServer, seed: int) -> None:
        self.sent: Counter[str] = Counter()
        """What was sent, by kind."""
        self.answers: Counter[int] = Counter()
        """Status codes of descriptions."""
        self.failures: Counter[str] = Counter()
        """Why the server could not say yes or no."""
        self.strangers_got = 0
        """Bytes that came to who has no leg."""
        self.amplified = 0.0
        """Bytes to one who never shook hands, for each that came from there; the worst."""
        self._server = server
        self._chance = random.Random(seed)
        self._pictures = 0
        self._sequence = 0
        self._seen = -1
        self._greetings = greetings()
        self._codecs = itertools.cycle(CODECS)
        self._forged = 0

    @contextlib.asynccontextmanager
    async def laid(self, folder: Path) -> AsyncIterator[Siege]:
        """Everyone is in place for the length of the block, and recorded into ``folder``."""
        async with contextlib.AsyncExitStack() as stack:
            self._http = await stack.enter_async_context(
                httpx.AsyncClient(base_url=self._server.url, trust_env=False, timeout=60)
            )
            self._host = await self._member("/whip", "sendonly")
            self._send_picture()
            self._honest = await self._member("/whep?as=honest", "recvonly", in_places)
            self._watcher = await self._member("/whep?as=watcher", "recvonly")
            self._guest = await self._next_guest()
            self._offers = [
                self._watcher.peer.sections("recvonly", "actpass"),
                layered(self._guest.peer.sections("sendonly", "actpass"), "VP8"),
            ]
            order = RecordingOrder(str(folder), most_bytes=1 << 40, spare_bytes=0)
            await self._server.media.set_recording(SESSION, order)
            self._stranger = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
            self._stranger.settimeout(0)
            self._stranger.connect(("127.0.0.1", self._server.media.udp_port))
            self._attacks: list[Callable[[], None]] = [
                self._from_a_stranger,
                self._from_the_watchers_address,
                self._report,
                self._report,
                self._guests_picture,
                self._authentic_check,
                self._forged_check,
                self._forged_report,
                self._forged_packet,
                self._forged_packet,
            ]
            yield self
            await self._server.media.set_recording(SESSION, None)
            for each in (self._honest, self._watcher, self._guest, self._host):
                await each.peer.close()

    @property
    def memory_bytes(self) -> int:
        """What the media process holds of its own: what it has written to, and nobody else."""
        total = 0
        for pid in self._server.media.pids:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += sum(map(int, re.findall(r"^Private_Dirty:\s+(\d+) kB", rollup, re.MULTILINE)))
        return total * 1024

    @property
    def cpu_s(self) -> float:
        """CPU seconds that the media process has used."""
        ticks = 0
        for pid in self._server.media.pids:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    async def send(self, datagrams: int) -> None:
        """Send so many hostile datagrams, and descriptions among them; raises TimeoutError if the
        stream stops.
        """
        for at in range(0, datagrams, VOLLEY):
            for _ in range(min(VOLLEY, datagrams - at)):
                self._chance.choice(self._attacks)()
            await self._goes_on()
            if at % OFFERS_EVERY == 0:
                await self._describe()
            if at % (200 * VOLLEY) == 0:
                await self._half_open()
            if at % GUEST_EVERY == 0:
                former, self._guest = self._guest, await self._next_guest()
                await former.peer.close()

    async def _goes_on(self) -> None:
        """The honest viewer gets the host's next picture, whatever else is going on."""
        for each in (self._honest, self._watcher, self._guest, self._host):
            each.peer.keep_alive()
        wanted = self._pictures
        async with asyncio.timeout(60):
            while self._newest() < wanted:
                self._send_picture()
                for _ in range(20):
                    await asyncio.sleep(0.001)
                    if self._newest() >= wanted:
                        break
        for each in (self._watcher, self._guest, self._host):
            deque(each.peer.waiting(), maxlen=0)
        self.strangers_got += _waiting_bytes(self._stranger)

    def _newest(self) -> int:
        for datagram in self._honest.peer.waiting():
            packet = self._honest.opened(datagram)
            if packet is not None and packet.endswith(b"picture"):
                number: int = _NUMBER.unpack(packet[-15:-7])[0]
                self._seen = max(self._seen, number)
        return self._seen

    def _send_picture(self) -> None:
        start = _PICTURE if self._pictures % KEYFRAME_EVERY else _KEYFRAME
        body = start.ljust(200, b"x") + _NUMBER.pack(self._pictures) + b"picture"
        ssrc, kind = STREAMS["video"]
        head = struct.pack(
            "!BBHII",
            0x80,
            0x80 | kind,
            self._sequence & 0xFFFF,
            self._pictures * 3_000 & 0xFFFFFFFF,
            ssrc,
        )
        self._sequence += 1
        self._pictures += 1
        self._host.peer.send(self._host.sealed(head + body))

    # --- who attacks, and how

    def _from_a_stranger(self) -> None:
        # The true user fragment with a password that is not: it goes as deep as a stranger gets.
        originals = [
            ("STUN", check(self._watcher.attribute("ice-ufrag"), "x" * 24, self._chance)),
            ("DTLS", self._chance.choice(self._greetings)),
            ("RTP", picture(96, 1002, self._chance)),
            ("RTCP", reports([1002], self._chance)),
        ]
        kind, original = self._chance.choice(originals)
        self._count(kind)
        with contextlib.suppress(OSError):
            self._stranger.send(mutated(original, self._chance))

    def _from_the_watchers_address(self) -> None:
        sealed = self._watcher.sealed(reports(self._watcher.streams(), self._chance)[:1_100])
        originals = [
            ("STUN", self._own_check()),
            ("DTLS", self._chance.choice(self._greetings)),
            ("RTP", self._watcher.sealed(picture(96, 77, self._chance))),
            ("RTCP", sealed),
        ]
        kind, original = self._chance.choice(originals)
        self._count(kind)
        self._watcher.peer.send(mutated(original, self._chance))

    def _report(self) -> None:
        """Under the right keys: what is wrong with it is inside."""
        self._count("RTCP under the right keys")
        member = self._chance.choice((self._watcher, self._guest))
        plain = reports([*member.streams(), 1001, 1002], self._chance)[:1_100]
        if self._chance.randrange(2):
            plain = mutated(plain, self._chance, 1_100)
        if len(plain) >= 8:
            member.peer.send(member.sealed(plain[:1] + bytes((200 + plain[1] % 8,)) + plain[2:]))

    def _guests_picture(self) -> None:
        self._count("RTP under the right keys")
        ssrc = self._chance.choice((1002, 1002, 1001, self._chance.getrandbits(32)))
        packet = picture(self._chance.choice((96, 111, 97)), ssrc, self._chance)
        if self._chance.randrange(2):
            packet = mutated(packet, self._chance, 1_200)
        if len(packet) >= 12:
            self._guest.peer.send(self._guest.sealed(packet))

    def _authentic_check(self) -> None:
        self._count("STUN under the right password")
        self._watcher.peer.send(self._own_check())

    def _forged_check(self) -> None:
        self._count("forged STUN under the right password")
        ufrag, password = (self._watcher.attribute(each) for each in ("ice-ufrag", "ice-pwd"))
        self._watcher.peer.send(forged.check(ufrag, password, self._chance))

    def _forged_report(self) -> None:
        self._count("forged RTCP under the right keys")
        member = self._chance.choice((self._watcher, self._guest))
        plain = forged.reports([*member.streams(), *GUESTS_STREAMS], self._chance)[:1_100]
        member.peer.send(member.sealed(plain))

    def _forged_packet(self) -> None:
        self._count("forged RTP under the right keys")
        # Numbers that go on: what leaps is left out before anyone looks into it.
        self._forged += 1
        stream = self._chance.choice(GUESTS_STREAMS)
        self._guest.peer.send(
            self._guest.sealed(forged.packet(stream, self._forged, self._chance)[:1_200])
        )

    def _own_check(self) -> bytes:
        ufrag, password = (self._watcher.attribute(each) for each in ("ice-ufrag", "ice-pwd"))
        return check(ufrag, password, self._chance)

    async def _describe(self) -> None:
        """A broken offer or fragment; what is accepted all the same is hung up."""
        chosen = self._chance.randrange(3)
        if chosen == 2:
            self._count("SDP fragments")
            body = mutated(_FRAGMENT, self._chance)
            match = {"If-Match": self._watcher.etag}
            reply = await self._http.patch(
                self._watcher.resource, content=_text(body), headers=match
            )
            self._watcher.etag = reply.headers.get("ETag", self._watcher.etag)
        else:
            self._count("SDP offers")
            if self._chance.randrange(2):
                body = mutated(self._offers[chosen].encode(), self._chance, 80_000)
            else:
                body = forged_offer(self._offers[chosen], self._chance).encode()
            path = ("/whep?as=stranger", "/whip?as=stranger&seat=guest-2&takeover=1")[chosen]
            reply = await self._http.post(path, content=_text(body))
        self._note(reply)
        if reply.status_code == 201:
            await self._http.delete(reply.headers["Location"])

    async def _half_open(self) -> None:
        """A leg whose peer passes its check, and then talks nonsense instead of shaking hands."""
        self._count("half-open legs")
        reply = await self._http.post("/whep?as=half-open", content=self._offers[0])
        remote = read_description(reply.text)
        said = [check(remote.ufrag, remote.password, self._chance), self._greetings[0]]
        said += [mutated(self._chance.choice(self._greetings), self._chance) for _ in range(VOLLEY)]
        with socket.socket(type=socket.SOCK_DGRAM) as silent:
            silent.settimeout(0)
            silent.connect(("127.0.0.1", self._server.media.udp_port))
            for datagram in said:
                silent.send(datagram or b"\0")
            await self._goes_on()
            taken = _waiting_bytes(silent)
        self.amplified = max(self.amplified, taken / sum(map(len, said)))
        await self._http.delete(reply.headers["Location"])

    def _note(self, reply: httpx.Response) -> None:
        self.answers[reply.status_code] += 1
        if reply.status_code >= 500:
            self.failures[reply.text] += 1

    async def _next_guest(self) -> Member:
        codec = next(self._codecs)
        path = "/whip?as=guest&seat=guest-1&takeover=1"
        return await self._member(path, "sendonly", lambda plain: layered(plain, codec))

    async def _member(
        self, path: str, direction: str, written: Callable[[str], str] = str
    ) -> Member:
        peer = Peer()
        reply = await self._http.post(path, content=written(peer.sections(direction, "actpass")))
        reply.raise_for_status()
        await peer.connect(reply.text)
        return Member(peer, reply.text, reply.headers["Location"], reply.headers["ETag"])

    def _count(self, kind: str) -> None:
        self.sent[kind] += 1


def _waiting_bytes(there: socket.socket) -> int:
    total = 0
    with contextlib.suppress(BlockingIOError, ConnectionError):
        while True:
            total += len(there.recv(2_048))
    return total


def _text(body: bytes) -> bytes:
    return body.decode("utf-8", "replace").encode()
