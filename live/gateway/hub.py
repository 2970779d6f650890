"""The connections of one room: who comes, how they are told of what is committed, who is given up.

Each event is projected once per audience, encoded once and sent to all: that is the business of
``delivery``, and when it happens of ``rounds``. A reader who does not keep up is left out until its
buffer has drained, and then skipped ahead by a snapshot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec

from live.domain.events import Recorded
from live.domain.ids import ParticipantId
from live.domain.people_events import ParticipantChanged, SanctionSet
from live.domain.sanction import SanctionKind
from live.gateway.attending import Attending
from live.gateway.crush import Pace
from live.gateway.delivery import Delivery
from live.gateway.intake import Intake
from live.gateway.limits import Limits, Meter, Meters
from live.gateway.line import Line
from live.gateway.looking import Looking
from live.gateway.member import Member
from live.gateway.packets import Packet
from live.gateway.protocol import Protocol
from live.gateway.pulse import Pulse
from live.gateway.replay import PIECE_EVENTS, Replays
from live.gateway.rounds import Rounds
from live.gateway.snapshot import Snapshots
from live.gateway.views import audience_of
from live.gateway.volley import Volley
from live.ports.clock import Clock
from live.ports.store import StoreUnavailable
from live.room.ledger import Committed
from live.room.surface import AnyRoom
from live.wire.codes import CloseCode
from live.wire.frames import Reconnect

SWEEP_S: Final = 1.0
PING_EVERY_SWEEPS: Final = 20
SLOW_PATIENCE_S: Final = 15.0
_POSTPONE_S: Final = 0.02
_MOST_POSTPONED: Final = 6

_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class HubSettings:
    """What the hubs of one gateway share."""

    digest_key: bytes
    limits: Limits = field(default_factory=Limits)
    reconnect: Reconnect = field(default_factory=lambda: Reconnect(min_ms=500, max_ms=8000))
    meters: Meters = field(default_factory=Meters)
    attention: bool = False
    volley: Volley = field(default_factory=Volley)


@dataclass(slots=True)
class _Party:
    """One person here: all of their connections, and what they used of the limits."""

    meter: Meter
    members: tuple[Member, ...] = ()


class Hub:
    """All connections of one room. It lives as long as somebody is there or owes something; then
    ``emptied`` is called. Everything happens in the event loop, nothing blocks."""

    def __init__(
        self,
        room: AnyRoom,
        clock: Clock,
        settings: HubSettings,
        pace: Pace,
        emptied: Callable[[Hub], None],
    ) -> None:
        self.room = room
        self.now = clock.monotonic
        self._wall = clock.now
        self._settings = settings
        self._pace = pace
        self._emptied = emptied
        self._loop = asyncio.get_running_loop()
        self._parties: dict[ParticipantId, _Party] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._snapshots = Snapshots(room.state)
        self._replays = Replays(room)
        self._delivery = Delivery(room, self._parties, settings.volley)
        self._rounds = Rounds(self._round, self._start_again, session=room.slug)
        self.pulse = Pulse(room, clock, settings.reconnect, self._rounds.pulse)
        self.intake = Intake(lambda: self.present, session=room.slug)
        self._left: set[ParticipantId] = set()
        self._arrivals = 0
        self._sweeps = 0
        self._postponed = 0
        self._sweeper = self._loop.call_later(SWEEP_S, self._sweep)
        self._unlisten = room.listen(self._committed)
        self._unwatch = room.crowd.watch(self._rounds.pulse)
        self.looking = Looking(room, self._delivery.team)
        self.attending = Attending(room.crowd, on=settings.attention)

    # --- who is here

    @property
    def present(self) -> int:
        """People with a connection, here or at another node, however many each has."""
        return self.room.crowd.present

    @property
    def connections(self) -> int:
        return len(self._delivery)

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
        party = self._parties.get(participant_id)
        if party is None:
            meter = self._settings.meters.of(participant_id, self.now())
            party = self._parties[participant_id] = _Party(meter)
        protocol = Protocol(party.meter, self._settings.limits, self._settings.digest_key)
        member = Member(self, socket, participant_id, protocol)
        member.audience = audience_of(self.room.state, participant_id)
        self._arrivals += 1
        member.beat = self._arrivals
        if not party.members:
            self.room.crowd.came(participant_id)
            self._left.discard(participant_id)
            self.pulse.people_changed()
        party.members += (member,)
        self._delivery.add(member)
        self._hello(member, missed, since)
        socket.attach(member)
        self._listen_to(member)
        if missed is not None:
            member.resuming = True
            self._replays.send(member, missed)

    def leave(self, member: Member) -> None:
        """Forget a connection that is gone."""
        self._delivery.remove(member)
        party = self._parties.get(member.participant_id)
        if party is None or member not in party.members:
            return
        party.members = tuple(each for each in party.members if each is not member)
        self.attending.left(member.participant_id, id(member))
        if not party.members:
            self.room.crowd.left(member.participant_id)
            self._left.add(member.participant_id)
            self.pulse.left(member.participant_id)

    def evict(self, participant_id: ParticipantId, code: CloseCode, reason: str) -> None:
        """End all connections of one person."""
        party = self._parties.get(participant_id)
        for member in party.members if party is not None else ():
            self.leave(member)
            member.socket.close(code, reason)

    def stop(self, code: CloseCode) -> None:
        """End all connections and all that is under way."""
        self._unlisten()
        self._unwatch()
        self.looking.stop()
        self._sweeper.cancel()
        self._rounds.stop()
        for person in self._parties:
            self.evict(person, code, "")
        self.intake.stop()
        for task in self._tasks:
            task.cancel()

    def retry_after_s(self, participant_id: ParticipantId) -> float | None:
        """When to ask again, while this process is too late with what it has taken; None where a
        command is taken. The team's always is: they are few, and may be what ends the rush."""
        return None if participant_id in self.room.state.staff else self._pace.retry_after_s

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Own a task until it is done."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- what they are told

    def catch_up(self, member: Member) -> None:
        """Send a snapshot to a reader that was left out and has drained; one that resumes and did
        not take it all at once gets the next piece."""
        if member.skipped:
            self._resync(member, "slow")
        elif member.resuming:
            self.run(self._resume(member))

    def _hello(self, member: Member, missed: Sequence[Recorded] | None, since: int) -> None:
        reader, resumed = member.participant_id, missed is not None
        reconnect = _ENCODER.encode(self.pulse.reconnect)
        hello = self._snapshots.hello(
            self.room.epoch, reader, reconnect, self.pulse.frame(), resumed=resumed
        )
        member.position = since if resumed else self.room.head
        member.socket.expect(len(hello.plain))
        member.socket.emit(hello)
        if member.audience.staff:
            self.looking.greet(member.socket)

    async def _resume(self, member: Member) -> None:
        """Go on where the last piece ended."""
        socket = member.socket
        while member.resuming and member.slow_since is None and not socket.disconnected:
            try:
                missed = await self.room.history(member.position, PIECE_EVENTS)
            except StoreUnavailable:
                missed = None
            if missed is None or member.skipped:
                self._resync(member, "slow")
            else:
                self._replays.send(member, missed)

    def _resync(self, member: Member, reason: Literal["slow", "audience"]) -> None:
        packet = self._snapshots.replacement(self.room.epoch, member.participant_id, reason)
        member.position = self.room.head
        member.skipped = member.resuming = False
        member.socket.expect(len(packet.plain))
        member.socket.emit(packet)
        if member.audience.staff:
            self.looking.greet(member.socket)

    # --- commits

    def _committed(self, committed: Committed) -> None:
        self._delivery.take(committed.events)
        if any(_is_ban(each) for each in committed.events):
            self._evict_banned()
        regrouped = set(committed.audience)
        if any(is_erasure(each) for each in committed.events):
            # What an erased person said to the team, reported or gave as a reason has no event of
            # its own that would take it away: the team starts again without it.
            regrouped |= self._parties.keys() & self.room.state.staff
        for participant_id in regrouped:
            self._regroup(participant_id)
        if regrouped:
            self.looking.tell()
        if committed.tallies:
            self.pulse.tapped()
        if committed.events:
            self._rounds.events()

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
            self._delivery.remove(member)
            member.audience = audience_of(self.room.state, participant_id)
            self._delivery.add(member)
            self._listen_to(member)
            if member.slow_since is None:
                self._resync(member, "audience")
            else:
                member.skipped = True  # a snapshot follows when it has drained

    def _listen_to(self, member: Member) -> None:
        """The audience is read together; the team waits for nobody."""
        if not member.is_held:
            member.socket.heed(None if member.audience.staff else self.intake.listening)

    # --- the round

    def _round(self, *, pulse: bool) -> Iterator[None]:
        return self._delivery.round(self.pulse.frame() if pulse else None)

    def _start_again(self) -> None:
        """Some have these events and some have not: all come back for what is true."""
        self._delivery.drop()
        for person in self._parties:
            self.evict(person, CloseCode.RESTART, "")

    # --- the sweep

    def _sweep(self) -> None:
        """Once a second: pings, holes in ``seq``, readers that are too slow, people who left."""
        if self.room.stopped.is_set():
            self.stop(CloseCode.MOVED)
            self._emptied(self)
            return
        if self._rounds.under_way and self._postponed < _MOST_POSTPONED:
            self._postponed += 1  # a message is on its way to everyone: pings have time
            self._sweeper = self._loop.call_later(_POSTPONE_S, self._sweep)
            return
        self._postponed = 0
        self._sweeps += 1
        if self._sweeps % PING_EVERY_SWEEPS == 0:
            self._replays.rest()
        self._delivery.sweep()
        now = self.now()
        behind = False
        for member in self._delivery:
            behind = self._look_after(member, now) or behind
        if behind:
            self._rounds.events()
        self.pulse.sweep()
        self._tell_curve()
        self._forget(now)
        if self._parties or self._tasks or not self.intake.is_empty:
            self._sweeper = self._loop.call_later(SWEEP_S, self._sweep)
        else:
            self._unlisten()
            self._unwatch()
            self.looking.stop()
            self.intake.stop()
            self._emptied(self)

    def _tell_curve(self) -> None:
        """Have the team see what moved."""
        team = self._delivery.team()
        frame = self.pulse.curve() if team else None
        if frame is not None:
            self._settings.volley.send(Packet(frame), team)

    def _forget(self, now: float) -> None:
        """Who left and owes nothing of the limits."""
        for person in [each for each in self._left if self._parties[each].meter.idle(now)]:
            self._left.discard(person)
            del self._parties[person]

    def _look_after(self, member: Member, now: float) -> bool:
        """Ping it, or give it up; whether it has to be passed over a hole."""
        if member.slow_since is not None:
            if now - member.slow_since > SLOW_PATIENCE_S:
                member.socket.close(CloseCode.TOO_SLOW, "too slow")
            return False
        if (self._sweeps + member.beat) % PING_EVERY_SWEEPS == 0:
            if member.unheard >= 2:
                member.socket.abort()
                return False
            member.unheard += 1
            member.socket.ping()
        return self._delivery.is_behind(member)


def _is_ban(recorded: Recorded) -> bool:
    event = recorded.event
    return isinstance(event, SanctionSet) and event.kind is SanctionKind.BAN and not event.lifted


def is_erasure(recorded: Recorded) -> bool:
    """Whether a person was forgotten by this."""
    return isinstance(recorded.event, ParticipantChanged) and recorded.event.erased
