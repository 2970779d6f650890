"""ICE as its lite side plays it (RFC 8445): answer checks, remember where a peer may be reached.

A leg sends nothing to an address before a connectivity check with the leg's own password has come
from there; that is the consent (RFC 7675) and the bound on amplification: an answer is about as
long as its check, and nothing else is ever answered.
"""

import secrets
import string
import struct
from dataclasses import dataclass, field
from typing import Final

from aioice import stun

from live.media.tcp import Connection
from live.media.udp import Address

ADDRESSES_LIMIT: Final = 8
"""Places a peer may be checked from at once; the one longest unheard makes room."""

TAKEOVER_SILENCE_S: Final = 3.0
"""A check that nominates nothing moves the peer only when the chosen address was silent this
long.
"""

_ALPHABET: Final = string.ascii_letters + string.digits
_HEADER = struct.Struct("!HHI")
_ATTRIBUTE = struct.Struct("!HH")
_USERNAME: Final = 0x0006
_BINDING_REQUEST: Final = 0x0001
_CHECK_LIMIT_BYTES: Final = 548
"""A check is small; RFC 8489 keeps STUN under 548 bytes where the path's MTU is unknown."""


def _token(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


@dataclass(frozen=True, slots=True)
class IceCredentials:
    """The user fragment that routes a check to its leg, and the password that proves it."""

    ufrag: str = field(default_factory=lambda: _token(12))
    password: str = field(default_factory=lambda: _token(24))


def ufrag_of_check(datagram: bytes) -> str | None:
    """Whom a connectivity check is for, read without parsing it; None for anything that is not
    one.
    """
    if not 20 < len(datagram) <= _CHECK_LIMIT_BYTES:
        return None
    message_type, length, cookie = _HEADER.unpack_from(datagram)
    if (
        message_type != _BINDING_REQUEST
        or cookie != stun.COOKIE
        or length + stun.HEADER_LENGTH != len(datagram)
    ):
        return None
    position, end = stun.HEADER_LENGTH, len(datagram) - 4
    while position <= end:
        kind, size = _ATTRIBUTE.unpack_from(datagram, position)
        position += 4
        if kind == _USERNAME:
            name, colon, _ = datagram[position : position + size].partition(b":")
            return name.decode("ascii", "replace") if colon else None
        position += size + stun.padding_length(size)
    return None


class IceLite:
    """One leg's side of ICE: its credentials, and where its peer has proved to be."""

    def __init__(self, credentials: IceCredentials) -> None:
        self.credentials = credentials
        self.former: IceCredentials | None = None
        self.selected: Address | None = None
        self.checked_at = 0.0
        self._heard: dict[Address, float] = {}

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Every address from which a check has been accepted lately."""
        return tuple(self._heard)

    def restart(self) -> IceCredentials:
        """Take new credentials; the former ones hold until the new ones are first used (RFC 8445
        2.4).
        """
        self.former, self.credentials = self.credentials, IceCredentials()
        return self.credentials

    def answer(self, check: bytes, address: Address, now: float) -> bytes | None:
        """The answer to a check from `address`; None if it does not know this leg's password."""
        try:
            request = stun.parse_message(check)
        except (ValueError, IndexError, struct.error):
            return None
        password = self._authenticate(request)
        if password is None:
            return None
        self._note(address, now, nominated="USE-CANDIDATE" in request.attributes)
        response = stun.Message(
            message_method=stun.Method.BINDING,
            message_class=stun.Class.RESPONSE,
            transaction_id=request.transaction_id,
        )
        response.attributes["XOR-MAPPED-ADDRESS"] = _plain(address)
        response.add_message_integrity(password)
        return bytes(response)

    def _authenticate(self, request: stun.Message) -> bytes | None:
        ufrag = str(request.attributes.get("USERNAME", "")).partition(":")[0]
        for credentials in (self.credentials, self.former):
            if credentials is None or credentials.ufrag != ufrag:
                continue
            password = credentials.password.encode()
            if request.check_message_integrity(password):
                if credentials is self.credentials:
                    self.former = None
                return password
        return None

    def _note(self, address: Address, now: float, *, nominated: bool) -> None:
        heard = self._heard
        heard[address] = now
        if len(heard) > ADDRESSES_LIMIT:
            del heard[min((a for a in heard if a != self.selected), key=heard.__getitem__)]
        self.checked_at = now
        selected = self.selected
        if selected == address:
            return
        if selected is None or nominated or now - heard[selected] > TAKEOVER_SILENCE_S:
            self.selected = address


def _plain(address: Address) -> tuple[str, int]:
    host, port = address.peer if isinstance(address, Connection) else address[:2]
    host = host.partition("%")[0]
    if host.startswith("::ffff:") and "." in host:
        host = host.removeprefix("::ffff:")
    return host, port
