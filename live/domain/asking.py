"""A question is asked, withdrawn, edited; and what each of its events makes true."""

from __future__ import annotations

from dataclasses import replace

from live.domain.content import all_versions, next_version
from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.ids import QuestionId, Seq
from live.domain.judgement import NO_HINTS
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant
from live.domain.posted import Posted
from live.domain.question import Question, QuestionStatus
from live.domain.question_commands import AskQuestion, EditQuestion, WithdrawQuestion
from live.domain.question_events import (
    QuestionChanged,
    QuestionHeld,
    QuestionPublished,
    QuestionSplit,
)
from live.domain.showing import taken_down
from live.domain.state import OPEN_QUESTIONS, RoomState
from live.domain.subject import Subject
from live.domain.text import clean_text
from live.domain.writing import (
    is_held,
    looked_at,
    new_content,
    posted_by,
    queue_is_full,
    set_down,
    writable,
)


def ask(
    state: RoomState, actor: Participant, command: AskQuestion, context: Context
) -> Decided | Refusal:
    context = looked_at(state, actor, context)
    text = writable(state, actor, command.text, context)
    if isinstance(text, Refusal):
        return text
    if len(state.questions) >= context.limits.questions:
        return Refusal("overloaded", "This session takes no more questions.")
    held = is_held(state, actor, context)
    if held and (full := queue_is_full(state, context)):
        return full
    written = new_content(state, actor, text, context)
    question_id = QuestionId(context.entropy.new_id())
    posted = posted_by(actor, written, context)
    event = (QuestionHeld if held else QuestionPublished)(question_id, 1, posted)
    status = QuestionStatus.PENDING if held else QuestionStatus.PUBLISHED
    result = Result(question_id=question_id, revision=1, status=status.value)
    return set_down(actor, event, result, written, context)


def withdraw_question(
    state: RoomState, actor: Participant, command: WithdrawQuestion, _: Context
) -> Decided | Refusal:
    question = state.questions.get(command.question_id)
    if question is None or question.author_id != actor.id:
        return Refusal("not_found", "There is no such question of yours.")
    if question.withdrawn:
        return Refusal("wrong_state", "This question is withdrawn already.")
    return Decided(
        events=question_withdrawal(state, question),
        result=Result(
            question_id=question.id,
            revision=question.revision + 1,
            status=QuestionStatus.DISMISSED.value,
        ),
        erase=all_versions(question.content_id, question.revision),
    )


def question_withdrawal(state: RoomState, question: Question) -> tuple[Event, ...]:
    """The events that take a question away for good. What was merged into it stands for itself
    again, unless it goes on counting for another one."""
    members = state.members.get(question.id) or () if question.merged_into is None else ()
    freed = (
        QuestionSplit(member, state.questions[member].revision + 1, state.votes(member))
        for member in members
    )
    return (
        *taken_down(state, Subject.question(question.id)),
        *freed,
        QuestionChanged(
            question.id, question.revision + 1, QuestionStatus.DISMISSED, withdrawn=True
        ),
    )


def edit_question(
    state: RoomState, actor: Participant, command: EditQuestion, context: Context
) -> Decided | Refusal:
    question = state.questions.get(command.question_id)
    if question is None:
        return Refusal("not_found", "There is no such question.")
    if question.revision != command.revision:
        subject = Subject.question(question.id)
        return Refusal("stale", "This question has changed meanwhile.", current=subject)
    if question.status not in OPEN_QUESTIONS | {QuestionStatus.PENDING}:
        return Refusal("wrong_state", "Only an unanswered question can be edited.")
    text = clean_text(command.text, context.limits.text)
    if isinstance(text, Refusal):
        return text
    revision = question.revision + 1
    author = state.participants[question.author_id]
    version = next_version(question.content_id, revision)
    content, commitment = new_content(state, author, text, context, version)
    event = QuestionChanged(question.id, revision, question.status, content.id, commitment)
    return Decided(
        events=(event,),
        result=Result(question_id=question.id, revision=revision, status=question.status.value),
        contents=(content,),
    )


# --- what the events make true


def fold_held(state: RoomState, recorded: Recorded, event: QuestionHeld) -> None:
    question = _known(state, event.question_id, event.posted)
    put_question(state, replace(question, status=QuestionStatus.PENDING, revision=event.revision))
    _note_post(state, event.posted)


def fold_published(state: RoomState, recorded: Recorded, event: QuestionPublished) -> None:
    question = _known(state, event.question_id, event.posted)
    place = question.place
    if place is None:
        place = Seq(recorded.seq)
        state.question_order.append(question.id)
    put_question(
        state,
        replace(question, status=QuestionStatus.PUBLISHED, revision=event.revision, place=place),
    )
    _note_post(state, event.posted)


def fold_changed(state: RoomState, recorded: Recorded, event: QuestionChanged) -> None:
    question = state.questions[event.question_id]
    if event.status is not question.status:
        question = _in_status(question, event.status, recorded)
    if event.content_id is not None:
        state.contents.discard(question.content_id)
        question = replace(question, content_id=event.content_id, edited=True)
    if event.withdrawn:
        question = replace(
            question, withdrawn=True, reasons=(), score=None, hints=NO_HINTS, from_message=None
        )
    put_question(state, replace(question, revision=event.revision))


def put_question(state: RoomState, question: Question) -> None:
    state.questions[question.id] = question
    pending = question.status is QuestionStatus.PENDING
    refused = question.status is QuestionStatus.DISMISSED and not question.withdrawn
    state.index(
        Subject.question(question.id), question.author_id, held=pending, own=pending or refused
    )


def _in_status(question: Question, status: QuestionStatus, recorded: Recorded) -> Question:
    if status is QuestionStatus.PICKED:
        return replace(question, status=status, picked_at=recorded.at)
    if status is QuestionStatus.ANSWERING:
        return replace(question, status=status, answering_at=recorded.at)
    if status is QuestionStatus.ANSWERED:
        return replace(question, status=status, answered_at=recorded.at)
    return replace(question, status=status)


def _known(state: RoomState, question_id: QuestionId, posted: Posted | None) -> Question:
    if posted is None:
        return state.questions[question_id]
    finding = state.finding(posted.content_id, posted.reasons)
    return Question(
        id=question_id,
        author_id=posted.author_id,
        content_id=posted.content_id,
        language=posted.language,
        status=QuestionStatus.PENDING,
        revision=0,
        at=posted.at,
        reasons=finding.reasons,
        score=posted.score,
        hints=finding.hints,
        from_message=posted.from_message,
    )


def _note_post(state: RoomState, posted: Posted | None) -> None:
    if posted is not None:
        state.note_post(posted.author_id, posted.at)
