"""The brand answers in writing: under a message, or a question, which is answered by it.

An answer is part of what it answers: it comes and goes with it. Its text is owned by the author of
the question or message, so that erasing them takes what was written to them.
"""

from __future__ import annotations

from dataclasses import replace

from live.domain.asking import put_question
from live.domain.content import Content
from live.domain.decision import Verdict
from live.domain.decision_commands import TakeReplyBack, WriteReply
from live.domain.decision_events import DecisionMade, SubjectSettled
from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.ids import ContentId, DecisionId
from live.domain.message import Message
from live.domain.moderating import latest_decision
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant
from live.domain.question import Question, QuestionStatus
from live.domain.question_events import QuestionChanged
from live.domain.settlement import UNSETTLED, Said, Settlement
from live.domain.state import OPEN_QUESTIONS, RoomState
from live.domain.subject import Subject
from live.domain.text import clean_text
from live.domain.writing import new_content

SETTLED_MOST = 2_000


def write_reply(
    state: RoomState, actor: Participant, command: WriteReply, context: Context
) -> Decided | Refusal:
    """The one before is replaced. A question that was open is answered by it; after the end only
    what was promised can be."""
    item = settleable(state, command.subject, command.revision)
    if isinstance(item, Refusal):
        return item
    if not state.is_public(command.subject):
        return Refusal("wrong_state", "Only what everyone sees is answered in public.")
    settled = state.settled.get(command.subject, UNSETTLED)
    said = said_by(state, actor, item, command.text, context)
    if isinstance(said, Refusal):
        return said
    content, reply = said
    settled = replace(settled, reply=reply, let_go=None)
    steps: list[Event] = [SubjectSettled(command.subject, item.revision + 1, settled)]
    revision, status = item.revision + 1, item.status.value
    if isinstance(item, Question) and item.status in OPEN_QUESTIONS:
        revision, status = revision + 1, QuestionStatus.ANSWERED.value
        steps.insert(0, _answered(state, item, actor, context))
        steps.append(QuestionChanged(item.id, revision, QuestionStatus.ANSWERED))
    return Decided(
        events=tuple(steps),
        result=result_on(item, revision, status),
        contents=(content,),
        erase=replaced(state, command.subject, settled),
    )


def take_reply_back(
    state: RoomState, actor: Participant, command: TakeReplyBack, context: Context
) -> Decided | Refusal:
    """Its text goes; the question stays as it is."""
    item = settleable(state, command.subject, command.revision)
    if isinstance(item, Refusal):
        return item
    settled = state.settled.get(command.subject, UNSETTLED)
    if settled.reply is None:
        return Refusal("not_found", "There is no reply to take back.")
    settled = replace(settled, reply=None)
    return Decided(
        events=(SubjectSettled(command.subject, item.revision + 1, settled),),
        result=result_on(item, item.revision + 1, item.status.value),
        erase=replaced(state, command.subject, settled),
    )


# --- what promising shares


def settleable(state: RoomState, subject: Subject, revision: int) -> Message | Question | Refusal:
    """What the team may say something to, in the revision that they saw."""
    item = state.find(subject)
    if item is None:
        return Refusal("not_found", f"There is no such {subject.kind}.")
    if item.revision != revision:
        return Refusal("stale", f"This {subject.kind} has changed.", current=subject)
    if item.withdrawn:
        return Refusal("wrong_state", "It was withdrawn for good.")
    if isinstance(item, Question) and item.merged_into is not None:
        return Refusal("wrong_state", "It is part of another question: answer that, or split.")
    if subject not in state.settled and len(state.settled) >= SETTLED_MOST:
        return Refusal("overloaded", f"{SETTLED_MOST} answers and promises are the most.")
    return item


def said_by(
    state: RoomState, actor: Participant, item: Message | Question, text: str, context: Context
) -> tuple[Content, Said] | Refusal:
    """A text of the team's about this item."""
    cleaned = clean_text(text, context.limits.text)
    if isinstance(cleaned, Refusal):
        return cleaned
    author = state.participants[item.author_id]
    content, commitment = new_content(state, author, cleaned, context)
    return content, Said(content.id, commitment, actor.id, context.now)


def result_on(item: Message | Question, revision: int, status: str) -> Result:
    """What an ack shows of it."""
    if isinstance(item, Message):
        return Result(message_id=item.id, revision=revision, status=status)
    return Result(question_id=item.id, revision=revision, status=status)


def replaced(state: RoomState, subject: Subject, settled: Settlement) -> tuple[ContentId, ...]:
    """The texts that go because these take their place."""
    former = state.settled.get(subject, UNSETTLED)
    return tuple(each for each in former.contents if each not in settled.contents)


def _answered(
    state: RoomState, question: Question, actor: Participant, context: Context
) -> DecisionMade:
    subject = Subject.question(question.id)
    return DecisionMade(
        decision_id=DecisionId(context.entropy.new_id()),
        subject=subject,
        verdict=Verdict.ANSWERED,
        by=actor.id,
        revision=question.revision,
        before=question.status.value,
        after=QuestionStatus.ANSWERED.value,
        supersedes=latest_decision(state, subject),
    )


def fold_settled(state: RoomState, recorded: Recorded, event: SubjectSettled) -> None:
    for content_id in replaced(state, event.subject, event.settlement):
        state.contents.discard(content_id)
    settled = {key: each for key, each in state.settled.items() if key != event.subject}
    if event.settlement != UNSETTLED:
        settled[event.subject] = event.settlement
    state.settled = settled
    item = state.find(event.subject)
    if isinstance(item, Message):
        state.messages[item.id] = replace(item, revision=event.revision)
    elif item is not None:
        put_question(state, replace(item, revision=event.revision))
