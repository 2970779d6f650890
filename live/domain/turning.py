"""A chat line that asks something becomes a question; its author stays its author."""

from __future__ import annotations

from live.domain.claiming import released
from live.domain.decision import Verdict
from live.domain.decision_events import DecisionMade
from live.domain.fact import Event
from live.domain.ids import DecisionId, QuestionId
from live.domain.judgement import Hints
from live.domain.message import Finding, Message, MessageStatus
from live.domain.message_commands import TurnIntoQuestion
from live.domain.message_events import MessagePublished
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant
from live.domain.posted import Posted
from live.domain.question import QuestionStatus
from live.domain.question_events import QuestionPublished
from live.domain.routing import desk_for
from live.domain.state import RoomState
from live.domain.subject import Subject
from live.domain.writing import new_content


def turn_into_question(
    state: RoomState, actor: Participant, command: TurnIntoQuestion, context: Context
) -> Decided | Refusal:
    """The line stays in the chat, and one that waited is published. The question is there by a
    decision of its own: undone, it stands among the dismissed."""
    message = state.messages.get(command.message_id)
    text = None if message is None else state.text(message.content_id)
    if message is None or text is None:
        return Refusal("not_found", "There is no such message.")
    refusal = _refusal(state, message, command, context)
    if refusal:
        return refusal
    author = state.participants[message.author_id]
    content, commitment = new_content(state, author, text, context)
    question_id = QuestionId(context.entropy.new_id())
    posted = Posted(
        author_id=author.id,
        content_id=content.id,
        commitment=commitment,
        language=message.language,
        at=context.now,
        from_message=message.id,
    )
    desk = desk_for(state.listening.routes, text, author.segment, message.hints.segment)
    decision = DecisionMade(
        decision_id=DecisionId(context.entropy.new_id()),
        subject=Subject.question(question_id),
        verdict=Verdict.ASK,
        by=actor.id,
        revision=1,
        before=QuestionStatus.DISMISSED.value,
        after=QuestionStatus.PUBLISHED.value,
    )
    return Decided(
        events=(
            *_published(message, actor, context),
            *released(state, Subject.message(message.id)),
            decision,
            QuestionPublished(question_id, 1, posted),
        ),
        result=Result(
            question_id=question_id,
            revision=1,
            status=QuestionStatus.PUBLISHED.value,
            decision_id=decision.decision_id,
        ),
        contents=(content,),
        finding=Finding(hints=Hints(segment=message.hints.segment, desk=desk)),
    )


def _refusal(
    state: RoomState, message: Message, command: TurnIntoQuestion, context: Context
) -> Refusal | None:
    if message.revision != command.revision:
        subject = Subject.message(message.id)
        return Refusal("stale", "This message has changed meanwhile.", current=subject)
    if message.status not in (MessageStatus.PENDING, MessageStatus.PUBLISHED):
        return Refusal("wrong_state", "Only a pending or published line can become a question.")
    if len(state.questions) >= context.limits.questions:
        return Refusal("overloaded", "This session takes no more questions.")
    if any(_stands(each.from_message, each.status, message) for each in state.questions.values()):
        return Refusal("wrong_state", "This line is a question already.")
    return None


def _stands(of: str | None, status: QuestionStatus, message: Message) -> bool:
    return of == message.id and status is not QuestionStatus.DISMISSED


def _published(message: Message, actor: Participant, context: Context) -> tuple[Event, ...]:
    """What publishes a line that waits."""
    if message.status is not MessageStatus.PENDING:
        return ()
    decision = DecisionMade(
        decision_id=DecisionId(context.entropy.new_id()),
        subject=Subject.message(message.id),
        verdict=Verdict.PUBLISH,
        by=actor.id,
        revision=message.revision,
        before=message.status.value,
        after=MessageStatus.PUBLISHED.value,
    )
    return (decision, MessagePublished(message.id, message.revision + 1))
