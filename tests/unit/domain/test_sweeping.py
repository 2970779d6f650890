"""Many decisions at once, and their undo as a whole."""

from __future__ import annotations

import pytest

from live.domain.decision import Verdict
from live.domain.decision_commands import Aimed, Decide, DecideMany, UndoDecision
from live.domain.decision_events import DecisionMade
from live.domain.ids import DecisionId
from live.domain.message_commands import PostMessage
from live.domain.mode import Mode, Review
from live.domain.outcome import Decided, Each
from live.domain.question_commands import AskQuestion
from live.domain.session_commands import SetPin, SetScreen
from live.domain.subject import Subject, SubjectKind
from live.domain.sweeping import SUBJECTS_MOST
from tests.support.scene import Scene


def waiting(scene: Scene, count: int) -> list[Subject]:
    """As many messages and questions, by turns."""
    subjects = []
    for number in range(count):
        if number % 2:
            asked = scene.question(scene.do("ada", AskQuestion(f"Why {number}?")))
            subjects.append(Subject.question(asked.id))
        else:
            said = scene.message(scene.do("ada", PostMessage(f"Line {number}")))
            subjects.append(Subject.message(said.id))
    return subjects


def aimed(scene: Scene, subjects: list[Subject]) -> tuple[Aimed, ...]:
    found = [(each, scene.state.find(each)) for each in subjects]
    return tuple(Aimed(each, item.revision) for each, item in found if item is not None)


def statuses(scene: Scene, subjects: list[Subject]) -> set[str | None]:
    return {scene.state.status(each) for each in subjects}


def told(decided: Decided) -> tuple[Each, ...]:
    assert decided.result.each is not None
    return decided.result.each


@pytest.fixture
def scene() -> Scene:
    return Scene(Mode(review=Review.BEFORE))


def test_a_sweep_publishes_all_at_once_and_one_undo_takes_all_back(scene: Scene) -> None:
    subjects = waiting(scene, SUBJECTS_MOST)
    swept = scene.do("mod", DecideMany(aimed(scene, subjects), Verdict.PUBLISH))
    assert statuses(scene, subjects) == {"published"}
    groups = {each.group for each in swept.events if isinstance(each, DecisionMade)}
    assert groups == {swept.result.group_id}

    back = scene.do("host", UndoDecision(group_id=swept.result.group_id))
    assert statuses(scene, subjects) == {"pending"}
    undone = [each for each in back.events if isinstance(each, DecisionMade)]
    assert {each.verdict for each in undone} == {Verdict.UNDO}
    assert {each.supersedes for each in undone} == {each.decision_id for each in told(swept)}

    scene.do("mod", UndoDecision(group_id=back.result.group_id))
    assert statuses(scene, subjects) == {"published"}, "an undo is undone like anything else"


def test_what_has_changed_meanwhile_is_told_and_stops_none_of_the_others(scene: Scene) -> None:
    subjects = waiting(scene, 4)
    seen = aimed(scene, subjects)
    scene.do("host", Decide(subjects[1], 1, Verdict.DISMISS))
    gone = Aimed(Subject.message(scene.message(scene.do("bob", PostMessage("x"))).id), 7)
    foreign = Aimed(Subject(SubjectKind.MESSAGE, "of-another-session"), 1)
    swept = scene.do("mod", DecideMany((*seen, gone, foreign), Verdict.PUBLISH))
    codes = [each.code for each in told(swept)]
    assert codes == [None, "stale", None, None, "stale", "not_found"]
    assert scene.state.status(subjects[1]) == "dismissed"

    scene.do("host", Decide(subjects[0], 2, Verdict.REMOVE))
    back = scene.do("mod", UndoDecision(group_id=swept.result.group_id))
    assert sorted(each.code or "" for each in told(back)) == ["", "", "stale"]
    assert scene.state.status(subjects[0]) == "removed", "what a colleague decided since stands"


def test_each_subject_may_bring_its_own_verdict(scene: Scene) -> None:
    message, question = waiting(scene, 2)
    mixed = (Aimed(message, 1), Aimed(question, 1, Verdict.DISMISS))
    scene.do("mod", DecideMany(mixed, Verdict.REFUSE, "Off topic"))
    assert scene.state.status(message) == "refused"
    assert scene.state.status(question) == "dismissed"
    reasons = {scene.state.text(each.reason_id) for each in scene.state.decisions}
    assert reasons == {"Off topic"}


def test_what_a_sweep_removes_leaves_pins_and_the_screen(scene: Scene) -> None:
    subjects = waiting(scene, 6)
    scene.do("mod", DecideMany(aimed(scene, subjects), Verdict.PUBLISH))
    for each in subjects[:3]:
        scene.do("mod", SetPin(subject=each))
    scene.do("mod", SetScreen(subjects[0]))
    away = tuple(
        Aimed(each, 2, Verdict.DISMISS if each.kind == "question" else None)
        for each in subjects[:2]
    )
    scene.do("mod", DecideMany(away, Verdict.REMOVE))
    assert [pin.subject for pin in scene.state.pins] == [subjects[2]]
    assert scene.state.on_screen is None


def test_too_many_none_and_the_same_one_twice_are_refused_and_change_nothing(scene: Scene) -> None:
    one = waiting(scene, 1)[0]
    many = tuple(Aimed(Subject(SubjectKind.MESSAGE, f"m{n}"), 1) for n in range(SUBJECTS_MOST + 1))
    head = scene.state.head
    for subjects in ((), many, (Aimed(one, 1), Aimed(one, 1))):
        assert scene.refused("mod", DecideMany(subjects, Verdict.PUBLISH)) == "invalid"
    assert scene.refused("ada", DecideMany((Aimed(one, 1),), Verdict.PUBLISH)) == "forbidden"
    assert scene.refused("mod", UndoDecision(group_id="of-another-session")) == "not_found"
    assert scene.refused("mod", UndoDecision()) == "invalid"
    assert scene.refused("mod", UndoDecision(DecisionId("a"), "b")) == "invalid"
    assert scene.state.head == head
