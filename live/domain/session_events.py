"""Facts about the session as a whole: its state, its mode, what stands out in it."""

from __future__ import annotations

from typing import ClassVar

from live.domain.call import GuestSeat
from live.domain.fact import Event
from live.domain.ids import ContentId, ParticipantId
from live.domain.listening import Listening
from live.domain.mode import Mode
from live.domain.pin import Pin
from live.domain.session import SessionState
from live.domain.stage import Seat, Slate
from live.domain.subject import Subject
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class SessionChanged(Event):
    """Something of the session is different; what is not its state lies in the session's row."""

    type: ClassVar[str] = "session.changed"
    state: SessionState


@dataclass(frozen=True, slots=True)
class ModeChanged(Event):
    type: ClassVar[str] = "mode.changed"
    mode: Mode


@dataclass(frozen=True, slots=True)
class StageChanged(Event):
    """Who publishes from now on; a ``slate`` hides all of it. Whether calls are taken (not where
    ``closed``), which seats are ``locked``."""

    type: ClassVar[str] = "stage.changed"
    seats: tuple[Seat, ...]
    slate: Slate | None = None
    closed: bool = False
    locked: tuple[GuestSeat, ...] = ()


@dataclass(frozen=True, slots=True)
class PinChanged(Event):
    """All pins as they stand, newest first."""

    type: ClassVar[str] = "pin.changed"
    pins: tuple[Pin, ...]


@dataclass(frozen=True, slots=True)
class ScreenChanged(Event):
    """What stands on the screen from now on; None: nothing."""

    type: ClassVar[str] = "screen.changed"
    subject: Subject | None


@dataclass(frozen=True, slots=True)
class ListeningChanged(Event):
    """Staff only. All of the team's choices as they stand, and who made the last one."""

    type: ClassVar[str] = "listening.changed"
    listening: Listening
    by: ParticipantId | None = None


@dataclass(frozen=True, slots=True)
class StaffSaid(Event):
    """Staff only."""

    type: ClassVar[str] = "staff.said"
    say_id: str
    author_id: ParticipantId
    content_id: ContentId
    commitment: str
    to_host: bool = False
