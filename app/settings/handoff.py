"""Where picture and sound are handed off to another server: settings of that subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from app.setting import Setting, SettingError, parse_secret
from live.media.handoff.place import (
    JanusPlace,
    ServicePlace,
    place_of,
    read_media_url,
    read_watch_url,
)

MediaPlace = JanusPlace | ServicePlace


@dataclass(frozen=True, kw_only=True)
class HandoffSettings:
    """What an operator may say about another server for picture and sound; part of ``Settings``."""

    media_url: Annotated[
        str | None,
        Setting(
            "CAUSERIE_MEDIA_URL",
            read_media_url,
            "",
            "Server that has picture and sound instead of the built-in engine: janus+ws://host:8188"
            " for Janus, or whip+https://host/path/{session} for a service with WHIP.",
            "the built-in engine",
        ),
    ]
    media_watch_url: Annotated[
        str | None,
        Setting(
            "CAUSERIE_MEDIA_WATCH_URL",
            read_watch_url,
            "",
            "Where that service is watched, as whep+https://host/path/{session}.",
            "none",
        ),
    ]
    media_token: Annotated[
        str | None,
        Setting(
            "CAUSERIE_MEDIA_TOKEN",
            parse_secret,
            "",
            "What that server knows this one by: Janus' api_secret, or a service's bearer token.",
            "empty",
        ),
    ]
    media_admin_key: Annotated[
        str | None,
        Setting(
            "CAUSERIE_MEDIA_ADMIN_KEY",
            parse_secret,
            "",
            "The admin_key of Janus' plugins videoroom and streaming, where they have one.",
            "empty",
        ),
    ]

    @property
    def handed_off(self) -> MediaPlace | None:
        """Who has picture and sound; None: the built-in engine."""
        return place_of(
            self.media_url, self.media_watch_url, self.media_token, self.media_admin_key
        )

    def check_handoff(self, *, hls: bool) -> None:
        """Raises ``SettingError`` where a setting is missing, or has nothing to go with."""
        try:
            place = self.handed_off
        except ValueError as error:
            raise SettingError(
                "CAUSERIE_MEDIA_WATCH_URL", self.media_watch_url or "", str(error)
            ) from None
        if place is None and self.media_token is not None:
            raise SettingError(
                "CAUSERIE_MEDIA_TOKEN",
                f"({len(self.media_token)} characters)",
                "leave it empty, or say whose it is in CAUSERIE_MEDIA_URL",
            )
        if place is not None and hls:
            raise SettingError(
                "CAUSERIE_HLS",
                "on",
                "only the built-in engine cuts HLS; say off, or leave CAUSERIE_MEDIA_URL empty",
            )
        if self.media_admin_key is not None and not isinstance(place, JanusPlace):
            raise SettingError(
                "CAUSERIE_MEDIA_ADMIN_KEY",
                f"({len(self.media_admin_key)} characters)",
                "leave it empty, or name a Janus server in CAUSERIE_MEDIA_URL",
            )
