"""The durable facts of a session: identifiers, numbers, commitments; never a text or a name.

``type`` is the wire name, ``version`` that of the shape: a fact is never edited, a new shape is a
new version. A subject's revision in an event is the one after it.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from live.domain.announcement import AnnouncementStatus, Variant
from live.domain.call import GuestSeat
from live.domain.call_events import CallChanged
from live.domain.cue import Cue, CueAct, Cueing, CueOutcome
from live.domain.decision import Verdict
from live.domain.fact import Event
from live.domain.ids import (
    AnnouncementId,
    ContentId,
    DecisionId,
    MessageId,
    PaperId,
    ParticipantId,
    QuestionId,
)
from live.domain.label import Label
from live.domain.listening import Listening
from live.domain.mode import Mode
from live.domain.paper import PaperKind, PaperStatus
from live.domain.part import PartChanged, RunshowChanged, RunshowMoved
from live.domain.people import Role
from live.domain.pin import Pin
from live.domain.poll_events import POLL_EVENTS
from live.domain.proposal import ProposalOutcome
from live.domain.question import QuestionStatus
from live.domain.sanction import SanctionKind, Scope
from live.domain.session import SessionState
from live.domain.settlement import Settlement
from live.domain.stage import Seat, Slate
from live.domain.subject import Subject
from live.domain.value import dataclass

__all__ = ["Event"]


@dataclass(frozen=True, slots=True)
class Posted:
    """What is true of a message or question from the moment it was written. ``reasons`` are codes;
    their words lie with the content. ``from_message`` is the chat line that a question was."""

    author_id: ParticipantId
    content_id: ContentId
    commitment: str
    language: str
    at: datetime
    reply_to: MessageId | None = None
    reasons: tuple[str, ...] = ()
    score: float | None = None
    from_message: MessageId | None = None


@dataclass(frozen=True, slots=True)
class MessageHeld(Event):
    """Waits for a decision. ``posted`` is None where it had been known already (an undo)."""

    type: ClassVar[str] = "message.held"
    message_id: MessageId
    revision: int
    posted: Posted | None = None


@dataclass(frozen=True, slots=True)
class MessagePublished(Event):
    """Everyone sees it; ``posted`` is None where it had been held or removed before. The first
    such event of a message gives it its place."""

    type: ClassVar[str] = "message.published"
    message_id: MessageId
    revision: int
    posted: Posted | None = None


@dataclass(frozen=True, slots=True)
class MessageRefused(Event):
    """Never shown, or taken back by its author before it was (``withdrawn``)."""

    type: ClassVar[str] = "message.refused"
    message_id: MessageId
    revision: int
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class MessageEdited(Event):
    """Its text is another content now; of a pending one, author and staff alone hear."""

    type: ClassVar[str] = "message.edited"
    message_id: MessageId
    revision: int
    content_id: ContentId
    commitment: str


@dataclass(frozen=True, slots=True)
class MessageRemoved(Event):
    """Was shown and is no more. ``withdrawn``: by its author or by erasure, for good."""

    type: ClassVar[str] = "message.removed"
    message_id: MessageId
    revision: int
    withdrawn: bool = False


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
class SessionChanged(Event):
    """Something of the session is different; what is not its state lies in the session's row."""

    type: ClassVar[str] = "session.changed"
    state: SessionState


@dataclass(frozen=True, slots=True)
class ModeChanged(Event):
    type: ClassVar[str] = "mode.changed"
    mode: Mode


@dataclass(frozen=True, slots=True)
class ParticipantChanged(Event):
    """Role, segment, language or name differ; the name lies in the participant's row.

    ``audience`` tells that role, segment or language changed: the person needs a new snapshot.
    """

    type: ClassVar[str] = "participant.changed"
    participant_id: ParticipantId
    role: Role
    segment: str
    language: str
    audience: bool
    erased: bool = False


@dataclass(frozen=True, slots=True)
class SanctionSet(Event):
    """``lifted``: it holds no more."""

    type: ClassVar[str] = "sanction.set"
    participant_id: ParticipantId
    kind: SanctionKind
    until: datetime | None
    by: ParticipantId | None
    lifted: bool = False
    reason_id: ContentId | None = None
    commitment: str | None = None
    scope: Scope = Scope.SESSION


@dataclass(frozen=True, slots=True)
class PaperChanged(Event):
    """For the team and, but for notes, for whom it is about. The paper as it stands from now on;
    ``commitment`` comes with a new one, ``by`` is whose act this is."""

    type: ClassVar[str] = "paper.changed"
    paper_id: PaperId
    kind: PaperKind
    participant_id: ParticipantId
    author_id: ParticipantId
    content_id: ContentId
    status: PaperStatus
    commitment: str | None = None
    about: str | None = None
    reply_id: ContentId | None = None
    reply_commitment: str | None = None
    by: ParticipantId | None = None


@dataclass(frozen=True, slots=True)
class StageChanged(Event):
    """Who publishes from now on; a ``slate`` hides all of it. Whether calls are taken (not where
    ``closed``), which seats are ``locked``."""

    type: ClassVar[str] = "stage.changed"
    seats: tuple[Seat, ...]
    slate: Slate | None = None
    closed: bool = False
    locked: tuple[GuestSeat, ...] = ()


@dataclass(frozen=True, slots=True)
class PinChanged(Event):
    """All pins as they stand, newest first."""

    type: ClassVar[str] = "pin.changed"
    pins: tuple[Pin, ...]


@dataclass(frozen=True, slots=True)
class ScreenChanged(Event):
    """What stands on the screen from now on; None: nothing."""

    type: ClassVar[str] = "screen.changed"
    subject: Subject | None


@dataclass(frozen=True, slots=True)
class AnnouncementSent(Event):
    """To each cohort its own words."""

    type: ClassVar[str] = "announcement.sent"
    announcement_id: AnnouncementId
    author_id: ParticipantId
    variants: tuple[Variant, ...]
    until: datetime | None = None
    pinned: bool = False
    countdown: bool = False


@dataclass(frozen=True, slots=True)
class AnnouncementSaved(Event):
    """The team has it ready, as it stands from now on; or, active or withdrawn, no longer."""

    type: ClassVar[str] = "announcement.saved"
    announcement_id: AnnouncementId
    author_id: ParticipantId
    revision: int
    status: AnnouncementStatus
    variants: tuple[Variant, ...]
    lasts_s: int | None = None
    pinned: bool = False
    countdown: bool = False
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class AnnouncementChanged(Event):
    """Corrected, taken back or over: ``variants`` as they stand from now on."""

    type: ClassVar[str] = "announcement.changed"
    announcement_id: AnnouncementId
    revision: int
    status: AnnouncementStatus
    variants: tuple[Variant, ...]
    until: datetime | None = None
    pinned: bool = False
    countdown: bool = False


@dataclass(frozen=True, slots=True)
class PersonMuted(Event):
    """For the muting person's own connections."""

    type: ClassVar[str] = "person.muted"
    by: ParticipantId
    participant_id: ParticipantId
    on: bool


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


@dataclass(frozen=True, slots=True)
class ClaimChanged(Event):
    """Staff only. ``by`` None: nobody has it in hand."""

    type: ClassVar[str] = "claim.changed"
    subject: Subject
    by: ParticipantId | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StaffSaid(Event):
    """Staff only."""

    type: ClassVar[str] = "staff.said"
    say_id: str
    author_id: ParticipantId
    content_id: ContentId
    commitment: str
    to_host: bool = False


@dataclass(frozen=True, slots=True)
class ReportFiled(Event):
    """Staff only."""

    type: ClassVar[str] = "report.filed"
    report_id: str
    subject: Subject
    by: ParticipantId
    content_id: ContentId
    commitment: str


@dataclass(frozen=True, slots=True)
class ReportSettled(Event):
    """Staff only. ``acted``: something came of it."""

    type: ClassVar[str] = "report.settled"
    report_id: str
    acted: bool
    by: ParticipantId


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


@dataclass(frozen=True, slots=True)
class ListeningChanged(Event):
    """Staff only. All of the team's choices as they stand, and who made the last one."""

    type: ClassVar[str] = "listening.changed"
    listening: Listening
    by: ParticipantId | None = None


@dataclass(frozen=True, slots=True)
class CueRaised(Event):
    """Staff only."""

    type: ClassVar[str] = "cue.raised"
    cue: Cue


@dataclass(frozen=True, slots=True)
class CueSettled(Event):
    """Staff only. ``by`` None: the server."""

    type: ClassVar[str] = "cue.settled"
    cue_id: str
    outcome: CueOutcome
    by: ParticipantId | None = None
    did: CueAct | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class CuesTuned(Event):
    """Staff only. How the session wants to be cued from now on."""

    type: ClassVar[str] = "cues.tuned"
    cueing: Cueing
    by: ParticipantId


EVENTS: dict[str, type[Event]] = {
    kind.type: kind
    for kind in (
        MessageHeld,
        MessagePublished,
        MessageRefused,
        MessageEdited,
        MessageRemoved,
        QuestionHeld,
        QuestionPublished,
        QuestionChanged,
        QuestionMerged,
        QuestionSplit,
        BallotCast,
        VoteTallied,
        SessionChanged,
        ModeChanged,
        ParticipantChanged,
        SanctionSet,
        StageChanged,
        PinChanged,
        ScreenChanged,
        PersonMuted,
        DecisionMade,
        LabelsChanged,
        SubjectMarked,
        SubjectSettled,
        ClaimChanged,
        StaffSaid,
        ReportFiled,
        ReportSettled,
        PaperChanged,
        AnnouncementSent,
        AnnouncementSaved,
        AnnouncementChanged,
        PartChanged,
        RunshowChanged,
        RunshowMoved,
        ProposalRaised,
        ProposalSettled,
        ListeningChanged,
        CueRaised,
        CueSettled,
        CuesTuned,
        CallChanged,
    )
} | POLL_EVENTS


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event in its place in the session's log; ``at`` is when it was decided (UTC)."""

    seq: int
    at: datetime
    event: Event
