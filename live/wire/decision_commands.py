"""What the team may ask about a subject: verdicts, who has it in hand, labels, a written reply."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from live.wire.base import Command, Id
from live.wire.shapes import LabelColour, Subject, Verdict


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


class ClaimSubject(Command, frozen=True):
    """Say to the team that one has this in hand."""

    subject: Subject


class ReleaseSubject(Command, frozen=True):
    """Give a claim back."""

    subject: Subject


class Assign(Command, frozen=True):
    """Who of the team is to see to a subject; null: nobody."""

    subject: Subject
    participant_id: Id | None


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
