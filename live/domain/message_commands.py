"""What may be asked about chat lines."""

from __future__ import annotations

from live.domain.ids import MessageId
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class PostMessage:
    """A text that starts with ``/q `` is a question."""

    text: str
    reply_to: MessageId | None = None


@dataclass(frozen=True, slots=True)
class WithdrawMessage:
    message_id: MessageId


@dataclass(frozen=True, slots=True)
class EditMessage:
    message_id: MessageId
    revision: int
    text: str


@dataclass(frozen=True, slots=True)
class TurnIntoQuestion:
    """A chat line becomes a question of its author's."""

    message_id: MessageId
    revision: int


MessageCommand = PostMessage | WithdrawMessage | EditMessage | TurnIntoQuestion
