"""What stands above the chat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from live.domain.ids import ContentId
from live.domain.subject import Subject

MAX_PINS = 3


@dataclass(frozen=True, slots=True)
class Pin:
    """Either a text of the team's (``content_id``) or a message or question (``subject``)."""

    id: str
    at: datetime
    subject: Subject | None = None
    content_id: ContentId | None = None
    commitment: str | None = None
