"""DTLS 1.2 by OpenSSL over our own socket: one handshake a leg, ending in SRTP keys.

OpenSSL keeps tens of kilobytes for a connection, most of it buffers for records that never come. So
a connection lives as long as its handshake; what a leg needs of it afterwards is an `Epilogue`.
Whatever happens, happens at once: in `handshake`, `feed`, `close`, or when a timer of OpenSSL ends.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from aiortc.rtcdtlstransport import (
    SRTP_PROFILES,
    X509_DIGEST_ALGORITHMS,
    SRTPProtectionProfile,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL

from live.media.epilogue import RECORD_HEADER, SUITES, Epilogue, Secrets

HANDSHAKE_LIMIT_S: Final = 10.0
"""From the first accepted check to SRTP keys; OpenSSL repeats lost flights after 1, 2 and 4 s."""

DATAGRAM_BYTES: Final = 1_200
"""Records are put together in datagrams of at most so many bytes: they pass everywhere."""

CERTIFICATE_DAYS: Final = 365
"""Peers know a certificate by its fingerprint; nobody looks at its dates."""

_BIO_BYTES: Final = 4_096
_EXPORTER: Final = b"EXTRACTOR-dtls_srtp"  # RFC 5764 section 4.2

DtlsRole = Literal["client", "server"]
Fingerprints = tuple[tuple[str, str], ...]
"""Digests of a peer's certificate: (algorithm as in RFC 8122, bytes in hexadecimal with colons)."""


@dataclass(frozen=True, slots=True)
class SrtpKeys:
    """What a handshake agreed on: key and salt for each direction, and the profile they are for."""

    profile: int
    sending: bytes
    receiving: bytes


class DtlsFailedError(Exception):
    """The peer could not prove the fingerprint of its SDP, or speaks no profile of ours."""


class Certificate:
    """A new key with its certificate, and what all handshakes under it have in common.

    It has few bytes: what is sent to an address that has proved nothing yet shall be no longer than
    it must.
    """

    def __init__(self) -> None:
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
        self.fingerprint = _digest(certificate, "sha-256")
        """By SHA-256."""
        self.context = _context(certificate, key)
        """OpenSSL's context: one for each leg would cost it 60 KB and a millisecond."""


def _context(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> SSL.Context:
    context = SSL.Context(SSL.DTLS_METHOD)
    context.set_options(SSL.OP_NO_TICKET)
    # Every leg shakes hands anew: there is no session to come back to, or to remember.
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    # Who signed a certificate says nothing here: it is known by its fingerprint.
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
    context.use_certificate(certificate)
    context.use_privatekey(key)
    context.set_cipher_list(":".join(SUITES).encode())
    context.set_tlsext_use_srtp(b":".join(profile.openssl_profile for profile in SRTP_PROFILES))
    return context


def _digest(certificate: x509.Certificate, algorithm: str) -> str:
    return certificate.fingerprint(X509_DIGEST_ALGORITHMS[algorithm]).hex(":").upper()


class DtlsSession:
    """One leg's DTLS: `handshake` once, `feed` it datagrams, `close` tells the peer."""

    __slots__ = ("_certificate", "_epilogue", "_handshake", "_peer_closed", "_role", "_send")

    def __init__(
        self,
        certificate: Certificate,
        role: DtlsRole,
        send: Callable[[bytes], None],
        peer_closed: Callable[[], None],
    ) -> None:
        self._certificate = certificate
        self._role: DtlsRole = role
        self._send = send
        self._peer_closed = peer_closed
        self._handshake: _Handshake | None = None
        self._epilogue: Epilogue | None = None

    def handshake(self, fingerprints: Fingerprints) -> asyncio.Future[SrtpKeys]:
        """Begin to agree on keys with a peer whose certificate has all of `fingerprints`.

        The future fails with `DtlsFailedError`, or TimeoutError after `HANDSHAKE_LIMIT_S`.
        """
        connection = SSL.Connection(self._certificate.context)
        if self._role == "server":
            connection.set_accept_state()
        else:
            connection.set_connect_state()
        handshake = self._handshake = _Handshake(connection, self._role, fingerprints, self._send)
        handshake.advance()
        self._look()
        return handshake.keys

    def feed(self, datagram: bytes) -> None:
        """Take one datagram of DTLS records from the peer."""
        if self._handshake is not None:
            self._handshake.take(datagram)
            self._look()
        elif self._epilogue is not None:
            answer = self._epilogue.read(datagram)
            if answer is not None:
                self._send(answer)
            elif self._epilogue.over:
                self._epilogue = None
                self._peer_closed()

    def close(self) -> None:
        """Tell the peer (close_notify), or give up a handshake. Idempotent."""
        handshake, self._handshake = self._handshake, None
        epilogue, self._epilogue = self._epilogue, None
        if handshake is not None:
            handshake.end()
            handshake.keys.cancel()
        elif epilogue is not None:
            self._send(epilogue.farewell)
        self._send, self._peer_closed = _unsent, _unheard

    def _look(self) -> None:
        """Let the connection go when its handshake is over."""
        handshake = self._handshake
        if handshake is not None and handshake.keys.done():
            self._handshake, self._epilogue = None, handshake.epilogue


def _unsent(_datagram: bytes) -> None:
    """What a closed session sends: it holds on to nobody."""


def _unheard() -> None:
    """Who hears of a closed session."""


class _Handshake:
    """A connection of OpenSSL until it has keys, or has failed."""

    def __init__(
        self,
        connection: SSL.Connection,
        role: DtlsRole,
        fingerprints: Fingerprints,
        send: Callable[[bytes], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.keys: asyncio.Future[SrtpKeys] = self._loop.create_future()
        self.epilogue: Epilogue | None = None
        """What is left of it, when it succeeded."""
        self._connection = connection
        self._role: DtlsRole = role
        self._fingerprints = fingerprints
        self._send = send
        late = TimeoutError("no answer in time")
        self._limit = self._loop.call_later(HANDSHAKE_LIMIT_S, self._fail, late)
        self._repeat: asyncio.TimerHandle | None = None

    def take(self, datagram: bytes) -> None:
        """Go on with what the peer sent."""
        self._connection.bio_write(datagram)
        self.advance()

    def advance(self) -> None:
        """Go as far as what has come allows."""
        try:
            self._connection.do_handshake()
        except SSL.WantReadError:
            self._flush()
            self._wait()
        except SSL.Error as error:
            self._flush()  # what is wrong with it, for the peer
            self._fail(DtlsFailedError(f"the handshake failed: {error!r}"))
        else:
            self._succeed()

    def end(self) -> None:
        """Do nothing more."""
        self._limit.cancel()
        if self._repeat is not None:
            self._repeat.cancel()

    def _wait(self) -> None:
        if self._repeat is not None:
            self._repeat.cancel()
            self._repeat = None
        pause_s = self._connection.DTLSv1_get_timeout()
        if pause_s is not None:
            self._repeat = self._loop.call_later(pause_s, self._send_again)

    def _send_again(self) -> None:
        try:
            self._connection.DTLSv1_handle_timeout()
        except SSL.Error as error:
            self._fail(DtlsFailedError(f"the handshake failed: {error!r}"))
            return
        self._flush()
        self._wait()

    def _succeed(self) -> None:
        flight = self._flush()
        self._connection.shutdown()
        farewell = self._drained()
        profile = self._profile()
        if profile is None or not self._is_peer():
            self._send(farewell)
            self._fail(DtlsFailedError("the peer's certificate or profile was not accepted"))
            return
        material = self._connection.export_keying_material(
            _EXPORTER, 2 * (profile.key_length + profile.salt_length)
        )
        ours, theirs = (1, 0) if self._role == "server" else (0, 1)
        self.epilogue = Epilogue(
            _secrets(self._connection), self._role, flight=flight, farewell=farewell
        )
        self.end()
        if not self.keys.done():
            self.keys.set_result(
                SrtpKeys(
                    profile=profile.libsrtp_profile,
                    sending=profile.get_key_and_salt(material, ours),
                    receiving=profile.get_key_and_salt(material, theirs),
                )
            )

    def _profile(self) -> SRTPProtectionProfile | None:
        chosen = self._connection.get_selected_srtp_profile()
        return next((p for p in SRTP_PROFILES if p.openssl_profile == chosen), None)

    def _is_peer(self) -> bool:
        certificate = self._connection.get_peer_certificate(as_cryptography=True)
        return certificate is not None and all(
            _digest(certificate, algorithm) == value.upper()
            for algorithm, value in self._fingerprints
        )

    def _fail(self, error: Exception) -> None:
        self.end()
        if not self.keys.done():
            self.keys.set_exception(error)

    def _flush(self) -> bytes:
        """Send what OpenSSL has to say; what that was."""
        records = self._drained()
        for datagram in _datagrams(records):
            self._send(datagram)
        return records

    def _drained(self) -> bytes:
        drained = b""
        while True:
            try:
                drained += self._connection.bio_read(_BIO_BYTES)
            except SSL.WantReadError:
                return drained


def _secrets(connection: SSL.Connection) -> Secrets:
    """What the keys of the finished handshake's records follow from."""
    suite, master = connection.get_cipher_name(), connection.master_key()
    client, server = connection.client_random(), connection.server_random()
    if suite is None or master is None or client is None or server is None:
        raise DtlsFailedError("a handshake that is over has secrets")
    return Secrets(suite, master, client, server)


def _datagrams(records: bytes) -> Iterator[bytes]:
    """The records of a flight in as few datagrams as they fit in, each record whole."""
    start = at = 0
    while at < len(records):
        *_, length = RECORD_HEADER.unpack_from(records, at)
        end = at + RECORD_HEADER.size + length
        if end - start > DATAGRAM_BYTES and at > start:
            yield records[start:at]
            start = at
        at = end
    if at > start:
        yield records[start:at]
