"""The same question asked twice becomes one, and two again."""

from __future__ import annotations

from dataclasses import replace

from live.domain.asking import put_question
from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.ids import QuestionId
from live.domain.moderating import publication
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant
from live.domain.proposal import with_apart
from live.domain.question import Question, QuestionStatus
from live.domain.question_commands import MergeQuestions, SplitQuestion
from live.domain.question_events import QuestionChanged, QuestionMerged, QuestionSplit, VoteTallied
from live.domain.showing import taken_down
from live.domain.state import OPEN_QUESTIONS, RoomState
from live.domain.subject import Subject

MERGEABLE = OPEN_QUESTIONS | {QuestionStatus.PENDING}
"""The statuses in which a question can become one with another."""


def merge_refusal(state: RoomState, into: Question, source: Question) -> Refusal | None:
    """Why these two cannot become one, if they cannot."""
    if into.id == source.id:
        return Refusal("invalid", "A question cannot be merged into itself.")
    if into.merged_into is not None or source.merged_into is not None:
        return Refusal("wrong_state", "One of them is part of another question already.")
    if into.status not in MERGEABLE or source.status not in MERGEABLE:
        return Refusal("wrong_state", "Only unanswered questions can be merged.")
    if source.status is QuestionStatus.ANSWERING:
        return Refusal("wrong_state", "The host is answering it: merge the other one into it.")
    return None


def merge_events(
    state: RoomState, actor: Participant | None, command: MergeQuestions, context: Context
) -> tuple[tuple[Event, ...], Result]:
    """What makes two questions one that can be: a decision publishes what still waits, for nobody
    counts for a question that nobody sees."""
    published = {
        each: publication(state, state.questions[each], actor, context)
        for each in (command.into, command.source)
        if state.questions[each].status is QuestionStatus.PENDING
    }
    into, source = state.questions[command.into], state.questions[command.source]
    into_revision = into.revision + 1 + (into.id in published)
    merged = QuestionMerged(
        into_id=into.id,
        into_revision=into_revision,
        source_id=source.id,
        source_revision=source.revision + 1 + (source.id in published),
        votes=len(_voters(state, into.id) | _voters(state, source.id)),
    )
    status = QuestionStatus.PUBLISHED if into.id in published else into.status
    decided = published.get(source.id) or published.get(into.id)
    return (
        (
            *(event for events in published.values() for event in events),
            *taken_down(state, Subject.question(source.id)),
            merged,
        ),
        Result(
            question_id=into.id,
            revision=into_revision,
            status=status.value,
            decision_id=None if decided is None else decided[0].decision_id,
        ),
    )


def split(
    state: RoomState, actor: Participant, command: SplitQuestion, _: Context
) -> Decided | Refusal:
    question = state.questions.get(command.question_id)
    if question is None:
        return Refusal("not_found", "There is no such question.")
    if question.merged_into is None:
        return Refusal("wrong_state", "This question is not part of another one.")
    root = state.root(question.id)
    freed = set(state.tree(question.id))
    left: set[str] = set()
    for member in state.tree(root.id):
        if member not in freed:
            left |= state.ballots.voters(member)
    events: list[Event] = [
        QuestionChanged(root.id, root.revision + 1, root.status),
        QuestionSplit(question.id, question.revision + 1, state.votes(question.id)),
    ]
    if len(left) != root.tallied:
        events.insert(1, VoteTallied(root.id, len(left)))
    return Decided(
        tuple(events),
        Result(
            question_id=question.id,
            revision=question.revision + 1,
            status=question.status.value,
        ),
    )


def _voters(state: RoomState, question_id: QuestionId) -> set[str]:
    voters: set[str] = set()
    for member in state.tree(question_id):
        voters |= state.ballots.voters(member)
    return voters


def fold_merged(state: RoomState, recorded: Recorded, event: QuestionMerged) -> None:
    into = state.questions[event.into_id]
    source = state.questions[event.source_id]
    state.members[into.id] = (*(state.members.get(into.id) or ()), source.id)
    put_question(state, replace(source, merged_into=into.id, revision=event.source_revision))
    put_question(state, replace(into, revision=event.into_revision, tallied=event.votes))


def fold_split(state: RoomState, recorded: Recorded, event: QuestionSplit) -> None:
    question = state.questions[event.question_id]
    parent = question.merged_into
    if parent is not None:
        state.apart = with_apart(state.apart, parent, question.id)
        state.members[parent] = tuple(
            member for member in state.members.get(parent) or () if member != question.id
        )
    put_question(
        state,
        replace(question, merged_into=None, revision=event.revision, tallied=event.votes),
    )
