"""Two questions are proposed as one: merged, kept apart for good, or settled by what happens."""

from __future__ import annotations

from live.domain.decision import Verdict
from live.domain.decision_commands import Decide, UndoDecision
from live.domain.ids import QuestionId
from live.domain.mode import Review
from live.domain.outcome import Screening
from live.domain.proposal import ProposalOutcome
from live.domain.question import QuestionStatus
from live.domain.question_commands import (
    AskQuestion,
    MergeQuestions,
    ProposeMerge,
    SettleProposal,
    SplitQuestion,
    VoteQuestion,
)
from live.domain.question_events import ProposalSettled
from live.domain.session_commands import Lapse
from live.domain.subject import Subject
from tests.support.scene import Scene, kinds

FRENCH = Screening(hold=False, language="fr")


def asked(scene: Scene, who: str, text: str, screening: Screening | None = None) -> QuestionId:
    return scene.question(scene.do(who, AskQuestion(text), screening)).id


def pair(scene: Scene) -> tuple[QuestionId, QuestionId]:
    return (
        asked(scene, "ada", "Delivery price?"),
        asked(scene, "bob", "Prix de la livraison ?", FRENCH),
    )


def proposed(scene: Scene, into: QuestionId, source: QuestionId) -> str:
    assert kinds(scene.do(None, ProposeMerge(into, source, 0.81))) == ["proposal.raised"]
    return scene.state.proposals[-1].id


def test_saying_same_merges_and_counts_each_person_once() -> None:
    scene = Scene()
    one, other = pair(scene)
    for who in ("cyd", "bob"):
        scene.do(who, VoteQuestion(one, up=True))
    scene.do("cyd", VoteQuestion(other, up=True))
    settled = scene.do("mod", SettleProposal(proposed(scene, one, other), same=True))
    assert kinds(settled) == ["question.merged", "proposal.settled"]
    assert scene.state.votes(one) == 2
    assert scene.state.asked_by(one) == 2
    assert scene.state.asked_in(one) == ["en", "fr"]
    assert scene.state.proposals == ()


def test_a_split_restores_both_and_they_are_not_proposed_again() -> None:
    scene = Scene()
    one, other = pair(scene)
    scene.do("cyd", VoteQuestion(other, up=True))
    scene.do("mod", SettleProposal(proposed(scene, one, other), same=True))
    scene.do("mod", SplitQuestion(other))
    assert (scene.state.votes(one), scene.state.votes(other)) == (0, 1)
    assert kinds(scene.do(None, ProposeMerge(other, one, 0.9))) == []


def test_what_the_team_keeps_apart_is_not_proposed_again() -> None:
    scene = Scene()
    one, other = pair(scene)
    settled = scene.do("mod", SettleProposal(proposed(scene, one, other), same=False))
    assert kinds(settled) == ["proposal.settled"]
    assert kinds(scene.do(None, ProposeMerge(one, other, 0.99))) == []
    third = asked(scene, "cyd", "What does delivery cost?")
    proposed(scene, one, third)


def test_a_pending_question_is_published_by_the_merge_under_a_decision_that_can_be_undone() -> None:
    scene = Scene()
    one = asked(scene, "ada", "Delivery price?")
    scene.set_mode(review=Review.BEFORE)
    other = asked(scene, "bob", "Prix de la livraison ?")
    done = scene.do("mod", SettleProposal(proposed(scene, one, other), same=True))
    assert kinds(done) == [
        "decision.made",
        "question.published",
        "question.merged",
        "proposal.settled",
    ]
    assert Subject.question(other) not in scene.state.held
    decision_id = done.result.decision_id
    assert decision_id is not None
    assert scene.refused("mod", UndoDecision(decision_id)) == "wrong_state"
    scene.do("mod", SplitQuestion(other))
    scene.do("mod", UndoDecision(decision_id))
    assert scene.state.questions[other].status is QuestionStatus.PENDING


def test_identical_words_become_one_by_themselves_only_where_everyone_sees_both() -> None:
    scene = Scene()
    one, other = pair(scene)
    merged = scene.do(None, ProposeMerge(one, other, 1.0, identical=True, merge=True))
    assert kinds(merged) == ["proposal.raised", "question.merged", "proposal.settled"]
    scene.set_mode(review=Review.BEFORE)
    waiting = asked(scene, "cyd", "delivery PRICE")
    held = scene.do(None, ProposeMerge(one, waiting, 1.0, identical=True, merge=True))
    assert kinds(held) == ["proposal.raised"]


def test_a_proposal_goes_when_one_of_the_two_is_no_longer_open() -> None:
    scene = Scene()
    one, other = pair(scene)
    proposed(scene, one, other)
    revision = scene.state.questions[other].revision
    scene.do("mod", Decide(Subject.question(other), revision, Verdict.DISMISS))
    [gone] = scene.do(None, Lapse()).events
    assert isinstance(gone, ProposalSettled)
    assert gone.outcome is ProposalOutcome.GONE
    assert scene.state.proposals == ()


def test_merging_by_hand_settles_the_proposal_of_the_same_two() -> None:
    scene = Scene()
    one, other = pair(scene)
    proposed(scene, one, other)
    assert "proposal.settled" in kinds(scene.do("mod", MergeQuestions(other, one)))


def test_a_proposal_is_the_teams_to_settle() -> None:
    scene = Scene()
    one, other = pair(scene)
    proposal = proposed(scene, one, other)
    assert scene.refused("ada", SettleProposal(proposal, same=True)) == "forbidden"
    assert scene.refused("mod", SettleProposal("none", same=True)) == "not_found"


def test_a_question_stands_in_one_proposal_at_a_time_and_never_in_one_with_itself() -> None:
    scene = Scene()
    one, other = pair(scene)
    proposed(scene, one, other)
    assert kinds(scene.do(None, ProposeMerge(other, one, 0.9))) == []
    assert kinds(scene.do(None, ProposeMerge(one, one, 1.0))) == []
