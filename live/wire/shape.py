"""What the shapes of every subject are made of."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

Role = Literal["owner", "host", "moderator", "guest", "viewer"]


class Shape(Struct, frozen=True, omit_defaults=False):
    """Base of everything that is sent; unknown fields are ignored by those who read it."""


class Author(Shape, frozen=True):
    """Who wrote something. ``segment`` is for staff only. Erased people have no name."""

    id: str
    display_name: str | None
    role: Role
    segment: str | UnsetType = UNSET
