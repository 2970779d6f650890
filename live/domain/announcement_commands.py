"""What the team may ask to be told to the audience."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from live.domain.announcement import Link, Product
from live.domain.ids import AnnouncementId


@dataclass(frozen=True, slots=True)
class DraftVariant:
    """What these people will read. ``segment`` None: everyone; ``language`` None: the session's
    first. ``translated``: by a machine, and not gone over by anyone."""

    text: str
    segment: str | None = None
    language: str | None = None
    link: Link | None = None
    product: Product | None = None
    translated: bool = False


@dataclass(frozen=True, slots=True)
class SendAnnouncement:
    """It is over at ``until`` or after ``lasts_s``; with neither, when the team takes it back.
    ``countdown`` shows how long that still is."""

    variants: tuple[DraftVariant, ...]
    until: datetime | None = None
    lasts_s: int | None = None
    pinned: bool = False
    countdown: bool = False


@dataclass(frozen=True, slots=True)
class SaveAnnouncement:
    """Have it ready. ``due``, or ``after_s`` from now: when it is sent by itself. Given
    ``announcement_id`` and ``revision`` it takes the place of a saved one."""

    variants: tuple[DraftVariant, ...]
    announcement_id: AnnouncementId | None = None
    revision: int | None = None
    lasts_s: int | None = None
    pinned: bool = False
    countdown: bool = False
    due: datetime | None = None
    after_s: int | None = None


@dataclass(frozen=True, slots=True)
class ReleaseAnnouncement:
    """Send a saved one as it is."""

    announcement_id: AnnouncementId
    revision: int


@dataclass(frozen=True, slots=True)
class CorrectAnnouncement:
    """What is None stays; ``variants`` are all that it has from now on."""

    announcement_id: AnnouncementId
    revision: int
    variants: tuple[DraftVariant, ...] | None = None
    pinned: bool | None = None
    countdown: bool | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class WithdrawAnnouncement:
    """From every screen; a saved one is thrown away."""

    announcement_id: AnnouncementId


AnnouncementCommand = (
    SendAnnouncement
    | SaveAnnouncement
    | ReleaseAnnouncement
    | CorrectAnnouncement
    | WithdrawAnnouncement
)
