"""Who takes part: persons known across sessions, participants of one, and what they may do."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from live.domain.ids import ParticipantId, PersonId, SessionId
from live.domain.value import dataclass


class Role(StrEnum):
    OWNER = "owner"
    HOST = "host"
    MODERATOR = "moderator"
    GUEST = "guest"
    VIEWER = "viewer"

    def __init__(self, name: str) -> None:
        self.is_staff = name in ("owner", "host", "moderator")


OPEN_SEGMENTS = ("customer", "prospect", "general")
DEFAULT_SEGMENT = "general"
GRANTED_SEGMENTS = ("ambassador", "influencer")


@dataclass(frozen=True, slots=True)
class Participant:
    """A person in a session. The name is personal text: it is absent once erased. A language that
    was not chosen follows what the person writes."""

    id: ParticipantId
    session_id: SessionId
    person_id: PersonId | None
    role: Role
    segment: str
    language: str
    display_name: str | None
    joined_at: datetime
    invite_id: str | None = None
    granted_segments: tuple[str, ...] = ()
    erased: bool = False
    language_chosen: bool = True
