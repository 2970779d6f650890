"""What a page says of its reader's attention, where the operator wants to know and they agree."""

from __future__ import annotations

from typing import Literal

from live.wire.base import Command

Basis = Literal["consent", "legitimate-interest"]
"""On what attention is counted, in the words of the GDPR (article 6.1, letters a and f)."""


class SetAttention(Command, frozen=True):
    """Ephemeral: one has the show before one's eyes (the page is in sight and its picture moves),
    or not. It holds until one says otherwise or has no connection any more; only how many do is
    counted. ``wrong_state`` where the operator has chosen no basis for it."""

    on: bool


COMMANDS: dict[str, type[Command]] = {"attention.set": SetAttention}
