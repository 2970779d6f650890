"""The processes that serve, and how they keep together: settings of that subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from app.setting import Setting, SettingError, parse_switch, shown_url, whole

WORKERS_MAX: Final = 64


def _bus(text: str) -> str | None:
    if not text:
        return None
    scheme, found, rest = text.partition("://")
    if not found or not rest or scheme not in ("redis", "rediss", "unix"):
        raise ValueError("give the URL of a Redis or Valkey server, such as redis://127.0.0.1:6379")
    return text


@dataclass(frozen=True, kw_only=True)
class NodeSettings:
    """What an operator may say about processes and nodes; part of ``Settings``."""

    workers: Annotated[
        int,
        Setting(
            "CAUSERIE_WORKERS",
            whole("processes", 1, WORKERS_MAX),
            "1",
            "Server processes on this machine, which share the HTTP port; worker n (from 0) takes"
            " CAUSERIE_UDP_PORT + n. More than one takes PostgreSQL and CAUSERIE_BUS_URL.",
        ),
    ]
    bus_url: Annotated[
        str | None,
        Setting(
            "CAUSERIE_BUS_URL",
            _bus,
            "",
            "URL of the Redis or Valkey server by which several nodes serve the same sessions.",
            "empty: in process",
        ),
    ]
    gateway_accelerator: Annotated[
        bool,
        Setting(
            "CAUSERIE_GATEWAY_ACCELERATOR",
            parse_switch,
            "on",
            "Send chat by the part in C where the installation could build it: on or off.",
        ),
    ]

    def check_nodes(self, database_url: str | None) -> None:
        """Raises ``SettingError`` where several processes lack a database that they can share, or a
        bus."""
        on_postgresql = (database_url or "").startswith("postgresql")
        if self.workers > 1 and not on_postgresql:
            raise SettingError(
                "CAUSERIE_WORKERS",
                str(self.workers),
                "SQLite serves one process; give 1, or PostgreSQL by CAUSERIE_DATABASE_URL"
                " and a bus by CAUSERIE_BUS_URL",
            )
        if self.workers > 1 and self.bus_url is None:
            raise SettingError(
                "CAUSERIE_WORKERS",
                str(self.workers),
                "several processes take a bus; give CAUSERIE_BUS_URL, or 1",
            )
        if self.bus_url is not None and not on_postgresql:
            raise SettingError(
                "CAUSERIE_BUS_URL",
                shown_url(self.bus_url),
                "several nodes take PostgreSQL; give CAUSERIE_DATABASE_URL, or leave this empty",
            )
