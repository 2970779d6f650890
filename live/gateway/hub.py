"""The fan-out of one room: each event projected once per audience, encoded once, sent to all.

A commit is told at once when nothing was sent lately; under load, frames go out together at most
every 25 ms, or slower where one round of sending takes longer than that. A reader who does not keep
up is left out until its buffer has drained, and then skipped ahead by a snapshot.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec

from live.domain.commands import ReactionKind
from live.domain.events import ParticipantChanged, Recorded, SanctionSet
from live.domain.ids import ParticipantId
from live.domain.sanction import SanctionKind
from live.gateway.batch import Batch, events_frame
from live.gateway.limits import Limits, Meter
from live.gateway.line import Line
from live.gateway.member import Member
from live.gateway.packets import Packet
from live.gateway.projection import Projection, concerned
from live.gateway.protocol import Protocol
from live.gateway.snapshot import Snapshots
from live.gateway.views import Audience, audience_of
from live.ports.clock import Clock
from live.room.room import Committed, Room
from live.wire import shapes
from live.wire.codes import CloseCode
from live.wire.frames import PulseFrame, Reconnect

logger = logging.getLogger(__name__)

TICK_S: Final = 0.025
PULSE_S: Final = 0.25
SWEEP_S: Final = 1.0
PING_EVERY_SWEEPS: Final = 20
SLOW_PATIENCE_S: Final = 15.0
TYPING_S: Final = 6.0
_HOLE_SWEEPS: Final = 3
"""An invisible event is passed over, in an empty frame, when it is 3 to 4 s old: within 5 s."""

_REST: Final = 1.5
"""A round of sending that took t is followed by the next one 1.5 t after its start, so that a third
of the time stays for reading, however large the audience."""

_FRAME_EVENTS: Final = 200
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class HubSettings:
    """What the hubs of one gateway share."""

    digest_key: bytes
    limits: Limits = field(default_factory=Limits)
    reconnect: Reconnect = field(default_factory=lambda: Reconnect(min_ms=500, max_ms=8000))


@dataclass(slots=True)
class _Party:
    """One person here: all of their connections, and what they used of the limits."""

    meter: Meter = field(default_factory=Meter)
    members: set[Member] = field(default_factory=set)
    typing_until: float = 0.0


class Hub:
    """All connections of one room. It lives as long as somebody is there or owes something; then
    ``emptied`` is called. Everything happens in the event loop, nothing blocks."""

    def __init__(
        self, room: Room, clock: Clock, settings: HubSettings, emptied: Callable[[Hub], None]
    ) -> None:
        self.room = room
        self.now = clock.monotonic
        self._wall = clock.now
        self._settings = settings
        self._emptied = emptied
        self._loop = asyncio.get_running_loop()
        self._groups: dict[Audience, set[Member]] = {}
        self._parties: dict[ParticipantId, _Party] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._snapshots = Snapshots(room.state)
        self._reconnect = _ENCODER.encode(settings.reconnect)
        self._pending: list[Recorded] = []
        self._flushed = room.head
        self._flush_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._pulse_at = 0.0
        self._pulse_due = False
        self._typing = 0
        self._sweeps = 0
        self._stopped = False
        self._heads: deque[int] = deque(maxlen=_HOLE_SWEEPS)
        self._sweeper = self._loop.call_later(SWEEP_S, self._sweep)
        self._unlisten = room.listen(self._committed)

    # --- who is here

    @property
    def present(self) -> int:
        """People with a connection, however many each has."""
        return sum(1 for party in self._parties.values() if party.members)

    @property
    def connections(self) -> int:
        return sum(len(members) for members in self._groups.values())

    def join(
        self,
        socket: Line,
        participant_id: ParticipantId,
        missed: Sequence[Recorded] | None,
        since: int,
    ) -> None:
        """Say hello and take the connection in, in one loop step.

        ``missed`` are all events after ``since`` up to the room's head, for a client that resumes;
        None gives it a snapshot.
        """
        party = self._parties.setdefault(participant_id, _Party())
        protocol = Protocol(party.meter, self._settings.limits, self._settings.digest_key)
        member = Member(self, socket, participant_id, protocol)
        member.audience = audience_of(self.room.state, participant_id)
        member.beat = self._sweeps + len(self._parties)
        self._hello(member, missed, since)
        self._pulse_due = self._pulse_due or not party.members
        party.members.add(member)
        self._groups.setdefault(member.audience, set()).add(member)
        socket.emit(Packet(self._pulse()))
        socket.attach(member)
        self._schedule()

    def leave(self, member: Member) -> None:
        """Forget a connection that is gone."""
        self._ungroup(member)
        party = self._parties.get(member.participant_id)
        if party is None or member not in party.members:
            return
        party.members.discard(member)
        if not party.members:
            party.typing_until = 0.0
            self._pulse_due = True
            self._schedule()

    def evict(self, participant_id: ParticipantId, code: CloseCode, reason: str) -> None:
        """End all connections of one person."""
        party = self._parties.get(participant_id)
        for member in list(party.members) if party is not None else ():
            self.leave(member)
            member.socket.close(code, reason)

    def stop(self, code: CloseCode) -> None:
        """End all connections and all that is under way."""
        self._unlisten()
        self._sweeper.cancel()
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for person in self._parties:
            self.evict(person, code, "")
        for task in self._tasks:
            task.cancel()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Own a task until it is done."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- what they are told

    def catch_up(self, member: Member) -> None:
        """Send a snapshot to a reader that was left out and has drained."""
        if member.position < self._flushed:
            self._resync(member, "slow")

    def typing(self, participant_id: ParticipantId, *, on: bool) -> None:
        """Count someone as typing for a few seconds, or no more."""
        self._parties[participant_id].typing_until = self.now() + TYPING_S if on else 0.0
        self._recount_typing()

    def _hello(self, member: Member, missed: Sequence[Recorded] | None, since: int) -> None:
        reader, resumed = member.participant_id, missed is not None
        hello = self._snapshots.hello(self.room.epoch, reader, self._reconnect, resumed=resumed)
        member.position = since if resumed else self.room.head
        member.socket.expect(len(hello))
        member.socket.emit(Packet(hello))
        if missed is not None:
            self._replay(member, missed)

    def _replay(self, member: Member, missed: Sequence[Recorded]) -> None:
        """Send what a resuming client missed, in frames of bounded size."""
        projection = Projection(
            self.room.state, staff=member.audience.staff, reader=member.participant_id
        )
        for start in range(0, len(missed), _FRAME_EVENTS):
            part = missed[start : start + _FRAME_EVENTS]
            packet = Batch(projection.project(part), part[-1].seq).after(member.position)
            if packet is not None:
                member.socket.emit(packet)
                member.position = part[-1].seq

    def _resync(self, member: Member, reason: Literal["slow", "audience"]) -> None:
        frame = self._snapshots.replacement(self.room.epoch, member.participant_id, reason)
        member.position = self.room.head
        member.socket.expect(len(frame))
        member.socket.emit(Packet(frame))

    # --- commits

    def _committed(self, committed: Committed) -> None:
        self._pending.extend(committed.events)
        self._pulse_due = self._pulse_due or committed.tallies
        if any(_is_ban(each) for each in committed.events):
            self._evict_banned()
        regrouped = set(committed.audience)
        if any(is_erasure(each) for each in committed.events):
            # What an erased person said to the team, reported or gave as a reason has no event of
            # its own that would take it away: the team starts again without it.
            regrouped |= self._parties.keys() & self.room.state.staff
        for participant_id in regrouped:
            self._regroup(participant_id)
        self._schedule(at_once=True)

    def _evict_banned(self) -> None:
        state, now = self.room.state, self._wall()
        for participant_id in list(self._parties):
            if state.is_banned(state.participants[participant_id], now):
                self.evict(participant_id, CloseCode.BANNED, "banned")

    def _regroup(self, participant_id: ParticipantId) -> None:
        """A person belongs to another audience now: they get what it has, and nothing else."""
        party = self._parties.get(participant_id)
        for member in party.members if party is not None else ():
            if member.socket.closing:
                continue
            self._ungroup(member)
            member.audience = audience_of(self.room.state, participant_id)
            self._groups.setdefault(member.audience, set()).add(member)
            if member.slow_since is None:
                self._resync(member, "audience")
            else:
                member.position = -1  # whatever it misses, a snapshot follows when it has drained

    def _ungroup(self, member: Member) -> None:
        members = self._groups.get(member.audience)
        if members is not None:
            members.discard(member)
            if not members:
                del self._groups[member.audience]

    # --- the tick

    def _schedule(self, *, at_once: bool = False) -> None:
        """Have the next round of sending when it is due; now, if that is allowed and due."""
        if not (self._pending or self._pulse_due) or self._stopped:
            return
        now = self._loop.time()
        due = self._flush_at if self._pending else max(self._flush_at, self._pulse_at)
        if due <= now and at_once:
            self._flush()
        elif self._timer is None or due < self._timer_at:
            if self._timer is not None:
                self._timer.cancel()
            self._timer_at = due  # uvloop's handles do not tell
            self._timer = self._loop.call_at(due, self._flush)

    def _flush(self) -> None:
        """Send what is pending; the next round is due a tick later, or when this one has rested."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        started = self._loop.time()
        recorded, self._pending = self._pending, []
        pulse = None
        if self._pulse_due and self._pulse_at <= started:
            pulse = self._pulse()
            self._pulse_due = False
            self._pulse_at = started + PULSE_S
        self._flush_at = started + TICK_S
        try:
            self._fan_out(recorded, pulse)
        except Exception:
            # Some have these events and some have not: all of them start again from what is true.
            # The room, in whose step this may be, goes on.
            logger.exception("the fan-out failed", extra={"session": self.room.slug})
            for person in self._parties:
                self.evict(person, CloseCode.RESTART, "")
        self._flushed = self.room.head
        # The loop writes to the kernel after this step: the next step knows how long it took.
        self._loop.call_soon(self._flushed_since, started)

    def _flushed_since(self, started: float) -> None:
        took = self._loop.time() - started
        self._flush_at = started + max(TICK_S, _REST * took)
        self._pulse_at = max(self._pulse_at, started + 10 * took)
        self._schedule()

    def _fan_out(self, recorded: Sequence[Recorded], pulse: bytes | None) -> None:
        state, upto = self.room.state, self.room.head
        alone = concerned(state, recorded) & self._parties.keys()
        pulse_alone = None if pulse is None else Packet(pulse)
        # Nothing here depends on a cohort yet, so the team and the others are all there is.
        batches: dict[bool, Batch] = {}
        for audience, members in self._groups.items():
            batch = batches.get(audience.staff)
            if batch is None:
                events = Projection(state, staff=audience.staff).project(recorded)
                batch = batches[audience.staff] = Batch(events, upto, pulse)
            others = members
            if alone:
                others = {each for each in members if each.participant_id not in alone}
            _send(others, batch, pulse_alone)
        for participant_id in alone:
            for member in self._parties[participant_id].members:
                if member.socket.closing:
                    continue
                own = Projection(state, staff=member.audience.staff, reader=participant_id)
                _send((member,), Batch(own.project(recorded), upto, pulse), pulse_alone)

    # --- the pulse

    def _pulse(self) -> bytes:
        totals: dict[shapes.ReactionKind, int] = {kind.value: 0 for kind in ReactionKind}
        for (kind, _), count in self.room.state.reactions.items():
            totals[ReactionKind(kind).value] += count
        data = shapes.Pulse(present=self.present, reactions=totals, typing=self._typing)
        return _ENCODER.encode(PulseFrame(data=data))

    def _recount_typing(self) -> None:
        now = self.now()
        typing = sum(1 for party in self._parties.values() if party.typing_until > now)
        if typing != self._typing:
            self._typing = typing
            self._pulse_due = True
            self._schedule()

    # --- the sweep

    def _sweep(self) -> None:
        """Once a second: pings, holes in ``seq``, readers that are too slow, people who left."""
        if self.room.stopped.is_set():
            self.stop(CloseCode.MOVED)
            self._emptied(self)
            return
        self._sweeps += 1
        passed_over = self._heads[0] if len(self._heads) == _HOLE_SWEEPS else 0
        self._heads.append(self._flushed)
        now = self.now()
        for members in list(self._groups.values()):
            for member in list(members):
                self._look_after(member, passed_over, now)
        self._recount_typing()
        for person in [p for p, party in self._parties.items() if not party.members]:
            if self._parties[person].meter.idle(now):
                del self._parties[person]
        if self._parties or self._tasks:
            self._sweeper = self._loop.call_later(SWEEP_S, self._sweep)
        else:
            self._unlisten()
            self._emptied(self)

    def _look_after(self, member: Member, passed_over: int, now: float) -> None:
        if member.slow_since is not None:
            if now - member.slow_since > SLOW_PATIENCE_S:
                member.socket.close(CloseCode.TOO_SLOW, "too slow")
            return
        if member.position < passed_over:
            member.socket.emit(Packet(events_frame(member.position, self._flushed)))
            member.position = self._flushed
        if (self._sweeps + member.beat) % PING_EVERY_SWEEPS == 0:
            if member.unheard >= 2:
                member.socket.abort()
                return
            member.unheard += 1
            member.socket.ping()


def _send(members: Iterable[Member], batch: Batch, pulse: Packet | None) -> None:
    for member in members:
        if member.slow_since is not None:
            continue
        packet = batch.after(member.position)
        if packet is not None:
            member.position = batch.upto
            member.socket.emit(packet)
        elif pulse is not None:
            member.socket.emit(pulse)


def _is_ban(recorded: Recorded) -> bool:
    event = recorded.event
    return isinstance(event, SanctionSet) and event.kind is SanctionKind.BAN and not event.lifted


def is_erasure(recorded: Recorded) -> bool:
    """Whether a person was forgotten by this."""
    return isinstance(recorded.event, ParticipantChanged) and recorded.event.erased
