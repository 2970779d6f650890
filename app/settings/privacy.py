"""What is kept of people beyond the show itself: settings of that subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from app.setting import Setting, parse_switch
from live.wire.attention import Basis


def _basis(text: str) -> Basis | None:
    match text:
        case "off":
            return None
        case "consent" | "legitimate-interest":
            return text
        case _:
            raise ValueError("give off, consent or legitimate-interest")


@dataclass(frozen=True, kw_only=True)
class PrivacySettings:
    """What an operator may say about attention and newcomers; part of ``Settings``."""

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
            parse_switch,
            "off",
            "Have newcomers with the device and the address prefix of someone banned in the last"
            " 24 h looked at first; keeps salted hashes of both for two days at most: on or off."
            " Tell the people concerned.",
        ),
    ]
