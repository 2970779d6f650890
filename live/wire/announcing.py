"""What staff may ask to be told to the audience, to each cohort in words of its own."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from live.wire.announcement_shapes import Link, Product
from live.wire.base import Command, Id, Moment

Seconds = Annotated[int, Meta(ge=1, le=100_000_000)]


class DraftVariant(Command, frozen=True):
    """What these people will read: of one segment (absent: of all), in one of the session's
    languages (absent: in the first). With a ``product`` the text may be empty. ``translated``: by a
    machine, and not gone over by anyone."""

    text: str
    segment: Annotated[str, Meta(min_length=1, max_length=64)] | UnsetType = UNSET
    language: Annotated[str, Meta(max_length=35)] | UnsetType = UNSET
    link: Link | UnsetType = UNSET
    product: Product | UnsetType = UNSET
    translated: bool = False


Variants = Annotated[list[DraftVariant], Meta(max_length=1_000)]


class SendAnnouncement(Command, frozen=True):
    """Tell the audience something, as staff, to each cohort in words of its own.

    Whoever has no variant of their segment and language reads their segment's in the session's
    first language, then what is for all in their language, then what is for all in the first; who
    has none of these is told nothing. It goes by itself at ``until`` or after ``lasts_s``, and
    ``countdown`` shows how long that still is. ``pinned``: it stands before the others.
    """

    variants: Variants
    until: Moment | UnsetType = UNSET
    lasts_s: Seconds | UnsetType = UNSET
    pinned: bool = False
    countdown: bool = False


class SaveAnnouncement(Command, frozen=True):
    """Have an announcement ready, as staff: a new one, or in the place of ``announcement_id``, of
    which ``revision`` was seen. ``due``, or ``after_s`` from now: when it is sent by itself."""

    variants: Variants
    announcement_id: Id | UnsetType = UNSET
    revision: int | UnsetType = UNSET
    lasts_s: Seconds | UnsetType = UNSET
    pinned: bool = False
    countdown: bool = False
    due: Moment | UnsetType = UNSET
    after_s: Seconds | UnsetType = UNSET


class ReleaseAnnouncement(Command, frozen=True):
    """Send a saved announcement now, as staff."""

    announcement_id: Id
    revision: int


class CorrectAnnouncement(Command, frozen=True):
    """Change what it says or how it stands there, as staff: ``variants`` are all that it has from
    now on; what is absent stays."""

    announcement_id: Id
    revision: int
    variants: Variants | UnsetType = UNSET
    pinned: bool | UnsetType = UNSET
    countdown: bool | UnsetType = UNSET
    until: Moment | UnsetType = UNSET


class WithdrawAnnouncement(Command, frozen=True):
    """Take it from every screen, or throw a saved one away, as staff."""

    announcement_id: Id
