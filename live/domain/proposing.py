"""Two questions are proposed as one; the team says so, or that they are not."""

from __future__ import annotations

from collections.abc import Iterator

from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.ids import ParticipantId, QuestionId
from live.domain.merging import MERGEABLE, merge_events, merge_refusal
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant
from live.domain.proposal import Proposal, ProposalOutcome, pair, with_apart
from live.domain.question import Question
from live.domain.question_commands import MergeQuestions, ProposeMerge, SettleProposal
from live.domain.question_events import ProposalRaised, ProposalSettled
from live.domain.state import PUBLIC_QUESTIONS, RoomState

PROPOSALS_MOST = 100


def propose(
    state: RoomState, actor: Participant | None, command: ProposeMerge, context: Context
) -> Decided | Refusal:
    """Nothing comes of it where the team has said already that these differ, where one of them is
    not open any more, or where the source stands in a proposal. With ``merge`` two public questions
    become one at once; it is told, and a split takes it back."""
    if command.into not in state.questions or command.source not in state.questions:
        return Refusal("not_found", "There is no such question.")
    into, source = state.root(command.into), state.questions[command.source]
    if not _is_wanted(state, into, source):
        return Decided()
    proposal_id = context.entropy.new_id()
    raised = ProposalRaised(
        proposal_id, into.id, source.id, command.similarity, identical=command.identical
    )
    both_public = {into.status, source.status} <= PUBLIC_QUESTIONS
    if not (command.merge and both_public):
        return Decided((raised,))
    merge = MergeQuestions(into.id, source.id)
    merged, _ = merge_events(state, None, merge, context)
    settled = ProposalSettled(proposal_id, into.id, source.id, ProposalOutcome.MERGED)
    return Decided((raised, *merged, settled))


def _is_wanted(state: RoomState, into: Question, source: Question) -> bool:
    if merge_refusal(state, into, source) is not None:
        return False
    if len(state.proposals) >= PROPOSALS_MOST:
        return False
    if any(
        pair(one, other) in state.apart
        for one in state.tree(into.id)
        for other in state.tree(source.id)
    ):
        return False
    return all(source.id not in (each.source, each.into) for each in state.proposals)


def settle(
    state: RoomState, actor: Participant, command: SettleProposal, context: Context
) -> Decided | Refusal:
    proposal = next((each for each in state.proposals if each.id == command.proposal_id), None)
    if proposal is None:
        return Refusal("not_found", "There is no such proposal any more.")
    into, source = proposal.into, proposal.source
    if not command.same:
        kept = ProposalSettled(proposal.id, into, source, ProposalOutcome.APART, actor.id)
        return Decided((kept,), Result(question_id=source))
    return merge(state, actor, MergeQuestions(into, source), context)


def merge(
    state: RoomState, actor: Participant, command: MergeQuestions, context: Context
) -> Decided | Refusal:
    """Make two questions one; what waits is published by it."""
    into, source = state.questions.get(command.into), state.questions.get(command.source)
    if into is None or source is None:
        return Refusal("not_found", "There is no such question.")
    refusal = merge_refusal(state, into, source)
    if refusal is not None:
        return refusal
    events, result = merge_events(state, actor, command, context)
    settled = _settled(state, into.id, source.id, actor.id)
    return Decided((*events, *settled), result)


def _settled(
    state: RoomState, into: QuestionId, source: QuestionId, by: ParticipantId
) -> Iterator[Event]:
    for each in state.proposals:
        if pair(each.into, each.source) == pair(into, source):
            yield ProposalSettled(each.id, each.into, each.source, ProposalOutcome.MERGED, by)


def lapsed_proposals(state: RoomState) -> Iterator[Event]:
    """Those of which one side is no longer open."""
    for each in state.proposals:
        into, source = state.questions[each.into], state.questions[each.source]
        sides = (into, source)
        if any(one.merged_into is not None or one.status not in MERGEABLE for one in sides):
            yield ProposalSettled(each.id, each.into, each.source, ProposalOutcome.GONE)


def fold_raised(state: RoomState, recorded: Recorded, event: ProposalRaised) -> None:
    proposal = Proposal(
        id=event.proposal_id,
        into=event.into_id,
        source=event.source_id,
        similarity=event.similarity,
        at=recorded.at,
        identical=event.identical,
    )
    state.proposals = (*state.proposals, proposal)


def fold_settled(state: RoomState, recorded: Recorded, event: ProposalSettled) -> None:
    state.proposals = tuple(each for each in state.proposals if each.id != event.proposal_id)
    if event.outcome is ProposalOutcome.APART:
        state.apart = with_apart(state.apart, event.into_id, event.source_id)
