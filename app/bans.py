"""Bans are carried out on every node: what a banned person has open ends, also in other sessions
where the ban holds for the brand, and the doors know them.

Brand bans lie in the documents of the sessions they were set in; who they are against is kept in
memory, for it is asked at every door.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from app import logs
from app.leaving import Leaving
from app.nodes import BansChanged, Nodes
from live.adapters.sql.database import Database
from live.adapters.sql.tables import participants, sessions
from live.domain.events import Recorded
from live.domain.ids import ParticipantId, PersonId, SessionId
from live.domain.people_events import SanctionSet
from live.domain.sanction import Sanction, SanctionKind, Scope
from live.domain.sanction_commands import Sanctioned
from live.ports.clock import Clock
from live.ports.store import StoreUnavailable
from live.room.codec import decode_document
from live.room.ledger import Committed
from live.room.rooms import Rooms
from live.room.surface import AnyRoom

RELOAD_S: Final = 60.0
"""What another node ordered and the bus lost is known after so long."""

log = logs.get("causerie.bans")


@dataclass(frozen=True, slots=True)
class BrandBan:
    """One ban of the brand, where it was set or carried to."""

    session_id: SessionId
    participant_id: ParticipantId
    until: datetime | None

    def holds(self, now: datetime) -> bool:
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class _Change:
    """A ban was set or lifted in a session that this node writes."""

    room: AnyRoom
    event: SanctionSet
    person_id: PersonId | None


class Bans:
    """Carries bans out, and tells whom the brand has banned."""

    def __init__(
        self, database: Database, rooms: Rooms, leaving: Leaving, clock: Clock, nodes: Nodes
    ) -> None:
        self._database = database
        self._rooms = rooms
        self._leaving = leaving
        self._clock = clock
        self._nodes = nodes
        self._banned: Mapping[PersonId, tuple[BrandBan, ...]] = {}
        # One a person and session, the latest: no more than there are people.
        self._changes: dict[tuple[SessionId, ParticipantId], _Change] = {}
        self._orders = False
        self._news = asyncio.Event()
        rooms.on_open(lambda room: room.follow(lambda news: self._hear(room, news)))

    def of(self, person_id: PersonId | None) -> BrandBan | None:
        """The ban of the brand that holds against a person now."""
        if person_id is None or not self._banned:
            return None
        now = self._clock.now()
        return next((each for each in self._banned.get(person_id, ()) if each.holds(now)), None)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self._work()
            except StoreUnavailable:
                log.warning("Bans could not be read; trying again")
                await asyncio.sleep(1.0)

    async def load(self) -> None:
        """Read whom the brand has banned. Raises ``StoreUnavailable``."""
        self._banned = await self._database.read(_banned)

    def reload(self) -> None:
        """Read it again soon, and show out whom it names: another node ordered it."""
        self._orders = True
        self._news.set()

    async def _work(self) -> None:
        await self._take_in()
        while True:
            try:
                async with asyncio.timeout(RELOAD_S):
                    await self._news.wait()
            except TimeoutError:
                self._orders = True
            self._news.clear()
            if self._orders:
                self._orders = False
                await self._take_in()
            while self._changes:
                key, change = next(iter(self._changes.items()))
                await self._carry_out(change)
                # What came for the same person meanwhile is another one, and its turn comes.
                if self._changes.get(key) is change:
                    del self._changes[key]

    def _hear(self, room: AnyRoom, committed: Committed) -> None:
        """Only the node that writes a session acts on what is decided there."""
        if not room.is_writer:
            return
        for recorded in committed.events:
            event = _ban_in(recorded)
            if event is not None:
                person = room.state.participants[event.participant_id].person_id
                self._changes[room.id, event.participant_id] = _Change(room, event, person)
                self._news.set()

    async def _carry_out(self, change: _Change) -> None:
        room, event = change.room, change.event
        people = _same_person(room, event.participant_id)
        if not event.lifted:
            for participant_id in people:
                await self._leaving.show_out(room.id, participant_id)
        await self._leaving.banned(people, banned=not event.lifted)
        if event.scope is not Scope.BRAND or change.person_id is None:
            return
        if event.lifted:
            await self._lift(change.person_id)
        await self._take_in()
        self._nodes.order(BansChanged())

    async def _lift(self, person_id: PersonId) -> None:
        """Wherever else it was carried to."""
        for ban in self._banned.get(person_id, ()):
            room = await self._rooms.get(ban.session_id)
            if room is not None:
                await room.act(
                    Sanctioned(ban.participant_id, SanctionKind.BAN, self._clock.now(), Scope.BRAND)
                )

    async def _take_in(self) -> None:
        """Read it again, and end on this node what the banned have open."""
        await self.load()
        for room in self._rooms.open_rooms() if self._banned else ():
            present = list(room.state.participants.values())
            for participant in present:
                if not participant.role.is_staff and self.of(participant.person_id):
                    await self._leaving.show_out_here(room.id, participant.id)


def _ban_in(recorded: Recorded) -> SanctionSet | None:
    event = recorded.event
    if isinstance(event, SanctionSet) and event.kind is SanctionKind.BAN:
        return event
    return None


def _same_person(room: AnyRoom, participant_id: ParticipantId) -> list[ParticipantId]:
    """Everyone in the session who is this person."""
    banned = room.state.participants[participant_id]
    if banned.person_id is None:
        return [participant_id]
    everyone = room.state.participants.values()
    return [each.id for each in everyone if each.person_id == banned.person_id]


def _banned(connection: Connection) -> dict[PersonId, tuple[BrandBan, ...]]:
    """By person, out of the documents that speak of a ban of the brand."""
    speaks = select(sessions.c.id, sessions.c.document).where(
        sessions.c.document.like('%"scope":"brand"%')
    )
    found: dict[ParticipantId, BrandBan] = {}
    for row in connection.execute(speaks):
        for each in decode_document(row.document.encode()).sanctions:
            if _of_brand(each):
                ban = BrandBan(SessionId(row.id), each.participant_id, each.until)
                found[each.participant_id] = ban
    people = select(participants.c.id, participants.c.person_id).where(
        participants.c.id.in_(list(found)), participants.c.person_id.is_not(None)
    )
    banned: dict[PersonId, tuple[BrandBan, ...]] = {}
    for row in connection.execute(people) if found else ():
        person = PersonId(row.person_id)
        banned[person] = (*banned.get(person, ()), found[ParticipantId(row.id)])
    return banned


def _of_brand(sanction: Sanction) -> bool:
    return sanction.kind is SanctionKind.BAN and sanction.scope is Scope.BRAND
