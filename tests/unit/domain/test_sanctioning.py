"""How long a sanction lasts, where it holds, and what it is to be looked at first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from live.domain.decision import Verdict
from live.domain.decision_commands import Decide
from live.domain.ids import ParticipantId
from live.domain.message_commands import PostMessage
from live.domain.question_commands import AskQuestion
from live.domain.sanction import SanctionKind, Scope
from live.domain.sanction_commands import Sanctioned, SetSanction
from live.domain.subject import Subject
from tests.support.scene import Scene, kinds

ADA = ParticipantId("ada")


def lasts_s(scene: Scene, kind: SanctionKind) -> float:
    until = scene.state.sanctions[ADA, kind].until
    assert until is not None
    return (until - scene.now).total_seconds()


@pytest.mark.parametrize(("asked_s", "given_s"), [(3, 10), (10, 10), (60, 60), (86_400, 86_400)])
def test_a_timeout_lasts_ten_seconds_to_a_day(asked_s: float, given_s: float) -> None:
    scene = Scene()
    until = scene.now + timedelta(seconds=asked_s)
    scene.do("mod", SetSanction(ADA, SanctionKind.TIMEOUT, until))
    assert lasts_s(scene, SanctionKind.TIMEOUT) == given_s
    scene.pass_s(given_s - 1)
    assert scene.refused("ada", PostMessage("Hello")) == "forbidden"
    scene.pass_s(1)
    scene.do("ada", PostMessage("Hello"))


def test_longer_than_a_day_is_no_timeout() -> None:
    scene = Scene()
    two_days = scene.now + timedelta(days=2)
    assert scene.refused("mod", SetSanction(ADA, SanctionKind.TIMEOUT, two_days)) == "invalid"
    scene.do("mod", SetSanction(ADA, SanctionKind.MUTE, two_days))


def test_only_a_ban_holds_for_the_brand() -> None:
    scene = Scene()
    for kind in (SanctionKind.TIMEOUT, SanctionKind.MUTE, SanctionKind.REVIEW):
        assert scene.refused("mod", SetSanction(ADA, kind, scope=Scope.BRAND)) == "invalid"
    scene.do("mod", SetSanction(ADA, SanctionKind.BAN, scope=Scope.BRAND))
    assert scene.state.sanctions[ADA, SanctionKind.BAN].scope is Scope.BRAND


def test_a_reason_has_bounds_like_every_text() -> None:
    scene = Scene()
    too_long = SetSanction(ADA, SanctionKind.MUTE, reason="x" * 501)
    assert scene.refused("mod", too_long) == "too_long"
    assert not scene.state.sanctions


def test_a_ban_of_the_brand_is_carried_and_lifted_but_not_one_of_the_session() -> None:
    scene = Scene()
    carried = Sanctioned(ADA, SanctionKind.BAN, scope=Scope.BRAND)
    lifted = Sanctioned(ADA, SanctionKind.BAN, scope=Scope.BRAND, until=scene.now)
    assert kinds(scene.do(None, carried)) == ["sanction.set"]
    assert kinds(scene.do(None, carried)) == []
    assert kinds(scene.do(None, lifted)) == ["sanction.set"]
    assert not scene.state.sanctions
    scene.do("mod", SetSanction(ADA, SanctionKind.BAN))
    assert kinds(scene.do(None, lifted)) == []
    assert scene.state.sanctions
    host = Sanctioned(ParticipantId("host"), SanctionKind.BAN, scope=Scope.BRAND)
    assert scene.refused(None, host) == "not_found"


def test_under_review_one_is_read_first_and_told_why() -> None:
    scene = Scene()
    scene.do(None, Sanctioned(ADA, SanctionKind.REVIEW, scene.now + timedelta(hours=24)))
    message = scene.message(scene.do("ada", PostMessage("Hello")))
    question = scene.question(scene.do("ada", AskQuestion("Why?")))
    for item in (message, question):
        assert item.status == "pending"
        assert [reason.code for reason in item.reasons] == ["banned_device"]
        assert "banned" in item.reasons[0].text
    scene.do("mod", Decide(Subject.message(message.id), 1, Verdict.PUBLISH))
    scene.do("mod", SetSanction(ADA, SanctionKind.REVIEW, scene.now))
    assert scene.message(scene.do("ada", PostMessage("Released"))).status == "published"
    scene.do("mod", SetSanction(ADA, SanctionKind.REVIEW))
    assert scene.message(scene.do("ada", PostMessage("Again"))).reasons[0].code == "under_review"
