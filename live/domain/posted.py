"""What is true of a message or question from the moment it was written."""

from __future__ import annotations

from datetime import datetime

from live.domain.ids import ContentId, MessageId, ParticipantId
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class Posted:
    """What is true of a message or question from the moment it was written. ``reasons`` are codes;
    their words lie with the content. ``from_message`` is the chat line that a question was."""

    author_id: ParticipantId
    content_id: ContentId
    commitment: str
    language: str
    at: datetime
    reply_to: MessageId | None = None
    reasons: tuple[str, ...] = ()
    score: float | None = None
    from_message: MessageId | None = None
