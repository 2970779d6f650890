"""Keeps what a session says of its stage in step with what the media engine sees.

The engine's events name seats; the room tells them to everyone as ``stage.changed``. Whether a seat
is a preview or on air follows from the session's state, so both kinds of news meet here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from app import logs
from app.nodes import Nodes, Speaking, StageMoved
from live.domain.call import Calling, CallStatus, GuestSeat, SeatGuest
from live.domain.call_events import CallChanged
from live.domain.ids import ParticipantId, SessionId
from live.domain.outcome import Refusal
from live.domain.session import SessionState
from live.domain.session_commands import SetStage
from live.domain.stage import Seat as StageSeat
from live.domain.stage import SeatState
from live.ports.clock import Clock
from live.ports.media import MediaEngine
from live.ports.media_events import (
    MediaEvent,
    RecordingClosed,
    RecordingOpened,
    RecordingStopped,
    SeatFreed,
    SeatPublishing,
    SeatResumed,
    SeatSilent,
    SeatsSpeaking,
)
from live.ports.media_seats import SEATS, Seat, SeatOrder
from live.ports.store import Directory, StoreUnavailable
from live.room.ledger import Committed
from live.room.rooms import Rooms
from live.room.surface import AnyRoom

RETRY_S: Final = 1.0
GUEST_SEATS: Final[dict[GuestSeat, Seat]] = dict(zip(GuestSeat, SEATS[1:], strict=True))

log = logs.get("causerie.stage")


@dataclass(frozen=True, slots=True)
class _Publisher:
    participant_id: ParticipantId
    audio: bool
    video: bool
    since: datetime
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A guest's seat; ``on_air`` unless backstage, ``muted`` by the team."""

    seat: Seat
    on_air: bool
    muted: bool


Elsewhere = Callable[[SessionId], Awaitable[bool]]


class StageManager:
    """Carries the engine's news to the rooms, and the rooms' states to the engine. A session whose
    picture is ``elsewhere`` (on another node) is that node's to tell of."""

    def __init__(
        self,
        directory: Directory,
        rooms: Rooms,
        media: MediaEngine,
        clock: Clock,
        *,
        elsewhere: Elsewhere | None = None,
        nodes: Nodes | None = None,
    ) -> None:
        self._nodes = nodes or Nodes()
        self._elsewhere = elsewhere
        self._directory = directory
        self._rooms = rooms
        self._media = media
        self._clock = clock
        self._publishers: dict[SessionId, dict[Seat, _Publisher]] = {}
        self._changed: set[SessionId] = set()
        self._news = asyncio.Event()
        rooms.on_open(self._opened)
        for room in rooms.open_rooms():
            self._opened(room)

    async def run(self) -> None:
        """Work until cancelled. Begins by clearing what a former run left on any stage."""
        stop = self._media.subscribe(self._hear)
        try:
            await self._resume()
            while True:
                await self._news.wait()
                self._news.clear()
                while self._changed:
                    await self._tell(self._changed.pop())
        finally:
            stop()

    async def follow(self, session_id: SessionId, state: SessionState) -> None:
        """Bring the engine to where a session is: on air while live, nothing once ended."""
        if state is SessionState.ENDED:
            await self._media.end_session(session_id)
        else:
            await self._media.set_on_air(session_id, on=state is SessionState.LIVE)
        self.mark(session_id)

    async def place(self, room: AnyRoom, participant_id: ParticipantId) -> Place | Refusal:
        """Where a guest may send from now, and whether anybody gets it."""
        outcome = await room.act(SeatGuest(participant_id))
        if isinstance(outcome, Refusal):
            return outcome
        call = room.state.calling.of(participant_id)
        if call is None or call.seat is None:
            return Refusal("overloaded", "The stage has just changed; try again.", 1.0)
        return Place(GUEST_SEATS[call.seat], call.status is CallStatus.ON_AIR, call.muted)

    def _hear(self, event: MediaEvent) -> None:
        match event:
            case SeatPublishing():
                publisher = _Publisher(
                    participant_id=ParticipantId(event.participant_id),
                    audio=event.has_audio,
                    video=event.has_video,
                    since=self._clock.now(),
                )
                seats = self._publishers.setdefault(SessionId(event.session_id), {})
                seats[event.seat] = publisher
            case SeatSilent() | SeatResumed():
                seats = self._publishers.get(SessionId(event.session_id), {})
                if event.seat in seats:
                    silent = isinstance(event, SeatSilent)
                    seats[event.seat] = replace(seats[event.seat], silent=silent)
            case SeatFreed():
                self._publishers.get(SessionId(event.session_id), {}).pop(event.seat, None)
                log.info("A seat was freed", seat=event.seat, reason=event.reason)
            case SeatsSpeaking():
                self._speak(SessionId(event.session_id), event.seats)
                return
            case RecordingOpened() | RecordingClosed() | RecordingStopped():
                return  # app/recording.py listens to these
            case _:
                # The engine went or came back; its seats were freed by events of their own.
                log.warning("The media engine changed", event_type=type(event).__name__)
                return
        self.mark(SessionId(event.session_id))

    def spoken(self, session_id: SessionId, seats: tuple[Seat, ...] | None) -> None:
        """Have everyone of this node see who speaks."""
        for room in self._rooms.open_rooms():
            if room.id == session_id:
                room.crowd.speak(seats)

    def _speak(self, session_id: SessionId, seats: tuple[Seat, ...] | None) -> None:
        self.spoken(session_id, seats)
        self._nodes.order(Speaking(session_id, seats))

    def _opened(self, room: AnyRoom) -> None:
        room.follow(lambda committed: self._committed(room, committed))

    def _committed(self, room: AnyRoom, committed: Committed) -> None:
        """Who is put on air, muted or sent away is so in the engine too, wherever that is."""
        if any(isinstance(each.event, CallChanged) for each in committed.events):
            self.mark(room.id)
            if room.is_writer:
                self._nodes.order(StageMoved(room.id, room.state.session.state))

    def mark(self, session_id: SessionId) -> None:
        """Have the stage told again: it may show who is gone."""
        self._changed.add(session_id)
        self._news.set()

    async def _resume(self) -> None:
        for record in await self._directory.list_sessions():
            state = SessionState(record.state)
            if state is SessionState.LIVE:
                await self._media.set_on_air(record.id, on=True)
            if state in (SessionState.LIVE, SessionState.LOBBY):
                self.mark(record.id)

    async def _tell(self, session_id: SessionId) -> None:
        try:
            if self._elsewhere is not None and await self._elsewhere(session_id):
                return
            room = await self._rooms.get(session_id)
            if room is None:
                return
            await self._media.set_seats(session_id, _orders(room.state.calling))
            live = room.state.session.state is SessionState.LIVE
            publishers = self._publishers.get(session_id, {})
            seats = tuple(
                _seat(seat, publishers[seat], live=live) for seat in SEATS if seat in publishers
            )
            if len(publishers) < 2 and room.crowd.speaking is not None:
                self._speak(session_id, None)
            outcome = await room.act(SetStage(seats))
            if isinstance(outcome, Refusal) and outcome.code == "overloaded":
                await asyncio.sleep(RETRY_S)
                self.mark(session_id)
        except StoreUnavailable:
            log.warning("The stage could not be written down; trying again", session=session_id)
            await asyncio.sleep(RETRY_S)
            self.mark(session_id)


def _orders(calling: Calling) -> tuple[SeatOrder, ...]:
    """What the team has decided of each guest's seat."""
    orders = []
    for place, seat in GUEST_SEATS.items():
        call = calling.holder(place)
        if call is None:
            orders.append(SeatOrder(seat, None))
        else:
            on_air = call.status is CallStatus.ON_AIR
            orders.append(SeatOrder(seat, call.participant_id, on_air, call.muted))
    return tuple(orders)


def _seat(seat: Seat, publisher: _Publisher, *, live: bool) -> StageSeat:
    state = SeatState.PREVIEW
    if live:
        state = SeatState.SILENT if publisher.silent else SeatState.ON_AIR
    return StageSeat(
        seat=seat,
        participant_id=publisher.participant_id,
        state=state,
        audio=publisher.audio,
        video=publisher.video,
        since=publisher.since,
    )
