"""A cue: what the pulse suggests to the host, why, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from live.domain.ids import ParticipantId


class CueRule(StrEnum):
    """What may be noticed, the most urgent first."""

    CONFUSION = "confusion"
    DEPARTURES = "departures"
    QUESTIONS = "questions"
    PRICE = "price"
    SILENCE = "silence"
    PRAISE = "praise"


class CueOutcome(StrEnum):
    """``over``: it passed by itself; ``gave_way``: something more urgent came up."""

    ACTED = "acted"
    DISMISSED = "dismissed"
    SNOOZED = "snoozed"
    OVER = "over"
    GAVE_WAY = "gave_way"


class ActKind(StrEnum):
    """What can be done about it; ``pick`` and ``screen`` are of a question or message, ``send`` of
    an announcement that is ready, ``withdraw`` of one that is out, ``poll`` and ``part`` of theirs.
    """

    PICK = "pick"
    SCREEN = "screen"
    SEND = "send"
    WITHDRAW = "withdraw"
    POLL = "poll"
    PART = "part"


class Sensitivity(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class CueAct:
    """One thing to do, and what with."""

    kind: ActKind
    id: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why: ``count`` of ``signal`` in the ``seconds`` before ``upto`` (ticks of
    ``live.domain.pulse``), among ``people``, where ``expected`` were to be expected after
    ``base_count`` in ``base_seconds``. ``chance``: how likely that many (or few) were.

    All but the last two lie in the stored ticks and can be counted again.
    """

    signal: str
    count: int
    people: int
    seconds: int
    upto: int
    base_count: int
    base_seconds: int
    expected: float
    chance: float


@dataclass(frozen=True, slots=True)
class Cue:
    """``segment`` and ``language`` are whom it is about, None: everyone. ``did`` is what was done
    where it was ``acted`` on, ``until`` how long it is snoozed. ``topic``: what most of it is
    about, by the ear's name for it."""

    id: str
    rule: CueRule
    segment: str | None
    language: str | None
    since: datetime
    at: datetime
    evidence: Evidence
    act: CueAct | None = None
    outcome: CueOutcome | None = None
    settled_at: datetime | None = None
    by: ParticipantId | None = None
    did: CueAct | None = None
    until: datetime | None = None
    topic: str | None = None

    @property
    def is_open(self) -> bool:
        return self.outcome is None


@dataclass(frozen=True, slots=True)
class Cueing:
    """How a session wants to be cued; rules that are ``off`` say nothing. Nothing is said in the
    first ``calm_s`` of an answer."""

    on: bool = True
    sensitivity: Sensitivity = Sensitivity.NORMAL
    off: tuple[CueRule, ...] = ()
    calm_s: int = 15
