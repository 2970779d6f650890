"""Calls to the stage on the wire: what is asked, and what the team and the caller see of it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from live.wire.base import Command, Id
from live.wire.shape import Author, Shape

GuestSeat = Literal["guest-1", "guest-2", "guest-3"]
CallStatus = Literal["waiting", "backstage", "on_air", "declined", "withdrawn", "removed", "left"]
RemovalReason = Literal["thanks", "technical", "conduct"]


class Call(Shape, frozen=True):
    """Someone's call to the stage. ``text`` is their word why. Who is ``backstage`` or ``on_air``
    has a ``seat``; ``ready``: camera and microphone are checked; ``muted`` by the team.
    ``reason``: why they were removed. For staff: whose it is (``person``), and who decided last
    (``by``); to the caller it is their own."""

    id: str
    status: CallStatus
    at: str
    person: Author | UnsetType = UNSET
    text: str | UnsetType = UNSET
    seat: GuestSeat | UnsetType = UNSET
    ready: bool = False
    muted: bool = False
    reason: RemovalReason | UnsetType = UNSET
    by: Author | UnsetType = UNSET


class CallChanged(Shape, frozen=True):
    """A call as it stands now, for the team and for whose it is; it takes the place of the same
    person's former one."""

    call: Call


class AskForStage(Command, frozen=True):
    """Ask to come on stage, as a viewer: one call a person, with a word why (140 characters). A
    guest by invitation needs none, and is let backstage at once where a seat is free."""

    text: str | UnsetType = UNSET


class LeaveStage(Command, frozen=True):
    """Take one's call back, or leave the stage."""


class SetReady(Command, frozen=True):
    """Say backstage that camera and microphone are checked."""

    on: bool


class AcceptCall(Command, frozen=True):
    """Give a caller a seat backstage, as staff; also one who was declined or removed."""

    call_id: Id


class DeclineCall(Command, frozen=True):
    """Turn a call down, as staff."""

    call_id: Id


class PutOnAir(Command, frozen=True):
    """Let everyone see and hear a guest, as staff; or nobody again, backstage."""

    call_id: Id
    on: bool


class MuteGuest(Command, frozen=True):
    """Keep a guest's sound from everyone, as staff, or no longer."""

    call_id: Id
    on: bool


class RemoveGuest(Command, frozen=True):
    """Free a guest's seat, as staff. They are told why."""

    call_id: Id
    reason: RemovalReason = "thanks"


class LockStage(Command, frozen=True):
    """Take no new calls, as staff; or with a ``seat``, give that one to nobody."""

    on: bool
    seat: Annotated[GuestSeat, Meta(description="Absent: the stage as a whole.")] | UnsetType = (
        UNSET
    )


COMMANDS: dict[str, type[Command]] = {
    "stage.ask": AskForStage,
    "stage.leave": LeaveStage,
    "stage.ready": SetReady,
    "stage.accept": AcceptCall,
    "stage.decline": DeclineCall,
    "stage.put": PutOnAir,
    "stage.mute": MuteGuest,
    "stage.remove": RemoveGuest,
    "stage.lock": LockStage,
}
EVENTS: dict[str, type[Shape]] = {"call.changed": CallChanged}
