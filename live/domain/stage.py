"""Who is publishing picture and sound."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from live.domain.ids import ParticipantId


class SeatState(StrEnum):
    """``preview`` is received by nobody, ``silent`` is on air without media arriving."""

    PREVIEW = "preview"
    ON_AIR = "on_air"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Slate:
    """Who of the team had picture and sound cut for everyone, and when."""

    by: ParticipantId
    since: datetime


@dataclass(frozen=True, slots=True)
class SetSlate:
    """``on``: cut picture and sound; or give them back."""

    on: bool


@dataclass(frozen=True, slots=True)
class Seat:
    """One place on stage and what comes from it; ``muted`` by the team."""

    seat: str
    participant_id: ParticipantId
    state: SeatState
    audio: bool
    video: bool
    since: datetime
    muted: bool = False
