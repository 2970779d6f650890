"""The pulse on the wire, for the team: curves, cues, and how the session wants to be cued."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from live.wire.base import Command, Id
from live.wire.shape import Author, Shape

Rule = Literal["confusion", "departures", "questions", "price", "silence", "praise"]
Sensitivity = Literal["low", "normal", "high"]
Outcome = Literal["acted", "dismissed", "snoozed", "over", "gave_way"]
Suggested = Literal["pick", "screen", "send", "withdraw", "poll", "part"]


# --- what is shown


class Figures(Shape, frozen=True):
    """What some people did in one tick: how many are ``present`` at its end, and ``counts`` by
    signal: a kind of reaction, ``message``, ``question``, ``arrived``, ``left``, and
    ``began_confused`` and ``began_applause``, which count people who had not for a minute.
    ``mood`` is from -1 to 1. ``attentive`` of them watch, where the operator counts that, and where
    neither they nor the others are 1 to 4 people."""

    present: int
    counts: dict[str, int]
    mood: float | UnsetType = UNSET
    attentive: int | UnsetType = UNSET


class CurveTick(Shape, frozen=True):
    """Two seconds that begin ``at``. ``segments`` and ``languages`` lack those of which 1 to 4
    people are here, and one more where their figures could be found by subtraction."""

    at: str
    all: Figures
    segments: dict[str, Figures]
    languages: dict[str, Figures]


class Funnel(Shape, frozen=True):
    """How many people came how far: ``total`` in the order of ``steps``, and by segment, where null
    stands for 1 to 4 people, and for one figure more where those could be found by subtraction.
    The team is not counted."""

    steps: list[str]
    total: list[int]
    segments: dict[str, list[int | None]]


class CueAct(Shape, forbid_unknown_fields=True, frozen=True):
    """Something to do about it, and what with: ``pick`` a question, put one or a message on the
    ``screen``, ``send`` an announcement that is ready or ``withdraw`` one that is out, open a
    ``poll``, move to a ``part``."""

    kind: Suggested
    id: Id


class Evidence(Shape, frozen=True):
    """``count`` of ``signal`` in the ``seconds`` before ``upto`` among ``people``; after
    ``base_count`` in the ``base_seconds`` before that, ``expected`` were to be expected, and
    that many (of silence: so few) come by ``chance`` with this likelihood."""

    signal: str
    count: int
    people: int
    seconds: int
    upto: str
    base_count: int
    base_seconds: int
    expected: float
    chance: float


class Cue(Shape, frozen=True):
    """What the pulse suggests to the host, about whom (null: everyone), since when, and why.
    ``topic``: what most of it is about, by the ear's name for it. ``outcome`` null: it waits."""

    id: str
    rule: Rule
    segment: str | None
    language: str | None
    since: str
    at: str
    evidence: Evidence
    act: CueAct | None
    outcome: Outcome | None = None
    settled_at: str | UnsetType = UNSET
    by: Author | UnsetType = UNSET
    did: CueAct | UnsetType = UNSET
    until: str | UnsetType = UNSET
    topic: str | UnsetType = UNSET


class Cueing(Shape, frozen=True):
    """How the session wants to be cued; rules that are ``off`` say nothing, and none does in the
    first ``calm_s`` seconds of an answer."""

    on: bool
    sensitivity: Sensitivity
    off: list[Rule]
    calm_s: int


# --- what is asked


class SettleCue(Command, frozen=True):
    """What was made of a cue, as staff; ``did`` where it was not what was suggested, ``for_s`` how
    long to snooze."""

    cue_id: Id
    outcome: Literal["acted", "dismissed", "snoozed"]
    did: CueAct | UnsetType = UNSET
    for_s: Annotated[float, Meta(gt=0, le=3600)] | UnsetType = UNSET


class TuneCues(Command, frozen=True):
    """How to be cued, as staff; what is absent stays."""

    on: bool | UnsetType = UNSET
    sensitivity: Sensitivity | UnsetType = UNSET
    off: Annotated[list[Rule], Meta(max_length=20)] | UnsetType = UNSET
    calm_s: Annotated[int, Meta(ge=0, le=120)] | UnsetType = UNSET


COMMANDS: dict[str, type[Command]] = {"cue.settle": SettleCue, "cues.tune": TuneCues}


# --- what is told


class CueRaised(Shape, frozen=True):
    """For staff: a cue as it stands now."""

    cue: Cue


class CuesTuned(Shape, frozen=True):
    """How the session wants to be cued, for staff."""

    cueing: Cueing
    by: Author


EVENTS: dict[str, type[Shape]] = {
    "cue.raised": CueRaised,
    "cue.settled": CueRaised,
    "cues.tuned": CuesTuned,
}
