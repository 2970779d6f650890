"""Verdicts, revisions, undo: the table of the contract, row by row."""

from __future__ import annotations

import pytest

from live.domain.decision import Verdict
from live.domain.decision_commands import ClaimSubject, Decide, ReleaseSubject, UndoDecision
from live.domain.decision_events import DecisionMade
from live.domain.ids import DecisionId, MessageId, ParticipantId, QuestionId
from live.domain.message import MessageStatus
from live.domain.message_commands import EditMessage, PostMessage, WithdrawMessage
from live.domain.mode import Mode, Review
from live.domain.outcome import Decided, Refusal
from live.domain.question import QuestionStatus
from live.domain.question_commands import AskQuestion
from live.domain.session_commands import SetPin
from live.domain.subject import Subject, SubjectKind
from tests.support.scene import Scene, kinds

WAYS: dict[str, list[Verdict]] = {
    "pending": [],
    "published": [Verdict.PUBLISH],
    "refused": [Verdict.REFUSE],
    "removed": [Verdict.PUBLISH, Verdict.REMOVE],
    "picked": [Verdict.PUBLISH, Verdict.PICK],
    "answering": [Verdict.PUBLISH, Verdict.PICK, Verdict.ANSWERING],
    "answered": [Verdict.PUBLISH, Verdict.PICK, Verdict.ANSWERED],
    "dismissed": [Verdict.DISMISS],
}
"""How a held message or question comes into each status."""

MESSAGE_TABLE = {
    ("pending", "publish"): "published",
    ("pending", "refuse"): "refused",
    ("published", "remove"): "removed",
    ("removed", "restore"): "published",
}
QUESTION_TABLE = {
    ("pending", "publish"): "published",
    ("pending", "refuse"): "dismissed",
    ("published", "pick"): "picked",
    ("picked", "pick"): "picked",
    ("picked", "answering"): "answering",
    ("answering", "answered"): "answered",
    ("picked", "answered"): "answered",
    ("pending", "dismiss"): "dismissed",
    ("published", "dismiss"): "dismissed",
    ("picked", "dismiss"): "dismissed",
    ("answering", "dismiss"): "dismissed",
    ("dismissed", "restore"): "published",
}
MESSAGE_VERDICTS = ("publish", "refuse", "remove", "restore")
QUESTION_VERDICTS = ("publish", "refuse", "pick", "answering", "answered", "dismiss", "restore")


def held(kind: SubjectKind) -> tuple[Scene, Subject]:
    scene = Scene(Mode(review=Review.BEFORE))
    command = PostMessage("Hello") if kind is SubjectKind.MESSAGE else AskQuestion("Why?")
    result = scene.do("ada", command).result
    return scene, Subject(kind, result.message_id or result.question_id or "")


def verdict_on(scene: Scene, subject: Subject, verdict: Verdict, who: str = "mod") -> Decided:
    item = scene.state.find(subject)
    assert item is not None
    return scene.do(who, Decide(subject, item.revision, verdict))


def in_status(kind: SubjectKind, status: str) -> tuple[Scene, Subject]:
    scene, subject = held(kind)
    for verdict in WAYS[status]:
        verdict_on(scene, subject, verdict)
    assert scene.state.status(subject) == status
    return scene, subject


@pytest.mark.parametrize("verdict", MESSAGE_VERDICTS)
@pytest.mark.parametrize("status", [each.value for each in MessageStatus])
def test_verdicts_on_messages_are_those_of_the_contract(status: str, verdict: str) -> None:
    _follows_the_table(SubjectKind.MESSAGE, status, verdict, MESSAGE_TABLE)


@pytest.mark.parametrize("verdict", QUESTION_VERDICTS)
@pytest.mark.parametrize("status", [each.value for each in QuestionStatus])
def test_verdicts_on_questions_are_those_of_the_contract(status: str, verdict: str) -> None:
    _follows_the_table(SubjectKind.QUESTION, status, verdict, QUESTION_TABLE)


def _follows_the_table(
    kind: SubjectKind, status: str, verdict: str, table: dict[tuple[str, str], str]
) -> None:
    scene, subject = in_status(kind, status)
    item = scene.state.find(subject)
    assert item is not None
    outcome = scene.ask("mod", Decide(subject, item.revision, Verdict(verdict)))
    expected = table.get((status, verdict))
    if expected is None:
        assert isinstance(outcome, Refusal)
        assert outcome.code == "wrong_state"
    else:
        assert isinstance(outcome, Decided)
        assert scene.state.status(subject) == outcome.result.status == expected
        after = scene.state.find(subject)
        assert after is not None
        assert after.revision == outcome.result.revision == item.revision + 1


@pytest.mark.parametrize("verdict", ["pick", "answering", "answered", "dismiss", "undo"])
def test_a_verdict_for_questions_says_nothing_of_a_message(verdict: str) -> None:
    scene, subject = held(SubjectKind.MESSAGE)
    assert scene.refused("mod", Decide(subject, 1, Verdict(verdict))) == "invalid"


def test_viewers_decide_nothing() -> None:
    scene, subject = held(SubjectKind.MESSAGE)
    assert scene.refused("ada", Decide(subject, 1, Verdict.PUBLISH)) == "forbidden"


def test_an_old_revision_is_stale_and_names_what_changed() -> None:
    scene, subject = held(SubjectKind.MESSAGE)
    scene.do("mod", EditMessage(MessageId(subject.id), 1, "Hello!"))
    for revision in (1, 3):
        refusal = scene.ask("host", Decide(subject, revision, Verdict.PUBLISH))
        assert isinstance(refusal, Refusal)
        assert (refusal.code, refusal.current) == ("stale", subject)


def test_nothing_is_decided_on_what_is_not_there() -> None:
    scene = Scene()
    for subject in (Subject.message(MessageId("m")), Subject.question(QuestionId("q"))):
        assert scene.refused("mod", Decide(subject, 1, Verdict.PUBLISH)) == "not_found"


def test_a_message_takes_its_place_when_it_is_first_published_and_keeps_it() -> None:
    scene, subject = held(SubjectKind.MESSAGE)
    verdict_on(scene, subject, Verdict.PUBLISH)
    place = scene.state.messages[MessageId(subject.id)].place
    assert place == scene.state.head
    scene.do("mod", PostMessage("Later"))
    verdict_on(scene, subject, Verdict.REMOVE)
    verdict_on(scene, subject, Verdict.RESTORE)
    assert scene.state.messages[MessageId(subject.id)].place == place
    assert scene.state.timeline.latest(2)[0] == subject.id


def test_only_one_question_is_being_answered() -> None:
    scene = Scene()
    first, second = (
        Subject.question(scene.question(scene.do(who, AskQuestion("Why?"))).id)
        for who in ("ada", "bob")
    )
    for subject in (first, second):
        verdict_on(scene, subject, Verdict.PICK)
    verdict_on(scene, first, Verdict.ANSWERING)
    decided = verdict_on(scene, second, Verdict.ANSWERING)
    assert kinds(decided) == ["decision.made", "question.changed", "question.changed"]
    assert scene.state.status(first) == "picked"
    answering = scene.state.answering()
    assert answering is not None
    assert answering.id == second.id


def test_a_decision_tells_who_when_on_what_and_why() -> None:
    scene, subject = held(SubjectKind.MESSAGE)
    decided = scene.do("mod", Decide(subject, 1, Verdict.REFUSE, "Off topic"))
    decision = scene.state.decisions[-1]
    assert (decision.by, decision.before, decision.after) == ("mod", "pending", "refused")
    assert scene.state.text(decision.reason_id) == "Off topic"
    event = decided.events[0]
    assert isinstance(event, DecisionMade)
    assert "Off topic" not in repr(event)


def test_a_later_decision_supersedes_the_former() -> None:
    scene, subject = held(SubjectKind.MESSAGE)
    first = verdict_on(scene, subject, Verdict.PUBLISH).result.decision_id
    verdict_on(scene, subject, Verdict.REMOVE)
    assert scene.state.decisions[-1].supersedes == first


# --- undo


@pytest.mark.parametrize("key", MESSAGE_TABLE)
def test_undo_brings_back_the_status_of_a_message(key: tuple[str, str]) -> None:
    _undoes(SubjectKind.MESSAGE, *key)


@pytest.mark.parametrize("key", QUESTION_TABLE)
def test_undo_brings_back_the_status_of_a_question(key: tuple[str, str]) -> None:
    _undoes(SubjectKind.QUESTION, *key)


def _undoes(kind: SubjectKind, status: str, verdict: str) -> None:
    scene, subject = in_status(kind, status)
    decided = verdict_on(scene, subject, Verdict(verdict))
    assert decided.result.decision_id is not None
    undone = scene.do("host", UndoDecision(decided.result.decision_id))
    assert scene.state.status(subject) == undone.result.status == status
    decision = scene.state.decisions[-1]
    assert (decision.verdict, decision.supersedes) == (Verdict.UNDO, decided.result.decision_id)


def test_undoing_a_publication_takes_it_from_everyone() -> None:
    scene, subject = held(SubjectKind.MESSAGE)
    decided = verdict_on(scene, subject, Verdict.PUBLISH)
    undone = scene.do("mod", UndoDecision(decided.result.decision_id or DecisionId("")))
    assert kinds(undone) == ["decision.made", "message.removed", "message.held"]
    assert subject in scene.state.held


def test_an_undo_can_be_undone() -> None:
    scene, subject = held(SubjectKind.MESSAGE)
    decided = verdict_on(scene, subject, Verdict.PUBLISH)
    undone = scene.do("mod", UndoDecision(decided.result.decision_id or DecisionId("")))
    scene.do("mod", UndoDecision(undone.result.decision_id or DecisionId("")))
    assert scene.state.status(subject) == "published"


def test_what_was_superseded_cannot_be_undone() -> None:
    scene, subject = held(SubjectKind.MESSAGE)
    first = verdict_on(scene, subject, Verdict.PUBLISH).result.decision_id
    verdict_on(scene, subject, Verdict.REMOVE)
    assert scene.refused("mod", UndoDecision(first or DecisionId(""))) == "stale"
    assert scene.refused("mod", UndoDecision(DecisionId("none"))) == "not_found"


def test_an_edit_in_between_does_not_hinder_an_undo() -> None:
    scene, subject = held(SubjectKind.MESSAGE)
    decided = verdict_on(scene, subject, Verdict.PUBLISH)
    scene.do("mod", EditMessage(MessageId(subject.id), 2, "Hello!"))
    scene.do("mod", UndoDecision(decided.result.decision_id or DecisionId("")))
    assert scene.state.status(subject) == "pending"


def test_what_its_author_took_back_stays_away() -> None:
    scene, subject = in_status(SubjectKind.MESSAGE, "published")
    decision = scene.state.decisions[-1]
    scene.do("ada", WithdrawMessage(MessageId(subject.id)))
    revision = scene.state.messages[MessageId(subject.id)].revision
    assert scene.refused("mod", Decide(subject, revision, Verdict.RESTORE)) == "wrong_state"
    assert scene.refused("mod", UndoDecision(decision.id)) == "stale"


def test_undoing_an_answer_does_not_push_another_question_aside() -> None:
    scene = Scene()
    first, second = (
        Subject.question(scene.question(scene.do(who, AskQuestion("Why?"))).id)
        for who in ("ada", "bob")
    )
    for subject in (first, second):
        verdict_on(scene, subject, Verdict.PICK)
    verdict_on(scene, first, Verdict.ANSWERING)
    answered = verdict_on(scene, first, Verdict.ANSWERED)
    verdict_on(scene, second, Verdict.ANSWERING)
    scene.do("mod", UndoDecision(answered.result.decision_id or DecisionId("")))
    assert scene.state.status(first) == "picked"
    assert scene.state.status(second) == "answering"


# --- claims and pins


def test_a_claim_keeps_colleagues_off_until_it_lapses() -> None:
    scene, subject = held(SubjectKind.MESSAGE)
    scene.do("mod", ClaimSubject(subject))
    assert scene.refused("host", ClaimSubject(subject)) == "wrong_state"
    assert scene.refused("host", ReleaseSubject(subject)) == "forbidden"
    scene.pass_s(scene.limits.claim_s)
    scene.do("host", ClaimSubject(subject))
    assert scene.state.claims[subject].by == "host"


def test_a_decision_ends_the_claim() -> None:
    scene, subject = held(SubjectKind.MESSAGE)
    scene.do("mod", ClaimSubject(subject))
    decided = scene.do("host", Decide(subject, 1, Verdict.PUBLISH))
    assert kinds(decided) == ["decision.made", "claim.changed", "message.published"]
    assert not scene.state.claims


def test_a_pin_comes_down_with_what_it_shows() -> None:
    scene, subject = in_status(SubjectKind.MESSAGE, "published")
    scene.do("mod", SetPin(subject=subject))
    scene.do("mod", SetPin(text="Doors at eight"))
    removed = verdict_on(scene, subject, Verdict.REMOVE)
    assert kinds(removed) == ["decision.made", "pin.changed", "message.removed"]
    assert [scene.state.text(pin.content_id) for pin in scene.state.pins] == ["Doors at eight"]


def test_only_what_everyone_sees_is_pinned_and_each_once() -> None:
    scene, subject = held(SubjectKind.MESSAGE)
    assert scene.refused("mod", SetPin(subject=subject)) == "not_found"
    assert scene.refused("mod", SetPin()) == "invalid"
    verdict_on(scene, subject, Verdict.PUBLISH)
    scene.do("mod", SetPin(subject=subject))
    scene.do("mod", SetPin(subject=subject))
    assert len(scene.state.pins) == 1
    assert scene.state.own_items(ParticipantId("ada")) == []
