"""A call: someone of the audience asks to come on stage, and what becomes of it."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from enum import StrEnum

from live.domain.ids import CallId, ContentId, ParticipantId
from live.domain.value import dataclass


class GuestSeat(StrEnum):
    """The seats besides the host's."""

    FIRST = "guest-1"
    SECOND = "guest-2"
    THIRD = "guest-3"


class CallStatus(StrEnum):
    """``waiting`` until the team decides. Who is taken has a seat: ``backstage`` nobody sees or
    hears them, ``on_air`` everyone does. The others are ends: ``declined`` and ``removed`` by the
    team, ``withdrawn`` before and ``left`` after it was accepted, by the person."""

    WAITING = "waiting"
    BACKSTAGE = "backstage"
    ON_AIR = "on_air"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"
    LEFT = "left"

    @property
    def is_seated(self) -> bool:
        return self in (CallStatus.BACKSTAGE, CallStatus.ON_AIR)

    @property
    def is_open(self) -> bool:
        return self is CallStatus.WAITING or self.is_seated


class RemovalReason(StrEnum):
    """``thanks``: their part is over; ``technical``: picture or sound do not do; ``conduct``."""

    THANKS = "thanks"
    TECHNICAL = "technical"
    CONDUCT = "conduct"


@dataclass(frozen=True, slots=True)
class Call:
    """One person's latest. ``content_id`` is their word why, absent for who was ``invited``;
    ``ready``: they have checked camera and microphone; ``muted`` by the team."""

    id: CallId
    participant_id: ParticipantId
    at: datetime
    status: CallStatus
    content_id: ContentId | None = None
    seat: GuestSeat | None = None
    ready: bool = False
    muted: bool = False
    invited: bool = False
    reason: RemovalReason | None = None
    by: ParticipantId | None = None


@dataclass(frozen=True, slots=True)
class Calling:
    """The latest call of each person, oldest first; whether new ones are taken (``closed``), and
    the seats that nobody is given (``locked``)."""

    calls: tuple[Call, ...] = ()
    closed: bool = False
    locked: tuple[GuestSeat, ...] = field(default=())

    def of(self, participant_id: ParticipantId) -> Call | None:
        return next((each for each in self.calls if each.participant_id == participant_id), None)

    def find(self, call_id: CallId) -> Call | None:
        return next((each for each in self.calls if each.id == call_id), None)

    def holder(self, seat: str) -> Call | None:
        """Who has a seat."""
        return next((each for each in self.calls if each.seat == seat), None)

    def free(self) -> GuestSeat | None:
        """The first seat that can be given."""
        taken = {each.seat for each in self.calls}
        return next((s for s in GuestSeat if s not in taken and s not in self.locked), None)


# --- what may be asked


@dataclass(frozen=True, slots=True)
class AskForStage:
    """``text`` says why; who was invited needs none."""

    text: str | None = None


@dataclass(frozen=True, slots=True)
class LeaveStage:
    """One's own call back, or down from the stage."""


@dataclass(frozen=True, slots=True)
class SetReady:
    """Camera and microphone are checked."""

    on: bool


@dataclass(frozen=True, slots=True)
class AcceptCall:
    call_id: CallId


@dataclass(frozen=True, slots=True)
class DeclineCall:
    call_id: CallId


@dataclass(frozen=True, slots=True)
class PutOnAir:
    """``on``: before everyone; else backstage again."""

    call_id: CallId
    on: bool


@dataclass(frozen=True, slots=True)
class MuteGuest:
    call_id: CallId
    on: bool


@dataclass(frozen=True, slots=True)
class RemoveGuest:
    call_id: CallId
    reason: RemovalReason = RemovalReason.THANKS


@dataclass(frozen=True, slots=True)
class LockStage:
    """``seat``: nobody is given it; None: the stage takes no new calls."""

    on: bool
    seat: GuestSeat | None = None


@dataclass(frozen=True, slots=True)
class SeatGuest:
    """The server: someone who was invited sends already, with a program of their own."""

    participant_id: ParticipantId


CallCommand = (
    AskForStage
    | LeaveStage
    | SetReady
    | AcceptCall
    | DeclineCall
    | PutOnAir
    | MuteGuest
    | RemoveGuest
    | LockStage
)
