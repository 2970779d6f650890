"""What the filter has to learn or unlearn from one fact of a session. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from live.domain.decision import Decision, Verdict
from live.domain.decision_events import DecisionMade
from live.domain.fact import Event
from live.domain.ids import ParticipantId
from live.domain.message import MessageStatus
from live.domain.message_events import MessageRefused, MessageRemoved
from live.domain.people_events import ParticipantChanged
from live.domain.question_events import QuestionChanged
from live.domain.subject import Subject

UNWANTED = frozenset({Verdict.REFUSE, Verdict.REMOVE, Verdict.DISMISS})
WANTED = frozenset({Verdict.PUBLISH, Verdict.RESTORE, Verdict.ASK})


@dataclass(frozen=True, slots=True)
class Learn:
    """A person of the team decided on this subject; what they had said of it before is void."""

    decision_id: str
    subject: Subject
    unwanted: bool
    instead_of: str | None = None


@dataclass(frozen=True, slots=True)
class Unlearn:
    """As if this decision had never been; what stood before it stands again. An undo can be undone
    like any decision."""

    decision_id: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Its author took this back: what was decided on it is forgotten."""

    subject: Subject


@dataclass(frozen=True, slots=True)
class Forget:
    """Someone was erased: whatever was decided on their words is forgotten."""

    author_id: ParticipantId


Lesson = Learn | Unlearn | Withdraw | Forget
Deciding = DecisionMade | Decision


def standing(decision_id: str | None, decisions: Mapping[str, Decision]) -> Learn | None:
    """What is learned where this is the latest decision on a subject: itself, or if it undoes
    another, what stood before that one. None where nothing does, or it is not known any more."""
    decision = decisions.get(decision_id or "")
    if decision is None:
        return None
    if decision.verdict is not Verdict.UNDO:
        return None if decision.by is None else _taught(decision, decision.id)
    undone = decisions.get(decision.supersedes or "")
    return None if undone is None else standing(undone.supersedes, decisions)


def _taught(decision: Deciding, decision_id: str) -> Learn | None:
    if decision.verdict not in UNWANTED | WANTED:
        return None
    if decision.verdict is Verdict.DISMISS and decision.before != MessageStatus.PENDING:
        return None
    unwanted = decision.verdict in UNWANTED
    return Learn(decision_id, decision.subject, unwanted, instead_of=decision.supersedes)


def lesson_in(event: Event) -> Lesson | None:
    """The lesson in a fact, if there is one. A question that a host sets aside on air was not
    unwanted: only what waited, or stood in the chat, teaches the filter."""
    match event:
        case DecisionMade(by=None):
            return None
        case DecisionMade(verdict=Verdict.UNDO, supersedes=undone) if undone is not None:
            return Unlearn(undone)
        case DecisionMade():
            return _taught(event, event.decision_id)
        case MessageRemoved(message_id=message_id, withdrawn=True):
            return Withdraw(Subject.message(message_id))
        case MessageRefused(message_id=message_id, withdrawn=True):
            return Withdraw(Subject.message(message_id))
        case QuestionChanged(question_id=question_id, withdrawn=True):
            return Withdraw(Subject.question(question_id))
        case ParticipantChanged(erased=True, participant_id=participant_id):
            return Forget(participant_id)
        case _:
            return None
