"""Facts about what the team told the audience."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from live.domain.announcement import AnnouncementStatus, Variant
from live.domain.fact import Event
from live.domain.ids import AnnouncementId, ParticipantId
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class AnnouncementSent(Event):
    """To each cohort its own words."""

    type: ClassVar[str] = "announcement.sent"
    announcement_id: AnnouncementId
    author_id: ParticipantId
    variants: tuple[Variant, ...]
    until: datetime | None = None
    pinned: bool = False
    countdown: bool = False


@dataclass(frozen=True, slots=True)
class AnnouncementSaved(Event):
    """The team has it ready, as it stands from now on; or, active or withdrawn, no longer."""

    type: ClassVar[str] = "announcement.saved"
    announcement_id: AnnouncementId
    author_id: ParticipantId
    revision: int
    status: AnnouncementStatus
    variants: tuple[Variant, ...]
    lasts_s: int | None = None
    pinned: bool = False
    countdown: bool = False
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class AnnouncementChanged(Event):
    """Corrected, taken back or over: ``variants`` as they stand from now on."""

    type: ClassVar[str] = "announcement.changed"
    announcement_id: AnnouncementId
    revision: int
    status: AnnouncementStatus
    variants: tuple[Variant, ...]
    until: datetime | None = None
    pinned: bool = False
    countdown: bool = False
