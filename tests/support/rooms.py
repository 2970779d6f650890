"""A running room with people in it, on a clock and a chance that the test owns."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from live.adapters.memory import MemoryDirectory, MemoryStore
from live.domain.commands import PersonCommand
from live.domain.ids import ParticipantId, SessionId
from live.domain.outcome import Refusal
from live.domain.people import Participant, Role
from live.ports.gate import Gate, OpenGate
from live.ports.store import CredentialRecord, Directory, SessionRecord, Store
from live.room.keys import Done
from live.room.rooms import Rooms
from live.room.settings import RoomSettings
from live.room.step import Outcome
from live.room.surface import AnyRoom
from live.room.surroundings import Surroundings

NOW = datetime(2026, 5, 4, 18, 30, tzinfo=UTC)
SESSION = SessionId("session-1")


@dataclass
class OwnClock:
    """Time passes when the test says so; the wall's clock may be ``wall_jump_s`` off besides."""

    elapsed_s: float = 0.0
    wall_jump_s: float = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.elapsed_s + self.wall_jump_s)

    def monotonic(self) -> float:
        return 1_000.0 + self.elapsed_s

    def pass_s(self, seconds: float) -> None:
        self.elapsed_s += seconds


@dataclass
class OwnEntropy:
    """Identifiers that count: ``i1``, ``i2`` …"""

    given: int = 0

    def new_id(self) -> str:
        self.given += 1
        return f"i{self.given}"

    def salt(self) -> bytes:
        return b"sixteen bytes of"


def session_record(**changes: Any) -> SessionRecord:
    record = SessionRecord(
        id=SESSION, slug="spring", title="Spring", state="live", epoch="e1", created_at=NOW
    )
    return replace(record, **changes)


def person(name: str, role: Role = Role.VIEWER, **changes: Any) -> Participant:
    participant = Participant(
        id=ParticipantId(name),
        session_id=SESSION,
        person_id=None,
        role=role,
        segment="general",
        language="en",
        display_name=name.title(),
        joined_at=NOW,
    )
    return replace(participant, **changes)


def digest_of(command: PersonCommand) -> bytes:
    return hashlib.blake2b(repr(command).encode(), digest_size=16).digest()


@dataclass
class House:
    """Rooms over a memory store unless another is given. ``ask`` sends a command under a fresh id
    unless one is given; ``reopen`` is a restart."""

    store: Store
    directory: Directory
    gate: Gate = field(default_factory=OpenGate)
    settings: RoomSettings = field(default_factory=lambda: RoomSettings(gather_s=0))
    clock: OwnClock = field(default_factory=OwnClock)
    entropy: OwnEntropy = field(default_factory=OwnEntropy)
    sent: int = 0

    def __post_init__(self) -> None:
        self.rooms = self._rooms()

    def _rooms(self) -> Rooms:
        return Rooms(
            Surroundings(self.store, self.gate, self.clock, self.entropy, self.settings),
            sweep_every_s=3600.0,
        )

    async def room(self) -> AnyRoom:
        room = await self.rooms.get(SESSION)
        if room is None:
            raise LookupError(SESSION)
        return room

    async def admit(self, participant: Participant) -> None:
        credential = CredentialRecord(
            token_hash=hashlib.sha256(participant.id.encode()).digest(),
            session_id=SESSION,
            participant_id=participant.id,
            created_at=NOW,
        )
        await self.directory.add_participant(participant, credential)
        (await self.room()).admit(participant)

    async def ask(
        self, who: str, command: PersonCommand, command_id: str | None = None
    ) -> Done | Refusal:
        """As a connection does: without a task of its own where that will do."""
        self.sent += 1
        room = await self.room()
        giver, name = ParticipantId(who), command_id or f"c{self.sent}"
        landed: asyncio.Future[Done | Refusal] = asyncio.get_running_loop().create_future()

        def told(outcome: Outcome) -> None:
            if landed.done():  # who asked has given up
                return
            if isinstance(outcome, Exception):
                landed.set_exception(outcome)
            else:
                landed.set_result(outcome)

        if room.take(giver, name, digest_of(command), command, told):
            return await landed
        return await room.execute(giver, name, digest_of(command), command)

    async def do(self, who: str, command: PersonCommand, command_id: str | None = None) -> Done:
        """As ``ask``, for what must not be refused."""
        outcome = await self.ask(who, command, command_id)
        assert isinstance(outcome, Done), outcome
        return outcome

    async def refused(self, who: str, command: PersonCommand) -> Refusal:
        """As ``ask``, for what must be refused."""
        outcome = await self.ask(who, command)
        assert isinstance(outcome, Refusal), outcome
        return outcome

    async def reopen(self) -> AnyRoom:
        await self.rooms.close()
        self.rooms = self._rooms()
        return await self.room()


async def open_house(
    *people: Participant,
    gate: Gate | None = None,
    settings: RoomSettings | None = None,
    **session: object,
) -> House:
    store = MemoryStore()
    directory = MemoryDirectory(store)
    await directory.add_session(session_record(**session))
    settings = settings or RoomSettings(gather_s=0)
    house = House(store, directory, gate=gate or OpenGate(), settings=settings)
    for participant in people or (
        person("ada"),
        person("bob"),
        person("mod", Role.MODERATOR),
        person("host", Role.HOST),
    ):
        await house.admit(participant)
    return house
