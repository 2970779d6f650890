"""The built-in engine of picture and sound: settings of that subject."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from typing import Annotated, Final

from app.setting import (
    PORT_MAX,
    Setting,
    SettingError,
    parse_port,
    parse_switch,
    positive_or_none,
    whole,
)

PROCESSES_MAX: Final = 64


def _processes(text: str) -> int:
    """So many, or ``auto``: one for each core."""
    if text == "auto":
        return min(len(os.sched_getaffinity(0)), PROCESSES_MAX)
    return whole("processes", 1, PROCESSES_MAX)(text)


def _public_ip(text: str) -> str | None:
    if not text:
        return None
    remedy = "give the server's address as numbers, such as 203.0.113.7 or 2001:db8::7"
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise ValueError(remedy) from None
    if address.is_unspecified or address.is_multicast:
        raise ValueError("give an address that a viewer can send to, such as 203.0.113.7")
    return str(address)


@dataclass(frozen=True, kw_only=True)
class EngineSettings:
    """What an operator may say about picture and sound; part of ``Settings``."""

    udp_port: Annotated[
        int,
        Setting(
            "CAUSERIE_UDP_PORT", parse_port, "8189", "The one UDP port of all picture and sound."
        ),
    ]
    media_workers: Annotated[
        int,
        Setting(
            "CAUSERIE_MEDIA_WORKERS",
            _processes,
            "1",
            "Processes that share the viewers, or auto: one for each core. Each has a UDP port of"
            " its own, counted from CAUSERIE_UDP_PORT.",
        ),
    ]
    public_ip: Annotated[
        str | None,
        Setting(
            "CAUSERIE_PUBLIC_IP",
            _public_ip,
            "",
            "Address offered to viewers for the UDP port, where a NAT hides it.",
            "the interfaces' own",
        ),
    ]
    media_accelerator: Annotated[
        bool,
        Setting(
            "CAUSERIE_MEDIA_ACCELERATOR",
            parse_switch,
            "on",
            "Forward video by the part in C where the installation could build it: on or off.",
        ),
    ]
    egress_mbit: Annotated[
        int | None,
        Setting(
            "CAUSERIE_EGRESS_MBIT",
            positive_or_none("megabits a second"),
            "",
            "What the link to the viewers carries, in Mbit/s; beyond it newcomers get no picture.",
            "none",
        ),
    ]
    max_viewers: Annotated[
        int | None,
        Setting(
            "CAUSERIE_MAX_VIEWERS",
            positive_or_none("viewers"),
            "",
            "How many may watch at once on this server; further ones get a plain sentence.",
            "none",
        ),
    ]

    def udp_ports_of(self, workers: int) -> range:
        """The UDP ports of all media processes of so many server processes."""
        return range(self.udp_port, self.udp_port + workers * self.media_workers)

    def check_udp_ports(self, workers: int) -> None:
        """Raises ``SettingError`` where the ports run out."""
        ports = self.udp_ports_of(workers)
        if ports[-1] > PORT_MAX:
            raise SettingError(
                "CAUSERIE_UDP_PORT",
                str(self.udp_port),
                f"{len(ports)} media processes take as many ports, up to {PORT_MAX}",
            )
