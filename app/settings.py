"""Everything an operator may set, read once, refused in one sentence where it cannot work.

Each setting is a field that explains itself; the command line makes its options from these fields,
so that flag, variable, default and help are written once.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, get_type_hints
from urllib.parse import SplitResult, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.handoff import HandoffSettings
from app.hls import HlsSettings
from app.limits import Rate
from app.reach import ReachSettings
from app.setting import PORT_MAX, PREFIX, Setting, SettingError, parse_port
from live.wire.attention import Basis

OWNER_TOKEN_MIN: Final = 32
WORKERS_MAX: Final = 64

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


# Each parser raises ValueError with the remedy; ``Settings.read`` adds variable and value.


def _host(text: str) -> str:
    if not text or any(character.isspace() or character in "/@" for character in text):
        raise ValueError("give an address or a host name to listen on, such as 127.0.0.1")
    return text


def _folder(text: str) -> Path:
    if not text:
        raise ValueError("give the path of a folder, such as ./causerie-data")
    return Path(text)


def _file_or_none(text: str) -> Path | None:
    return Path(text) if text else None


def _database(text: str) -> str | None:
    if not text:
        return None
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except ArgumentError:
        backend = ""
    if backend not in ("sqlite", "postgresql"):
        raise ValueError(
            "give a URL such as sqlite:///path/causerie.db or postgresql://user@host/name"
        )
    return text


def _bus(text: str) -> str | None:
    if not text:
        return None
    scheme, found, rest = text.partition("://")
    if not found or not rest or scheme not in ("redis", "rediss", "unix"):
        raise ValueError("give the URL of a Redis or Valkey server, such as redis://127.0.0.1:6379")
    return text


def _workers(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= WORKERS_MAX:
        raise ValueError(f"give a whole number from 1 to {WORKERS_MAX}")
    return int(text)


def _processes(text: str) -> int:
    return _workers(text) if text != "auto" else min(len(os.sched_getaffinity(0)), WORKERS_MAX)


def _owner_token(text: str) -> str | None:
    if not text:
        return None
    if len(text) < OWNER_TOKEN_MIN or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(
            f"use {OWNER_TOKEN_MIN} or more letters and digits, such as from: openssl rand -hex 32"
        )
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


def _positive(unit: str) -> Callable[[str], int | None]:
    def parse(text: str) -> int | None:
        if not text:
            return None
        if not text.isascii() or not text.isdigit() or int(text) == 0:
            raise ValueError(f"give a whole number of {unit} above 0, or leave it empty")
        return int(text)

    return parse


def _count(unit: str) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit():
            raise ValueError(f"give a whole number of {unit}")
        return int(text)

    return parse


def _rate(text: str) -> Rate:
    count, slash, period = text.partition("/")
    period = period.removesuffix("s")
    if not (slash and count.isdigit() and period.isdigit()) or not (int(count) and int(period)):
        raise ValueError("give a count and a number of seconds, such as 5/10s")
    return Rate(count=int(count), period_s=float(period))


TRANSLATORS: Final = ("libretranslate", "deepl")


def _switch(text: str) -> bool:
    if text not in ("on", "off"):
        raise ValueError("give on or off")
    return text == "on"


def _basis(text: str) -> Basis | None:
    match text:
        case "off":
            return None
        case "consent" | "legitimate-interest":
            return text
        case _:
            raise ValueError("give off, consent or legitimate-interest")


def _characters(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError("give a whole number of characters, such as 200000")
    return int(text)


def _translator(text: str) -> str | None:
    if text and text not in TRANSLATORS:
        raise ValueError(f"give one of: {', '.join(TRANSLATORS)}; or leave it empty")
    return text or None


def _service_url(text: str) -> str | None:
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ValueError("give the service's address, such as https://translate.example.org")
    return text.rstrip("/")


def _secret(text: str) -> str | None:
    if text and (not text.isascii() or not text.isprintable() or " " in text):
        raise ValueError("give the key as the service shows it, without blanks")
    return text or None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ReachSettings, HlsSettings, HandoffSettings):
    """What this installation was told; made by ``read``, never changed afterwards."""

    host: Annotated[
        str, Setting("CAUSERIE_HOST", _host, "127.0.0.1", "Address that HTTP listens on.")
    ]
    port: Annotated[
        int,
        Setting(
            "CAUSERIE_PORT", parse_port, "8000", "Port that HTTP listens on; 0 takes a free one."
        ),
    ]
    data_dir: Annotated[
        Path,
        Setting(
            "CAUSERIE_DATA_DIR",
            _folder,
            "./causerie-data",
            "Folder of the SQLite file, the recordings and the secret key; made when absent.",
        ),
    ]
    audit_anchor: Annotated[
        Path | None,
        Setting(
            "CAUSERIE_AUDIT_ANCHOR",
            _file_or_none,
            "",
            "File in which the ends of the audit are kept, once a minute; only appended to.",
            "audit-anchor.jsonl in the data folder",
        ),
    ]
    database_url: Annotated[
        str | None,
        Setting(
            "CAUSERIE_DATABASE_URL",
            _database,
            "",
            "SQLAlchemy URL of the database; SQLite and PostgreSQL are supported.",
            "SQLite in the data folder",
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
    workers: Annotated[
        int,
        Setting(
            "CAUSERIE_WORKERS",
            _workers,
            "1",
            "Server processes on this machine, which share the HTTP port; worker n (from 0) takes"
            " CAUSERIE_UDP_PORT + n. More than one takes PostgreSQL and CAUSERIE_BUS_URL.",
        ),
    ]
    owner_token: Annotated[
        str | None,
        Setting(
            "CAUSERIE_OWNER_TOKEN",
            _owner_token,
            "",
            f"Bearer token ({OWNER_TOKEN_MIN} characters or more) that acts as owner; without it"
            " the first start prints a one-time owner link.",
            "empty",
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
    recordings_dir: Annotated[
        Path | None,
        Setting(
            "CAUSERIE_RECORDINGS_DIR",
            _file_or_none,
            "",
            "Folder for the recordings of shows.",
            "recordings, in the data folder",
        ),
    ]
    recordings_max_gb: Annotated[
        int | None,
        Setting(
            "CAUSERIE_RECORDINGS_MAX_GB",
            _positive("gigabytes"),
            "",
            "How much all recordings together may hold; then nothing more is recorded.",
            "none",
        ),
    ]
    recordings_spare_gb: Annotated[
        int,
        Setting(
            "CAUSERIE_RECORDINGS_SPARE_GB",
            _count("gigabytes"),
            "2",
            "How much of the disk recordings leave free.",
        ),
    ]
    recordings_keep_days: Annotated[
        int,
        Setting(
            "CAUSERIE_RECORDINGS_KEEP_DAYS",
            _count("days"),
            "90",
            "After how many days recordings are deleted; 0: when the owner does it.",
        ),
    ]
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
            _switch,
            "on",
            "Forward video by the part in C where the installation could build it: on or off.",
        ),
    ]
    gateway_accelerator: Annotated[
        bool,
        Setting(
            "CAUSERIE_GATEWAY_ACCELERATOR",
            _switch,
            "on",
            "Send chat by the part in C where the installation could build it: on or off.",
        ),
    ]
    egress_mbit: Annotated[
        int | None,
        Setting(
            "CAUSERIE_EGRESS_MBIT",
            _positive("megabits a second"),
            "",
            "What the link to the viewers carries, in Mbit/s; beyond it newcomers get no picture.",
            "none",
        ),
    ]
    max_viewers: Annotated[
        int | None,
        Setting(
            "CAUSERIE_MAX_VIEWERS",
            _positive("viewers"),
            "",
            "How many may watch at once on this server; further ones get a plain sentence.",
            "none",
        ),
    ]
    limit_joins: Annotated[
        Rate,
        Setting(
            "CAUSERIE_LIMIT_JOINS", _rate, "300/60s", "Joins from one address, as count/seconds."
        ),
    ]
    limit_messages: Annotated[
        Rate,
        Setting(
            "CAUSERIE_LIMIT_MESSAGES",
            _rate,
            "5/10s",
            "Messages of one participant, as count/seconds.",
        ),
    ]
    limit_questions: Annotated[
        Rate,
        Setting(
            "CAUSERIE_LIMIT_QUESTIONS",
            _rate,
            "3/60s",
            "Questions of one participant, as count/seconds.",
        ),
    ]

    attention: Annotated[
        Basis | None,
        Setting(
            "CAUSERIE_ATTENTION",
            _basis,
            "off",
            "Count how many viewers have the show before their eyes, and on which basis: off,"
            " consent (of who says yes) or legitimate-interest (of who does not say no).",
        ),
    ]
    evasion_hints: Annotated[
        bool,
        Setting(
            "CAUSERIE_EVASION_HINTS",
            _switch,
            "off",
            "Have newcomers with the device and the address prefix of someone banned in the last"
            " 24 h looked at first; keeps salted hashes of both for two days at most: on or off."
            " Tell the people concerned.",
        ),
    ]

    ear: Annotated[
        bool,
        Setting(
            "CAUSERIE_EAR",
            _switch,
            "on",
            "Models that learn from moderators and find questions and duplicates, in a process of"
            " their own with up to 300 MB: on or off. Off, the rules alone decide.",
        ),
    ]
    hook_url: Annotated[
        str | None,
        Setting(
            "CAUSERIE_HOOK_URL",
            _service_url,
            "",
            "Your own service that is asked about each line that nothing is held against; texts"
            " are sent to it. A slow or broken one is done without.",
            "none",
        ),
    ]
    hook_secret: Annotated[
        str | None,
        Setting(
            "CAUSERIE_HOOK_SECRET",
            _secret,
            "",
            "Secret under which what is sent to that service is signed.",
            "empty",
        ),
    ]

    translator: Annotated[
        str | None,
        Setting(
            "CAUSERIE_TRANSLATOR",
            _translator,
            "",
            "Service that translates what viewers ask to read in their language: libretranslate or"
            " deepl. Texts are sent to it; without one nothing leaves this machine.",
            "none",
        ),
    ]
    translator_url: Annotated[
        str | None,
        Setting(
            "CAUSERIE_TRANSLATOR_URL",
            _service_url,
            "",
            "Address of the translation service; required for libretranslate.",
            "DeepL's own",
        ),
    ]
    translator_key: Annotated[
        str | None,
        Setting(
            "CAUSERIE_TRANSLATOR_KEY",
            _secret,
            "",
            "Key of the translation service; required for deepl.",
            "empty",
        ),
    ]
    translator_budget: Annotated[
        int,
        Setting(
            "CAUSERIE_TRANSLATOR_BUDGET",
            _characters,
            "200000",
            "Characters that may be sent to be translated, for each session and day.",
        ),
    ]

    @property
    def udp_ports(self) -> range:
        """The UDP ports of all media processes on this machine."""
        return range(self.udp_port, self.udp_port + self.workers * self.media_workers)

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Settings:
        """Settings from texts by variable name; what is absent or empty takes its default.

        Raises ``SettingError`` for the first value that cannot work. Secrets are not repeated.
        """
        values: dict[str, Any] = {}
        for name, setting in SETTINGS.items():
            text = given.get(setting.variable, "").strip() or setting.default
            try:
                values[name] = setting.parse(text)
            except ValueError as error:
                shown = _shown(setting.variable, text)
                raise SettingError(setting.variable, shown, str(error)) from None
        settings = cls(**values)
        if settings.public_url is None and not is_loopback(settings.host):
            raise SettingError(
                "CAUSERIE_PUBLIC_URL",
                "",
                f"give the address that viewers open, such as https://live.example.org, because"
                f" CAUSERIE_HOST={settings.host} is not loopback",
            )
        if settings.udp_ports[-1] > PORT_MAX:
            raise SettingError(
                "CAUSERIE_UDP_PORT",
                str(settings.udp_port),
                f"{len(settings.udp_ports)} media processes take as many ports, up to {PORT_MAX}",
            )
        _check_nodes(settings)
        settings.check_translator()
        settings.check_handoff(hls=settings.hls)
        settings.check_reach(len(settings.udp_ports), settings.port)
        return settings

    def check_translator(self) -> None:
        """Raises ``SettingError`` where the service chosen lacks what it cannot do without."""
        if self.translator == "libretranslate" and self.translator_url is None:
            raise SettingError(
                "CAUSERIE_TRANSLATOR_URL",
                "",
                "give the address of your LibreTranslate server, such as http://127.0.0.1:5000",
            )
        if self.translator == "deepl" and self.translator_key is None:
            raise SettingError("CAUSERIE_TRANSLATOR_KEY", "", "give the key of your DeepL account")


_HINTS: Final = get_type_hints(Settings, include_extras=True)

SETTINGS: Final[Mapping[str, Setting]] = {
    name: _HINTS[name].__metadata__[0]
    for name in dict.fromkeys([*Settings.__annotations__, *_HINTS])
}
"""Each setting by the name of its field, in the order of the contract; a subject's last."""


def _check_nodes(settings: Settings) -> None:
    """Several processes take a database that can be shared, and a bus."""
    on_postgresql = (settings.database_url or "").startswith("postgresql")
    if settings.workers > 1 and not on_postgresql:
        raise SettingError(
            "CAUSERIE_WORKERS",
            str(settings.workers),
            "SQLite serves one process; give 1, or PostgreSQL by CAUSERIE_DATABASE_URL"
            " and a bus by CAUSERIE_BUS_URL",
        )
    if settings.workers > 1 and settings.bus_url is None:
        raise SettingError(
            "CAUSERIE_WORKERS",
            str(settings.workers),
            "several processes take a bus; give CAUSERIE_BUS_URL, or 1",
        )
    if settings.bus_url is not None and not on_postgresql:
        raise SettingError(
            "CAUSERIE_BUS_URL",
            _shown("CAUSERIE_BUS_URL", settings.bus_url),
            "several nodes take PostgreSQL; give CAUSERIE_DATABASE_URL, or leave this empty",
        )


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be this machine itself."""
    name = host.removeprefix("[").removesuffix("]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def unknown_variables(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Names that look like settings and are none, for a warning: a typing error is never silent."""
    known = {setting.variable for setting in SETTINGS.values()}
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in known)


def shown_url(url: str) -> str:
    """A URL as it may be repeated: without user and password."""
    return _shown("CAUSERIE_BUS_URL", url)


def _shown(variable: str, text: str) -> str:
    if variable.endswith(("_TOKEN", "_KEY", "_SECRET")):
        return f"({len(text)} characters)"
    if variable.endswith("_URL") and "@" in text:
        scheme, _, rest = text.partition("://")
        text = f"{scheme}://…@{rest.rpartition('@')[2]}"
    if variable == "CAUSERIE_MEDIA_URL" and "?" in text:
        text = f"{text.partition('?')[0]}?…"
    return text
