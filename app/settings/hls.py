"""HLS, for those whom WebRTC does not reach: settings of that subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from app.setting import Setting, parse_switch


def _base_or_none(text: str) -> str | None:
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise ValueError("give an https address, such as https://cdn.example.org")
    if not parts.hostname or parts.query or parts.fragment or parts.path.rstrip("/"):
        raise ValueError("give an address without a path, such as https://cdn.example.org")
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, kw_only=True)
class HlsSettings:
    """What an operator may say about HLS; part of ``Settings``."""

    hls: Annotated[
        bool,
        Setting(
            "CAUSERIE_HLS",
            parse_switch,
            "off",
            "on: cut what is on air for HLS too, for those whom WebRTC does not reach; publishers"
            " are then asked for H264.",
        ),
    ]
    hls_base_url: Annotated[
        str | None,
        Setting(
            "CAUSERIE_HLS_BASE_URL",
            _base_or_none,
            "",
            "Address of a CDN or cache in front of this server, from which players take the pieces"
            " of HLS; what it passes on counts against no bound here.",
            "this server",
        ),
    ]
