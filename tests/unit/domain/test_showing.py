"""What stands on the screen, and what takes it off."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from live.domain.commands import PersonCommand
from live.domain.decision import Verdict
from live.domain.decision_commands import Decide
from live.domain.ids import ParticipantId, QuestionId
from live.domain.message import Reason
from live.domain.outcome import Screening
from live.domain.people_commands import EraseParticipant
from live.domain.question_commands import AskQuestion, MergeQuestions, WithdrawQuestion
from live.domain.session_commands import ClearScreen, SetScreen
from live.domain.subject import Subject
from tests.support.scene import Scene, kinds


def asked(scene: Scene, who: str = "ada", text: str = "Is it warm?") -> QuestionId:
    question_id = scene.do(who, AskQuestion(text)).result.question_id
    assert question_id is not None
    return question_id


def test_one_thing_stands_there_at_a_time_until_it_is_cleared() -> None:
    scene = Scene()
    first, second = asked(scene), asked(scene, "bob")
    assert kinds(scene.do("mod", SetScreen(Subject.question(first)))) == ["screen.changed"]
    assert kinds(scene.do("host", SetScreen(Subject.question(first)))) == []
    scene.do("host", SetScreen(Subject.question(second)))
    assert scene.state.on_screen == Subject.question(second)
    assert kinds(scene.do("mod", ClearScreen())) == ["screen.changed"]
    assert kinds(scene.do("mod", ClearScreen())) == []
    assert scene.state.on_screen is None


def test_what_not_everyone_sees_stands_on_no_screen() -> None:
    scene = Scene()
    held = Screening(hold=True, language="en", reasons=(Reason("spam", "Spam.", ""),))
    pending = scene.do("ada", AskQuestion("Buy my watches?"), held).result.question_id
    assert pending is not None
    assert scene.refused("mod", SetScreen(Subject.question(pending))) == "not_found"
    assert scene.refused("mod", SetScreen(Subject.question(QuestionId("none")))) == "not_found"


def test_viewers_put_nothing_there_and_take_nothing_off() -> None:
    scene = Scene()
    shown = Subject.question(asked(scene))
    assert scene.refused("bob", SetScreen(shown)) == "forbidden"
    scene.do("mod", SetScreen(shown))
    assert scene.refused("bob", ClearScreen()) == "forbidden"
    assert scene.state.on_screen == shown


def dismiss(scene: Scene, shown: QuestionId) -> tuple[str | None, PersonCommand]:
    revision = scene.state.questions[shown].revision
    return "mod", Decide(Subject.question(shown), revision, Verdict.DISMISS)


def merge(scene: Scene, shown: QuestionId) -> tuple[str | None, PersonCommand]:
    return "mod", MergeQuestions(asked(scene, "bob", "Warm?"), shown)


def withdraw(_: Scene, shown: QuestionId) -> tuple[str | None, PersonCommand]:
    return "ada", WithdrawQuestion(shown)


@pytest.mark.parametrize("taking_away", [dismiss, merge, withdraw])
def test_what_is_taken_away_leaves_the_screen_with_it(
    taking_away: Callable[[Scene, QuestionId], tuple[str | None, PersonCommand]],
) -> None:
    scene = Scene()
    shown = asked(scene)
    scene.do("mod", SetScreen(Subject.question(shown)))
    who, command = taking_away(scene, shown)
    assert "screen.changed" in kinds(scene.do(who, command))
    assert scene.state.on_screen is None


def test_an_erased_persons_question_leaves_the_screen() -> None:
    scene = Scene()
    shown = asked(scene)
    scene.do("mod", SetScreen(Subject.question(shown)))
    content = scene.state.questions[shown].content_id
    scene.do(None, EraseParticipant(ParticipantId("ada"), (content,)))
    assert scene.state.on_screen is None
