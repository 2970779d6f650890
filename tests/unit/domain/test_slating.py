"""The slate: one act of the team cuts picture and sound for everyone, another gives them back."""

from __future__ import annotations

import pytest

from live.domain.ids import ParticipantId
from live.domain.people import Role
from live.domain.session import SessionState
from live.domain.session_commands import ChangeState, SetStage
from live.domain.session_events import StageChanged
from live.domain.stage import Seat, SeatState, SetSlate
from tests.support.rooms import NOW, person
from tests.support.scene import Scene, kinds

SEAT = Seat("host", ParticipantId("host"), SeatState.ON_AIR, audio=True, video=True, since=NOW)


@pytest.mark.parametrize("who", ["owner", "host", "mod"])
def test_anyone_of_the_team_cuts_and_gives_back(who: str) -> None:
    scene = Scene(None, person("owner", Role.OWNER))
    (told,) = scene.do(who, SetSlate(on=True)).events
    assert isinstance(told, StageChanged)
    assert scene.state.slate is not None
    assert scene.state.slate.by == who
    assert kinds(scene.do("mod", SetSlate(on=False))) == ["stage.changed"]
    assert scene.state.slate is None


@pytest.mark.parametrize("who", ["ada", "guest"])
@pytest.mark.parametrize("on", [True, False])
def test_nobody_else_does(who: str, *, on: bool) -> None:
    scene = Scene(None, person("guest", Role.GUEST))
    scene.do("mod", SetSlate(on=not on))
    before = scene.state.slate
    assert scene.refused(who, SetSlate(on=on)) == "forbidden"
    assert scene.state.slate == before


def test_the_second_who_cuts_changes_nothing() -> None:
    scene = Scene()
    scene.do("mod", SetSlate(on=True))
    assert kinds(scene.do("host", SetSlate(on=True))) == []
    assert scene.state.slate is not None
    assert scene.state.slate.by == "mod"
    scene.do("host", SetSlate(on=False))
    assert kinds(scene.do("mod", SetSlate(on=False))) == []


def test_a_publisher_who_comes_and_goes_lifts_no_slate() -> None:
    scene = Scene()
    scene.do("mod", SetSlate(on=True))
    for seats in ((SEAT,), ()):
        scene.do(None, SetStage(seats))
        assert scene.state.seats == seats
        assert scene.state.slate is not None


def test_it_ends_with_the_show() -> None:
    scene = Scene()
    scene.do("mod", SetSlate(on=True))
    assert kinds(scene.do(None, ChangeState(SessionState.ENDED))) == [
        "session.changed",
        "stage.changed",
    ]
    assert scene.state.slate is None
    assert scene.refused("mod", SetSlate(on=True)) == "wrong_state"
