"""What is true of a session on this node, whoever wrote it: state, latest events, who listens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from live.domain.events import Recorded
from live.domain.ids import ParticipantId, SessionId
from live.domain.people_events import ParticipantChanged
from live.domain.state import RoomState
from live.domain.value import dataclass
from live.room.codec import recorded
from live.room.loading import load_spoken_of
from live.room.log import EventLog
from live.room.surroundings import Surroundings

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Committed:
    """What one batch made true. ``events`` may be empty (taps only: ``tallies``). ``audience`` are
    the participants whose role, segment or language changed: they need a new snapshot."""

    events: tuple[Recorded, ...]
    head: int
    audience: frozenset[ParticipantId]
    tallies: bool


Listener = Callable[[Committed], None]


class Ledger:
    """Committed state, to be read within one loop step, and the way to hear what changes it.

    Who writes (a room's writer, or news from another node) changes ``state`` and says so by
    ``tell``, in one loop step.
    """

    def __init__(self, state: RoomState, world: Surroundings) -> None:
        self.state = state
        self._world = world
        settings = world.settings
        self._log = EventLog(
            state.head,
            least=settings.resume_events,
            young_s=settings.resume_s,
            most=settings.remembered_events,
        )
        self._listeners: list[Listener] = []
        self._followers: list[Listener] = []
        self._used_at = world.clock.monotonic()
        self._reading = asyncio.Lock()

    @property
    def id(self) -> SessionId:
        return self.state.session.id

    @property
    def head(self) -> int:
        """The ``seq`` of the last event, 0 before the first."""
        return self.state.head

    @property
    def is_heard(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

    @property
    def unused_s(self) -> float:
        """For how long nobody has asked anything; 0 while somebody listens."""
        return 0.0 if self._listeners else self._world.clock.monotonic() - self._used_at

    @property
    def told(self) -> int:
        """The ``seq`` up to which everyone who listens was told."""
        return self._log.head

    def latest(self, most: int) -> Sequence[Recorded]:
        """The last events that everyone was told and that are in memory, oldest first."""
        return self._log.after(max(self._log.begins, self.told - most), most) or ()

    def replace(self, fresh: RoomState, missed: Sequence[Recorded]) -> None:
        """Be at ``fresh``, which ``missed`` (all after ``told``) lead to, and tell everyone. Who
        was let in since it was read stays."""
        for participant_id, participant in self.state.participants.items():
            if participant_id not in fresh.participants:
                fresh.put_participant(participant)
        self.state.become(fresh)
        self.tell(missed, tallies=True)

    def touch(self) -> None:
        """Note that somebody asks."""
        self._used_at = self._world.clock.monotonic()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Be called right after every commit, in the loop step in which it becomes visible, before
        the command's own caller goes on; returns the way to stop. A listener must not block."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)
            self.touch()

        return stop

    def tell(self, events: Sequence[Recorded], *, tallies: bool) -> None:
        """``state`` has just become what these events make of it: remember them, tell everyone."""
        self._log.extend(events, self._world.clock.now())
        if not events and not tallies:
            return
        committed = Committed(
            events=tuple(events),
            head=self.head,
            audience=frozenset(
                each.event.participant_id
                for each in events
                if isinstance(each.event, ParticipantChanged) and each.event.audience
            ),
            tallies=tallies,
        )
        for listener in (*self._listeners, *self._followers):
            try:
                listener(committed)
            except Exception:
                logger.exception("a listener failed", extra={"session": self.state.session.slug})

    def follow(self, listener: Listener) -> None:
        """As ``listen``, for as long as this lives; it is no reason to keep the room open."""
        self._followers.append(listener)

    async def recorded(self, after: int, limit: int) -> Sequence[Recorded]:
        """The events after ``after``, at most ``limit``, oldest first, however long ago. Raises
        ``StoreUnavailable``."""
        known = self._log.after(after, limit)
        if known is not None:
            return known
        found = await self._world.store.events(self.id, after=after, limit=limit)
        return [recorded(each) for each in found if each.seq <= self.head]

    async def history(self, after: int, limit: int) -> Sequence[Recorded] | None:
        """The events after ``after``, at most ``limit``, oldest first; None where a snapshot has to
        serve instead: too far back, or ahead of this log. All that they refer to is in ``state``
        until the next loop step. Raises ``StoreUnavailable``."""
        self.touch()
        if not 0 <= after <= self.head:
            return None
        events: Sequence[Recorded] | None = self._log.after(after, limit)
        if events is None:
            events = await self._older(after, limit)
            if events is None:
                return None
        await load_spoken_of(self._world, self.state, events)
        return events

    async def past(self, after: int, limit: int) -> Sequence[Recorded]:
        """As ``recorded``, and all that the events refer to is in ``state`` until the next loop
        step."""
        self.touch()
        events = await self.recorded(after, limit)
        await load_spoken_of(self._world, self.state, events)
        return events

    async def _older(self, after: int, limit: int) -> Sequence[Recorded] | None:
        """Read what is in memory no more, or not yet again. After a restart everyone asks for the
        same at once: who waited finds that it has been read."""
        async with self._reading:
            known = self._log.after(after, limit)
            if known is not None:
                return known
            if not await self._reaches_back_to(after):
                return None
            missing = min(limit, self._log.begins - after)
            found = await self._world.store.events(self.id, after=after, limit=missing)
            if not found:
                return None
            events = [recorded(each) for each in found]
            self._log.precede(events)
        known = self._log.after(after, limit)
        return events if known is None else known

    async def _reaches_back_to(self, after: int) -> bool:
        settings = self._world.settings
        if self.head - after <= settings.resume_events:
            return True
        found = await self._world.store.events(self.id, after=after, limit=1)
        if not found:
            return False
        return (self._world.clock.now() - found[0].at).total_seconds() <= settings.resume_s
