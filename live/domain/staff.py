"""The team's own talk, and what viewers tell the team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from live.domain.ids import ContentId, ParticipantId
from live.domain.subject import Subject


@dataclass(frozen=True, slots=True)
class StaffSay:
    """A line among staff; its text is the content that ``content_id`` names."""

    id: str
    author_id: ParticipantId
    content_id: ContentId
    at: datetime
    to_host: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A viewer's complaint; its words are the content that ``content_id`` names. ``acted``: whether
    something came of it, None while it waits."""

    id: str
    subject: Subject
    by: ParticipantId
    content_id: ContentId
    at: datetime
    acted: bool | None = None
