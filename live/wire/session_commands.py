"""What a client may ask about the session as a whole: its mode, what stands out in it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from live.wire.base import Command, Id
from live.wire.desk_shapes import Judgement, Level, Route
from live.wire.shapes import ReactionKind, Subject


class SetMode(Command, frozen=True):
    """Change how the session takes what people write; what is absent stays."""

    review: Literal["before", "after"] | UnsetType = UNSET
    slow_s: Annotated[float, Meta(ge=0, le=3600)] | UnsetType = UNSET
    members_only: bool | UnsetType = UNSET
    emoji_only: bool | UnsetType = UNSET
    links: bool | UnsetType = UNSET
    long_form: bool | UnsetType = UNSET
    questions_only: bool | UnsetType = UNSET
    hold_newcomers: bool | UnsetType = UNSET


class SetShield(Command, frozen=True):
    """Raise the panic shield, or lower it: what stood before comes back. ``rules`` is what raising
    changes (absent: newcomers held, links off, slow mode); ``reason`` is shown to everyone."""

    on: bool
    reason: Annotated[str, Meta(max_length=500)] | UnsetType = UNSET
    rules: SetMode | UnsetType = UNSET


class SetPin(Command, frozen=True):
    """Put a text, a message or a question above the chat."""

    text: str | UnsetType = UNSET
    subject: Subject | UnsetType = UNSET


class ClearPin(Command, frozen=True):
    """Take one pin down, or all."""

    pin_id: Id | UnsetType = UNSET


class SetScreen(Command, frozen=True):
    """Put a question or a message on the screen: the player's, and the overlay's for OBS."""

    subject: Subject


class ClearScreen(Command, frozen=True):
    """Take it off the screen again."""


class SetSlate(Command, frozen=True):
    """Cut picture and sound for everyone at once, in the recording too, as staff; or give them
    back."""

    on: bool


Key = Annotated[str, Meta(min_length=1, max_length=60)]
Entries = Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(max_length=100)]


class SetListening(Command, frozen=True):
    """Turn dials, as staff; what is absent stays, an empty list goes back to what ships."""

    dial: dict[Judgement, Level] | UnsetType = UNSET
    mask_personal_data: bool | UnsetType = UNSET
    watched: dict[Key, Entries] | UnsetType = UNSET
    prototypes: dict[Key, Entries] | UnsetType = UNSET
    topics: dict[Key, Entries] | UnsetType = UNSET
    routes: Annotated[list[Route], Meta(max_length=40)] | UnsetType = UNSET


class SayToStaff(Command, frozen=True):
    """A line of the team's own talk; ``to`` puts it before the eyes of whoever hosts."""

    text: str
    to: Literal["host"] | UnsetType = UNSET


class AddReaction(Command, frozen=True):
    """``count`` taps of one kind since the last frame."""

    kind: ReactionKind
    count: Annotated[int, Meta(ge=1, le=20)]


class SetTyping(Command, frozen=True):
    """Ephemeral: counted in ``pulse.typing`` until switched off or a few seconds old."""

    on: bool
