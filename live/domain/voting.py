"""People vote for questions: one ballot each, where it was cast; tallies follow."""

from __future__ import annotations

from dataclasses import replace

from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.ids import QuestionId
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant
from live.domain.question import QuestionStatus
from live.domain.question_commands import VoteQuestion
from live.domain.question_events import BallotCast, VoteTallied
from live.domain.state import OPEN_QUESTIONS, PUBLIC_QUESTIONS, RoomState


def vote(
    state: RoomState, actor: Participant, command: VoteQuestion, _: Context
) -> Decided | Refusal:
    """A vote on a merged question counts for its root; taking back takes all of one's ballots
    below that root, or it would go on counting."""
    if not state.session.chat_runs:
        return Refusal("wrong_state", "Votes are not open.")
    question = state.questions.get(command.question_id)
    if question is None or question.status not in PUBLIC_QUESTIONS:
        return Refusal("not_found", "There is no such question.")
    root = state.root(question.id)
    if root.status is QuestionStatus.ANSWERED:
        return Refusal("wrong_state", "This question has been answered.")
    if root.status not in OPEN_QUESTIONS:
        return Refusal("not_found", "There is no such question.")
    events: tuple[Event, ...]
    if command.up:
        cast = state.ballots.has(root.id, actor.id)
        events = () if cast else (BallotCast(root.id, actor.id, up=True),)
    else:
        events = tuple(
            BallotCast(member, actor.id, up=False)
            for member in state.tree(root.id)
            if state.ballots.has(member, actor.id)
        )
    return Decided(
        events,
        Result(question_id=root.id, revision=root.revision, status=root.status.value),
    )


def tally(state: RoomState, question_id: QuestionId) -> VoteTallied | None:
    """The event that brings what is shown up to what is true, or None where they agree."""
    question = state.questions.get(question_id)
    if question is None or question.merged_into is not None or question.withdrawn:
        return None
    votes = state.votes(question_id)
    return None if votes == question.tallied else VoteTallied(question_id, votes)


def fold_ballot(state: RoomState, recorded: Recorded, event: BallotCast) -> None:
    state.ballots.cast(event.question_id, event.participant_id, up=event.up)


def fold_tally(state: RoomState, recorded: Recorded, event: VoteTallied) -> None:
    question = state.questions[event.question_id]
    state.questions[event.question_id] = replace(question, tallied=event.votes)
