"""The fan-out of one room: each event projected once per audience, encoded once, sent to all.

When that happens is the business of ``rounds``, what is sent that of ``news``. A reader who does
not keep up is left out until its buffer has drained, and then skipped ahead by a snapshot.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from live.domain.commands import ReactionKind
from live.domain.events import ParticipantChanged, Recorded, SanctionSet
from live.domain.ids import ParticipantId
from live.domain.sanction import SanctionKind
from live.gateway.attending import Attending
from live.gateway.crush import Pace, spread
from live.gateway.curves import Curves
from live.gateway.intake import Intake
from live.gateway.limits import Limits, Meter, Meters
from live.gateway.line import Line
from live.gateway.looking import Looking
from live.gateway.member import Member
from live.gateway.news import News
from live.gateway.packets import Packet
from live.gateway.protocol import Protocol
from live.gateway.replay import PIECE_EVENTS, Replays
from live.gateway.rounds import Rounds
from live.gateway.snapshot import Snapshots
from live.gateway.views import Audience, audience_of
from live.gateway.volley import Volley
from live.ports.clock import Clock
from live.ports.store import StoreUnavailable
from live.room.ledger import Committed
from live.room.surface import AnyRoom
from live.wire import shapes, snapshot_shapes
from live.wire.codes import CloseCode
from live.wire.frames import PulseFrame, Reconnect
from live.wire.pulse import CurveTick

SWEEP_S: Final = 1.0
PING_EVERY_SWEEPS: Final = 20
SLOW_PATIENCE_S: Final = 15.0
TYPING_S: Final = 6.0
_POSTPONE_S: Final = 0.02
_MOST_POSTPONED: Final = 6
_HOLE_SWEEPS: Final = 3
"""An invisible event is passed over, in an empty frame, when it is 3 to 4 s old: within 5 s."""

PORTION: Final = 64
"""Connections that are sent to before the time is looked at."""

_NOWHERE: Final = -1

_MANY: Final = 1_000
_COUNT_SWEEPS: Final = 3
"""Among so many, one more or less is told so many sweeps later at most."""

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
        self._groups: dict[Audience, set[Member]] = {}
        self._parties: dict[ParticipantId, _Party] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._snapshots = Snapshots(room.state)
        self._replays = Replays(room)
        self._rounds = Rounds(self._round, self._start_again, session=room.slug)
        self._news = News(room, self._parties)
        self._curves = Curves(room.state, clock.now)
        self.intake = Intake(lambda: self.present, session=room.slug)
        self._flushed = room.head
        self._passed_over = 0
        self._tallied: dict[shapes.ReactionKind, int] | None = None
        self._typing: dict[ParticipantId, float] = {}
        self._left: set[ParticipantId] = set()
        self._uncounted = False
        self._sweeps = 0
        self._postponed = 0
        self._heads: deque[int] = deque(maxlen=_HOLE_SWEEPS)
        self._sweeper = self._loop.call_later(SWEEP_S, self._sweep)
        self._unlisten = room.listen(self._committed)
        self._unwatch = room.crowd.watch(self._rounds.pulse)
        self.looking = Looking(room, self._team)
        self.attending = Attending(room.crowd, on=settings.attention)

    # --- who is here

    @property
    def present(self) -> int:
        """People with a connection, here or at another node, however many each has."""
        return self.room.crowd.present

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
        party = self._parties.get(participant_id)
        if party is None:
            meter = self._settings.meters.of(participant_id, self.now())
            party = self._parties[participant_id] = _Party(meter)
        protocol = Protocol(party.meter, self._settings.limits, self._settings.digest_key)
        member = Member(self, socket, participant_id, protocol)
        member.audience = audience_of(self.room.state, participant_id)
        member.beat = self._sweeps + len(self._parties)
        if not party.members:
            self.room.crowd.came(participant_id)
            self._left.discard(participant_id)
            self._tell_how_many()
        party.members += (member,)
        self._group(member)
        self._hello(member, missed, since)
        socket.attach(member)
        self._listen_to(member)
        if missed is not None:
            member.resuming = True
            self._replays.send(member, missed)

    def leave(self, member: Member) -> None:
        """Forget a connection that is gone."""
        self._ungroup(member)
        party = self._parties.get(member.participant_id)
        if party is None or member not in party.members:
            return
        party.members = tuple(each for each in party.members if each is not member)
        self.attending.left(member.participant_id, id(member))
        if not party.members:
            self.room.crowd.left(member.participant_id)
            self._left.add(member.participant_id)
            self._typing.pop(member.participant_id, None)
            self._tell_how_many()

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

    def typing(self, participant_id: ParticipantId, *, on: bool) -> None:
        """Count someone as typing for a few seconds, or no more."""
        before = len(self._typing)
        if on:
            self._typing[participant_id] = self.now() + TYPING_S
        else:
            self._typing.pop(participant_id, None)
        if len(self._typing) != before:
            self._rounds.pulse()

    def _hello(self, member: Member, missed: Sequence[Recorded] | None, since: int) -> None:
        reader, resumed = member.participant_id, missed is not None
        reconnect = _ENCODER.encode(self._reconnect)
        hello = self._snapshots.hello(
            self.room.epoch, reader, reconnect, self._pulse(), resumed=resumed
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
        self._news.add(committed.events)
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
            self._tallied = None
            self._rounds.pulse()
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
            self._ungroup(member)
            member.audience = audience_of(self.room.state, participant_id)
            self._group(member)
            self._listen_to(member)
            if member.slow_since is None:
                self._resync(member, "audience")
            else:
                member.skipped = True  # a snapshot follows when it has drained

    def _team(self) -> list[Line]:
        """The team's connections that keep up."""
        teams = (members for audience, members in self._groups.items() if audience.staff)
        return [each.socket for members in teams for each in members if each.slow_since is None]

    def _listen_to(self, member: Member) -> None:
        """The audience is read together; the team waits for nobody."""
        if not member.is_held:
            member.socket.heed(None if member.audience.staff else self.intake.listening)

    def _group(self, member: Member) -> None:
        self._groups.setdefault(member.audience, set()).add(member)

    def _ungroup(self, member: Member) -> None:
        members = self._groups.get(member.audience)
        if members is not None:
            members.discard(member)
            if not members:
                del self._groups[member.audience]

    # --- the round

    def _round(self, *, pulse: bool) -> Iterator[None]:
        """Send to everyone in turn, in portions, what there is when their turn comes."""
        began_at = self.room.head
        self._news.go_with(self._pulse() if pulse else None, self._passed_over)
        turns = [(audience, list(members)) for audience, members in self._groups.items()]
        for audience, members in turns:
            for start in range(0, len(members), PORTION):
                self._send(members[start : start + PORTION], audience)
                yield
        self._news.forget(began_at)
        self._flushed = began_at

    def _send(self, members: Sequence[Member], audience: Audience) -> None:
        common, personal = self._news.batch(audience), self._news.personal()
        send, lines = self._settings.volley.send, list[Line]()
        place = _NOWHERE
        told: tuple[Packet | None, int] = (None, _NOWHERE)
        for member in members:
            if member.resuming or (member.audience is not audience and member.audience != audience):
                continue  # who became another since has a snapshot of now
            position = member.position
            batch = common
            if personal and personal.get(member.participant_id, 0) > position:
                batch = self._news.own(member.participant_id, position, staff=audience.staff)
            if member.slow_since is not None:
                member.skipped = member.skipped or batch.has_news(position)
                continue
            if position != place or batch is not common:  # seldom: most are at the same place
                if told[0] is not None:
                    send(told[0], lines)
                    lines = []
                told = batch.after(position)
                place = position if batch is common else _NOWHERE
            packet, member.position = told
            if packet is not None:
                lines.append(member.socket)
        if told[0] is not None:
            send(told[0], lines)

    def _start_again(self) -> None:
        """Some have these events and some have not: all come back for what is true."""
        self._news.forget(self.room.head)
        for person in self._parties:
            self.evict(person, CloseCode.RESTART, "")

    # --- the pulse

    def _pulse(self, curve: list[CurveTick] | UnsetType = UNSET) -> bytes:
        crowd = self.room.crowd
        crowd.typing_here(len(self._typing))
        if self._tallied is None:
            self._tallied = _tallied(self.room.state.reactions.items())
        speaking = UNSET if crowd.speaking is None else list(crowd.speaking)
        data = snapshot_shapes.Pulse(crowd.present, self._tallied, crowd.typing, curve, speaking)
        told = self._reconnect
        reconnect = UNSET if told is self._settings.reconnect else told
        return _ENCODER.encode(PulseFrame(data=data, reconnect=reconnect))

    @property
    def _reconnect(self) -> Reconnect:
        """How the people of this node should come back, should they all have to at once."""
        return spread(self._settings.reconnect, self.room.crowd.here)

    def _tell_how_many(self) -> None:
        """Have everyone told how many are here: soon, or where that changes all the time, every
        three seconds."""
        if len(self._parties) < _MANY:
            self._rounds.pulse()
        else:
            self._uncounted = True

    def _tell_curve(self) -> None:
        """Have the team see what moved."""
        team = self._team()
        curve = self._curves.news() if team else []
        if curve:
            packet = Packet(self._pulse(curve))
            for socket in team:
                socket.emit(packet)

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
        self._passed_over = self._heads[0] if len(self._heads) == _HOLE_SWEEPS else 0
        self._heads.append(self._flushed)
        now = self.now()
        behind = False
        for members in list(self._groups.values()):
            for member in list(members):
                behind = self._look_after(member, now) or behind
        if behind:
            self._rounds.events()
        if self._uncounted and self._sweeps % _COUNT_SWEEPS == 0:
            self._uncounted = False
            self._rounds.pulse()
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

    def _forget(self, now: float) -> None:
        """Who has stopped typing; who left and owes nothing of the limits."""
        stopped = [each for each, until in self._typing.items() if until <= now]
        for participant_id in stopped:
            del self._typing[participant_id]
        if stopped:
            self._rounds.pulse()
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
        return member.position < self._passed_over and not member.resuming


def _tallied(
    reactions: Iterable[tuple[tuple[str, str], int]],
) -> dict[shapes.ReactionKind, int]:
    """The totals of all segments together."""
    totals: dict[shapes.ReactionKind, int] = {kind.value: 0 for kind in ReactionKind}
    for (kind, _), count in reactions:
        totals[ReactionKind(kind).value] += count
    return totals


def _is_ban(recorded: Recorded) -> bool:
    event = recorded.event
    return isinstance(event, SanctionSet) and event.kind is SanctionKind.BAN and not event.lifted


def is_erasure(recorded: Recorded) -> bool:
    """Whether a person was forgotten by this."""
    return isinstance(recorded.event, ParticipantChanged) and recorded.event.erased
