"""One ballot a person and question; a merge counts people, a split gives ballots back."""

from __future__ import annotations

from live.domain.decision import Verdict
from live.domain.decision_commands import Decide
from live.domain.ids import ParticipantId, QuestionId
from live.domain.mode import Review
from live.domain.question_commands import (
    AskQuestion,
    MergeQuestions,
    SplitQuestion,
    VoteQuestion,
    WithdrawQuestion,
)
from live.domain.question_events import VoteTallied
from live.domain.session import SessionState
from live.domain.session_commands import ChangeState
from live.domain.subject import Subject
from live.domain.voting import tally
from tests.support.scene import Scene, kinds


def asked(scene: Scene, who: str = "ada", text: str = "Why?") -> QuestionId:
    return scene.question(scene.do(who, AskQuestion(text))).id


def decide(scene: Scene, question_id: QuestionId, *verdicts: Verdict) -> None:
    for verdict in verdicts:
        revision = scene.state.questions[question_id].revision
        scene.do("mod", Decide(Subject.question(question_id), revision, verdict))


def votes(scene: Scene, question_id: QuestionId) -> int:
    return scene.state.votes(question_id)


def test_a_second_vote_changes_nothing_and_taking_back_does() -> None:
    scene = Scene()
    question = asked(scene)
    assert kinds(scene.do("bob", VoteQuestion(question, up=True))) == ["ballot.cast"]
    assert kinds(scene.do("bob", VoteQuestion(question, up=True))) == []
    assert votes(scene, question) == 1
    assert kinds(scene.do("bob", VoteQuestion(question, up=False))) == ["ballot.cast"]
    assert kinds(scene.do("bob", VoteQuestion(question, up=False))) == []
    assert votes(scene, question) == 0


def test_votes_go_to_public_unanswered_questions_only() -> None:
    scene = Scene()
    question = asked(scene)
    decide(scene, question, Verdict.PICK)
    scene.do("bob", VoteQuestion(question, up=True))
    decide(scene, question, Verdict.ANSWERED)
    assert scene.refused("bob", VoteQuestion(question, up=True)) == "wrong_state"
    assert scene.refused("bob", VoteQuestion(QuestionId("none"), up=True)) == "not_found"
    scene.set_mode(review=Review.BEFORE)
    held = asked(scene)
    assert scene.refused("bob", VoteQuestion(held, up=True)) == "not_found"
    dismissed = asked(scene, "mod")
    decide(scene, dismissed, Verdict.DISMISS)
    assert scene.refused("bob", VoteQuestion(dismissed, up=True)) == "not_found"


def test_nobody_votes_before_or_after_the_show() -> None:
    scene = Scene()
    question = asked(scene)
    scene.do(None, ChangeState(SessionState.ENDED))
    assert scene.refused("bob", VoteQuestion(question, up=True)) == "wrong_state"


def test_a_tally_is_an_event_only_where_it_differs() -> None:
    scene = Scene()
    question = asked(scene)
    assert tally(scene.state, question) is None
    scene.do("bob", VoteQuestion(question, up=True))
    assert tally(scene.state, question) == VoteTallied(question, 1)


def test_merged_questions_count_each_person_once() -> None:
    scene = Scene()
    one, two = asked(scene), asked(scene, "bob")
    for who in ("ada", "bob"):
        scene.do(who, VoteQuestion(one, up=True))
    for who in ("bob", "cyd"):
        scene.do(who, VoteQuestion(two, up=True))
    merged = scene.do("mod", MergeQuestions(into=one, source=two))
    assert kinds(merged) == ["question.merged"]
    assert scene.state.questions[one].tallied == votes(scene, one) == 3
    assert scene.state.asked_by(one) == 2
    assert scene.state.questions[two].merged_into == one


def test_a_split_gives_each_its_own_ballots_back_and_later_ones_stay_at_the_root() -> None:
    scene = Scene()
    one, two = asked(scene), asked(scene, "bob")
    scene.do("ada", VoteQuestion(one, up=True))
    scene.do("bob", VoteQuestion(two, up=True))
    scene.do("mod", MergeQuestions(into=one, source=two))
    later = scene.do("cyd", VoteQuestion(two, up=True))
    assert later.result.question_id == one
    split = scene.do("mod", SplitQuestion(two))
    assert kinds(split) == ["question.changed", "question.split"]  # 2 were shown, 2 are left
    assert votes(scene, one) == scene.state.questions[one].tallied == 2
    assert votes(scene, two) == scene.state.questions[two].tallied == 1
    assert scene.state.questions[two].merged_into is None


def test_taking_back_reaches_the_ballot_where_it_was_cast() -> None:
    scene = Scene()
    one, two = asked(scene), asked(scene, "bob")
    scene.do("cyd", VoteQuestion(two, up=True))
    scene.do("mod", MergeQuestions(into=one, source=two))
    scene.do("cyd", VoteQuestion(one, up=False))
    assert votes(scene, one) == 0
    assert scene.state.ballots.of(ParticipantId("cyd")) == set()


def test_merges_go_to_whole_open_questions() -> None:
    scene = Scene()
    one, two, three = asked(scene), asked(scene, "bob"), asked(scene, "cyd")
    assert scene.refused("ada", MergeQuestions(one, two)) == "forbidden"
    assert scene.refused("mod", MergeQuestions(one, one)) == "invalid"
    assert scene.refused("mod", MergeQuestions(one, QuestionId("none"))) == "not_found"
    scene.do("mod", MergeQuestions(into=one, source=two))
    assert scene.refused("mod", MergeQuestions(into=two, source=three)) == "wrong_state"
    assert scene.refused("mod", MergeQuestions(into=three, source=two)) == "wrong_state"
    decide(scene, three, Verdict.PICK, Verdict.ANSWERING)
    assert scene.refused("mod", MergeQuestions(into=one, source=three)) == "wrong_state"
    scene.do("mod", MergeQuestions(into=three, source=one))
    assert set(scene.state.tree(three)) == {one, two, three}
    assert scene.state.root(two).id == three


def test_what_is_part_of_another_question_is_decided_there() -> None:
    scene = Scene()
    one, two = asked(scene), asked(scene, "bob")
    scene.do("mod", MergeQuestions(into=one, source=two))
    revision = scene.state.questions[two].revision
    command = Decide(Subject.question(two), revision, Verdict.PICK)
    assert scene.refused("mod", command) == "wrong_state"
    assert scene.refused("mod", SplitQuestion(one)) == "wrong_state"
    assert scene.refused("mod", SplitQuestion(QuestionId("none"))) == "not_found"


def test_a_root_withdrawn_frees_what_others_asked() -> None:
    scene = Scene()
    one, two = asked(scene), asked(scene, "bob")
    scene.do("cyd", VoteQuestion(two, up=True))
    scene.do("mod", MergeQuestions(into=one, source=two))
    withdrawn = scene.do("ada", WithdrawQuestion(one))
    assert kinds(withdrawn) == ["question.split", "question.changed"]
    freed = scene.state.questions[two]
    assert (freed.status, freed.merged_into, freed.tallied) == ("published", None, 1)
