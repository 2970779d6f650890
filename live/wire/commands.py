"""What a client may ask for: one struct a command, unknown fields refused.

The wire name stands in ``COMMANDS``; the gateway decodes ``data`` into the struct it names.
Sizes of texts are the domain's business (settings); shapes are checked here.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from live.wire.shapes import ReactionKind, SanctionKind, Subject, Verdict

Id = Annotated[str, Meta(min_length=1, max_length=64)]


class Command(Struct, frozen=True, forbid_unknown_fields=True):
    """Base of everything that a client sends as ``data``."""


class PostMessage(Command):
    text: str
    reply_to: Id | UnsetType = UNSET


class WithdrawMessage(Command):
    message_id: Id


class EditMessage(Command):
    message_id: Id
    revision: int
    text: str


class AskQuestion(Command):
    text: str


class VoteQuestion(Command):
    question_id: Id
    up: bool


class WithdrawQuestion(Command):
    question_id: Id


class EditQuestion(Command):
    question_id: Id
    revision: int
    text: str


class MergeQuestions(Command, rename={"source": "from"}):
    """``from`` becomes part of ``into``."""

    into: Id
    source: Id


class SplitQuestion(Command):
    question_id: Id


class AddReaction(Command):
    kind: ReactionKind
    count: Annotated[int, Meta(ge=1, le=20)]


class SetProfile(Command):
    language: Annotated[str, Meta(max_length=35)] | UnsetType = UNSET
    segment: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    display_name: str | UnsetType = UNSET


class FileReport(Command):
    subject: Subject
    reason: Annotated[str, Meta(max_length=500)]


class MutePerson(Command):
    participant_id: Id
    on: bool


class Decide(Command):
    subject: Subject
    revision: int
    verdict: Verdict
    reason: Annotated[str, Meta(max_length=500)] | UnsetType = UNSET


class UndoDecision(Command):
    decision_id: Id


class ClaimSubject(Command):
    subject: Subject


class ReleaseSubject(Command):
    subject: Subject


class SetSanction(Command):
    participant_id: Id
    kind: SanctionKind
    until: str | None = None


class SetMode(Command):
    review: Literal["before", "after"] | UnsetType = UNSET
    slow_s: Annotated[float, Meta(ge=0, le=3600)] | UnsetType = UNSET
    members_only: bool | UnsetType = UNSET
    emoji_only: bool | UnsetType = UNSET
    links: bool | UnsetType = UNSET


class SetPin(Command):
    text: str | UnsetType = UNSET
    subject: Subject | UnsetType = UNSET


class ClearPin(Command):
    pin_id: Id | UnsetType = UNSET


class SayToStaff(Command):
    text: str


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
    "profile.set": SetProfile,
    "report.file": FileReport,
    "person.mute": MutePerson,
    "moderation.decide": Decide,
    "moderation.undo": UndoDecision,
    "moderation.claim": ClaimSubject,
    "moderation.release": ReleaseSubject,
    "sanction.set": SetSanction,
    "mode.set": SetMode,
    "pin.set": SetPin,
    "pin.clear": ClearPin,
    "staff.say": SayToStaff,
}
