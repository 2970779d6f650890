"""What comes of a command: facts and what they need beside the log, or a refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Protocol

from live.domain.content import Content
from live.domain.decision import Decision
from live.domain.fact import Event
from live.domain.funnel import Reached
from live.domain.ids import (
    AnnouncementId,
    CallId,
    ContentId,
    DecisionId,
    MessageId,
    PaperId,
    ParticipantId,
    PartId,
    PollId,
    QuestionId,
)
from live.domain.judgement import NO_HINTS, Hints
from live.domain.message import Finding, Reason
from live.domain.people import Participant
from live.domain.pulse import Cell, Counts
from live.domain.session import Session
from live.domain.subject import Subject
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing happened. ``code`` is one of the contract's, ``message`` is for a person, ``current``
    names the subject whose present state explains a ``stale``, ``by`` who was first."""

    code: str
    message: str
    retry_after_s: float | None = None
    current: Subject | None = None
    by: ParticipantId | None = None


@dataclass(frozen=True, slots=True)
class Each:
    """What became of one of many subjects: a refusal's ``code``, or a decision."""

    subject: Subject
    code: str | None = None
    decision_id: DecisionId | None = None
    revision: int | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What an ack shows, by name: the gateway composes it from committed state.

    ``revision`` and ``status`` are those of the message or question right after the command.
    """

    message_id: MessageId | None = None
    question_id: QuestionId | None = None
    revision: int | None = None
    status: str | None = None
    decision_id: DecisionId | None = None
    participant_id: ParticipantId | None = None
    subject: Subject | None = None
    pin_id: str | None = None
    say_id: str | None = None
    report_id: str | None = None
    paper_id: PaperId | None = None
    announcement_id: AnnouncementId | None = None
    poll_id: PollId | None = None
    group_id: str | None = None
    each: tuple[Each, ...] | None = None
    label_id: str | None = None
    part_id: PartId | None = None
    cue_id: str | None = None
    call_id: CallId | None = None


NOTHING = Result()
"""What an ack shows where there is nothing to show."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What of the audience was counted: how many of what (``live.domain.pulse``), how far people
    came, and, as they are now, the cohorts' sizes, moods, and how many of them watch."""

    counts: Counts
    reached: Mapping[ParticipantId, Reached]
    here: Mapping[Cell, int] | None = None
    moods: Mapping[str, tuple[int, int]] | None = None
    attentive: Mapping[Cell, int] | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """Facts in order, and what lies beside them: new ``contents`` and what the gate found in the
    first of them (``finding``), those whose text goes (``erase``), taps to count (kind, segment,
    count) or people, the row of a participant or of the session, where names and titles are."""

    events: tuple[Event, ...] = ()
    result: Result = NOTHING
    contents: tuple[Content, ...] = ()
    finding: Finding | None = None
    erase: tuple[ContentId, ...] = ()
    participant: Participant | None = None
    session: Session | None = None
    reaction: tuple[str, str, int] | None = None
    counted: Counted | None = None


class Entropy(Protocol):
    """Where identifiers and salts come from; ``live.ports.clock`` tells more."""

    def new_id(self) -> str: ...

    def salt(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes that hold for every session."""

    text: int = 500
    note: int = 1_000
    papers: int = 5_000
    papers_each: int = 200
    announcements: int = 300
    variants: int = 100
    polls: int = 300
    display_name: int = 40
    pending: int = 5_000
    questions: int = 20_000
    claim_s: float = 60.0
    timeout_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Screening:
    """What the gate made of a text: whether to hold it, and why. ``masked`` is the text to keep in
    its place, ``speaks`` the language that its author turns out to write."""

    hold: bool
    language: str
    reasons: tuple[Reason, ...] = ()
    score: float | None = None
    hints: Hints = NO_HINTS
    masked: str | None = None
    speaks: str | None = None

    @property
    def finding(self) -> Finding | None:
        """What is to be kept with the text."""
        if not self.reasons and self.hints == NO_HINTS:
            return None  # as nearly always
        return Finding(self.reasons, self.hints)


@dataclass(frozen=True, slots=True)
class Context:
    """All that deciding needs besides the state: time, chance, limits, the gate's view of this
    text, decisions that the state has forgotten (``recalled``, in their order), and how names
    are compared (``reserved`` gives the skeletons only staff may bear)."""

    now: datetime
    entropy: Entropy
    limits: Limits = field(default_factory=Limits)
    screening: Screening | None = None
    recalled: tuple[Decision, ...] = ()
    skeleton: Callable[[str], str] = str.casefold
    reserved: Callable[[], frozenset[str]] = frozenset

    def about(self, screening: Screening | None, recalled: tuple[Decision, ...]) -> Context:
        """The same moment, for a command with this beside it."""
        return Context(
            self.now,
            self.entropy,
            self.limits,
            screening,
            recalled,
            self.skeleton,
            self.reserved,
        )
