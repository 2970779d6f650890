"""What may be asked of a room: commands of people, under the names they have on the wire, and acts
of the server itself. ``None`` stands for a field that was not given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from live.domain.announcement_commands import (
    CorrectAnnouncement,
    ReleaseAnnouncement,
    SaveAnnouncement,
    SendAnnouncement,
    WithdrawAnnouncement,
)
from live.domain.call import CallCommand, SeatGuest
from live.domain.cue_commands import (
    CountCrowd,
    LetCuePass,
    NoteStep,
    RaiseCue,
    SettleCue,
    TuneCues,
)
from live.domain.decision import Verdict
from live.domain.dial import Judgement, Level
from live.domain.ids import (
    ContentId,
    DecisionId,
    MessageId,
    PaperId,
    ParticipantId,
    QuestionId,
)
from live.domain.label import Colour
from live.domain.listening import Route
from live.domain.mode import Review
from live.domain.part import RunshowCommand
from live.domain.people import Role
from live.domain.poll_commands import PollCommand
from live.domain.recording import SetRecording
from live.domain.sanction import SanctionKind, Scope
from live.domain.segment import Segment
from live.domain.session import SessionState
from live.domain.stage import Seat, SetSlate
from live.domain.subject import Subject
from live.domain.value import dataclass


class ReactionKind(StrEnum):
    HEART = "heart"
    APPLAUSE = "applause"
    LAUGH = "laugh"
    SURPRISE = "surprise"
    CONFUSED = "confused"


@dataclass(frozen=True, slots=True)
class PostMessage:
    """A text that starts with ``/q `` is a question."""

    text: str
    reply_to: MessageId | None = None


@dataclass(frozen=True, slots=True)
class WithdrawMessage:
    message_id: MessageId


@dataclass(frozen=True, slots=True)
class EditMessage:
    message_id: MessageId
    revision: int
    text: str


@dataclass(frozen=True, slots=True)
class AskQuestion:
    text: str


@dataclass(frozen=True, slots=True)
class VoteQuestion:
    question_id: QuestionId
    up: bool


@dataclass(frozen=True, slots=True)
class WithdrawQuestion:
    question_id: QuestionId


@dataclass(frozen=True, slots=True)
class EditQuestion:
    question_id: QuestionId
    revision: int
    text: str


@dataclass(frozen=True, slots=True)
class MergeQuestions:
    """``source`` becomes part of ``into``."""

    into: QuestionId
    source: QuestionId


@dataclass(frozen=True, slots=True)
class SplitQuestion:
    question_id: QuestionId


@dataclass(frozen=True, slots=True)
class TurnIntoQuestion:
    """A chat line becomes a question of its author's."""

    message_id: MessageId
    revision: int


@dataclass(frozen=True, slots=True)
class SettleProposal:
    """Whether two proposed questions are the ``same``."""

    proposal_id: str
    same: bool


@dataclass(frozen=True, slots=True)
class PlacePerson:
    """A person belongs to this segment, as staff see it."""

    participant_id: ParticipantId
    segment: str


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
class AddReaction:
    kind: ReactionKind
    count: int


@dataclass(frozen=True, slots=True)
class SetProfile:
    language: str | None = None
    segment: str | None = None
    display_name: str | None = None


@dataclass(frozen=True, slots=True)
class FileReport:
    subject: Subject
    reason: str


@dataclass(frozen=True, slots=True)
class MutePerson:
    participant_id: ParticipantId
    on: bool


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
class Assign:
    """``participant_id`` None: to nobody."""

    subject: Subject
    participant_id: ParticipantId | None = None


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


@dataclass(frozen=True, slots=True)
class PromiseAnswer:
    """``owner`` will answer until ``due``."""

    question_id: QuestionId
    revision: int
    owner: str
    due: datetime


@dataclass(frozen=True, slots=True)
class LetGo:
    """There will be no answer, and why."""

    question_id: QuestionId
    revision: int
    reason: str


@dataclass(frozen=True, slots=True)
class ClaimSubject:
    subject: Subject


@dataclass(frozen=True, slots=True)
class ReleaseSubject:
    subject: Subject


@dataclass(frozen=True, slots=True)
class SetSanction:
    """``until`` None: until the session ends (a timeout: the usual length); in the past: lifted.
    ``reason`` is for the person."""

    participant_id: ParticipantId
    kind: SanctionKind
    until: datetime | None = None
    reason: str | None = None
    scope: Scope = Scope.SESSION


@dataclass(frozen=True, slots=True)
class FileAppeal:
    """Against the sanction of this kind that stands."""

    kind: SanctionKind
    text: str


@dataclass(frozen=True, slots=True)
class SettleAppeal:
    """``text`` is for the person; needed where it is declined."""

    paper_id: PaperId
    accept: bool
    text: str | None = None


@dataclass(frozen=True, slots=True)
class AddNote:
    participant_id: ParticipantId
    text: str


@dataclass(frozen=True, slots=True)
class RemoveNote:
    paper_id: PaperId


@dataclass(frozen=True, slots=True)
class SendLetter:
    """``participant_id``: to whom the team writes; a person's own go to the team."""

    text: str
    participant_id: ParticipantId | None = None


@dataclass(frozen=True, slots=True)
class AnswerPrivately:
    """``offer``: the asker is asked whether everyone may read it."""

    question_id: QuestionId
    text: str
    offer: bool = True


@dataclass(frozen=True, slots=True)
class ConsentToAnswer:
    paper_id: PaperId
    on: bool


@dataclass(frozen=True, slots=True)
class SettleReport:
    """``acted``: something came of it."""

    report_id: str
    acted: bool


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
class SayToStaff:
    """``to_host``: meant for the person on air, who reads it while talking."""

    text: str
    to_host: bool = False


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
class SetStage:
    """The server: these are the seats now."""

    seats: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class ChangeParticipant:
    """The server: someone's standing was changed by an invite, by staff or at the door."""

    participant_id: ParticipantId
    role: Role | None = None
    segment: str | None = None
    language: str | None = None
    display_name: str | None = None
    granted_segments: tuple[str, ...] | None = None
    invite_id: str | None = None


@dataclass(frozen=True, slots=True)
class Sanctioned:
    """The server: a ban of the brand is carried here, or lifted here since it was lifted elsewhere
    (``until`` in the past); or who just came resembles someone who was banned."""

    participant_id: ParticipantId
    kind: SanctionKind
    until: datetime | None = None
    scope: Scope = Scope.SESSION


@dataclass(frozen=True, slots=True)
class EraseParticipant:
    """The server: everything personal of this participant goes. ``contents`` are all they own; the
    room finds them."""

    participant_id: ParticipantId
    contents: tuple[ContentId, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class ProposeMerge:
    """The server: ``source`` seems to ask what ``into`` asks. ``merge``: make them one at once, if
    everyone sees both."""

    into: QuestionId
    source: QuestionId
    similarity: float
    identical: bool = False
    merge: bool = False


@dataclass(frozen=True, slots=True)
class Lapse:
    """The server: end the claims and sanctions whose time is over."""


PersonCommand = (
    PostMessage
    | WithdrawMessage
    | EditMessage
    | AskQuestion
    | VoteQuestion
    | WithdrawQuestion
    | EditQuestion
    | MergeQuestions
    | SplitQuestion
    | AddReaction
    | SetProfile
    | FileReport
    | MutePerson
    | Decide
    | DecideMany
    | UndoDecision
    | DefineLabel
    | RemoveLabel
    | SetLabels
    | Assign
    | WriteReply
    | TakeReplyBack
    | PromiseAnswer
    | LetGo
    | ClaimSubject
    | ReleaseSubject
    | SetSanction
    | SetMode
    | SetShield
    | SetPin
    | ClearPin
    | SetScreen
    | ClearScreen
    | SetSlate
    | SayToStaff
    | SendAnnouncement
    | SaveAnnouncement
    | ReleaseAnnouncement
    | CorrectAnnouncement
    | WithdrawAnnouncement
    | RunshowCommand
    | TurnIntoQuestion
    | SettleProposal
    | PlacePerson
    | SetListening
    | AddNote
    | RemoveNote
    | SendLetter
    | AnswerPrivately
    | ConsentToAnswer
    | FileAppeal
    | SettleAppeal
    | SettleReport
    | SettleCue
    | TuneCues
    | CallCommand
    | PollCommand
)
ServerAct = (
    ChangeState
    | SessionDetails
    | SetStage
    | SeatGuest
    | SetRecording
    | ChangeParticipant
    | Sanctioned
    | EraseParticipant
    | ProposeMerge
    | RaiseCue
    | LetCuePass
    | CountCrowd
    | NoteStep
    | Lapse
)
Command = PersonCommand | ServerAct
