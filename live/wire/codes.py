"""Stable codes: why a command was refused, why a connection ended, which protocol this is."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

PROTOCOL = 1
SUBPROTOCOL = "causerie.v1"

RefusalCode = Literal[
    "malformed",
    "unknown_command",
    "invalid",
    "empty",
    "too_long",
    "control_characters",
    "name_required",
    "name_taken",
    "forbidden",
    "not_found",
    "stale",
    "id_reused",
    "rate_limited",
    "slow_mode",
    "wrong_state",
    "segment_closed",
    "overloaded",
]


class CloseCode(IntEnum):
    """Why the server ends a connection. Clients come back after any code that is not final."""

    GOING_AWAY = 1001
    INTERNAL_ERROR = 1011
    RESTART = 1012
    TOO_SLOW = 4001
    MOVED = 4002
    PROTOCOL = 4400
    NOT_AUTHENTICATED = 4401
    BANNED = 4403
    NO_SUCH_SESSION = 4404
    TOO_LARGE = 4413
    FLOODING = 4429

    @property
    def final(self) -> bool:
        return self >= CloseCode.PROTOCOL
