"""The panic shield and the rules it may bring."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.domain.ids import ParticipantId
from live.domain.message_commands import PostMessage
from live.domain.mode import LONG_FORM_CHARS, Mode, Review
from live.domain.people_commands import EraseParticipant
from live.domain.question_commands import AskQuestion
from live.domain.session_commands import SetMode, SetShield
from live.domain.shielding import rules_of
from tests.support.rooms import person
from tests.support.scene import Scene, kinds

RULES = st.builds(
    SetMode,
    review=st.none() | st.sampled_from(Review),
    slow_s=st.none() | st.sampled_from([0.0, 5.0, 30.0]),
    members_only=st.none() | st.booleans(),
    emoji_only=st.none() | st.booleans(),
    links=st.none() | st.booleans(),
    long_form=st.none() | st.booleans(),
    questions_only=st.none() | st.booleans(),
    hold_newcomers=st.none() | st.booleans(),
)


def newcomer(scene: Scene, name: str) -> str:
    """Somebody who comes now."""
    scene.pass_s(1)
    scene.state.put_participant(replace(person(name), joined_at=scene.now))
    return name


def kinds_said(scene: Scene) -> list[str]:
    return [event.type for event in scene.said]


def test_raised_it_holds_newcomers_bars_links_and_slows_everyone() -> None:
    scene = Scene()
    scene.do("mod", SetShield(on=True, reason="A moment of calm, please"))
    scene.do("ada", PostMessage("I was here before"))
    assert kinds_said(scene)[-1] == "message.published"
    assert scene.refused("ada", PostMessage("again")) == "slow_mode"
    assert scene.refused("bob", PostMessage("see www.example.com")) == "forbidden"
    scene.do(newcomer(scene, "dan"), PostMessage("hello"))
    assert kinds_said(scene)[-1] == "message.held"
    scene.do(newcomer(scene, "eve"), AskQuestion("May I?"))
    assert kinds_said(scene)[-1] == "question.held"


def test_the_reason_is_a_text_that_can_be_erased() -> None:
    scene = Scene()
    scene.do("mod", SetShield(on=True, reason="A moment of calm, please"))
    assert scene.state.text(scene.state.mode.reason_id) == "A moment of calm, please"
    scene.do("host", SetShield(on=True, reason="We are being raided"))
    assert scene.state.text(scene.state.mode.reason_id) == "We are being raided"
    shield = scene.state.mode.shield
    assert shield is not None
    assert shield.by == "mod", "who changes the words did not raise it"


def test_raising_what_is_up_and_lowering_what_is_down_change_nothing() -> None:
    scene = Scene()
    assert kinds(scene.do("mod", SetShield(on=False))) == []
    scene.do("mod", SetShield(on=True))
    stood = scene.state.mode
    assert kinds(scene.do("host", SetShield(on=True, rules=SetMode(emoji_only=True)))) == []
    assert scene.state.mode == stood


@given(before=RULES, chosen=RULES)
def test_lowered_everything_is_exactly_as_before(before: SetMode, chosen: SetMode) -> None:
    scene = Scene()
    scene.do("mod", before)
    stood = scene.state.mode
    scene.pass_s(5)
    scene.do("mod", SetShield(on=True, rules=chosen))
    scene.pass_s(5)
    scene.do("host", SetShield(on=False))
    assert scene.state.mode == stood


@given(before=RULES, chosen=RULES, meanwhile=RULES)
def test_what_was_changed_while_it_was_up_stays(
    before: SetMode, chosen: SetMode, meanwhile: SetMode
) -> None:
    scene = Scene()
    scene.do("mod", before)
    former = rules_of(scene.state.mode)
    scene.do("mod", SetShield(on=True, rules=chosen))
    raised = rules_of(scene.state.mode)
    scene.do("mod", meanwhile)
    changed = rules_of(scene.state.mode)
    scene.do("mod", SetShield(on=False))
    for name in ("review", "slow_s", "members_only", "emoji_only", "links", "questions_only"):
        kept = getattr(changed, name) != getattr(raised, name)
        expected = getattr(changed if kept else former, name)
        assert getattr(scene.state.mode, name) == expected, name
    assert scene.state.mode.shield is None


@pytest.mark.parametrize("who", ["ada", "bob"])
def test_viewers_raise_no_shield(who: str) -> None:
    scene = Scene()
    assert scene.refused(who, SetShield(on=True)) == "forbidden"
    assert scene.state.mode == Mode()


def test_a_rule_out_of_bounds_raises_nothing() -> None:
    scene = Scene()
    assert scene.refused("mod", SetShield(on=True, rules=SetMode(slow_s=4000))) == "invalid"
    assert scene.refused("mod", SetShield(on=True, reason="x" * 501)) == "too_long"
    assert scene.state.mode == Mode()


def test_long_form_takes_sentences_and_questions_of_any_length() -> None:
    scene = Scene()
    scene.do("mod", SetMode(long_form=True))
    assert scene.refused("ada", PostMessage("short")) == "forbidden"
    scene.do("ada", PostMessage("x" * LONG_FORM_CHARS))
    scene.do("bob", AskQuestion("Why?"))
    scene.do("mod", PostMessage("the team writes as it likes"))


def test_questions_only_closes_the_chat_and_not_the_questions() -> None:
    scene = Scene()
    scene.do("mod", SetMode(questions_only=True))
    assert scene.refused("ada", PostMessage("hello")) == "forbidden"
    scene.do("ada", PostMessage("/q How much is it?"))
    assert kinds_said(scene)[-1] == "question.published"
    scene.do("host", PostMessage("the team writes as it likes"))


def test_newcomers_are_those_who_came_since_the_rule_stands() -> None:
    scene = Scene()
    scene.do("mod", SetMode(hold_newcomers=True))
    dan = newcomer(scene, "dan")
    scene.pass_s(60)
    scene.do("mod", SetMode(hold_newcomers=True))
    scene.do(dan, PostMessage("hello"))
    assert kinds_said(scene)[-1] == "message.held"
    scene.do("mod", SetMode(hold_newcomers=False))
    scene.do(dan, PostMessage("hello again"))
    assert kinds_said(scene)[-1] == "message.published"
    assert scene.state.participants[ParticipantId(dan)].joined_at < scene.now - timedelta(
        seconds=59
    )


def test_the_reason_goes_with_the_person_who_gave_it_and_the_shield_stays() -> None:
    scene = Scene()
    scene.do("mod", SetShield(on=True, reason="A moment of calm, please"))
    reason_id = scene.state.mode.reason_id
    assert reason_id is not None
    scene.do(None, EraseParticipant(ParticipantId("mod"), (reason_id,)))
    shield = scene.state.mode.shield
    assert shield is not None
    assert shield.reason_id is None
    assert "mode.changed" in kinds_said(scene)
