"""One leg's transport: ICE, DTLS and SRTP over the shared port, from first check to close.

    waiting → (first accepted check) → securing → (DTLS done, fingerprint right) → open → closed

Nothing is sent before a check was accepted; media only when open.
"""

import asyncio
import logging
import struct
from collections.abc import Callable
from typing import Final, Protocol

from aiortc.rtp import AnyRtcpPacket, RtcpPacket

from live.media import srtp
from live.media.accelerator import Accelerator
from live.media.answer import LocalTransport
from live.media.checks import Check
from live.media.dtls import Certificate, DtlsFailedError, DtlsSession, SrtpKeys
from live.media.ice import IceCredentials, IceLite
from live.media.offer import Offer
from live.media.pacing import Pacer
from live.media.tcp import TcpPort
from live.media.udp import Address, UdpPort
from live.ports.media_events import FreedReason

log = logging.getLogger(__name__)

AMPLIFICATION: Final = 3
"""Until a peer has proved, by its half of a handshake, that it is where it seems to be, it gets at
most this many times the bytes that came from there.
"""

WITHHELD_LIMIT: Final = 2
"""Records that wait for that; a flight of ours is one."""

RTCP_LIMIT_BYTES: Final = 1_200
"""Bytes of RTCP packets that go into one datagram."""


class LegHandler(Protocol):
    """What a leg does with what its transport brings."""

    def opened(self, now: float) -> None:
        """Media may flow from now on."""

    def rtp_arrived(self, packet: bytes, now: float) -> None:
        """One decrypted RTP packet; it may be malformed."""

    def rtcp_arrived(self, packets: list[AnyRtcpPacket], now: float) -> None:
        """The packets of one decrypted RTCP datagram."""

    def moved(self) -> None:
        """What is sent goes to another address from now on."""

    def lost(self, reason: FreedReason) -> None:
        """The peer hung up, or could not be secured (`lost`); the transport is of no more use."""


class _Nobody:
    """Who handles what still comes when a leg is closed."""

    def opened(self, now: float) -> None:
        """See `LegHandler`."""

    def rtp_arrived(self, packet: bytes, now: float) -> None:
        """See `LegHandler`."""

    def rtcp_arrived(self, packets: list[AnyRtcpPacket], now: float) -> None:
        """See `LegHandler`."""

    def moved(self) -> None:
        """See `LegHandler`."""

    def lost(self, reason: FreedReason) -> None:
        """See `LegHandler`."""


_NOBODY: Final = _Nobody()


class Shared:
    """What all legs of an engine use together."""

    def __init__(
        self,
        port: UdpPort,
        candidates: tuple[str, ...],
        accelerator: Accelerator,
        pacer: Pacer,
        tcp: TcpPort | None = None,
    ) -> None:
        self.port = port
        self.pacer = pacer
        self._tcp = tcp
        self.candidates = candidates
        self.certificate = Certificate()
        self.fingerprint = f"sha-256 {self.certificate.fingerprint}"
        self.arena = srtp.Arena()
        self.writer = accelerator.writer(port, self.arena)

    def close(self) -> None:
        """Free the ports."""
        self.port.close()
        if self._tcp is not None:
            self._tcp.close()


class Transport:
    """The transport of one leg."""

    def __init__(
        self,
        shared: Shared,
        offer: Offer,
        *,
        send_window: int,
        handler: LegHandler,
        clock: Callable[[], float],
        patient: bool = False,
    ) -> None:
        """`patient`: a peer that wants to be greeted is greeted again until it answers, for it is
        one of the team's or their guest. FFmpeg's publisher misses the first time.
        """
        self._shared = shared
        self._port = shared.port
        self._send_window = send_window
        self._handler = handler
        self._clock = clock
        self._fingerprints = offer.fingerprints
        self._receiving: srtp.Receiving | None = None
        self.session: srtp.Session | None = None
        """The SRTP session to send with; None until open."""
        self._dtls = DtlsSession(
            shared.certificate, offer.our_role, self._send_record, self._peer_closed
        )
        self._role = offer.our_role
        self.ice = IceLite(IceCredentials())
        self.created_at = clock()
        self.media_at = self.created_at
        """When an authentic RTP or RTCP packet last came."""
        self.overhead = 0
        self.closed = False
        self._securing = False
        self._keys: asyncio.Future[SrtpKeys] | None = None
        """Until they are there."""
        self._proved = patient and offer.our_role == "client"
        self._taken = self._given = 0
        """Bytes before it was proved, each way."""
        self._greeted = False
        self._withheld: tuple[bytes, ...] = ()
        """Records that were more than `AMPLIFICATION` allows; sent once more has come."""

    @property
    def local(self) -> LocalTransport:
        """Our side of it, for an answer."""
        return LocalTransport(
            credentials=self.ice.credentials,
            candidates=self._shared.candidates,
            fingerprint=self._shared.fingerprint,
            role=self._role,
        )

    @property
    def heard_at(self) -> float:
        """When the peer last gave an authentic sign of life; it was created then, if it never
        did.
        """
        return max(self.created_at, self.ice.checked_at, self.media_at)

    def check_arrived(self, check: Check, address: Address, now: float) -> bool:
        """Answer a connectivity check; True if it was authentic."""
        before = self.ice.selected
        answer = self.ice.answer(check, address, now)
        if answer is None or self.closed:
            return False
        if self.ice.selected is not before:
            self._handler.moved()
        self._given += len(answer)
        self._port.send(answer, address)
        self._note_taken(check.size)
        if not self._securing:
            self._securing = True
            self._keys = self._dtls.handshake(self._fingerprints)
            self._keys.add_done_callback(self._secured)
        return True

    def record_arrived(self, datagram: bytes) -> None:
        """Take DTLS records, from an address that a check came from."""
        self._note_taken(len(datagram))
        self._dtls.feed(datagram)
        if self._keys is not None and self._keys.done():
            # A peer that is through sends at once: its media may be read in this turn of the loop.
            self._secured(self._keys)

    def media_arrived(self, datagram: bytes, now: float) -> None:
        """Take an SRTP or SRTCP datagram, from an address that a check came from."""
        receiving = self._receiving
        if receiving is None or len(datagram) < 12:
            return
        arena = self._shared.arena
        # RFC 5761 section 4: RTCP's packet types 192–223 tell the two apart.
        if 192 <= datagram[1] <= 223:
            plain = receiving.rtcp(datagram, arena)
            if plain is None:
                return
            self.media_at = now
            try:
                packets = RtcpPacket.parse(plain)
            except (ValueError, LookupError, ArithmeticError, struct.error):
                return
            self._handler.rtcp_arrived(packets, now)
        else:
            plain = receiving.rtp(datagram, arena)
            if plain is None:
                return
            self.media_at = now
            self._handler.rtp_arrived(plain, now)

    def send_rtcp(self, packets: list[bytes]) -> None:
        """Send RTCP packets together; the first must be from one of this leg's streams."""
        address = self.ice.selected
        if self.session is None or address is None:
            return
        batch = b""
        for packet in packets:
            if batch and len(batch) + len(packet) > RTCP_LIMIT_BYTES:
                self._send_rtcp_batch(batch, address)
                batch = b""
            batch += packet
        self._send_rtcp_batch(batch, address)

    def fail(self) -> None:
        """Have whoever handles the leg end it, as of no more use."""
        if not self.closed:
            self._handler.lost("lost")

    def close(self) -> None:
        """Stop, and tell the peer without waiting for it. Idempotent."""
        if self.closed:
            return
        self.closed = True
        self._dtls.close()
        self.session = self._receiving = None
        # The legs of thousands come and go: none may wait for the collector to be freed.
        self._handler = _NOBODY

    def _secured(self, handshake: asyncio.Future[SrtpKeys]) -> None:
        if handshake.cancelled() or self._keys is None:
            return
        self._keys = None
        error = handshake.exception()
        if isinstance(error, DtlsFailedError | TimeoutError) and not self.closed:
            log.info("no keys: %s", error)
            self.fail()
        if self.closed:
            return
        keys = handshake.result()
        self._proved = True
        self._withheld = ()
        self._receiving = srtp.Receiving(keys)
        self.session = srtp.sending_session(keys, self._send_window)
        self.overhead = srtp.overhead(keys.profile)
        self.media_at = self._clock()
        self._handler.opened(self.media_at)

    def _send_record(self, datagram: bytes) -> None:
        if self.ice.selected is None:
            return
        too_much = self._given + len(datagram) > AMPLIFICATION * self._taken
        if too_much and self._greeted and not self._proved:
            self._withheld = (*self._withheld, datagram)[-WITHHELD_LIMIT:]
            return
        # The first flight is as short as it can be: some peers never ask for it again.
        self._greeted = True
        self._given += len(datagram)
        self._port.send(datagram, self.ice.selected)

    def _note_taken(self, size: int) -> None:
        """More came from the peer: what was withheld may go now."""
        self._taken += size
        withheld, self._withheld = self._withheld, ()
        for datagram in withheld:
            self._send_record(datagram)

    def _send_rtcp_batch(self, batch: bytes, address: Address) -> None:
        if self.session is not None:
            datagram = srtp.protect_rtcp(self.session, batch, self._shared.arena)
            if datagram is not None:
                self._port.send(datagram, address)

    def _peer_closed(self) -> None:
        if not self.closed:
            self._handler.lost("hung_up")
