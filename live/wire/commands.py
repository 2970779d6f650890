"""What a client may ask for: one struct a command, unknown fields refused.

The wire name stands in ``COMMANDS``; the gateway decodes ``data`` into the struct it names.
Sizes of texts are the domain's business (settings); shapes are checked here.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from live.wire import attention, calls, pulse, runshow
from live.wire.announcing import (
    CorrectAnnouncement,
    ReleaseAnnouncement,
    SaveAnnouncement,
    SendAnnouncement,
    WithdrawAnnouncement,
)
from live.wire.base import Command, Id, Moment
from live.wire.desk_shapes import (
    Judgement,
    Level,
    ReportOutcome,
    Route,
    SanctionKind,
    SanctionScope,
)
from live.wire.looking import Look
from live.wire.poll_commands import POLL_COMMANDS
from live.wire.shapes import LabelColour, ReactionKind, Subject, Verdict

__all__ = ["Command"]


class PostMessage(Command, frozen=True):
    """A chat line; a text that starts with ``/q `` is a question instead."""

    text: str
    reply_to: Id | UnsetType = UNSET


class WithdrawMessage(Command, frozen=True):
    """Take one's own message back; its text goes."""

    message_id: Id


class EditMessage(Command, frozen=True):
    """Change a message's words, as staff; ``revision`` is the one that was seen."""

    message_id: Id
    revision: int
    text: str


class AskQuestion(Command, frozen=True):
    """A question to the host."""

    text: str


class VoteQuestion(Command, frozen=True):
    """Cast one's vote, or take it back."""

    question_id: Id
    up: bool


class WithdrawQuestion(Command, frozen=True):
    """Take one's own question back; its text goes."""

    question_id: Id


class EditQuestion(Command, frozen=True):
    """Change a question's words, as staff; ``revision`` is the one that was seen."""

    question_id: Id
    revision: int
    text: str


class MergeQuestions(Command, rename={"source": "from"}, frozen=True):
    """``from`` becomes part of ``into``."""

    into: Id
    source: Id


class SplitQuestion(Command, frozen=True):
    """Undo a merge: the question stands for itself again, with its own ballots."""

    question_id: Id


class AddReaction(Command, frozen=True):
    """``count`` taps of one kind since the last frame."""

    kind: ReactionKind
    count: Annotated[int, Meta(ge=1, le=20)]


class SetTyping(Command, frozen=True):
    """Ephemeral: counted in ``pulse.typing`` until switched off or a few seconds old."""

    on: bool


class SetProfile(Command, frozen=True):
    """Change how one appears and what one gets; what is absent stays."""

    language: Annotated[str, Meta(max_length=35)] | UnsetType = UNSET
    segment: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    display_name: str | UnsetType = UNSET


class FileReport(Command, frozen=True):
    """Tell the team about something that was written."""

    subject: Subject
    reason: Annotated[str, Meta(max_length=500)]


class MutePerson(Command, frozen=True):
    """Stop, or start again, to see what someone writes; for oneself."""

    participant_id: Id
    on: bool


class Decide(Command, frozen=True):
    """One act of moderation on the ``revision`` that was seen."""

    subject: Subject
    revision: int
    verdict: Verdict
    reason: Annotated[str, Meta(max_length=500)] | UnsetType = UNSET


class Aimed(Command, frozen=True):
    """One of many subjects, as it was seen; ``verdict`` where it is not that of the others."""

    subject: Subject
    revision: int
    verdict: Verdict | UnsetType = UNSET


class DecideMany(Command, frozen=True):
    """One verdict on up to 100 subjects, each for itself: the ack tells what became of each. What
    is done bears one ``group_id``, by which it is undone as a whole."""

    subjects: Annotated[list[Aimed], Meta(min_length=1, max_length=100)]
    verdict: Verdict
    reason: Annotated[str, Meta(max_length=500)] | UnsetType = UNSET


class UndoDecision(Command, frozen=True):
    """Restore what stood before a decision, or before a group of them; itself a decision. Where
    something else was decided since it is ``stale``, unless ``over`` takes that back as well."""

    decision_id: Id | UnsetType = UNSET
    group_id: Id | UnsetType = UNSET
    over: bool = False


class DefineLabel(Command, frozen=True):
    """A new label, or another name and colour for one; a session has 20 at most."""

    name: Annotated[str, Meta(max_length=60)]
    colour: LabelColour
    label_id: Id | UnsetType = UNSET


class RemoveLabel(Command, frozen=True):
    """A label that nobody needs any more."""

    label_id: Id


class SetLabels(Command, frozen=True):
    """All the labels that a subject bears from now on, for staff."""

    subject: Subject
    labels: Annotated[list[Id], Meta(max_length=20)]


class Assign(Command, frozen=True):
    """Who of the team is to see to a subject; null: nobody."""

    subject: Subject
    participant_id: Id | None


class WriteReply(Command, frozen=True):
    """Answer in writing, under the brand's name, as staff; a question is answered by it. After the
    end, when everything else is only read, what was promised can still be answered."""

    subject: Subject
    revision: int
    text: str


class TakeReplyBack(Command, frozen=True):
    """Take such an answer back; its text goes."""

    subject: Subject
    revision: int


class PromiseAnswer(Command, frozen=True):
    """Say who will answer a question, and until when; that is kept after the end."""

    question_id: Id
    revision: int
    owner: Annotated[str, Meta(max_length=200)]
    due: Moment


class LetGo(Command, frozen=True):
    """Say that a question will not be answered, and why; who asked is told."""

    question_id: Id
    revision: int
    reason: Annotated[str, Meta(max_length=500)]


class ClaimSubject(Command, frozen=True):
    """Say to the team that one has this in hand."""

    subject: Subject


class ReleaseSubject(Command, frozen=True):
    """Give a claim back."""

    subject: Subject


class SetSanction(Command, frozen=True):
    """Bar a participant from writing, or from the session; ``until`` absent: to its end (of a
    timeout: the usual 5 min; it lasts 10 s to 24 h), past: lifted. A ban may hold for the
    ``brand``: in every session, for good unless ``until`` is given. ``reason`` is told to the
    person. Under ``review`` what they write waits for the team."""

    participant_id: Id
    kind: SanctionKind
    until: Moment | None = None
    reason: Annotated[str, Meta(max_length=500)] | UnsetType = UNSET
    scope: SanctionScope = "session"


class FileAppeal(Command, frozen=True):
    """Ask the team to think again about what stands against oneself; once for each sanction."""

    kind: SanctionKind
    text: str


class SettleAppeal(Command, frozen=True):
    """Accept an appeal, which lifts the sanction, or decline it with a sentence, as staff."""

    paper_id: Id
    accept: bool
    text: Annotated[str, Meta(max_length=500)] | UnsetType = UNSET


class SettleReport(Command, frozen=True):
    """Say what came of a report, as staff."""

    report_id: Id
    outcome: ReportOutcome


class AddNote(Command, frozen=True):
    """Note something about a person, for staff alone; 1,000 characters at most."""

    participant_id: Id
    text: str


class RemoveNote(Command, frozen=True):
    """Take a note away, as staff; its words go."""

    paper_id: Id


class SendLetter(Command, frozen=True):
    """Write to one person, as staff (``participant_id``), or back to the team, as that person."""

    text: str
    participant_id: Id | UnsetType = UNSET


class AnswerPrivately(Command, frozen=True):
    """Answer a question to its asker alone, as staff. With ``offer`` the asker is asked whether it
    may be published, without their name."""

    question_id: Id
    text: str
    offer: bool = True


class ConsentToAnswer(Command, frozen=True):
    """Let a private answer to one's own question be published without one's name, or not."""

    paper_id: Id
    on: bool


class SetMode(Command, frozen=True):
    """Change how the session takes what people write; what is absent stays."""

    review: Literal["before", "after"] | UnsetType = UNSET
    slow_s: Annotated[float, Meta(ge=0, le=3600)] | UnsetType = UNSET
    members_only: bool | UnsetType = UNSET
    emoji_only: bool | UnsetType = UNSET
    links: bool | UnsetType = UNSET
    long_form: bool | UnsetType = UNSET
    questions_only: bool | UnsetType = UNSET
    hold_newcomers: bool | UnsetType = UNSET


class SetShield(Command, frozen=True):
    """Raise the panic shield, or lower it: what stood before comes back. ``rules`` is what raising
    changes (absent: newcomers held, links off, slow mode); ``reason`` is shown to everyone."""

    on: bool
    reason: Annotated[str, Meta(max_length=500)] | UnsetType = UNSET
    rules: SetMode | UnsetType = UNSET


class SetPin(Command, frozen=True):
    """Put a text, a message or a question above the chat."""

    text: str | UnsetType = UNSET
    subject: Subject | UnsetType = UNSET


class ClearPin(Command, frozen=True):
    """Take one pin down, or all."""

    pin_id: Id | UnsetType = UNSET


class SetScreen(Command, frozen=True):
    """Put a question or a message on the screen: the player's, and the overlay's for OBS."""

    subject: Subject


class ClearScreen(Command, frozen=True):
    """Take it off the screen again."""


class SetSlate(Command, frozen=True):
    """Cut picture and sound for everyone at once, in the recording too, as staff; or give them
    back."""

    on: bool


class SayToStaff(Command, frozen=True):
    """A line of the team's own talk; ``to`` puts it before the eyes of whoever hosts."""

    text: str
    to: Literal["host"] | UnsetType = UNSET


class TurnIntoQuestion(Command, frozen=True):
    """Make a question of a chat line, as staff; its author stays its author."""

    message_id: Id
    revision: int


class SettleProposal(Command, frozen=True):
    """Say whether two proposed questions are the same: merged, or never proposed again."""

    proposal_id: Id
    same: bool


class PlacePerson(Command, frozen=True):
    """Put someone into a segment, as staff; a granted one is granted by it."""

    participant_id: Id
    segment: Annotated[str, Meta(min_length=1, max_length=64)]


Key = Annotated[str, Meta(min_length=1, max_length=60)]
Entries = Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(max_length=100)]


class SetListening(Command, frozen=True):
    """Turn dials, as staff; what is absent stays, an empty list goes back to what ships."""

    dial: dict[Judgement, Level] | UnsetType = UNSET
    mask_personal_data: bool | UnsetType = UNSET
    watched: dict[Key, Entries] | UnsetType = UNSET
    prototypes: dict[Key, Entries] | UnsetType = UNSET
    topics: dict[Key, Entries] | UnsetType = UNSET
    routes: Annotated[list[Route], Meta(max_length=40)] | UnsetType = UNSET


COMMANDS: dict[str, type[Command]] = {
    "message.post": PostMessage,
    "message.withdraw": WithdrawMessage,
    "message.edit": EditMessage,
    "question.ask": AskQuestion,
    "question.vote": VoteQuestion,
    "question.withdraw": WithdrawQuestion,
    "question.edit": EditQuestion,
    "question.merge": MergeQuestions,
    "question.split": SplitQuestion,
    "reaction.add": AddReaction,
    "typing.set": SetTyping,
    **attention.COMMANDS,
    "moderation.look": Look,
    "profile.set": SetProfile,
    "report.file": FileReport,
    "person.mute": MutePerson,
    "moderation.decide": Decide,
    "moderation.decide_many": DecideMany,
    "moderation.undo": UndoDecision,
    "moderation.assign": Assign,
    "label.define": DefineLabel,
    "label.remove": RemoveLabel,
    "label.set": SetLabels,
    "reply.write": WriteReply,
    "reply.take_back": TakeReplyBack,
    "question.promise": PromiseAnswer,
    "question.let_go": LetGo,
    "moderation.claim": ClaimSubject,
    "moderation.release": ReleaseSubject,
    "sanction.set": SetSanction,
    "appeal.file": FileAppeal,
    "appeal.settle": SettleAppeal,
    "report.settle": SettleReport,
    "note.add": AddNote,
    "note.remove": RemoveNote,
    "letter.send": SendLetter,
    "question.answer_privately": AnswerPrivately,
    "answer.consent": ConsentToAnswer,
    "mode.set": SetMode,
    "shield.set": SetShield,
    "pin.set": SetPin,
    "pin.clear": ClearPin,
    "announce.send": SendAnnouncement,
    "announce.save": SaveAnnouncement,
    "announce.release": ReleaseAnnouncement,
    "announce.correct": CorrectAnnouncement,
    "announce.withdraw": WithdrawAnnouncement,
    **runshow.COMMANDS,
    "screen.set": SetScreen,
    "screen.clear": ClearScreen,
    "slate.set": SetSlate,
    "staff.say": SayToStaff,
    "message.to_question": TurnIntoQuestion,
    "proposal.settle": SettleProposal,
    "participant.place": PlacePerson,
    "listening.set": SetListening,
    **pulse.COMMANDS,
    **calls.COMMANDS,
    **POLL_COMMANDS,
}
