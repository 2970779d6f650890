"""The team and one person write to each other; a question is answered between the two of them, and
published without its asker's name once the asker consents."""

from __future__ import annotations

from dataclasses import replace

from live.domain.claiming import released
from live.domain.fact import Event
from live.domain.filing import Sheet, find, settled, write
from live.domain.ids import ParticipantId
from live.domain.moderating import answered_aside
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.paper import PaperKind, PaperStatus
from live.domain.paper_commands import AnswerPrivately, ConsentToAnswer, SendLetter
from live.domain.people import Participant
from live.domain.question import Question, QuestionStatus
from live.domain.question_events import QuestionChanged, QuestionPublished
from live.domain.state import PUBLIC_QUESTIONS, RoomState
from live.domain.subject import Subject


def send_letter(
    state: RoomState, actor: Participant, command: SendLetter, context: Context
) -> Decided | Refusal:
    """The team opens a conversation; the person writes in theirs once it is open."""
    if actor.role.is_staff:
        target = _audience(state, command.participant_id)
    elif command.participant_id not in (None, actor.id):
        target = Refusal("forbidden", "This is for the team.")
    elif not _is_open(state, actor):
        target = Refusal("forbidden", "The team opens a conversation; ask a question to reach it.")
    else:
        target = actor
    if isinstance(target, Refusal):
        return target
    return write(state, actor, Sheet(PaperKind.LETTER, target.id), command.text, context)


def _audience(state: RoomState, participant_id: ParticipantId | None) -> Participant | Refusal:
    """Someone to write to. Among themselves the team has its own talk."""
    target = None if participant_id is None else state.participants.get(participant_id)
    if target is None or target.erased:
        return Refusal("not_found", "There is no such participant.")
    if target.role.is_staff:
        return Refusal("forbidden", "Write to colleagues backstage.")
    return target


def _is_open(state: RoomState, person: Participant) -> bool:
    papers = (state.papers[each] for each in state.papers_with.get(person.id) or ())
    return any(each.for_both and each.author_id != person.id for each in papers)


def answer_privately(
    state: RoomState, actor: Participant, command: AnswerPrivately, context: Context
) -> Decided | Refusal:
    """One answer a question. What waited waits no longer: only its asker and the team see it, and
    an undo puts it back. What everyone sees already stays, and is decided on as ever."""
    question = state.questions.get(command.question_id)
    if question is None or question.withdrawn or state.text(question.content_id) is None:
        return Refusal("not_found", "There is no such question.")
    subject = Subject.question(question.id)
    if question.id in state.answers:
        return Refusal("wrong_state", "This question has its answer already.", current=subject)
    asker = _audience(state, question.author_id)
    if isinstance(asker, Refusal):
        return asker
    status = PaperStatus.OFFERED if command.offer else PaperStatus.SENT
    sheet = Sheet(PaperKind.ANSWER, asker.id, status, about=question.id)
    written = write(state, actor, sheet, command.text, context)
    waits = question.status is QuestionStatus.PENDING and question.merged_into is None
    if isinstance(written, Refusal) or not waits:
        return written
    events = (*written.events, *answered_aside(state, question, actor, context))
    return replace(written, events=events)


def consent(
    state: RoomState, actor: Participant, command: ConsentToAnswer, _: Context
) -> Decided | Refusal:
    """The asker says whether everyone may read it; a refusal can be thought over, a publication is
    out. Published, the question bears no name."""
    answer = find(state, command.paper_id, PaperKind.ANSWER)
    if isinstance(answer, Refusal) or answer.participant_id != actor.id:
        return Refusal("not_found", "There is no such answer to you.")
    result = Result(paper_id=answer.id)
    wanted = PaperStatus.SHARED if command.on else PaperStatus.KEPT
    if answer.status is wanted:
        return Decided(result=result)
    if answer.status not in (PaperStatus.OFFERED, PaperStatus.KEPT):
        return Refusal("wrong_state", "This is not asked, or decided already.")
    question = next((q for q in state.questions.values() if q.id == answer.about), None)
    if question is None or question.withdrawn:
        return Refusal("wrong_state", "The question was withdrawn.")
    published = _published(state, question) if command.on else ()
    return Decided((settled(answer, wanted, actor.id), *published), result)


def _published(state: RoomState, question: Question) -> tuple[Event, ...]:
    """What brings a question with its answer before everyone, or tells it again."""
    revision = question.revision
    events: list[Event] = []
    if question.status not in PUBLIC_QUESTIONS:
        revision += 1
        events.append(QuestionPublished(question.id, revision))
    after = question.status if question.merged_into else QuestionStatus.ANSWERED
    events += released(state, Subject.question(question.id))
    events.append(QuestionChanged(question.id, revision + 1, after))
    return tuple(events)
