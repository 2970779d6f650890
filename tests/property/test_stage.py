"""Whatever is asked of the stage: four seats at most, each of one person, nobody on air untold."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from live.domain.call import (
    AcceptCall,
    AskForStage,
    CallStatus,
    DeclineCall,
    GuestSeat,
    LeaveStage,
    LockStage,
    MuteGuest,
    PutOnAir,
    RemoveGuest,
    SeatGuest,
    SetReady,
)
from live.domain.ids import ParticipantId
from live.domain.people import Role
from live.domain.people_commands import ChangeParticipant, EraseParticipant
from live.domain.sanction import SanctionKind
from live.domain.sanction_commands import SetSanction
from live.domain.session_commands import SetStage
from live.domain.stage import Seat, SeatState
from live.domain.state import RoomState
from tests.support.rooms import NOW
from tests.support.scene import Scene

PEOPLE = [ParticipantId(f"person-{number}") for number in range(9)]


def _scene() -> Scene:
    scene = Scene()
    for each in PEOPLE:
        known = replace(scene.state.participants[ParticipantId("ada")], id=each)
        scene.state.put_participant(known)
    return scene


def _step(scene: Scene, rng: Random) -> None:
    state = scene.state
    person, flag = rng.choice(PEOPLE), rng.random() < 0.5
    calls = state.calling.calls
    call_id = rng.choice(calls).id if calls else None
    if call_id is None or rng.random() < 0.45:
        own = (AskForStage("Me"), AskForStage("Me"), LeaveStage(), SetReady(flag))
        scene.ask(person, rng.choice(own))
        return
    seats = tuple(
        Seat(seat, rng.choice(PEOPLE), rng.choice(list(SeatState)), True, True, NOW)
        for seat in ("host", *GuestSeat)
        if rng.random() < 0.7
    )
    team = (
        *3 * (AcceptCall(call_id), PutOnAir(call_id, on=True)),
        PutOnAir(call_id, on=False),
        DeclineCall(call_id),
        MuteGuest(call_id, flag),
        RemoveGuest(call_id),
        LockStage(flag, rng.choice((None, *GuestSeat))),
        SetSanction(person, SanctionKind.BAN) if rng.random() < 0.02 else LockStage(on=False),
    )
    server = (
        SeatGuest(person),
        SetStage(seats),
        ChangeParticipant(person, role=rng.choice((Role.GUEST, Role.VIEWER))),
        EraseParticipant(person) if rng.random() < 0.01 else SetStage(seats),
    )
    if rng.random() < 0.7:
        scene.ask(ParticipantId("mod"), rng.choice(team))
    else:
        scene.ask(None, rng.choice(server))


def _check(state: RoomState) -> None:
    calls = state.calling.calls
    taken = [call.seat for call in calls if call.seat is not None]
    assert len(taken) == len(set(taken)) <= len(GuestSeat)
    assert len({call.participant_id for call in calls}) == len(calls)
    for call in calls:
        assert call.status.is_seated == (call.seat is not None)
        assert call.status.is_seated or not (call.muted or call.ready)
    assert len(taken) + len(_free(state)) == len(GuestSeat)
    on_air = [seat for seat in state.seats if seat.state is not SeatState.PREVIEW]
    assert len(on_air) <= 4
    for seat in on_air:
        if seat.seat != "host":
            known = state.calling.holder(seat.seat)
            assert known is not None
            assert known.participant_id == seat.participant_id
            assert known.status is CallStatus.ON_AIR
            assert known.muted == seat.muted


def _free(state: RoomState) -> set[GuestSeat]:
    return {seat for seat in GuestSeat if state.calling.holder(seat) is None}


@pytest.mark.parametrize("seed", range(12))
def test_seats_are_kept_whatever_is_asked(seed: int) -> None:
    scene, rng = _scene(), Random(seed)
    seated = 0
    for _ in range(400):
        _step(scene, rng)
        _check(scene.state)
        seated = max(seated, len(GuestSeat) - len(_free(scene.state)))
    # One seat may have been locked for most of the time.
    assert seated >= 2
