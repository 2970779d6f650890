"""Who of the team looks at what, told to the team alone: of the moment, numbered by nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from live.domain.ids import ParticipantId
from live.domain.outcome import Refusal
from live.domain.subject import Subject, SubjectKind
from live.gateway.line import Line
from live.gateway.packets import Packet
from live.gateway.views import View, named
from live.room.surface import AnyRoom
from live.wire.looking import Look, LookingFrame, Sight

TELL_S: Final = 0.25
"""The team is told at most so often: eyes move faster than anyone reads."""

_ENCODER = msgspec.json.Encoder()


class Looking:
    """One hub's part of it. ``team`` are the lines of the team's members here that keep up."""

    def __init__(self, room: AnyRoom, team: Callable[[], Iterable[Line]]) -> None:
        self._room = room
        self._team = team
        self._loop = asyncio.get_running_loop()
        self._told = b""
        self._told_at = float("-inf")
        self._timer: asyncio.TimerHandle | None = None
        self._unwatch = room.crowd.looks.watch(self.tell)

    def look(self, participant_id: ParticipantId, look: Look) -> Refusal | None:
        """Take what someone who is connected here looks at."""
        if participant_id not in self._room.state.staff:
            return Refusal("forbidden", "This is for the team.")
        seen = look.subject
        subject = None if seen is None else Subject(SubjectKind(seen.kind), seen.id)
        self._room.crowd.look(participant_id, subject)
        return None

    def greet(self, line: Line) -> None:
        """Tell one of the team who has just come, if there is anything to tell."""
        if self._room.crowd.looks.everyone():
            line.emit(Packet(self._frame()))

    def tell(self) -> None:
        """Tell the team soon; nothing, if it is by then what it was told last."""
        if self._timer is None:
            due = max(self._loop.time(), self._told_at + TELL_S)
            self._timer = self._loop.call_at(due, self._send)

    def stop(self) -> None:
        """Tell nobody any more."""
        self._unwatch()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _send(self) -> None:
        self._timer = None
        frame = self._frame()
        if frame == self._told:
            return
        self._told, self._told_at = frame, self._loop.time()
        packet = Packet(frame)
        for line in self._team():
            line.emit(packet)

    def _frame(self) -> bytes:
        """Without those who belong to the team no more."""
        state = self._room.state
        view = View(state, staff=True)
        looks = sorted(self._room.crowd.looks.everyone().items())
        seen = [
            Sight(subject=named(subject), by=view.author(who))
            for who, subject in looks
            if who in state.staff
        ]
        return _ENCODER.encode(LookingFrame(data=seen))
