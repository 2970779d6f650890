"""How people are reached whose network lets no UDP through: settings of that subject.

Two ways, which may both be on: ICE over TCP on a port of Causerie's own, and a TURN server beside
it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from app.setting import PORT_MAX, Setting, SettingError, parse_port, whole

TURN_URLS_MAX: Final = 4
TURN_SECRET_MIN: Final = 32
"""Whoever watches gets a name signed with it and could guess at home; 32 hexadecimal digits are 128
bits."""

TURN_HOURS_MAX: Final = 168
TURN_PORT: Final = 3478
TURNS_PORT: Final = 5349

_TURN_URL: Final = re.compile(
    r"(?P<scheme>turns?):(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?(?:\?transport=(?P<transport>udp|tcp))?"
)


@dataclass(frozen=True, slots=True)
class TurnUrl:
    """Where a TURN server is asked, and how (RFC 7065)."""

    text: str
    host: str
    port: int
    transport: Literal["udp", "tcp"]
    tls: bool


def _turn_url(text: str) -> TurnUrl:
    found = _TURN_URL.fullmatch(text)
    port = int(found["port"] or 0) if found else 0
    if found is None or port > PORT_MAX or found["port"] == "0":
        raise ValueError(
            "give TURN addresses with commas between, such as"
            " turn:turn.example.org:3478?transport=udp,turns:turn.example.org:443?transport=tcp"
        )
    tls = found["scheme"] == "turns"
    transport = found["transport"] or ("tcp" if tls else "udp")
    if tls and transport == "udp":
        # TURN over DTLS: browsers do not speak it.
        raise ValueError("turns: goes over TCP; end it with ?transport=tcp")
    return TurnUrl(
        text=text,
        host=found["host"].strip("[]"),
        port=port or (TURNS_PORT if tls else TURN_PORT),
        transport="udp" if transport == "udp" else "tcp",
        tls=tls,
    )


def _turn_urls(text: str) -> tuple[TurnUrl, ...]:
    urls = tuple(_turn_url(item.strip()) for item in text.split(",") if item.strip())
    if len(urls) > TURN_URLS_MAX:
        raise ValueError(f"give {TURN_URLS_MAX} addresses at most: a browser asks each of them")
    return urls


def _turn_secret(text: str) -> str | None:
    if not text:
        return None
    plain = text.isascii() and text.isprintable() and " " not in text
    if len(text) < TURN_SECRET_MIN or not plain:
        raise ValueError(
            f"use {TURN_SECRET_MIN} or more letters and digits, such as from: openssl rand -hex 32"
        )
    return text


def _port_or_none(text: str) -> int | None:
    return parse_port(text) if text else None


@dataclass(frozen=True, kw_only=True)
class ReachSettings:
    """What an operator may say about people whose network blocks UDP; part of ``Settings``."""

    media_tcp_port: Annotated[
        int | None,
        Setting(
            "CAUSERIE_MEDIA_TCP_PORT",
            _port_or_none,
            "",
            "TCP port of picture and sound for those whose network blocks UDP; with several media"
            " processes one for each, counted from there.",
            "none",
        ),
    ]
    turn_urls: Annotated[
        tuple[TurnUrl, ...],
        Setting(
            "CAUSERIE_TURN_URLS",
            _turn_urls,
            "",
            "Addresses of your TURN server, with commas between, for those whom no direct way"
            " reaches, such as turn:turn.example.org:3478?transport=tcp.",
            "none",
        ),
    ]
    turn_secret: Annotated[
        str | None,
        Setting(
            "CAUSERIE_TURN_SECRET",
            _turn_secret,
            "",
            "Secret that the TURN server has too (coturn: static-auth-secret), from which is made"
            f" what viewers are given; {TURN_SECRET_MIN} characters or more.",
            "empty",
        ),
    ]
    turn_hours: Annotated[
        int,
        Setting(
            "CAUSERIE_TURN_HOURS",
            whole("hours", 1, TURN_HOURS_MAX),
            "6",
            "For how many hours at least what a viewer was given opens the TURN server; at most it"
            " is twice as many.",
        ),
    ]

    def tcp_ports(self, processes: int) -> range:
        """The TCP ports of so many media processes; none if they have none."""
        first = self.media_tcp_port
        if first is None:
            return range(0)
        return range(first, first + processes)

    def check_reach(self, processes: int, http_port: int) -> None:
        """Raises ``SettingError`` where ports run out, or half of what TURN takes is missing."""
        ports = self.tcp_ports(processes)
        if ports and ports[-1] > PORT_MAX:
            raise SettingError(
                "CAUSERIE_MEDIA_TCP_PORT",
                str(self.media_tcp_port),
                f"{processes} media processes take as many ports, up to {PORT_MAX}",
            )
        if self.media_tcp_port and http_port in ports:
            raise SettingError(
                "CAUSERIE_MEDIA_TCP_PORT",
                str(self.media_tcp_port),
                f"HTTP has port {http_port}; give another one",
            )
        if self.turn_urls and self.turn_secret is None:
            raise SettingError(
                "CAUSERIE_TURN_SECRET", "", "give the secret that the TURN server has too"
            )
        if self.turn_secret is not None and not self.turn_urls:
            raise SettingError(
                "CAUSERIE_TURN_URLS",
                "",
                "give the address of the TURN server whose secret CAUSERIE_TURN_SECRET is",
            )
