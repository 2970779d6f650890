"""What the team tells the audience, to each cohort in words of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from live.domain.ids import AnnouncementId, ContentId, ParticipantId


class AnnouncementStatus(StrEnum):
    """``saved`` is for the team alone, until it is sent; ``active`` until the team takes it back or
    its time is over, both for good."""

    SAVED = "saved"
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Link:
    """Where a variant leads, and what its button says."""

    url: str
    label: str


@dataclass(frozen=True, slots=True)
class Product:
    """What is for sale: its ``price`` as these people read it, the id of its ``image``."""

    name: str
    price: str | None = None
    image: str | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """What one variant says; kept as one erasable content (``live.domain.wording``). With a product
    the text may be empty. ``translated``: by a machine, and not gone over by anyone."""

    text: str
    link: Link | None = None
    product: Product | None = None
    translated: bool = False


@dataclass(frozen=True, slots=True)
class Variant:
    """For whom (``segment`` None: everyone) in which language, and where its words lie."""

    segment: str | None
    language: str
    content_id: ContentId
    commitment: str


@dataclass(frozen=True, slots=True)
class Announcement:
    """One announcement as it stands; ``until``: when its time is over, which ``countdown`` shows.

    Saved, it has ``lasts_s`` instead, and ``due`` where it is sent by itself then.
    """

    id: AnnouncementId
    author_id: ParticipantId
    at: datetime
    revision: int
    status: AnnouncementStatus
    variants: tuple[Variant, ...]
    until: datetime | None = None
    pinned: bool = False
    countdown: bool = False
    lasts_s: int | None = None
    due: datetime | None = None


def fallbacks(segment: str, language: str, default: str) -> Iterator[tuple[str | None, str]]:
    """Where a cohort looks for its words, best first: its own segment in its language (``fr`` for
    ``fr-CA``), then in the ``default`` language; the segment that its own is part of
    (``customer`` for ``customer/vip``) likewise; what is for everyone, likewise.
    """
    languages = dict.fromkeys((language, language.partition("-")[0], default))
    for each in (*_lineage(segment), None):
        yield from ((each, spoken) for spoken in languages)


def variant_for(
    variants: Sequence[Variant], segment: str, language: str, default: str
) -> Variant | None:
    """The variant that a cohort reads, or None where it is left without one."""
    known = {(each.segment, each.language): each for each in variants}
    return next((known[key] for key in fallbacks(segment, language, default) if key in known), None)


def _lineage(segment: str) -> Iterator[str]:
    while segment:
        yield segment
        segment = segment.rpartition("/")[0]
