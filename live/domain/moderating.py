"""Staff decide on messages and questions, and undo what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from live.domain.claiming import released
from live.domain.content import Content
from live.domain.decision import Decision, Verdict
from live.domain.decision_commands import Decide
from live.domain.decision_events import DecisionMade
from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.ids import DecisionId
from live.domain.message import Message, MessageStatus
from live.domain.message_events import MessageHeld, MessagePublished, MessageRefused, MessageRemoved
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant
from live.domain.question import Question, QuestionStatus
from live.domain.question_events import QuestionChanged, QuestionHeld, QuestionPublished
from live.domain.showing import taken_down
from live.domain.standing import standing
from live.domain.state import DECISIONS_KEPT, PUBLIC_QUESTIONS, RoomState
from live.domain.subject import Subject, SubjectKind
from live.domain.text import clean_text
from live.domain.writing import new_content

_M = MessageStatus
_Q = QuestionStatus

VERDICTS: Mapping[tuple[SubjectKind, Verdict], Mapping[str, MessageStatus | QuestionStatus]] = {
    (SubjectKind.MESSAGE, Verdict.PUBLISH): {_M.PENDING: _M.PUBLISHED},
    (SubjectKind.MESSAGE, Verdict.REFUSE): {_M.PENDING: _M.REFUSED},
    (SubjectKind.MESSAGE, Verdict.REMOVE): {_M.PUBLISHED: _M.REMOVED},
    (SubjectKind.MESSAGE, Verdict.RESTORE): {_M.REMOVED: _M.PUBLISHED},
    (SubjectKind.QUESTION, Verdict.PUBLISH): {_Q.PENDING: _Q.PUBLISHED},
    (SubjectKind.QUESTION, Verdict.REFUSE): {_Q.PENDING: _Q.DISMISSED},
    (SubjectKind.QUESTION, Verdict.PICK): {_Q.PUBLISHED: _Q.PICKED, _Q.PICKED: _Q.PICKED},
    (SubjectKind.QUESTION, Verdict.ANSWERING): {_Q.PICKED: _Q.ANSWERING},
    (SubjectKind.QUESTION, Verdict.ANSWERED): {
        _Q.ANSWERING: _Q.ANSWERED,
        _Q.PICKED: _Q.ANSWERED,
    },
    (SubjectKind.QUESTION, Verdict.DISMISS): {
        _Q.PENDING: _Q.DISMISSED,
        _Q.PUBLISHED: _Q.DISMISSED,
        _Q.PICKED: _Q.DISMISSED,
        _Q.ANSWERING: _Q.DISMISSED,
    },
    (SubjectKind.QUESTION, Verdict.RESTORE): {_Q.DISMISSED: _Q.PUBLISHED},
}
"""What a verdict makes of which status; anything else is ``wrong_state``, or ``invalid`` where the
verdict is not for that kind of subject at all."""


def decide_on(
    state: RoomState,
    actor: Participant,
    command: Decide,
    context: Context,
    *,
    reason: Content | None = None,
    group: str | None = None,
) -> Decided | Refusal:
    """``reason`` is given where several decisions share one, and a ``group``."""
    steps = VERDICTS.get((command.subject.kind, command.verdict))
    if steps is None:
        return Refusal("invalid", f"“{command.verdict}” is no verdict on a {command.subject.kind}.")
    item = state.find(command.subject)
    if item is None:
        return Refusal("not_found", f"There is no such {command.subject.kind}.")
    if item.revision != command.revision:
        return Refusal(
            "stale", f"This {command.subject.kind} has changed.", current=command.subject
        )
    fixed = _fixed(item)
    if fixed:
        return fixed
    after = steps.get(item.status)
    if after is None:
        return Refusal("wrong_state", f"“{command.verdict}” does not go with “{item.status}”.")
    own = reason_given(state, actor, command.reason, context)
    if isinstance(own, Refusal):
        return own
    reason = own or reason
    decision = DecisionMade(
        decision_id=DecisionId(context.entropy.new_id()),
        subject=command.subject,
        verdict=command.verdict,
        by=actor.id,
        revision=item.revision,
        before=item.status.value,
        after=after.value,
        reason_id=reason.id if reason else None,
        commitment=reason.commitment if reason else None,
        supersedes=latest_decision(state, command.subject),
        group=group,
    )
    return _carried_out(state, item, decision, after, (own,) if own else ())


def undo(
    state: RoomState,
    actor: Participant,
    decision_id: DecisionId,
    context: Context,
    *,
    group: str | None = None,
    over: bool = False,
) -> Decided | Refusal:
    """The former status comes back by a new decision. What became of others meanwhile stands: where
    another question is being answered by now, this one goes back to ``picked``."""
    known = known_decisions(state, context)
    undone = next((each for each in known if each.id == decision_id), None)
    if undone is None:
        return Refusal("not_found", "There is no such decision.")
    subject = undone.subject
    item = state.find(subject)
    if item is None:
        return Refusal("not_found", f"The {subject.kind} is not there any more.")
    trail = [each for each in known if each.subject == subject]
    is_last = trail[-1].id == undone.id
    stand = standing(trail)
    if undone not in stand and not is_last:
        return Refusal("wrong_state", "It is undone already.", current=subject)
    is_top = is_last or stand[-1] == undone
    if not over and (not is_top or item.status.value != undone.after):
        return Refusal("stale", "Something else was decided since.", current=subject)
    fixed = _fixed(item)
    if fixed:
        return fixed
    before: MessageStatus | QuestionStatus
    if isinstance(item, Message):
        before = MessageStatus(undone.before)
    else:
        before = QuestionStatus(undone.before)
        if before is _Q.PENDING and state.members.get(item.id):
            return Refusal("wrong_state", "Others are merged into it: split them first.")
        if before is _Q.ANSWERING and state.answering() is not None:
            before = _Q.PICKED
    decision = DecisionMade(
        decision_id=DecisionId(context.entropy.new_id()),
        subject=subject,
        verdict=Verdict.UNDO,
        by=actor.id,
        revision=item.revision,
        before=item.status.value,
        after=before.value,
        supersedes=undone.id,
        group=group,
    )
    return _carried_out(state, item, decision, before)


def publication(
    state: RoomState, question: Question, actor: Participant | None, context: Context
) -> tuple[DecisionMade, Event, *tuple[Event, ...]]:
    """The decision that publishes a question that waits, and what follows from it."""
    subject = Subject.question(question.id)
    decision = DecisionMade(
        decision_id=DecisionId(context.entropy.new_id()),
        subject=subject,
        verdict=Verdict.PUBLISH,
        by=None if actor is None else actor.id,
        revision=question.revision,
        before=question.status.value,
        after=_Q.PUBLISHED.value,
        supersedes=latest_decision(state, subject),
    )
    published = QuestionPublished(question.id, question.revision + 1)
    return (decision, published, *released(state, subject))


def answered_aside(
    state: RoomState, question: Question, actor: Participant, context: Context
) -> tuple[Event, ...]:
    """The decision that a question which waits is answered and not for everyone. The verdict is
    not that it is unwanted: nothing is learned from it."""
    subject = Subject.question(question.id)
    decision = DecisionMade(
        decision_id=DecisionId(context.entropy.new_id()),
        subject=subject,
        verdict=Verdict.ANSWERED,
        by=actor.id,
        revision=question.revision,
        before=question.status.value,
        after=_Q.DISMISSED.value,
        supersedes=latest_decision(state, subject),
    )
    changed = QuestionChanged(question.id, question.revision + 1, _Q.DISMISSED)
    return (decision, *released(state, subject), changed)


def _fixed(item: Message | Question) -> Refusal | None:
    if item.withdrawn:
        return Refusal("wrong_state", "It was withdrawn for good.")
    if isinstance(item, Question) and item.merged_into is not None:
        return Refusal("wrong_state", "It is part of another question: decide on that, or split.")
    return None


def known_decisions(state: RoomState, context: Context) -> list[Decision]:
    """The latest decisions and those recalled for this one, oldest first."""
    latest = {each.id for each in state.decisions}
    return [*(each for each in context.recalled if each.id not in latest), *state.decisions]


def latest_decision(state: RoomState, subject: Subject) -> DecisionId | None:
    return next((each.id for each in reversed(state.decisions) if each.subject == subject), None)


def reason_given(
    state: RoomState, actor: Participant, reason: str | None, context: Context
) -> Content | Refusal | None:
    if reason is None or not reason.strip():
        return None
    text = clean_text(reason, context.limits.text)
    return text if isinstance(text, Refusal) else new_content(state, actor, text, context)[0]


def _carried_out(
    state: RoomState,
    item: Message | Question,
    decision: DecisionMade,
    after: MessageStatus | QuestionStatus,
    contents: tuple[Content, ...] = (),
) -> Decided:
    """The decision, then what follows from it; last what becomes of the subject itself."""
    if isinstance(item, Message):
        steps = _message_steps(item, MessageStatus(after))
        result = Result(message_id=item.id)
    else:
        steps = _question_steps(state, item, QuestionStatus(after))
        result = Result(question_id=item.id)
    return Decided(
        events=(
            decision,
            *released(state, decision.subject),
            *(() if after in PUBLIC_QUESTIONS else taken_down(state, decision.subject)),
            *(event for event, _ in steps),
        ),
        result=replace(
            result,
            decision_id=decision.decision_id,
            subject=decision.subject,
            revision=steps[-1][1],
            status=after.value,
        ),
        contents=contents,
    )


_Steps = tuple[tuple[Event, int], ...]
"""Events of a subject, each with the revision it leads to."""


def _message_steps(message: Message, after: MessageStatus) -> _Steps:
    revision = message.revision + 1
    if after is _M.PUBLISHED:
        return ((MessagePublished(message.id, revision), revision),)
    if after is _M.REFUSED:
        return ((MessageRefused(message.id, revision), revision),)
    if after is _M.REMOVED:
        return ((MessageRemoved(message.id, revision), revision),)
    if message.place is None:
        return ((MessageHeld(message.id, revision), revision),)
    # Everyone has seen it: first it goes, then it waits again for author and staff.
    return (
        (MessageRemoved(message.id, revision), revision),
        (MessageHeld(message.id, revision + 1), revision + 1),
    )


def _question_steps(state: RoomState, question: Question, after: QuestionStatus) -> _Steps:
    revision = question.revision + 1
    if after is _Q.PUBLISHED and question.status in (_Q.PENDING, _Q.DISMISSED):
        return ((QuestionPublished(question.id, revision), revision),)
    if after is _Q.PENDING and question.place is None:
        return ((QuestionHeld(question.id, revision), revision),)
    if after is _Q.PENDING:
        return (
            (QuestionChanged(question.id, revision, _Q.DISMISSED), revision),
            (QuestionHeld(question.id, revision + 1), revision + 1),
        )
    changed = (QuestionChanged(question.id, revision, after), revision)
    former = state.answering() if after is _Q.ANSWERING else None
    if former is None or former.id == question.id:
        return (changed,)
    demoted = former.revision + 1
    return ((QuestionChanged(former.id, demoted, _Q.PICKED), demoted), changed)


def fold_decision(state: RoomState, recorded: Recorded, event: DecisionMade) -> None:
    decision = decision_of(recorded, event)
    state.decisions = (*state.decisions, decision)[-DECISIONS_KEPT:]


def decision_of(recorded: Recorded, event: DecisionMade) -> Decision:
    """The decision that an event of the log tells of."""
    return Decision(
        id=event.decision_id,
        subject=event.subject,
        verdict=event.verdict,
        by=event.by,
        at=recorded.at,
        revision=event.revision,
        before=event.before,
        after=event.after,
        reason_id=event.reason_id,
        supersedes=event.supersedes,
        group=event.group,
    )
