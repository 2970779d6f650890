"""What reads the lines that are written: settings of that subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from app.setting import Setting, parse_secret, parse_service_url, parse_switch


@dataclass(frozen=True, kw_only=True)
class EarSettings:
    """What an operator may say about the ear; part of ``Settings``."""

    ear: Annotated[
        bool,
        Setting(
            "CAUSERIE_EAR",
            parse_switch,
            "on",
            "Models that learn from moderators and find questions and duplicates, in a process of"
            " their own with up to 300 MB: on or off. Off, the rules alone decide.",
        ),
    ]
    hook_url: Annotated[
        str | None,
        Setting(
            "CAUSERIE_HOOK_URL",
            parse_service_url,
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
            parse_secret,
            "",
            "Secret under which what is sent to that service is signed.",
            "empty",
        ),
    ]
