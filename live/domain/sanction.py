"""What a participant may not do, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from live.domain.ids import ParticipantId


class SanctionKind(StrEnum):
    TIMEOUT = "timeout"
    MUTE = "mute"
    BAN = "ban"


@dataclass(frozen=True, slots=True)
class Sanction:
    """One measure against one participant; ``until`` None means until the session ends."""

    participant_id: ParticipantId
    kind: SanctionKind
    until: datetime | None
    at: datetime

    def holds(self, now: datetime) -> bool:
        return self.until is None or now < self.until
