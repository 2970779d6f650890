"""What a client may ask about people: how they appear, whom they read."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from live.wire.base import Command, Id


class SetProfile(Command, frozen=True):
    """Change how one appears and what one gets; what is absent stays."""

    language: Annotated[str, Meta(max_length=35)] | UnsetType = UNSET
    segment: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    display_name: str | UnsetType = UNSET


class MutePerson(Command, frozen=True):
    """Stop, or start again, to see what someone writes; for oneself."""

    participant_id: Id
    on: bool


class PlacePerson(Command, frozen=True):
    """Put someone into a segment, as staff; a granted one is granted by it."""

    participant_id: Id
    segment: Annotated[str, Meta(min_length=1, max_length=64)]
