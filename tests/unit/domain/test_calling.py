"""Who comes on stage: called, accepted, put on air, and how they go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from live.domain.call import (
    AcceptCall,
    AskForStage,
    Call,
    CallStatus,
    DeclineCall,
    GuestSeat,
    LeaveStage,
    LockStage,
    MuteGuest,
    PutOnAir,
    RemovalReason,
    RemoveGuest,
    SeatGuest,
    SetReady,
)
from live.domain.calling import WAITING_MOST
from live.domain.commands import Command
from live.domain.ids import CallId, ParticipantId
from live.domain.people import Role
from live.domain.sanction import SanctionKind
from live.domain.sanction_commands import SetSanction
from live.domain.session import SessionState
from live.domain.session_commands import SetStage
from live.domain.stage import Seat, SeatState
from tests.support.rooms import NOW, person
from tests.support.scene import Scene, kinds

ADA = ParticipantId("ada")


def call_of(scene: Scene, who: str) -> Call:
    call = scene.state.calling.of(ParticipantId(who))
    assert call is not None
    return call


def seated(scene: Scene, who: str) -> CallId:
    scene.do(who, AskForStage("I wear them"))
    scene.do("mod", AcceptCall(call_of(scene, who).id))
    return call_of(scene, who).id


def publishing(scene: Scene, *people: str) -> None:
    seats = []
    for name in people:
        seat = "host" if name == "host" else call_of(scene, name).seat or ""
        seats.append(Seat(seat, ParticipantId(name), SeatState.ON_AIR, True, True, NOW))
    scene.do(None, SetStage(tuple(seats)))


def test_a_viewer_asks_waits_and_is_let_backstage() -> None:
    scene = Scene()
    assert kinds(scene.do("ada", AskForStage(" I wear them  "))) == ["call.changed"]
    call = call_of(scene, "ada")
    assert call.status is CallStatus.WAITING
    assert scene.state.text(call.content_id) == "I wear them"
    assert kinds(scene.do("ada", AskForStage("Again"))) == []
    scene.do("mod", AcceptCall(call.id))
    assert call_of(scene, "ada").seat is GuestSeat.FIRST
    assert scene.state.participants[ADA].role is Role.GUEST
    scene.do("ada", SetReady(on=True))
    assert call_of(scene, "ada").ready


def test_three_guests_sit_beside_the_host_the_next_waits_and_a_removal_frees_the_seat() -> None:
    scene = Scene(None, *(person(name) for name in ("dan", "eve")))
    calls = [seated(scene, name) for name in ("ada", "bob", "cyd")]
    scene.do("dan", AskForStage("Me too"))
    waiting = call_of(scene, "dan").id
    assert scene.refused("mod", AcceptCall(waiting)) == "wrong_state"
    assert call_of(scene, "dan").status is CallStatus.WAITING
    scene.do("mod", RemoveGuest(calls[1], RemovalReason.CONDUCT))
    assert call_of(scene, "bob").reason is RemovalReason.CONDUCT
    assert scene.state.participants[ParticipantId("bob")].role is Role.VIEWER
    scene.do("mod", AcceptCall(waiting))
    assert call_of(scene, "dan").seat is GuestSeat.SECOND


def test_nobody_is_on_air_before_being_put_there_and_a_mute_is_seen_by_all() -> None:
    scene = Scene()
    call_id = seated(scene, "ada")
    publishing(scene, "host", "ada")
    assert [seat.state.value for seat in scene.state.seats] == ["on_air", "preview"]
    assert kinds(scene.do("mod", PutOnAir(call_id, on=True))) == ["call.changed", "stage.changed"]
    assert [seat.state.value for seat in scene.state.seats] == ["on_air", "on_air"]
    scene.do("host", MuteGuest(call_id, on=True))
    assert [seat.muted for seat in scene.state.seats] == [False, True]
    scene.do("mod", PutOnAir(call_id, on=False))
    assert [seat.state.value for seat in scene.state.seats] == ["on_air", "preview"]
    scene.do("mod", RemoveGuest(call_id))
    assert [seat.seat for seat in scene.state.seats] == ["host"]
    # What the engine said a moment before does not bring them back.
    late = Seat("guest-1", ADA, SeatState.ON_AIR, audio=True, video=True, since=NOW)
    scene.do(None, SetStage((late,)))
    assert scene.state.seats == ()


def test_a_removal_and_a_refusal_can_be_taken_back_by_accepting() -> None:
    scene = Scene()
    call_id = seated(scene, "ada")
    scene.do("mod", RemoveGuest(call_id))
    scene.do("mod", AcceptCall(call_id))
    assert call_of(scene, "ada").status is CallStatus.BACKSTAGE
    assert call_of(scene, "ada").reason is None
    scene.do("ada", LeaveStage())
    assert scene.refused("mod", AcceptCall(call_id)) == "wrong_state"


def test_who_leaves_frees_the_seat_and_may_call_again() -> None:
    scene = Scene()
    seated(scene, "ada")
    scene.do("ada", LeaveStage())
    assert call_of(scene, "ada").status is CallStatus.LEFT
    assert scene.state.participants[ADA].role is Role.VIEWER
    assert kinds(scene.do("ada", LeaveStage())) == []
    scene.do("ada", AskForStage("Once more"))
    assert call_of(scene, "ada").status is CallStatus.WAITING
    scene.do("ada", LeaveStage())
    assert call_of(scene, "ada").status is CallStatus.WITHDRAWN


def test_a_locked_stage_takes_no_calls_and_a_locked_seat_is_given_to_nobody() -> None:
    scene = Scene()
    scene.do("bob", AskForStage("Early"))
    scene.do("mod", LockStage(on=True))
    assert scene.refused("ada", AskForStage("Late")) == "wrong_state"
    scene.do("mod", LockStage(on=True, seat=GuestSeat.FIRST))
    scene.do("mod", AcceptCall(call_of(scene, "bob").id))
    assert call_of(scene, "bob").seat is GuestSeat.SECOND
    scene.do("mod", LockStage(on=False))
    scene.do("ada", AskForStage("Now"))
    assert scene.state.calling.locked == (GuestSeat.FIRST,)


@pytest.mark.parametrize(
    ("who", "command", "code"),
    [
        ("mod", AskForStage("Me"), "forbidden"),
        ("ada", AskForStage("   "), "empty"),
        ("ada", AskForStage("x" * 141), "too_long"),
        ("ada", AskForStage(), "empty"),
        ("ada", SetReady(on=True), "wrong_state"),
        ("ada", AcceptCall(CallId("none")), "forbidden"),
        ("ada", DeclineCall(CallId("none")), "forbidden"),
        ("ada", PutOnAir(CallId("none"), on=True), "forbidden"),
        ("ada", MuteGuest(CallId("none"), on=True), "forbidden"),
        ("ada", RemoveGuest(CallId("none")), "forbidden"),
        ("ada", LockStage(on=True), "forbidden"),
        ("mod", AcceptCall(CallId("none")), "not_found"),
        ("mod", PutOnAir(CallId("none"), on=True), "not_found"),
        ("mod", MuteGuest(CallId("none"), on=True), "not_found"),
        ("mod", RemoveGuest(CallId("none")), "not_found"),
        (None, SeatGuest(ADA), "forbidden"),
    ],
)
def test_what_is_refused(who: str | None, command: Command, code: str) -> None:
    assert Scene().refused(who, command) == code


def test_a_guest_on_stage_has_no_say_about_it() -> None:
    scene = Scene()
    call_id = seated(scene, "ada")
    for command in (PutOnAir(call_id, on=True), MuteGuest(call_id, on=False), LockStage(on=False)):
        assert scene.refused("ada", command) == "forbidden"


def test_the_nameless_the_silenced_and_the_many_do_not_call() -> None:
    crowd = [person(f"v{number}") for number in range(WAITING_MOST)]
    scene = Scene(None, *crowd)
    scene.state.put_participant(replace(person("ada"), display_name=None))
    assert scene.refused("ada", AskForStage("Me")) == "name_required"
    scene.do("mod", SetSanction(ParticipantId("bob"), SanctionKind.MUTE))
    assert scene.refused("bob", AskForStage("Me")) == "forbidden"
    for each in crowd:
        scene.do(each.id, AskForStage("Me"))
    assert scene.refused("cyd", AskForStage("Me")) == "overloaded"
    scene.state.session = replace(scene.state.session, state=SessionState.ENDED)
    assert scene.refused("cyd", AskForStage("Me")) == "wrong_state"


def test_a_ban_takes_someone_down() -> None:
    scene = Scene()
    scene.do("mod", PutOnAir(seated(scene, "ada"), on=True))
    publishing(scene, "ada")
    told = kinds(scene.do("mod", SetSanction(ADA, SanctionKind.BAN)))
    assert told == ["sanction.set", "call.changed", "stage.changed"]
    assert scene.state.seats == ()


def test_who_was_invited_is_backstage_by_page_and_on_air_by_a_program_of_their_own() -> None:
    guests = [person(name, Role.GUEST) for name in ("gus", "gia")]
    scene = Scene(None, *guests)
    scene.do("gus", AskForStage())
    assert call_of(scene, "gus").status is CallStatus.BACKSTAGE
    scene.do(None, SeatGuest(ParticipantId("gus")))
    assert call_of(scene, "gus").status is CallStatus.BACKSTAGE
    scene.do(None, SeatGuest(ParticipantId("gia")))
    assert call_of(scene, "gia").status is CallStatus.ON_AIR
    scene.do("gia", LeaveStage())
    assert scene.state.participants[ParticipantId("gia")].role is Role.GUEST
    scene.do(None, SeatGuest(ParticipantId("gia")))
    scene.do("mod", RemoveGuest(call_of(scene, "gia").id))
    assert scene.refused(None, SeatGuest(ParticipantId("gia"))) == "forbidden"
