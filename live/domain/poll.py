"""What the team asks the audience: a poll, whom it reaches, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from live.domain import value
from live.domain.announcement import Variant, variant_for
from live.domain.ids import ContentId, ParticipantId, PollId


class PollKind(StrEnum):
    """``scale`` asks for one number, ``words`` for a few words of one's own; a ``quiz`` has right
    answers."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    SCALE = "scale"
    WORDS = "words"
    QUIZ = "quiz"


class PollStatus(StrEnum):
    """From ``draft`` to ``open`` to ``closed``, never back; ``withdrawn`` from any of them."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Results(StrEnum):
    """When those who are asked see how all answered: at once, once it is closed, or when the team
    reveals it."""

    LIVE = "live"
    CLOSED = "closed"
    REVEALED = "revealed"


@dataclass(frozen=True, slots=True)
class Asked:
    """What one variant says; kept as one erasable content (``poll_planning``). ``low`` and
    ``high`` are what the ends of a scale mean."""

    question: str
    options: tuple[str, ...] = ()
    low: str | None = None
    high: str | None = None


@dataclass(frozen=True, slots=True)
class Addressee:
    """Those of a ``segment`` and its parts (None: of any) who read a ``language`` (None: any)."""

    segment: str | None = None
    language: str | None = None

    def includes(self, segment: str, language: str) -> bool:
        within = self.segment is None or f"{segment}/".startswith(f"{self.segment}/")
        return within and self.language in (None, language)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that does not change once a poll is open. ``options`` are identifiers, in order; ``most``
    is how many of them, or words, a ballot may hold. ``audience`` empty: everyone who has a
    variant. ``for_s``: how long it stays open, in seconds; None: until the team closes it."""

    kind: PollKind
    variants: tuple[Variant, ...]
    options: tuple[str, ...] = ()
    most: int = 1
    right: tuple[str, ...] = ()
    named: bool = False
    results: Results = Results.LIVE
    audience: tuple[Addressee, ...] = ()
    for_s: float | None = None

    def variant(self, segment: str, language: str, default: str) -> Variant | None:
        """What a cohort reads, or None where it is not asked."""
        asked = not self.audience or any(each.includes(segment, language) for each in self.audience)
        return variant_for(self.variants, segment, language, default) if asked else None


@value.dataclass(frozen=True, slots=True)
class PollBallot:
    """One person's answer as it stands, and of which cohort they were when they gave it. Words lie
    in a content; ``held``: the gate wants a person to read them first."""

    poll_id: PollId
    participant_id: ParticipantId
    choices: tuple[str, ...]
    segment: str
    language: str
    content_id: ContentId | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class CohortTally:
    """How the people of one cohort answered: how many, and how often each option, in order."""

    segment: str
    language: str
    answered: int
    counts: tuple[int, ...] = ()


class WordStatus(StrEnum):
    """``waiting``: nobody but the team sees it yet; ``struck``: nobody else ever will."""

    SHOWN = "shown"
    WAITING = "waiting"
    STRUCK = "struck"


@dataclass(frozen=True, slots=True)
class WordTally:
    """One word of a cloud and how many people said it. It is the ``place``-th word of a content, so
    that it goes when that is erased."""

    content_id: ContentId
    place: int
    count: int
    status: WordStatus


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted last, cohort by cohort; words most frequent first."""

    cohorts: tuple[CohortTally, ...] = ()
    words: tuple[WordTally, ...] = ()

    @property
    def answered(self) -> int:
        return sum(each.answered for each in self.cohorts)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The team shows a word, or strikes it; the word is the text of a content."""

    content_id: ContentId
    commitment: str
    shown: bool


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll as it stands. ``shown``: a closed one is kept on the viewers' pages. ``until``: when
    it closes by itself. ``verdicts`` on words: the latest of each word counts."""

    id: PollId
    author_id: ParticipantId
    at: datetime
    revision: int
    status: PollStatus
    plan: Plan
    opened_at: datetime | None = None
    until: datetime | None = None
    closed_at: datetime | None = None
    revealed: bool = False
    shown: bool = True
    verdicts: tuple[Verdict, ...] = ()
    tally: Tally = Tally()

    @property
    def is_seen(self) -> bool:
        """Whether those whom it reaches have it before them."""
        return self.status is PollStatus.OPEN or (self.status is PollStatus.CLOSED and self.shown)

    @property
    def results_are_seen(self) -> bool:
        """Whether they see how all answered."""
        if self.revealed or self.plan.results is Results.LIVE:
            return True
        return self.plan.results is Results.CLOSED and self.status is PollStatus.CLOSED
