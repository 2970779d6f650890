"""Whoever connects, resumes, reads slowly or changes sides, while whatever happens: each client
holds exactly what a fresh snapshot would give it, and never received what it may not know."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from live.adapters.memory import MemoryDirectory, MemoryStore
from live.domain.commands import (
    ChangeParticipant,
    ChangeState,
    EraseParticipant,
    SessionDetails,
    SetProfile,
    SetStage,
)
from live.domain.ids import ParticipantId
from live.domain.people import Role
from live.domain.session import SessionState
from live.domain.stage import Seat, SeatState
from live.domain.state import RoomState
from live.gateway.doorman import Admission
from live.gateway.gateway import FRESH, Gateway, resume
from live.gateway.hub import HubSettings
from live.gateway.snapshot import snapshot
from live.room.settings import RoomSettings
from live.room.surface import AnyRoom
from live.wire.codes import CloseCode
from tests.support.histories import CANARY, STAFF, VIEWERS, Chance, SpamGate
from tests.support.reducer import differences
from tests.support.rooms import NOW, House, digest_of, person, session_record
from tests.support.socket_fake import Client, FakeSocket
from tests.support.states import items_of

PEOPLE = VIEWERS + STAFF
ROLES = {"mod": Role.MODERATOR, "host": Role.HOST}


@dataclass
class Device:
    """A person's device: a client that outlives its connections."""

    who: ParticipantId
    client: Client
    socket: FakeSocket | None = None


@dataclass
class World:
    """A room, its gateway, and devices in front of it."""

    house: House
    gateway: Gateway
    rng: Random
    devices: list[Device] = field(default_factory=list)
    said: int = 0

    async def room(self) -> AnyRoom:
        return await self.house.room()

    def device(self, who: str) -> None:
        reader = ParticipantId(who)
        client = Client()
        client.watch = lambda payload: self.inspect(reader, payload)
        self.devices.append(Device(reader, client))

    def inspect(self, reader: ParticipantId, payload: bytes) -> None:
        """Called for every frame that anyone receives, in the step in which it was sent."""
        state = self.state
        if state.participants[reader].role.is_staff:
            return
        text = payload.decode()
        for secret in _secrets(state, reader):
            assert secret not in text, (reader, secret, text)
        for item in _objects(json.loads(payload)):
            if "author" in item:
                assert "segment" not in item["author"]
                assert "score" not in item
                assert "reasons" not in item or item["author"]["id"] == reader

    @property
    def state(self) -> RoomState:
        (room,) = self.house.rooms.open_rooms()
        return room.state

    async def connect(self, device: Device) -> None:
        """With what the client has from before, if it is lucky enough to find the room as it is."""
        room = await self.room()
        client = device.client
        came_back = FRESH
        if client.state is not None and self.rng.random() < 0.8:
            came_back = await resume(room, device.who, client.epoch, client.position)
        if not room.is_open:
            return
        device.socket = FakeSocket(client)
        self.gateway.enter(device.socket, Admission(room, device.who), came_back)

    def flush(self) -> None:
        for hub in list(self.gateway._hubs.values()):
            hub._rounds._begin()
            while hub._rounds.under_way:
                hub._rounds._slice()

    def sweep(self) -> None:
        for hub in list(self.gateway._hubs.values()):
            hub._sweep()
        self.flush()


def _secrets(state: RoomState, reader: ParticipantId) -> Iterator[str]:
    """Every text and name that this viewer may not know at this moment."""
    public = set[str]()
    hidden = set[str]()
    for item in items_of(state):
        seen = item.status.value not in {"pending", "refused", "removed", "dismissed"}
        known = seen or item.author_id == reader
        (public if known else hidden).add(state.text(item.content_id) or "")
        if seen:
            public.add(state.participants[item.author_id].display_name or "")
    for say in state.staff_says:
        hidden.add(state.text(say.content_id) or "")
    for report in state.reports:
        hidden.add(state.text(report.content_id) or "")
    for decision in state.decisions:
        hidden.add(state.text(decision.reason_id) or "")
    for pin in state.pins:
        public.add(state.text(pin.content_id) or "")
    for seat in state.seats:
        if seat.state is not SeatState.PREVIEW:
            public.add(state.participants[seat.participant_id].display_name or "")
    for someone in state.participants.values():
        if someone.id != reader:
            hidden.add(someone.display_name or "")
    own = state.participants[reader].display_name
    yield from (each for each in hidden - public - {own} if CANARY in each)


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


class Distinct(Chance):
    """As whoever asks at random, but no two texts and names are the same."""

    def __init__(self, world: World, room: AnyRoom) -> None:
        super().__init__(world.rng, room)
        world.said += 1
        if CANARY in self.text:
            self.text = f"{self.text} {world.said};"


async def _ask(world: World, command_id: str) -> None:
    rng = world.rng
    room = await world.room()
    chance = Distinct(world, room)
    who = rng.choice(PEOPLE)
    command = chance.staffs() if who in STAFF and rng.random() < 0.8 else chance.viewers()
    if isinstance(command, SetProfile) and command.display_name is not None:
        command = replace(command, display_name=f"{CANARY} {world.said}!")
    await room.execute(ParticipantId(who), command_id, digest_of(command), command)


async def _device(world: World) -> None:
    device = world.rng.choice(world.devices)
    socket = device.socket
    if socket is None or socket.disconnected:
        await world.connect(device)
    elif socket.closing or world.rng.random() < 0.3:
        socket.disconnect()
    elif socket.clogged:
        socket.drain()
    else:
        socket.clog()


async def _fate(world: World) -> None:
    rng, room = world.rng, await world.room()
    whom = ParticipantId(rng.choice(PEOPLE))
    match rng.randrange(9):
        case 0:
            world.gateway.stop()
            world.gateway = _gateway(world.house)
            for device in world.devices:
                if device.socket is not None:
                    assert device.socket.closed is not None or device.socket.disconnected
                    device.socket.disconnect()
            await world.house.reopen()
        case 1:
            world.house.clock.pass_s(rng.choice((0.1, 5.0, 400.0)))
            await room.settle()
        case 2:
            segment = rng.choice(("prospect", "customer", "ambassador"))
            await room.act(ChangeParticipant(whom, segment=segment))
        case 3:
            role = rng.choice((Role.VIEWER, Role.GUEST, Role.MODERATOR))
            await room.act(ChangeParticipant(whom, role=role))
        case 4:
            await room.act(ChangeParticipant(whom, display_name=f"{CANARY} {world.said}!"))
        case 5:
            states = rng.choices(list(SeatState), k=rng.randrange(3))
            seats = [Seat(f"s{n}", whom, each, True, True, NOW) for n, each in enumerate(states)]
            await room.act(SetStage(tuple(seats)))
        case 6:
            await room.act(SessionDetails(title=f"Title {world.said}"))
        case 7 if rng.random() < 0.3:
            await room.act(EraseParticipant(whom))
        case _:
            world.sweep()


def _gateway(house: House) -> Gateway:
    return Gateway(house.clock, HubSettings(digest_key=b"key"))


async def _run(rng: Random, length: int) -> None:
    store = MemoryStore()
    directory = MemoryDirectory(store)
    await directory.add_session(session_record(state="draft"))
    # A short memory, so that resuming also goes to the store, and beyond it.
    remembers = RoomSettings(gate_deadline_s=30.0, resume_events=rng.choice((40, 10_000)))
    house = House(store, directory, gate=SpamGate(), settings=remembers)
    for name in PEOPLE:
        role = ROLES.get(name, Role.VIEWER)
        await house.admit(person(name, role, display_name=f"{CANARY} {name}!"))
    world = World(house, _gateway(house), rng)
    for name in PEOPLE:
        world.device(name)
    world.device(VIEWERS[0])
    await (await world.room()).act(ChangeState(SessionState.LIVE))
    for step in range(length):
        happening = rng.random()
        if happening < 0.25:
            await _device(world)
        elif happening < 0.35:
            await _fate(world)
        else:
            await _ask(world, f"c{step}")
        if rng.random() < 0.4:
            world.flush()
        for device in world.devices:
            if device.client.failure is not None:
                raise device.client.failure
    await _check_the_end(world)
    world.gateway.stop()
    await house.rooms.close()


async def _check_the_end(world: World) -> None:
    world.house.clock.pass_s(1.0)
    room = await world.room()
    await room.settle()
    for device in world.devices:
        if device.socket is not None and device.socket.clogged and not device.socket.closing:
            device.socket.drain()
        if device.socket is None or device.socket.closing or device.socket.disconnected:
            if device.socket is not None:
                device.socket.disconnect()
            await world.connect(device)
    world.flush()
    for _ in range(5):
        world.sweep()
    for device in world.devices:
        assert device.socket is not None
        if device.socket.closed is CloseCode.BANNED:
            continue
        assert device.socket.closed is None
        assert device.client.failure is None
        assert device.client.position == room.head
        fresh = json.loads(msgspec.json.encode(snapshot(room.state, reader=device.who)))
        assert not differences(device.client.state, fresh), device.who


@given(seed=st.integers(0, 2**32 - 1), length=st.integers(1, 150))
@settings(max_examples=60, deadline=None)
def test_every_client_holds_what_a_fresh_snapshot_gives_and_nothing_else(
    seed: int, length: int
) -> None:
    asyncio.run(_run(Random(seed), length))
