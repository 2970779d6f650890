"""What a participant may not do, and until when; and whom the team looks at first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from live.domain.ids import ContentId, ParticipantId


class SanctionKind(StrEnum):
    """What is written under ``review`` waits for the team; the other three forbid writing."""

    TIMEOUT = "timeout"
    MUTE = "mute"
    BAN = "ban"
    REVIEW = "review"


SILENCING = (SanctionKind.BAN, SanctionKind.MUTE, SanctionKind.TIMEOUT)


class Scope(StrEnum):
    """Where a sanction holds: only a ban may hold for all sessions of the brand."""

    SESSION = "session"
    BRAND = "brand"


@dataclass(frozen=True, slots=True)
class Sanction:
    """One measure against one participant; ``until`` None means until the session ends, or for good
    where it holds for the brand. ``reason_id`` is the content that tells the person why."""

    participant_id: ParticipantId
    kind: SanctionKind
    until: datetime | None
    at: datetime
    by: ParticipantId | None = None
    reason_id: ContentId | None = None
    scope: Scope = Scope.SESSION

    @property
    def name(self) -> str:
        """Tells it from others against the same person, also from a later one of its kind."""
        return f"{self.kind}:{self.at.isoformat()}"

    def holds(self, now: datetime) -> bool:
        return self.until is None or now < self.until
