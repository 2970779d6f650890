"""What the team may ask about a subject: verdicts, who has it in hand, labels, a written reply."""

from __future__ import annotations

from live.domain.decision import Verdict
from live.domain.ids import DecisionId, ParticipantId
from live.domain.label import Colour
from live.domain.subject import Subject
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class Decide:
    subject: Subject
    revision: int
    verdict: Verdict
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Aimed:
    """One of many subjects, as it was seen; ``verdict`` where it is not that of the others."""

    subject: Subject
    revision: int
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class DecideMany:
    subjects: tuple[Aimed, ...]
    verdict: Verdict
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class UndoDecision:
    """Exactly one of the two: one decision, or a group of them as a whole. ``over``: also what was
    decided on it since."""

    decision_id: DecisionId | None = None
    group_id: str | None = None
    over: bool = False


@dataclass(frozen=True, slots=True)
class ClaimSubject:
    subject: Subject


@dataclass(frozen=True, slots=True)
class ReleaseSubject:
    subject: Subject


@dataclass(frozen=True, slots=True)
class Assign:
    """``participant_id`` None: to nobody."""

    subject: Subject
    participant_id: ParticipantId | None = None


@dataclass(frozen=True, slots=True)
class DefineLabel:
    """``label_id`` None: a new one."""

    name: str
    colour: Colour
    label_id: str | None = None


@dataclass(frozen=True, slots=True)
class RemoveLabel:
    label_id: str


@dataclass(frozen=True, slots=True)
class SetLabels:
    subject: Subject
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WriteReply:
    """Under the brand's name."""

    subject: Subject
    revision: int
    text: str


@dataclass(frozen=True, slots=True)
class TakeReplyBack:
    subject: Subject
    revision: int


DecisionCommand = (
    Decide
    | DecideMany
    | UndoDecision
    | ClaimSubject
    | ReleaseSubject
    | Assign
    | DefineLabel
    | RemoveLabel
    | SetLabels
    | WriteReply
    | TakeReplyBack
)
