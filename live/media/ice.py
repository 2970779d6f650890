"""ICE as its lite side plays it (RFC 8445): answer checks, remember where a peer may be reached.

A leg sends nothing to an address before a connectivity check with the leg's own password has come
from there; that is the consent (RFC 7675) and the bound on amplification: an answer is about as
long as its check, and nothing else is ever answered.
"""

import secrets
import string
from dataclasses import dataclass, field
from typing import Final

from live.media.checks import Check
from live.media.tcp import Connection
from live.media.udp import Address

ADDRESSES_LIMIT: Final = 8
"""Places a peer may be checked from at once; the one longest unheard makes room."""

TAKEOVER_SILENCE_S: Final = 3.0
"""A check that nominates nothing moves the peer only when the chosen address was silent this
long.
"""

_ALPHABET: Final = string.ascii_letters + string.digits


def _token(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


@dataclass(frozen=True, slots=True)
class IceCredentials:
    """The user fragment that routes a check to its leg, and the password that proves it."""

    ufrag: str = field(default_factory=lambda: _token(12))
    password: str = field(default_factory=lambda: _token(24))


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

    def answer(self, check: Check, address: Address, now: float) -> bytes | None:
        """The answer to a check from `address`; None if it does not know this leg's password."""
        password = self._password(check)
        if password is None:
            return None
        self._note(address, now, nominated=check.nominates)
        return check.answer(*_plain(address), password)

    def _password(self, check: Check) -> bytes | None:
        """The one that the check proves to know."""
        for credentials in (self.credentials, self.former):
            if credentials is None or credentials.ufrag != check.ufrag:
                continue
            password = credentials.password.encode()
            if check.proves(password):
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
