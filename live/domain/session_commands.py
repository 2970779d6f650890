"""What may be asked about the session as a whole: its state, its mode, what stands out in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from live.domain.dial import Judgement, Level
from live.domain.listening import Route
from live.domain.mode import Review
from live.domain.segment import Segment
from live.domain.session import SessionState
from live.domain.stage import Seat
from live.domain.subject import Subject
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class ChangeState:
    """The server: take the session a step further."""

    state: SessionState


@dataclass(frozen=True, slots=True)
class SessionDetails:
    """The server: the owner changed the announcement of the show. ``None`` leaves as it is;
    ``starts_at`` is only cleared by ``clear_starts_at``."""

    title: str | None = None
    starts_at: datetime | None = None
    clear_starts_at: bool = False
    languages: tuple[str, ...] | None = None
    segments: tuple[Segment, ...] | None = None
    visibility: str | None = None
    review: Review | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class SetMode:
    review: Review | None = None
    slow_s: float | None = None
    members_only: bool | None = None
    emoji_only: bool | None = None
    links: bool | None = None
    long_form: bool | None = None
    questions_only: bool | None = None
    hold_newcomers: bool | None = None


@dataclass(frozen=True, slots=True)
class SetShield:
    """``rules``: what raising it changes; None for the usual set. ``reason`` is for everyone."""

    on: bool
    reason: str | None = None
    rules: SetMode | None = None


@dataclass(frozen=True, slots=True)
class SetPin:
    """Exactly one of the two."""

    text: str | None = None
    subject: Subject | None = None


@dataclass(frozen=True, slots=True)
class ClearPin:
    """None clears all."""

    pin_id: str | None = None


@dataclass(frozen=True, slots=True)
class SetScreen:
    subject: Subject


@dataclass(frozen=True, slots=True)
class ClearScreen:
    """Nothing stands on the screen any more."""


@dataclass(frozen=True, slots=True)
class SetStage:
    """The server: these are the seats now."""

    seats: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class SetListening:
    """What of a mapping is not named stays."""

    levels: Mapping[Judgement, Level] | None = None
    mask_personal_data: bool | None = None
    watched: Mapping[str, tuple[str, ...]] | None = None
    prototypes: Mapping[str, tuple[str, ...]] | None = None
    topics: Mapping[str, tuple[str, ...]] | None = None
    routes: tuple[Route, ...] | None = None


@dataclass(frozen=True, slots=True)
class SayToStaff:
    """``to_host``: meant for the person on air, who reads it while talking."""

    text: str
    to_host: bool = False


class ReactionKind(StrEnum):
    HEART = "heart"
    APPLAUSE = "applause"
    LAUGH = "laugh"
    SURPRISE = "surprise"
    CONFUSED = "confused"


@dataclass(frozen=True, slots=True)
class AddReaction:
    kind: ReactionKind
    count: int


@dataclass(frozen=True, slots=True)
class Lapse:
    """The server: end the claims and sanctions whose time is over."""


SessionCommand = (
    SetMode
    | SetShield
    | SetPin
    | ClearPin
    | SetScreen
    | ClearScreen
    | SetListening
    | SayToStaff
    | AddReaction
)
SessionAct = ChangeState | SessionDetails | SetStage | Lapse
