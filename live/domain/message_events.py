"""Facts about chat lines. A revision is the one after the event."""

from __future__ import annotations

from typing import ClassVar

from live.domain.fact import Event
from live.domain.ids import ContentId, MessageId
from live.domain.posted import Posted
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class MessageHeld(Event):
    """Waits for a decision. ``posted`` is None where it had been known already (an undo)."""

    type: ClassVar[str] = "message.held"
    message_id: MessageId
    revision: int
    posted: Posted | None = None


@dataclass(frozen=True, slots=True)
class MessagePublished(Event):
    """Everyone sees it; ``posted`` is None where it had been held or removed before. The first
    such event of a message gives it its place."""

    type: ClassVar[str] = "message.published"
    message_id: MessageId
    revision: int
    posted: Posted | None = None


@dataclass(frozen=True, slots=True)
class MessageRefused(Event):
    """Never shown, or taken back by its author before it was (``withdrawn``)."""

    type: ClassVar[str] = "message.refused"
    message_id: MessageId
    revision: int
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class MessageEdited(Event):
    """Its text is another content now; of a pending one, author and staff alone hear."""

    type: ClassVar[str] = "message.edited"
    message_id: MessageId
    revision: int
    content_id: ContentId
    commitment: str


@dataclass(frozen=True, slots=True)
class MessageRemoved(Event):
    """Was shown and is no more. ``withdrawn``: by its author or by erasure, for good."""

    type: ClassVar[str] = "message.removed"
    message_id: MessageId
    revision: int
    withdrawn: bool = False
