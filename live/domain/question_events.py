"""Facts about questions, their votes and their merging. A revision is the one after the event."""

from __future__ import annotations

from typing import ClassVar

from live.domain.fact import Event
from live.domain.ids import ContentId, ParticipantId, QuestionId
from live.domain.posted import Posted
from live.domain.proposal import ProposalOutcome
from live.domain.question import QuestionStatus
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class QuestionHeld(Event):
    """Waits for a decision. ``posted`` is None where it had been known already (an undo)."""

    type: ClassVar[str] = "question.held"
    question_id: QuestionId
    revision: int
    posted: Posted | None = None


@dataclass(frozen=True, slots=True)
class QuestionPublished(Event):
    """Everyone sees it, in status ``published``; as ``MessagePublished``."""

    type: ClassVar[str] = "question.published"
    question_id: QuestionId
    revision: int
    posted: Posted | None = None


@dataclass(frozen=True, slots=True)
class QuestionChanged(Event):
    """Another status, or another text (``content_id``). ``withdrawn`` is for good."""

    type: ClassVar[str] = "question.changed"
    question_id: QuestionId
    revision: int
    status: QuestionStatus
    content_id: ContentId | None = None
    commitment: str | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class QuestionMerged(Event):
    """``source_id`` counts for ``into_id`` from now on; ``votes`` is the root's total."""

    type: ClassVar[str] = "question.merged"
    into_id: QuestionId
    into_revision: int
    source_id: QuestionId
    source_revision: int
    votes: int


@dataclass(frozen=True, slots=True)
class QuestionSplit(Event):
    """``question_id`` stands for itself again, with ``votes``. Its former root follows in a
    ``question.changed`` and a ``vote.tallied`` of its own."""

    type: ClassVar[str] = "question.split"
    question_id: QuestionId
    revision: int
    votes: int


@dataclass(frozen=True, slots=True)
class BallotCast(Event):
    """One person's vote as it stands now; for that person's own connections."""

    type: ClassVar[str] = "ballot.cast"
    question_id: QuestionId
    participant_id: ParticipantId
    up: bool


@dataclass(frozen=True, slots=True)
class VoteTallied(Event):
    """The number of distinct people that is shown from now on."""

    type: ClassVar[str] = "vote.tallied"
    question_id: QuestionId
    votes: int


@dataclass(frozen=True, slots=True)
class ProposalRaised(Event):
    """Staff only. ``source_id`` seems to ask what ``into_id`` asks."""

    type: ClassVar[str] = "proposal.raised"
    proposal_id: str
    into_id: QuestionId
    source_id: QuestionId
    similarity: float
    identical: bool = False


@dataclass(frozen=True, slots=True)
class ProposalSettled(Event):
    """Staff only. ``by`` None: the server, as its settings or the facts have it."""

    type: ClassVar[str] = "proposal.settled"
    proposal_id: str
    into_id: QuestionId
    source_id: QuestionId
    outcome: ProposalOutcome
    by: ParticipantId | None = None
