"""What is not answered in the show is not lost: somebody takes it until a day, or it is let go with
a reason. After the end everything is only read, but what was promised can still be answered.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from live.domain.commands import Command
from live.domain.decision_commands import WriteReply
from live.domain.decision_events import SubjectSettled
from live.domain.outcome import Context, Decided, Refusal
from live.domain.people import Participant
from live.domain.question import Question
from live.domain.question_commands import LetGo, PromiseAnswer
from live.domain.replying import replaced, result_on, said_by, settleable
from live.domain.settlement import UNSETTLED, Promise
from live.domain.state import OPEN_QUESTIONS, RoomState
from live.domain.subject import Subject
from live.domain.text import clean_text
from live.domain.writing import new_content

OWNER_CHARS = 60
LATEST = timedelta(days=366)
"""A promise for later than that is none."""


def promise(
    state: RoomState, actor: Participant, command: PromiseAnswer, context: Context
) -> Decided | Refusal:
    """Who answers is a name: of the team, or of a desk that is not here. Promised again, the later
    promise holds."""
    subject = Subject.question(command.question_id)
    question = _open_question(state, subject, command.revision)
    if isinstance(question, Refusal):
        return question
    if not context.now < command.due <= context.now + LATEST:
        return Refusal("invalid", f"A promise is for a day within {LATEST.days} days.")
    owner = clean_text(command.owner, OWNER_CHARS)
    if isinstance(owner, Refusal):
        return owner
    content, commitment = new_content(state, actor, owner, context)
    made = Promise(content.id, commitment, command.due, actor.id, context.now)
    settled = replace(state.settled.get(subject, UNSETTLED), promise=made, let_go=None)
    return Decided(
        events=(SubjectSettled(subject, question.revision + 1, settled),),
        result=result_on(question, question.revision + 1, question.status.value),
        contents=(content,),
        erase=replaced(state, subject, settled),
    )


def let_go(
    state: RoomState, actor: Participant, command: LetGo, context: Context
) -> Decided | Refusal:
    """Who asked is told the reason; a promise that there was is gone with it."""
    subject = Subject.question(command.question_id)
    question = _open_question(state, subject, command.revision)
    if isinstance(question, Refusal):
        return question
    said = said_by(state, actor, question, command.reason, context)
    if isinstance(said, Refusal):
        return said
    settled = replace(UNSETTLED, let_go=said[1])
    return Decided(
        events=(SubjectSettled(subject, question.revision + 1, settled),),
        result=result_on(question, question.revision + 1, question.status.value),
        contents=(said[0],),
        erase=replaced(state, subject, settled),
    )


def outlasts_the_end(state: RoomState, command: Command) -> bool:
    """Whether a command is taken although the session has ended: the answer to a promise."""
    if not isinstance(command, WriteReply):
        return False
    settled = state.settled.get(command.subject)
    return settled is not None and settled.promise is not None


def unsettled(state: RoomState) -> list[Question]:
    """Public questions that nobody has answered, promised or let go, the most wanted first."""
    found = [
        question
        for question in state.questions.values()
        if question.status in OPEN_QUESTIONS
        and question.merged_into is None
        and Subject.question(question.id) not in state.settled
    ]
    return sorted(found, key=lambda each: (-each.tallied, each.at))


def _open_question(state: RoomState, subject: Subject, revision: int) -> Question | Refusal:
    question = settleable(state, subject, revision)
    if isinstance(question, Refusal):
        return question
    if not isinstance(question, Question) or question.status not in OPEN_QUESTIONS:
        return Refusal("wrong_state", "Only a question that is open is promised or let go.")
    return question
