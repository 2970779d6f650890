"""Where the server is reached: settings of that subject."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from app.setting import Setting, SettingError, parse_port

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be this machine itself."""
    name = host.removeprefix("[").removesuffix("]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _host(text: str) -> str:
    if not text or any(character.isspace() or character in "/@" for character in text):
        raise ValueError("give an address or a host name to listen on, such as 127.0.0.1")
    return text


def _public_url(text: str) -> str | None:
    if not text:
        return None
    remedy = "give scheme and host alone, such as https://live.example.org"
    try:
        parts: SplitResult = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(remedy) from None
    bare = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username)
    if parts.scheme not in ("http", "https") or not parts.hostname or not bare or port == 0:
        raise ValueError(remedy)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _proxies(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(item.strip()) for item in text.split(",") if item.strip())
    except ValueError:
        raise ValueError(
            "give addresses or networks with commas between, such as 127.0.0.1,10.0.0.0/8"
        ) from None


@dataclass(frozen=True, kw_only=True)
class AddressSettings:
    """What an operator may say about addresses; part of ``Settings``."""

    host: Annotated[
        str, Setting("CAUSERIE_HOST", _host, "127.0.0.1", "Address that HTTP listens on.")
    ]
    port: Annotated[
        int,
        Setting(
            "CAUSERIE_PORT", parse_port, "8000", "Port that HTTP listens on; 0 takes a free one."
        ),
    ]
    public_url: Annotated[
        str | None,
        Setting(
            "CAUSERIE_PUBLIC_URL",
            _public_url,
            "",
            "Base of the links that are handed out; required unless HTTP listens on loopback.",
            "from the request on loopback",
        ),
    ]
    trusted_proxies: Annotated[
        tuple[Network, ...],
        Setting(
            "CAUSERIE_TRUSTED_PROXIES",
            _proxies,
            "",
            "Addresses or networks, with commas between, whose forwarding headers count.",
            "none",
        ),
    ]

    def check_addresses(self) -> None:
        """Raises ``SettingError`` where others come in and nobody knows by which address."""
        if self.public_url is None and not is_loopback(self.host):
            raise SettingError(
                "CAUSERIE_PUBLIC_URL",
                "",
                f"give the address that viewers open, such as https://live.example.org, because"
                f" CAUSERIE_HOST={self.host} is not loopback",
            )
