"""People with devices in front of a gateway, and the watch over what they receive.

What they send and get are the bytes of the wire; the house behind is one over memory whose commits
may fail. Each client holds what it was told and checks the contract's promises on the way; nobody's
frame may hold what its reader may not know at that moment.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from live.adapters.memory import MemoryDirectory
from live.domain.announcement import AnnouncementStatus, variant_for
from live.domain.commands import PersonCommand
from live.domain.filing import contents_of
from live.domain.ids import ContentId, ParticipantId, QuestionId
from live.domain.people import Role
from live.domain.runshow import programme, words_of
from live.domain.sanction_commands import SettleReport
from live.domain.session import SessionState
from live.domain.session_commands import ChangeState
from live.domain.stage import SeatState
from live.domain.state import RoomState
from live.domain.wording import wording
from live.gateway.doorman import Admission
from live.gateway.gateway import FRESH, Gateway, resume
from live.gateway.hub import HubSettings
from live.gateway.snapshot import snapshot
from live.room.replay import replayed
from live.room.settings import RoomSettings
from live.room.surface import AnyRoom
from live.wire import commands as wire
from live.wire.codes import CloseCode
from tests.support.histories import CANARY, STAFF, VIEWERS, FragileMemory, SpamGate
from tests.support.polls import said_in_polls
from tests.support.reducer import differences
from tests.support.rooms import SESSION, House, person, session_record
from tests.support.slow import all_that_can_happen
from tests.support.socket_fake import Client, FakeSocket, Json
from tests.support.socket_server import UNLIMITED
from tests.support.states import difference, items_of

PEOPLE = VIEWERS + STAFF
ROLES = {"mod": Role.MODERATOR, "host": Role.HOST}


@dataclass
class Device:
    """A person's device: a client that outlives its connections, and all it ever sent."""

    who: ParticipantId
    client: Client
    socket: FakeSocket | None = None

    @property
    def is_connected(self) -> bool:
        socket = self.socket
        return socket is not None and not socket.disconnected and not socket.closing


@dataclass
class World:
    """A room, its gateway, and devices in front of it."""

    house: House
    gateway: Gateway
    store: FragileMemory
    devices: list[Device] = field(default_factory=list)
    sent: dict[tuple[ParticipantId, str], Json] = field(default_factory=dict)
    acked: dict[tuple[ParticipantId, str], int | None] = field(default_factory=dict)
    latest: RoomState | None = None

    @classmethod
    async def opened(cls, *, resume_events: int) -> World:
        """A live session; everyone has a device, one of them two. A short memory makes resuming
        reach into the store, and beyond it."""
        store = FragileMemory()
        directory = MemoryDirectory(store)
        await directory.add_session(session_record(state="draft"))
        remembers = RoomSettings(gate_deadline_s=30.0, resume_events=resume_events)
        house = House(store, directory, gate=SpamGate(), settings=remembers)
        for name in PEOPLE:
            role = ROLES.get(name, Role.VIEWER)
            await house.admit(person(name, role, display_name=f"{CANARY} {name}!"))
        world = cls(house, _gateway(house), store)
        for name in (*PEOPLE, VIEWERS[0]):
            world.device(name)
        await (await world.room()).act(ChangeState(SessionState.LIVE))
        return world

    async def close(self) -> None:
        self.gateway.stop()
        await self.house.rooms.close()

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
        """Of the room that is open, or was until a commit went wrong."""
        for room in self.house.rooms.open_rooms():
            self.latest = room.state
        assert self.latest is not None
        return self.latest

    async def connect(self, device: Device, *, anew: bool = False) -> None:
        """With what the client has from before, unless it begins anew; and if it is lucky enough to
        find the room as it is."""
        room = await self.room()
        client = device.client
        came_back = FRESH
        if client.state is not None and not anew:
            came_back = await resume(room, device.who, client.epoch, client.position)
        if not room.is_open:
            return
        device.socket = FakeSocket(client)
        self.gateway.enter(device.socket, Admission(room, device.who), came_back)

    def send(self, device: Device, frame: Json) -> None:
        """A frame as the device writes it; kept, to be sent again. A socket that the server has
        stopped reading takes none."""
        if device.socket is None or not device.is_connected or device.socket.held:
            return
        self.sent.setdefault((device.who, frame["id"]), frame)
        device.socket.say(**frame)

    async def restart(self) -> None:
        """The process ends and another one begins, on the same store."""
        self.gateway.stop()
        self.gateway = _gateway(self.house)
        for device in self.devices:
            if device.socket is not None:
                assert device.socket.closed is not None or device.socket.disconnected
                device.socket.disconnect()
        await self.house.reopen()

    def check(self) -> None:
        """No client was told anything wrong, and every repetition got the answer of the first."""
        for device in self.devices:
            if device.client.failure is not None:
                raise device.client.failure
            for command_id, answer in device.client.answers.items():
                if answer["t"] == "ack" and command_id is not None:
                    known = self.acked.setdefault((device.who, command_id), answer["seq"])
                    assert known == answer["seq"], (device.who, command_id)

    async def check_the_end(self) -> None:
        """Everyone comes back and holds what a fresh snapshot gives; the log folds to the state;
        nothing that was acknowledged is missing, nothing was done twice."""
        self.store.failure = None
        self.house.clock.pass_s(1.0)
        for _ in range(
            2
        ):  # a room whose last commit was left open finds out, and another one opens
            await (await self.room()).settle()
        room = await self.room()
        self.sweep()
        await all_that_can_happen()
        for device in self.devices:
            if device.is_connected and device.socket is not None and device.socket.clogged:
                device.socket.drain()
            if not device.is_connected:
                if device.socket is not None:
                    device.socket.disconnect()
                await self.connect(device)
        self.flush()
        for _ in range(5):
            self.sweep()
        await all_that_can_happen()
        self.check()
        for device in self.devices:
            assert device.socket is not None
            if device.socket.closed is CloseCode.BANNED:
                continue
            assert device.socket.closed is None
            assert device.client.position == room.head
            fresh = json.loads(msgspec.json.encode(snapshot(room.state, reader=device.who)))
            assert not differences(device.client.state, fresh), device.who
        await self._check_the_store(room)

    async def _check_the_store(self, room: AnyRoom) -> None:
        events = await self.store.events(SESSION, after=0, limit=100_000)
        assert [each.seq for each in events] == list(range(1, room.head + 1))
        record = await self.store.load_room(SESSION, recent_messages=5_000)
        assert record is not None
        differs = difference(replayed(record, record.contents, events), room.state)
        assert not differs, differs
        for (who, command_id), seq in self.acked.items():
            key = await self.store.find_key(SESSION, who, command_id)
            assert key is not None, (who, command_id)
            assert key.seq == seq
        texts = [room.state.text(each.content_id) for each in room.state.messages.values()]
        posted = [text for text in texts if text is not None and CANARY in text]
        assert len(posted) == len(set(posted)), "one command took effect twice"

    def flush(self, *, most: int | None = None) -> None:
        """Send what there is, in a round; or the first so many portions of it."""
        for hub in list(self.gateway._hubs.values()):
            hub._rounds._begin()
            sent = 1
            while hub._rounds.under_way and (most is None or sent < most):
                hub._rounds._slice()
                sent += 1

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
        if seen and state.shared_answer(QuestionId(item.id)) is None:
            public.add(state.participants[item.author_id].display_name or "")
    said = [each.content_id for each in state.staff_says]
    said += [each.content_id for each in state.reports]
    hidden.update(state.text(content_id) or "" for content_id in said)
    for decision in state.decisions:
        hidden.add(state.text(decision.reason_id) or "")
    for told, content_id in _between_team_and_people(state, reader):
        (public if told else hidden).add(state.text(content_id) or "")
    for told, text in (
        *_announced(state, reader),
        *_planned(state),
        *_answered(state, reader),
        *said_in_polls(state, reader),
    ):
        (public if told else hidden).add(text)
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


def _announced(state: RoomState, reader: ParticipantId) -> Iterator[tuple[bool, str]]:
    """What the team tells cohorts, and whether this reader's is told it."""
    person, default = state.participants[reader], state.session.languages[0]
    for each in state.announcements.values():
        own = variant_for(each.variants, person.segment, person.language, default)
        active = each.status is AnnouncementStatus.ACTIVE
        for variant in each.variants:
            said = wording(state, variant)
            if said is not None:
                yield active and variant is own, said.text


def _planned(state: RoomState) -> Iterator[tuple[bool, str]]:
    """What the parts of the show say, and whether viewers see it now."""
    seen = [part.id for part in programme(state) or () if part is not None]
    for part in state.parts.values():
        words = words_of(state, part)
        if words is not None:
            yield from ((part.id in seen, title) for title in words.titles.values())
            yield from ((False, text) for text in (words.goal, words.script))


def _answered(state: RoomState, reader: ParticipantId) -> Iterator[tuple[bool, str]]:
    """What the team said to something in writing, and whether this viewer knows of it."""
    for subject, settled in state.settled.items():
        item = state.find(subject)
        mine = item is not None and item.author_id == reader
        for content_id in settled.contents:
            yield mine or state.is_public(subject), state.text(content_id) or ""


def _between_team_and_people(
    state: RoomState, reader: ParticipantId
) -> Iterator[tuple[bool, ContentId | None]]:
    """What lies between the team and one person, and whether this reader may know it."""
    for paper in state.papers.values():
        told = paper.for_both and paper.participant_id == reader
        told = told or state.shared_answer(QuestionId(paper.about or "")) == paper
        yield from ((told, content_id) for content_id in contents_of(paper))
    for sanction in state.sanctions.values():
        yield sanction.participant_id == reader, sanction.reason_id


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


def _gateway(house: House) -> Gateway:
    return Gateway(house.clock, HubSettings(digest_key=b"key", limits=UNLIMITED))


_TYPES = {command.__name__: name for name, command in wire.COMMANDS.items()}


def frame_of(command: PersonCommand, command_id: str) -> Json:
    """What a client would send for this command."""
    name = _TYPES[type(command).__name__]
    fields = {each.name: each.encode_name for each in msgspec.structs.fields(wire.COMMANDS[name])}
    given = {key: value for key, value in msgspec.to_builtins(command).items() if value is not None}
    if given.pop("to_host", False):
        given["to"] = "host"
    if isinstance(command, SettleReport):
        given["outcome"] = "acted" if given.pop("acted") else "unfounded"
    if "levels" in given:
        given["dial"] = given.pop("levels")
    if "variants" in given:
        given["variants"] = [
            {key: value for key, value in each.items() if value is not None}
            for each in given["variants"]
        ]
    if "poll" in given:
        given["poll"] = _without_nulls(given["poll"])
    data = {fields[key]: value for key, value in given.items()}
    return {"id": command_id, "type": name, "data": data}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value
