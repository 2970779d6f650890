"""Connectivity checks as the lite side of ICE needs them: read, proved, answered (RFC 8489).

Every viewer checks every few seconds. aioice's messages, which know every attribute of STUN, take
seven times as long for this one question and its answer; the tests compare the two.
"""

import hmac
import socket
from struct import Struct
from typing import Final
from zlib import crc32

LIMIT_BYTES: Final = 548
"""A check is small; RFC 8489 keeps STUN under 548 bytes where the path's MTU is unknown."""

_HEAD: Final = Struct("!HHI12s")
_ATTRIBUTE: Final = Struct("!HH")
_MAPPED: Final = Struct("!HHHH")
_FINGERPRINT: Final = Struct("!HHI")

_REQUEST: Final = 0x0001
_RESPONSE: Final = 0x0101
_COOKIE: Final = 0x2112A442

_USERNAME: Final = 0x0006
_INTEGRITY: Final = 0x0008
_XOR_MAPPED: Final = 0x0020
_USE_CANDIDATE: Final = 0x0025
_FINGERPRINTED: Final = 0x8028

_TAG_BYTES: Final = 20
_FINGERPRINT_MASK: Final = 0x5354554E
_FAMILIES: Final = {4: 1, 16: 2}
"""Numbers of the address families, by the length of their addresses."""


class Check:
    """A binding request to one of our user fragments; nothing of it is proved yet."""

    __slots__ = ("_signed", "_tag", "nominates", "size", "transaction", "ufrag")

    def __init__(
        self, datagram: bytes, ufrag: str, signed: bytes, tag: bytes, *, nominates: bool
    ) -> None:
        self.size = len(datagram)
        self.ufrag = ufrag
        """Whom it is for."""
        self.transaction = datagram[8:20]
        self.nominates = nominates
        """Whether the peer wants to be reached where it comes from."""
        self._signed = signed
        self._tag = tag

    def proves(self, password: bytes) -> bool:
        """Whether its sender knows the password."""
        return hmac.compare_digest(self._tag, hmac.digest(password, self._signed, "sha1"))

    def answer(self, host: str, port: int, password: bytes) -> bytes:
        """The answer to who came from this plain address."""
        packed = socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
        mask = (_COOKIE.to_bytes(4, "big") + self.transaction)[: len(packed)]
        masked = int.from_bytes(packed, "big") ^ int.from_bytes(mask, "big")
        mapped = _MAPPED.pack(
            _XOR_MAPPED, 4 + len(packed), _FAMILIES[len(packed)], port ^ (_COOKIE >> 16)
        ) + masked.to_bytes(len(packed), "big")
        signed = self._head(len(mapped) + 4 + _TAG_BYTES) + mapped
        tag = hmac.digest(password, signed, "sha1")
        body = mapped + _ATTRIBUTE.pack(_INTEGRITY, _TAG_BYTES) + tag
        whole = self._head(len(body) + _FINGERPRINT.size) + body
        return whole + _FINGERPRINT.pack(_FINGERPRINTED, 4, crc32(whole) ^ _FINGERPRINT_MASK)

    def _head(self, length: int) -> bytes:
        return _HEAD.pack(_RESPONSE, length, _COOKIE, self.transaction)


def read_check(datagram: bytes) -> Check | None:
    """A connectivity check that names whom it is for and claims to know the password; None for
    anything else. What follows the claim is not covered by it and counts for nothing.
    """
    if not _HEAD.size < len(datagram) <= LIMIT_BYTES:
        return None
    kind, length, cookie, transaction = _HEAD.unpack_from(datagram)
    if kind != _REQUEST or cookie != _COOKIE or length + _HEAD.size != len(datagram):
        return None
    ufrag: str | None = None
    nominates = False
    at = _HEAD.size
    while at <= len(datagram) - 4:
        kind, size = _ATTRIBUTE.unpack_from(datagram, at)
        value = at + 4
        if kind == _INTEGRITY:
            if ufrag is None or size != _TAG_BYTES:
                return None
            # As long as if it ended here: what came after it was not signed.
            head = _HEAD.pack(_REQUEST, value + size - _HEAD.size, cookie, transaction)
            signed = head + datagram[_HEAD.size : at]
            tag = datagram[value : value + size]
            return Check(datagram, ufrag, signed, tag, nominates=nominates)
        if kind == _USERNAME and ufrag is None:
            name, colon, _ = datagram[value : value + size].partition(b":")
            ufrag = name.decode("ascii", "replace") if colon else None
        elif kind == _USE_CANDIDATE:
            nominates = True
        at = value + size + -size % 4
    return None
