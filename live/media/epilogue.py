"""What a leg still needs of a DTLS connection when its handshake is over (RFC 6347).

Three things: to repeat our last flight to a peer that missed it, to hear the peer's farewell, and
to say our own. All of ours was written by OpenSSL before its connection was freed; what the peer
sends is opened here, with the keys that follow from the handshake's secrets (RFC 5246 section 6.3).
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import Final, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

RECORD_HEADER: Final = Struct("!BHQH")
"""Content type, version, epoch and sequence number, length of what follows."""

RECORDS_LIMIT: Final = 8
"""Records of one datagram that are looked at: a flight has fewer that matter here."""

_ALERT: Final = 21
_HANDSHAKE: Final = 22
_FINISHED: Final = 20
_CLOSE_NOTIFY: Final = 0
_FATAL: Final = 2
_EPOCH: Final = 1 << 48
"""The first encrypted epoch, in a record's epoch and sequence number."""

_TAG_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Suite:
    """A cipher suite: all of ours are AEAD ones over SHA-256."""

    cipher: type[AESGCM | ChaCha20Poly1305]
    key_bytes: int
    iv_bytes: int


SUITES: Final = {
    # RFC 8827 section 6.5 has everyone support the first.
    "ECDHE-ECDSA-AES128-GCM-SHA256": Suite(AESGCM, 16, 4),
    "ECDHE-ECDSA-CHACHA20-POLY1305": Suite(ChaCha20Poly1305, 32, 12),
}
"""What we speak, by OpenSSL's names."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a handshake agreed on, and under which of `SUITES`."""

    suite: str
    master: bytes
    client_random: bytes
    server_random: bytes


class Epilogue:
    """Reads what the peer still says. `farewell` is a datagram for the end."""

    __slots__ = ("_flight", "_iv", "_key", "_suite", "farewell", "over")

    def __init__(
        self, agreed: Secrets, role: Literal["client", "server"], *, flight: bytes, farewell: bytes
    ) -> None:
        """`flight` is what we sent last, in one datagram."""
        suite = self._suite = SUITES[agreed.suite]
        size = 2 * (suite.key_bytes + suite.iv_bytes)
        block = _expanded(agreed, size)
        key_at = suite.key_bytes if role == "client" else 0
        iv_at = 2 * suite.key_bytes + (suite.iv_bytes if role == "client" else 0)
        self._key = block[key_at : key_at + suite.key_bytes]
        self._iv = block[iv_at : iv_at + suite.iv_bytes]
        # A client's last flight is the one before: who missed that one has nothing to repeat.
        self._flight = flight if role == "server" else b""
        self.farewell = farewell
        self.over = False
        """Whether the peer has said farewell, or that all is lost."""

    def read(self, datagram: bytes) -> bytes | None:
        """Take a datagram; what to answer, None for nothing. Forgeries are passed over."""
        for kind, plain in self._opened(datagram):
            if kind == _ALERT and len(plain) == 2:
                self.over |= plain[0] == _FATAL or plain[1] == _CLOSE_NOTIFY
            elif kind == _HANDSHAKE and plain[:1] == bytes((_FINISHED,)) and self._flight:
                return self._flight
        return None

    def _opened(self, datagram: bytes) -> Iterator[tuple[int, bytes]]:
        at = 0
        for _ in range(RECORDS_LIMIT):
            if at + RECORD_HEADER.size > len(datagram):
                return
            kind, version, number, length = RECORD_HEADER.unpack_from(datagram, at)
            at += RECORD_HEADER.size
            if number >= _EPOCH and kind in {_ALERT, _HANDSHAKE}:
                plain = self._open(kind, version, number, datagram[at : at + length])
                if plain is not None:
                    yield kind, plain
            at += length

    def _open(self, kind: int, version: int, number: int, sealed: bytes) -> bytes | None:
        """Decrypt a record; None for one that the peer did not write."""
        sequence = number.to_bytes(8, "big")
        if self._suite.cipher is AESGCM:  # RFC 5288 section 3
            nonce, sealed = self._iv + sealed[:8], sealed[8:]
        else:  # RFC 7905 section 2
            mask = int.from_bytes(self._iv, "big") ^ number
            nonce = mask.to_bytes(len(self._iv), "big")
        size = len(sealed) - _TAG_BYTES
        if size < 0:
            return None
        head = sequence + bytes((kind,)) + version.to_bytes(2, "big") + size.to_bytes(2, "big")
        try:
            return self._suite.cipher(self._key).decrypt(nonce, sealed, head)
        except InvalidTag:
            return None


def _expanded(agreed: Secrets, size: int) -> bytes:
    """The key block of RFC 5246: client's and server's keys, then their IVs."""
    seed = b"key expansion" + agreed.server_random + agreed.client_random
    block, link = b"", seed
    while len(block) < size:
        link = hmac.digest(agreed.master, link, "sha256")
        block += hmac.digest(agreed.master, link + seed, "sha256")
    return block[:size]
