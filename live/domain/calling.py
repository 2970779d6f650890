"""Viewers call, the team accepts, guests come on stage and go. Four seats: the host's and three."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from live.domain.call import (
    AcceptCall,
    AskForStage,
    Call,
    Calling,
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
from live.domain.call_events import CallChanged
from live.domain.events import Recorded
from live.domain.fact import Event
from live.domain.ids import CallId, ParticipantId
from live.domain.outcome import Context, Decided, Refusal, Result
from live.domain.people import Participant, Role
from live.domain.session import SessionState
from live.domain.session_events import StageChanged
from live.domain.stage import Seat, SeatState
from live.domain.state import RoomState
from live.domain.text import clean_text
from live.domain.writing import changed_event, new_content, person_refusal

WHY_CHARS = 140
WAITING_MOST = 50
CALLERS_MOST = 500
"""Of whom the latest call is kept, until the session is deleted."""

_UNKNOWN = Refusal("not_found", "There is no such call.")
_TAKEN = Refusal("wrong_state", "No seat is free; someone has to leave the stage first.")


# --- people


def ask(
    state: RoomState, actor: Participant, command: AskForStage, context: Context
) -> Decided | Refusal:
    """One call a person. Who was invited is let backstage at once, if a seat is free."""
    if actor.role.is_staff:
        return Refusal("forbidden", "The team does not call in.")
    refusal = person_refusal(state, actor, context)
    if refusal:
        return refusal
    former = state.calling.of(actor.id)
    if former is not None and former.status.is_open:
        return Decided(result=Result(call_id=former.id))
    invited = _is_invited(actor, former)
    refusal = None if invited else _no_more_calls(state.calling)
    if refusal or (former is None and len(state.calling.calls) >= CALLERS_MOST):
        return refusal or Refusal("overloaded", "The stage takes no more calls.")
    seat = state.calling.free() if invited else None
    call = Call(
        id=CallId(context.entropy.new_id()),
        participant_id=actor.id,
        at=context.now,
        status=CallStatus.WAITING if seat is None else CallStatus.BACKSTAGE,
        seat=seat,
        invited=invited,
    )
    result = Result(call_id=call.id)
    if invited and command.text is None:
        return Decided((CallChanged(call),), result)
    why = clean_text(command.text or "", WHY_CHARS)
    if isinstance(why, Refusal):
        return why
    content, commitment = new_content(state, actor, why, context)
    told = CallChanged(replace(call, content_id=content.id), commitment)
    return Decided((told,), result, contents=(content,))


def leave(
    state: RoomState, actor: Participant, command: LeaveStage, _: Context
) -> Decided | Refusal:
    """Idempotent: who is not there has left."""
    call = state.calling.of(actor.id)
    if call is None or not call.status.is_open:
        return Decided()
    status = CallStatus.LEFT if call.status.is_seated else CallStatus.WITHDRAWN
    return _ended(state, replace(call, status=status, by=actor.id), back=not call.invited)


def set_ready(
    state: RoomState, actor: Participant, command: SetReady, _: Context
) -> Decided | Refusal:
    call = state.calling.of(actor.id)
    if call is None or not call.status.is_seated:
        return Refusal("wrong_state", "You are not on stage.")
    return _changed(state, call, replace(call, ready=command.on))


# --- the team


def accept(
    state: RoomState, actor: Participant, command: AcceptCall, _: Context
) -> Decided | Refusal:
    """A seat for who waits; also for who was declined or removed, which takes that back."""
    call = state.calling.find(command.call_id)
    person = None if call is None else state.participants.get(call.participant_id)
    if call is None or person is None or person.erased:
        return _UNKNOWN
    if call.status.is_seated:
        return Decided(result=Result(call_id=call.id))
    if call.status in (CallStatus.WITHDRAWN, CallStatus.LEFT):
        return Refusal("wrong_state", "They have gone; they may call again.")
    seat = state.calling.free()
    if seat is None:
        return _TAKEN
    seated = replace(
        call,
        status=CallStatus.BACKSTAGE,
        seat=seat,
        ready=False,
        muted=False,
        reason=None,
        by=actor.id,
    )
    decided = Decided((CallChanged(seated),), Result(call_id=call.id))
    if person.role is not Role.VIEWER:
        return decided
    guest = replace(person, role=Role.GUEST)
    events = (*decided.events, changed_event(guest, audience=True))
    return replace(decided, events=events, participant=guest)


def decline(
    state: RoomState, actor: Participant, command: DeclineCall, _: Context
) -> Decided | Refusal:
    call = state.calling.find(command.call_id)
    if call is None:
        return _UNKNOWN
    if call.status.is_seated:
        return Refusal("wrong_state", "They are on stage already; remove them from there.")
    if call.status is not CallStatus.WAITING:
        return Decided(result=Result(call_id=call.id))
    return _changed(state, call, replace(call, status=CallStatus.DECLINED, by=actor.id))


def put_on_air(
    state: RoomState, actor: Participant, command: PutOnAir, _: Context
) -> Decided | Refusal:
    call = state.calling.find(command.call_id)
    if call is None:
        return _UNKNOWN
    if not call.status.is_seated:
        return Refusal("wrong_state", "Accept the call first.")
    status = CallStatus.ON_AIR if command.on else CallStatus.BACKSTAGE
    return _changed(state, call, replace(call, status=status, by=actor.id))


def mute(state: RoomState, actor: Participant, command: MuteGuest, _: Context) -> Decided | Refusal:
    """Their sound is kept from everyone, whatever their own page says."""
    call = state.calling.find(command.call_id)
    if call is None:
        return _UNKNOWN
    if not call.status.is_seated:
        return Refusal("wrong_state", "They are not on stage.")
    return _changed(state, call, replace(call, muted=command.on, by=actor.id))


def remove(
    state: RoomState, actor: Participant, command: RemoveGuest, _: Context
) -> Decided | Refusal:
    """The seat is free, their picture and sound end; they watch like everyone."""
    call = state.calling.find(command.call_id)
    if call is None:
        return _UNKNOWN
    if not call.status.is_seated:
        return Decided(result=Result(call_id=call.id))
    status = CallStatus.REMOVED
    return _ended(state, replace(call, status=status, reason=command.reason, by=actor.id))


def lock(state: RoomState, actor: Participant, command: LockStage, _: Context) -> Decided | Refusal:
    calling = state.calling
    if command.seat is None:
        calling = replace(calling, closed=command.on)
    else:
        others = tuple(each for each in calling.locked if each is not command.seat)
        locked = sorted((*others, command.seat)) if command.on else others
        calling = replace(calling, locked=tuple(locked))
    if calling == state.calling:
        return Decided()
    told = replace(stage_now(state), closed=calling.closed, locked=calling.locked)
    return Decided((told,))


# --- the server


def seat_guest(
    state: RoomState, actor: Participant | None, command: SeatGuest, context: Context
) -> Decided | Refusal:
    """Who was invited by a link and sends with a program of their own is on air: the link told them
    to be. Who has a place goes on as the team has it."""
    person = state.participants.get(command.participant_id)
    if person is None or person.erased or person.role is not Role.GUEST:
        return Refusal("forbidden", "Only guests have a seat.")
    former = state.calling.of(person.id)
    if former is not None and former.status.is_seated:
        return Decided(result=Result(call_id=former.id))
    seat = state.calling.free() if _is_invited(person, former) else None
    if seat is None:
        return _TAKEN
    call = Call(
        id=CallId(context.entropy.new_id()),
        participant_id=person.id,
        at=context.now,
        status=CallStatus.ON_AIR,
        seat=seat,
        ready=True,
        invited=True,
    )
    return Decided((CallChanged(call),), Result(call_id=call.id))


def taken_down(state: RoomState, participant_id: ParticipantId) -> tuple[Event, ...]:
    """What ends the call of someone who is banned, erased or no guest any more."""
    call = state.calling.of(participant_id)
    if call is None or not call.status.is_open:
        return ()
    ended = replace(call, status=CallStatus.REMOVED, seat=None, ready=False, muted=False)
    return (CallChanged(ended), *_restaged(state, ended))


def placed(state: RoomState, seats: tuple[Seat, ...]) -> tuple[Seat, ...]:
    """What comes from the seats, as the team has it: nobody is on air who was not put there."""
    return _placed(state, seats, state.calling)


def stage_now(state: RoomState) -> StageChanged:
    """All that everyone is told of the stage, as it is."""
    calling = state.calling
    return StageChanged(state.seats, state.slate, closed=calling.closed, locked=calling.locked)


def fold_call(state: RoomState, recorded: Recorded, event: CallChanged) -> None:
    state.calling = _with(state.calling, event.call)


def _is_invited(person: Participant, former: Call | None) -> bool:
    """Whether a link made them a guest, and the team has not sent them away since."""
    gone = former is not None and former.status is CallStatus.REMOVED
    return person.role is Role.GUEST and not gone


def _no_more_calls(calling: Calling) -> Refusal | None:
    if calling.closed:
        return Refusal("wrong_state", "The stage takes no calls at the moment.")
    if sum(each.status is CallStatus.WAITING for each in calling.calls) >= WAITING_MOST:
        return Refusal("overloaded", "Many wait for the stage already; try again later.", 60.0)
    return None


def _changed(state: RoomState, former: Call, call: Call) -> Decided:
    result = Result(call_id=call.id)
    if replace(call, by=former.by) == former:
        return Decided(result=result)
    return Decided((CallChanged(call), *_restaged(state, call)), result)


def _ended(state: RoomState, call: Call, *, back: bool = True) -> Decided:
    """The call is over; ``back``: its person is a viewer again."""
    call = replace(call, seat=None, ready=False, muted=False)
    events: tuple[Event, ...] = (CallChanged(call), *_restaged(state, call))
    decided = Decided(events, Result(call_id=call.id))
    person = state.participants.get(call.participant_id)
    if not back or person is None or person.role is not Role.GUEST:
        return decided
    viewer = replace(person, role=Role.VIEWER)
    events = (*events, changed_event(viewer, audience=True))
    return replace(decided, events=events, participant=viewer)


def _restaged(state: RoomState, call: Call) -> tuple[Event, ...]:
    """What everyone sees of the stage, where the call changes that."""
    calling = _with(state.calling, call)
    seats = _placed(state, state.seats, calling)
    return () if seats == state.seats else (replace(stage_now(state), seats=seats),)


def _with(calling: Calling, call: Call) -> Calling:
    others = (each for each in calling.calls if each.participant_id != call.participant_id)
    return replace(calling, calls=tuple(sorted((*others, call), key=lambda c: (c.at, c.id))))


def _placed(state: RoomState, seats: tuple[Seat, ...], calling: Calling) -> tuple[Seat, ...]:
    live = state.session.state is SessionState.LIVE
    shown = []
    for seat in seats:
        call = calling.holder(seat.seat)
        if seat.seat not in set(GuestSeat):
            shown.append(replace(seat, muted=False))
        elif call is not None and call.participant_id == seat.participant_id:
            now = seat.state
            if call.status is not CallStatus.ON_AIR:
                now = SeatState.PREVIEW
            elif live and now is SeatState.PREVIEW:
                now = SeatState.ON_AIR
            shown.append(replace(seat, state=now, muted=call.muted))
    return tuple(shown)


# Each handler takes the command of its own key; the types of the tables cannot say so.
_Handler = Callable[[RoomState, Participant, Any, Context], Decided | Refusal]

FOR_ALL: Mapping[type, _Handler] = {AskForStage: ask, LeaveStage: leave, SetReady: set_ready}
FOR_STAFF: Mapping[type, _Handler] = {
    AcceptCall: accept,
    DeclineCall: decline,
    PutOnAir: put_on_air,
    MuteGuest: mute,
    RemoveGuest: remove,
    LockStage: lock,
}
