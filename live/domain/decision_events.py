"""Facts about what the team decided on a subject, and how it shares the work."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from live.domain.decision import Verdict
from live.domain.fact import Event
from live.domain.ids import ContentId, DecisionId, ParticipantId
from live.domain.label import Label
from live.domain.settlement import Settlement
from live.domain.subject import Subject
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class DecisionMade(Event):
    """Staff only. Stands before the events that carry it out; ``revision`` is what it was decided
    on."""

    type: ClassVar[str] = "decision.made"
    decision_id: DecisionId
    subject: Subject
    verdict: Verdict
    by: ParticipantId | None
    revision: int
    before: str
    after: str
    reason_id: ContentId | None = None
    commitment: str | None = None
    supersedes: DecisionId | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimChanged(Event):
    """Staff only. ``by`` None: nobody has it in hand."""

    type: ClassVar[str] = "claim.changed"
    subject: Subject
    by: ParticipantId | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LabelsChanged(Event):
    """Staff only. All labels of the session as they stand."""

    type: ClassVar[str] = "labels.changed"
    labels: tuple[Label, ...]
    by: ParticipantId


@dataclass(frozen=True, slots=True)
class SubjectMarked(Event):
    """Staff only. What a subject bears from now on, and who is to see to it."""

    type: ClassVar[str] = "subject.marked"
    subject: Subject
    labels: tuple[str, ...]
    assignee: ParticipantId | None
    by: ParticipantId


@dataclass(frozen=True, slots=True)
class SubjectSettled(Event):
    """All that the team has said to a subject; told as a change of it."""

    type: ClassVar[str] = "subject.settled"
    subject: Subject
    revision: int
    settlement: Settlement
