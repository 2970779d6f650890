"""DTLS by aiortc over our own socket: one handshake a leg, ending in SRTP keys.

aiortc's transport believes it runs over its ICE transport; `_Pipe` is all it ever asks of one. It
would also decrypt RTP itself, one task and two copies a packet: instead only DTLS records reach it,
and `_setup_srtp` is overridden to hand out the keys. These private names of aiortc 1.16 are held by
tests/contract/test_aiortc_hooks.py: `_set_role`, `_setup_srtp`, `_create_ssl_context`, `_ssl`,
`_role`, `_srtp_profiles`, `_recv_next` calling `transport._recv` and `_write_ssl` calling
`transport._send`.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, cast

from aiortc.rtcdtlstransport import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    SRTPProtectionProfile,
    State,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

log = logging.getLogger(__name__)

HANDSHAKE_LIMIT_S: Final = 10.0
"""From the first accepted check to SRTP keys; OpenSSL repeats lost flights after 1, 2 and 4 s."""

WAITING_LIMIT: Final = 32
"""Records that may wait for the handshake; beyond it they are dropped, as the network may drop
them.
"""

_SESSION_CACHE_OFF: Final = 0
"""SSL_SESS_CACHE_OFF of OpenSSL."""

DtlsRole = Literal["client", "server"]


CERTIFICATE_DAYS: Final = 365
"""Peers know a certificate by its fingerprint; nobody looks at its dates."""


@dataclass(frozen=True, slots=True)
class SrtpKeys:
    """What a handshake agreed on: key and salt for each direction, and the profile they are for."""

    profile: int
    sending: bytes
    receiving: bytes


class Certificate(RTCCertificate):
    """Our certificate, with one OpenSSL context for all legs: aiortc would make one for each, which
    costs a leg 60 KB and a millisecond.
    """

    def __init__(self, *made: Any, **of: Any) -> None:
        super().__init__(*made, **of)
        self._contexts: dict[tuple[bytes, ...], Any] = {}

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> Any:
        wanted = tuple(profile.openssl_profile for profile in srtp_profiles)
        context = self._contexts.get(wanted)
        if context is None:
            context = self._contexts[wanted] = super()._create_ssl_context(srtp_profiles)
            # Every leg shakes hands anew: there is no session to come back to, or to remember.
            context.set_session_cache_mode(_SESSION_CACHE_OFF)
        return context


def short_certificate() -> Certificate:
    """A key and a certificate of few bytes: what is sent to an address that has proved nothing yet
    shall be no longer than it must (aiortc's own has 75 bytes more, of random names).
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "c")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1 + secrets.randbelow(127))
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=CERTIFICATE_DAYS))
        .sign(key, hashes.SHA256())
    )
    return Certificate(key, certificate)


class DtlsFailedError(Exception):
    """The peer could not prove the fingerprint of its SDP, or speaks no profile of ours."""


class _Pipe:
    """What aiortc's DTLS asks of an ICE transport: a role, datagrams in, datagrams out."""

    role = "controlled"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send_datagram = send
        self._records: asyncio.Queue[bytes | None] = asyncio.Queue(WAITING_LIMIT)

    def feed(self, record: bytes | None) -> None:
        if not self._records.full():
            self._records.put_nowait(record)

    async def _recv(self) -> bytes:
        record = await self._records.get()
        if record is None:
            raise ConnectionError
        return record

    async def _send(self, datagram: bytes) -> None:
        self._send_datagram(datagram)


class _KeyingTransport(RTCDtlsTransport):
    keys: SrtpKeys | None = None

    def __init__(self, pipe: _Pipe, certificate: RTCCertificate, role: DtlsRole) -> None:
        super().__init__(cast("Any", pipe), [certificate])
        self._set_role(role)

    def _setup_srtp(self) -> None:
        connection = self._ssl
        if connection is None:
            raise DtlsFailedError("keys were asked for before a handshake")
        chosen = connection.get_selected_srtp_profile()
        profile: SRTPProtectionProfile | None = next(
            (p for p in self._srtp_profiles if p.openssl_profile == chosen), None
        )
        if profile is None:
            self._set_state(State.FAILED)
            return
        material = connection.export_keying_material(
            b"EXTRACTOR-dtls_srtp", 2 * (profile.key_length + profile.salt_length)
        )
        ours, theirs = (1, 0) if self._role == "server" else (0, 1)
        self.keys = SrtpKeys(
            profile=profile.libsrtp_profile,
            sending=profile.get_key_and_salt(material, ours),
            receiving=profile.get_key_and_salt(material, theirs),
        )


class DtlsSession:
    """One leg's DTLS: `handshake` once, `feed` it records, `close` tells the peer."""

    def __init__(
        self,
        certificate: RTCCertificate,
        role: DtlsRole,
        send: Callable[[bytes], None],
        peer_closed: Callable[[], None],
    ) -> None:
        self._pipe = _Pipe(send)
        self._transport = _KeyingTransport(self._pipe, certificate, role)
        self._transport.on("statechange", self._state_changed)
        self._peer_closed = peer_closed
        self._closing = False

    async def handshake(self, fingerprints: tuple[tuple[str, str], ...]) -> SrtpKeys:
        """Agree on keys with a peer that holds one of `fingerprints`, as (algorithm, value).

        Raises `DtlsFailedError`; TimeoutError after `HANDSHAKE_LIMIT_S`.
        """
        expected = RTCDtlsParameters(
            fingerprints=[RTCDtlsFingerprint(*fingerprint) for fingerprint in fingerprints]
        )
        async with asyncio.timeout(HANDSHAKE_LIMIT_S):
            await self._transport.start(expected)
        if self._transport.keys is None:
            raise DtlsFailedError("the peer's certificate or SRTP profile was not accepted")
        return self._transport.keys

    def feed(self, record: bytes) -> None:
        """Take one datagram of DTLS records from the peer."""
        self._pipe.feed(record)

    async def close(self) -> None:
        """Tell the peer (close_notify) and stop. Idempotent."""
        if not self._closing:
            self._closing = True
            await self._transport.stop()
            self._pipe.feed(None)

    def _state_changed(self) -> None:
        if self._transport.state == "closed" and not self._closing:
            self._peer_closed()
