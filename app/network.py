"""Who is at the other end of a request, as far as it can be believed.

Forwarding headers count when they come from a proxy that the operator trusts, and from nobody else.
A request that carries one from elsewhere is never taken for loopback: it came through something we
were not told about. Neither is one whose ``Host`` is not this machine's own, so that a page which
has its name resolve to 127.0.0.1 gains nothing by it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from app import logs
from app.settings import Settings
from app.settings.addresses import Network, is_loopback

FORWARDING_HEADERS: Final = (
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
)
WARNED_MAX: Final = 1_000
NAME_BYTES: Final = 255
WEB_SCHEMES: Final = {"http": "http", "https": "https", "ws": "http", "wss": "https"}

_TELLING: Final = {name.encode(): name for name in ("host", *FORWARDING_HEADERS)}
_HOST: Final = re.compile(r"[\w.\-:\[\]]+")

log = logs.get("causerie.network")


@dataclass(frozen=True, slots=True)
class Visitor:
    """The other end of one request.

    ``address`` is for rate limits and logs; ``origin`` is what the visitor's browser calls us, or
    None where that cannot be believed.
    """

    address: str
    loopback: bool
    secure: bool
    origin: str | None

    @property
    def network(self) -> str:
        """What a limit is counted by: the address, of IPv6 the /64 that one household has."""
        try:
            address = ipaddress.ip_address(self.address)
        except ValueError:
            return self.address
        if isinstance(address, ipaddress.IPv6Address):
            return str(ipaddress.ip_network((address, 64), strict=False))
        return self.address


class Addresses:
    """Tells visitors apart and knows the addresses under which this server is reached."""

    def __init__(self, settings: Settings, *, port: int) -> None:
        self._trusted = settings.trusted_proxies
        self._public_url = settings.public_url
        self.hls_base = settings.hls_base_url
        """Where players take the pieces of HLS, if not from us."""
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        self._local_url = f"http://{host}:{port}"
        self._warned: set[tuple[str, str]] = set()

    @property
    def home(self) -> str:
        """The base of links that no request asked for, such as those printed at the start."""
        return self._public_url or self._local_url

    @property
    def local(self) -> str:
        """Where a process of this machine reaches the server, past any proxy."""
        return self._local_url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")

    def base(self, visitor: Visitor) -> str:
        """The base of links handed to this visitor, without a slash at the end."""
        return self._public_url or visitor.origin or self._local_url

    def is_ours(self, origin: str, visitor: Visitor) -> bool:
        """Whether an ``Origin`` header names this server."""
        return origin in {self._public_url or self._local_url, visitor.origin}

    def visitor(self, scope: Mapping[str, Any]) -> Visitor:
        """Who sent the request of an ASGI scope."""
        headers = _headers(scope)
        peer = scope["client"][0] if scope.get("client") else ""
        host = headers.get("host", "")
        scheme = WEB_SCHEMES.get(scope.get("scheme", "http"), "http")
        forwarded = [name for name in FORWARDING_HEADERS if name in headers]
        if forwarded and _within(peer, self._trusted):
            scheme = _last(headers.get("x-forwarded-proto", scheme)).lower()
            return self._seen(
                address=self._client_of(headers.get("x-forwarded-for", ""), peer),
                scheme="https" if scheme == "https" else "http",
                host=_last(headers.get("x-forwarded-host", host)),
                believed=True,
                loopback=False,
            )
        self._warn(peer, forwarded)
        loopback = not forwarded and _is_here(_name_of(host)) and _is_here(peer)
        return self._seen(
            address=peer, scheme=scheme, host=host, believed=loopback, loopback=loopback
        )

    def _seen(
        self, *, address: str, scheme: str, host: str, believed: bool, loopback: bool
    ) -> Visitor:
        by_tls = scheme == "https" or (self._public_url or "").startswith("https:")
        return Visitor(
            address=address,
            loopback=loopback,
            secure=by_tls,
            origin=f"{scheme}://{host.lower()}" if believed and _is_host(host) else None,
        )

    def _client_of(self, forwarded_for: str, peer: str) -> str:
        """The last address of the chain that is not one of our proxies."""
        for item in reversed(forwarded_for.split(",")):
            address = item.strip().removeprefix("[").partition("]")[0]
            if address and not _within(address, self._trusted):
                return address[:64]
        return peer

    def _warn(self, peer: str, names: Iterable[str]) -> None:
        for name in names:
            if (peer, name) in self._warned or len(self._warned) >= WARNED_MAX:
                continue
            self._warned.add((peer, name))
            log.warning(
                "A forwarding header from an address that CAUSERIE_TRUSTED_PROXIES does not name"
                " was ignored",
                header=name,
                peer=peer,
            )


def _headers(scope: Mapping[str, Any]) -> dict[str, str]:
    """What tells who is there, by name."""
    found: dict[str, str] = {}
    for key, value in scope["headers"]:
        name = _TELLING.get(key)
        if name is not None:
            text = value.decode("latin-1")
            found[name] = f"{found[name]},{text}" if name in found else text
    return found


def _is_here(name: str) -> bool:
    return len(name) <= NAME_BYTES and _known_here(name)


@lru_cache(maxsize=256)
def _known_here(name: str) -> bool:
    """``is_loopback``, which takes 5 µs to read an address."""
    return is_loopback(name)


def _within(address: str, networks: Iterable[Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in networks)


def _last(value: str) -> str:
    return value.rpartition(",")[2].strip()


def _name_of(host: str) -> str:
    """A ``Host`` header without its port."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def _is_host(host: str) -> bool:
    return _HOST.fullmatch(host) is not None
