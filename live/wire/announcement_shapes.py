"""The shapes of announcements, for those who read them and for those who wrote them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from live.wire.shape import Author, Shape

AnnouncementEnd = Literal["withdrawn", "expired"]


class Link(Shape, forbid_unknown_fields=True, frozen=True):
    """Where an announcement leads (``https`` or ``http``), and what its button says."""

    url: Annotated[str, Meta(max_length=2_000)]
    label: Annotated[str, Meta(max_length=200)]


class Product(Shape, forbid_unknown_fields=True, frozen=True):
    """What is for sale, as these people read it; ``image`` is a picture's id in this session
    (``…/pictures/{id}``)."""

    name: Annotated[str, Meta(max_length=200)]
    price: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    image: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET


class Variant(Shape, frozen=True):
    """What the people of one segment (null: of all) read in one language."""

    segment: str | None
    language: str
    text: str
    link: Link | UnsetType = UNSET
    product: Product | UnsetType = UNSET
    translated: bool | UnsetType = UNSET


class Announcement(Shape, frozen=True):
    """What the team tells this reader, in the words for their cohort. Its link is followed by
    ``…/go/{id}``, so that it is known how many did. ``translated``: by a machine alone.

    Staff have all ``variants`` with their ``author``, and may have no words of their own.
    """

    id: str
    revision: int
    status: Literal["active"]
    at: str
    text: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    link: Link | UnsetType = UNSET
    product: Product | UnsetType = UNSET
    translated: bool | UnsetType = UNSET
    until: str | UnsetType = UNSET
    pinned: bool | UnsetType = UNSET
    countdown: bool | UnsetType = UNSET
    author: Author | UnsetType = UNSET
    variants: list[Variant] | UnsetType = UNSET


class AnnouncementTombstone(Shape, frozen=True):
    """An announcement that this reader no longer has."""

    id: str
    status: AnnouncementEnd


class SavedAnnouncement(Shape, frozen=True):
    """What the team has ready to tell; ``due``: when it is sent by itself."""

    id: str
    revision: int
    status: Literal["saved"]
    at: str
    variants: list[Variant]
    lasts_s: int | UnsetType = UNSET
    pinned: bool | UnsetType = UNSET
    countdown: bool | UnsetType = UNSET
    due: str | UnsetType = UNSET


class SavedTombstone(Shape, frozen=True):
    """It was sent or thrown away."""

    id: str
    status: Literal["gone"]
