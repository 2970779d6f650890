"""What a client may ask about chat lines."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from live.wire.base import Command, Id


class PostMessage(Command, frozen=True):
    """A chat line; a text that starts with ``/q `` is a question instead."""

    text: str
    reply_to: Id | UnsetType = UNSET


class WithdrawMessage(Command, frozen=True):
    """Take one's own message back; its text goes."""

    message_id: Id


class EditMessage(Command, frozen=True):
    """Change a message's words, as staff; ``revision`` is the one that was seen."""

    message_id: Id
    revision: int
    text: str


class TurnIntoQuestion(Command, frozen=True):
    """Make a question of a chat line, as staff; its author stays its author."""

    message_id: Id
    revision: int
