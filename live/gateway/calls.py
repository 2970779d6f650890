"""What the team and callers see of calls to the stage, and what their commands ask of the room."""

from __future__ import annotations

from typing import Final

from msgspec import UNSET, UnsetType

from live.domain import call as domain
from live.domain.ids import CallId, ParticipantId
from live.domain.stage import Seat, SeatState
from live.gateway.given import Translators
from live.gateway.views import View, rfc3339
from live.wire import calls as wire
from live.wire import shapes

SEATS: Final = ("host", *domain.GuestSeat)
"""In the order of the places in a viewer's offer."""


def call(view: View, call: domain.Call) -> wire.Call:
    """One of them, for whom ``View.knows_all_of`` its person."""
    text = view.state.text(call.content_id)
    return wire.Call(
        id=call.id,
        status=call.status.value,
        at=rfc3339(call.at),
        person=view.author(call.participant_id) if view.staff else UNSET,
        text=UNSET if text is None else text,
        seat=UNSET if call.seat is None else call.seat.value,
        ready=call.ready,
        muted=call.muted,
        reason=UNSET if call.reason is None else call.reason.value,
        by=UNSET if call.by is None or not view.staff else view.author(call.by),
    )


def calls(view: View) -> list[wire.Call]:
    """Those that are open, oldest first; for the team."""
    return [call(view, each) for each in view.state.calling.calls if each.status.is_open]


def own_call(view: View, reader: ParticipantId) -> wire.Call | UnsetType:
    """A reader's latest; the team has none."""
    known = None if view.staff else view.state.calling.of(reader)
    return UNSET if known is None else call(view, known)


def told(view: View, changed: domain.Call) -> wire.CallChanged | None:
    """What a change of a call tells; None for all but the team and its person."""
    if not view.knows_all_of(changed.participant_id):
        return None
    return wire.CallChanged(call=call(view, view.state.calling.find(changed.id) or changed))


def ack_call(view: View, call_id: CallId | None) -> wire.Call | UnsetType:
    """The call that a command was about."""
    known = None if call_id is None else view.state.calling.find(call_id)
    if known is None or not view.knows_all_of(known.participant_id):
        return UNSET
    return call(view, known)


def stage(view: View) -> shapes.Stage:
    """Who is publishing; a preview is for the team."""
    calling = view.state.calling
    shown = (s for s in view.state.seats if view.staff or s.state is not SeatState.PREVIEW)
    return shapes.Stage(
        seats=[_seat(view, seat) for seat in shown],
        closed=calling.closed,
        locked=[seat.value for seat in calling.locked],
        slate=None if view.state.slate is None else view.slate(view.state.slate),
    )


def _seat(view: View, seat: Seat) -> shapes.Seat:
    place = SEATS.index(seat.seat)
    return shapes.Seat(
        seat=seat.seat,
        participant_id=seat.participant_id,
        display_name=view.author(seat.participant_id).display_name,
        state=seat.state.value,
        audio=seat.audio,
        video=seat.video,
        since=rfc3339(seat.since),
        muted=seat.muted,
        mids=shapes.Mids(video=str(place), audio=str(len(SEATS) + place)),
    )


COMMANDS: Translators = {
    wire.AskForStage: lambda c: domain.AskForStage(None if c.text is UNSET else c.text),
    wire.LeaveStage: lambda _: domain.LeaveStage(),
    wire.SetReady: lambda c: domain.SetReady(c.on),
    wire.AcceptCall: lambda c: domain.AcceptCall(CallId(c.call_id)),
    wire.DeclineCall: lambda c: domain.DeclineCall(CallId(c.call_id)),
    wire.PutOnAir: lambda c: domain.PutOnAir(CallId(c.call_id), c.on),
    wire.MuteGuest: lambda c: domain.MuteGuest(CallId(c.call_id), c.on),
    wire.RemoveGuest: lambda c: domain.RemoveGuest(
        CallId(c.call_id), domain.RemovalReason(c.reason)
    ),
    wire.LockStage: lambda c: domain.LockStage(
        c.on, None if c.seat is UNSET else domain.GuestSeat(c.seat)
    ),
}
