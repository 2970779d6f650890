"""Who comes in as owner, and how much anyone may do: settings of that subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from app.limits import Rate
from app.setting import Setting

OWNER_TOKEN_MIN: Final = 32


def _owner_token(text: str) -> str | None:
    if not text:
        return None
    if len(text) < OWNER_TOKEN_MIN or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(
            f"use {OWNER_TOKEN_MIN} or more letters and digits, such as from: openssl rand -hex 32"
        )
    return text


def _rate(text: str) -> Rate:
    count, slash, period = text.partition("/")
    period = period.removesuffix("s")
    if not (slash and count.isdigit() and period.isdigit()) or not (int(count) and int(period)):
        raise ValueError("give a count and a number of seconds, such as 5/10s")
    return Rate(count=int(count), period_s=float(period))


@dataclass(frozen=True, kw_only=True)
class DoorSettings:
    """What an operator may say about who comes in; part of ``Settings``."""

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
