"""The ``data`` of each durable event, by its wire name. Text and names are composed at projection
time from what still exists, so a replay never carries withdrawn words."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from live.wire.shapes import (
    Claim,
    Decision,
    HeldMessage,
    HeldQuestion,
    Message,
    MessageTombstone,
    Mode,
    Participant,
    Pin,
    Question,
    QuestionTombstone,
    Report,
    Sanction,
    Session,
    Shape,
    Stage,
    StaffSay,
    Subject,
)


class SessionChanged(Shape):
    session: Session


class MessageChanged(Shape):
    """``message.published``, ``.edited``, ``.removed``, ``.held`` and ``.refused``.

    ``place`` is sent with ``message.published`` only when the message had been published before:
    the sequence number of its first publication, where it stands again.
    """

    message: Message | MessageTombstone
    place: int | UnsetType = UNSET


class QuestionChanged(Shape):
    """``question.published``, ``.held``, ``.changed``, ``.split``; ``total`` counts all questions
    ever published, tombstones included, as ``snapshot.questions.total`` does."""

    question: Question | QuestionTombstone
    place: int | UnsetType = UNSET
    total: int | UnsetType = UNSET


class QuestionMerged(Shape):
    """``from`` now counts for ``into``; both as they are after the merge."""

    into: Question | QuestionTombstone
    question: Question | QuestionTombstone
    total: int | UnsetType = UNSET


class VoteTallied(Shape):
    question_id: str
    votes: int


class BallotCast(Shape):
    """One's own vote, on all one's own connections and on no other."""

    question_id: str
    up: bool


class ModeChanged(Shape):
    mode: Mode


class ParticipantChanged(Shape):
    participant: Participant


class StageChanged(Shape):
    stage: Stage


class PinChanged(Shape):
    pins: list[Pin]


class SanctionChanged(Shape):
    sanction: Sanction
    lifted: bool = False


class MuteChanged(Shape):
    """``person.muted``: one's own list, on one's own connections."""

    participant_id: str
    on: bool


class DecisionMade(Shape):
    decision: Decision


class ClaimChanged(Shape):
    subject: Subject
    claim: Claim | None


class StaffSaid(Shape):
    say: StaffSay


class ReportFiled(Shape):
    report: Report


EVENTS: dict[str, type[Shape]] = {
    "session.changed": SessionChanged,
    "message.published": MessageChanged,
    "message.held": MessageChanged,
    "message.refused": MessageChanged,
    "message.edited": MessageChanged,
    "message.removed": MessageChanged,
    "question.published": QuestionChanged,
    "question.held": QuestionChanged,
    "question.changed": QuestionChanged,
    "question.merged": QuestionMerged,
    "question.split": QuestionChanged,
    "vote.tallied": VoteTallied,
    "ballot.cast": BallotCast,
    "mode.changed": ModeChanged,
    "participant.changed": ParticipantChanged,
    "sanction.set": SanctionChanged,
    "stage.changed": StageChanged,
    "pin.changed": PinChanged,
    "person.muted": MuteChanged,
    "decision.made": DecisionMade,
    "claim.changed": ClaimChanged,
    "staff.said": StaffSaid,
    "report.filed": ReportFiled,
}

__all__ = ["EVENTS", "HeldMessage", "HeldQuestion"]
