"""The steps of a show, its mode and its announcement."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from live.domain.ids import ParticipantId
from live.domain.message_commands import PostMessage
from live.domain.mode import Review
from live.domain.recording import Recording, SetRecording
from live.domain.session import SessionState
from live.domain.session_commands import ChangeState, SessionDetails, SetMode, SetPin, SetStage
from live.domain.stage import Seat, SeatState
from tests.support.rooms import NOW
from tests.support.scene import Scene, kinds

POSSIBLE = {
    ("draft", "lobby"),
    ("draft", "live"),
    ("lobby", "live"),
    ("lobby", "draft"),
    ("live", "ended"),
}


@pytest.mark.parametrize("to", list(SessionState))
@pytest.mark.parametrize("start", list(SessionState))
def test_a_show_takes_the_steps_of_the_contract(start: SessionState, to: SessionState) -> None:
    scene = Scene()
    scene.state.session = replace(scene.state.session, state=start)
    if start is to:
        assert kinds(scene.do(None, ChangeState(to))) == []
    elif (start.value, to.value) in POSSIBLE:
        assert kinds(scene.do(None, ChangeState(to))) == ["session.changed"]
        assert scene.state.session.state is to
    else:
        assert scene.refused(None, ChangeState(to)) == "impossible_step"


def test_going_live_and_ending_are_moments() -> None:
    scene = Scene()
    scene.state.session = replace(scene.state.session, state=SessionState.LOBBY)
    scene.do(None, ChangeState(SessionState.LIVE))
    scene.pass_s(60)
    scene.do(None, ChangeState(SessionState.ENDED))
    session = scene.state.session
    assert session.live_since == NOW
    assert session.ended_at == NOW + timedelta(seconds=60)


def test_after_the_end_nobody_changes_anything() -> None:
    scene = Scene()
    scene.do(None, ChangeState(SessionState.ENDED))
    for who in ("ada", "host"):
        assert scene.refused(who, PostMessage("Hello")) == "wrong_state"
    assert scene.refused("mod", SetPin(text="Thanks")) == "wrong_state"


def test_a_mode_keeps_what_is_not_said() -> None:
    scene = Scene()
    scene.do("mod", SetMode(slow_s=5, links=False))
    assert kinds(scene.do("mod", SetMode(emoji_only=True))) == ["mode.changed"]
    mode = scene.state.mode
    assert (mode.slow_s, mode.links, mode.emoji_only) == (5.0, False, True)
    assert kinds(scene.do("mod", SetMode(emoji_only=True))) == []
    assert scene.refused("mod", SetMode(slow_s=-1)) == "invalid"
    assert scene.refused("ada", SetMode(slow_s=1)) == "forbidden"


def test_review_is_told_with_the_session_too() -> None:
    scene = Scene()
    for command in (SetMode(review=Review.BEFORE), SessionDetails(review=Review.AFTER)):
        who = "mod" if isinstance(command, SetMode) else None
        assert kinds(scene.do(who, command)) == ["mode.changed", "session.changed"]


def test_an_announcement_changes_without_its_words_in_the_log() -> None:
    scene = Scene()
    changed = scene.do(None, SessionDetails(title="Summer", starts_at=NOW))
    assert kinds(changed) == ["session.changed"]
    assert "Summer" not in repr(changed.events)
    assert (scene.state.session.title, scene.state.session.starts_at) == ("Summer", NOW)
    scene.do(None, SessionDetails(clear_starts_at=True))
    assert (scene.state.session.title, scene.state.session.starts_at) == ("Summer", None)
    assert kinds(scene.do(None, SessionDetails(title="Summer"))) == []


def test_a_recording_is_chosen_and_what_stopped_it_is_kept() -> None:
    scene = Scene()
    assert kinds(scene.do(None, SetRecording(Recording.ON))) == ["session.changed"]
    assert kinds(scene.do(None, SetRecording(Recording.ON))) == []
    troubles = [scene.state.session.recording.trouble]
    scene.do(None, SetRecording(Recording.DISK_FULL))
    troubles.append(scene.state.session.recording.trouble)
    assert troubles == [None, "disk_full"]
    scene.do(None, ChangeState(SessionState.LIVE))
    scene.do(None, ChangeState(SessionState.ENDED))
    assert scene.refused(None, SetRecording(Recording.ON)) == "wrong_state"


def test_the_same_stage_is_told_once() -> None:
    scene = Scene()
    seat = Seat("host", ParticipantId("host"), SeatState.ON_AIR, audio=True, video=True, since=NOW)
    assert kinds(scene.do(None, SetStage((seat,)))) == ["stage.changed"]
    assert kinds(scene.do(None, SetStage((seat,)))) == []
    assert scene.state.seats == (seat,)
