"""A copy follows what another node writes, and stands back while its own node does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from live.adapters.memory import MemoryDirectory, MemoryStore
from live.domain.commands import PersonCommand
from live.domain.decision import Verdict
from live.domain.decision_commands import Decide
from live.domain.ids import MessageId, ParticipantId, SessionId
from live.domain.message_commands import PostMessage
from live.domain.people import Role
from live.domain.subject import Subject
from live.ports.gate import OpenGate
from live.ports.store import Batch, RoomRecord
from live.room import copying
from live.room.copying import Copy
from live.room.feed import Draft, Page
from live.room.keys import Done
from live.room.ledger import Committed, Ledger
from live.room.loading import load_state
from live.room.references import messages_in_events
from live.room.room import Room
from live.room.settings import RoomSettings
from live.room.surroundings import Surroundings
from tests.support.rooms import SESSION, OwnClock, OwnEntropy, digest_of, person, session_record


class Pausing(MemoryStore):
    """A load of the room returns, with what it found, when the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.loads = asyncio.Event()
        self.loads.set()
        self.loaded = 0

    async def load_room(self, session_id: SessionId, *, recent_messages: int) -> RoomRecord | None:
        found = await super().load_room(session_id, recent_messages=recent_messages)
        self.loaded += 1
        await self.loads.wait()
        return found


class Pair:
    """A room that writes a session, and a copy of it over the same store."""

    def __init__(self, world: Surroundings, store: Pausing, own: Ledger, other: Ledger) -> None:
        self.store = store
        self.world = world
        self.pages: list[Page] = []
        self.told: list[int] = []
        self.untold: list[MessageId] = []
        self.ledger = other
        self.copy = Copy(other, world, lambda: None)
        self._draft = Draft(own.state)
        self._room = Room(own, world, wrote=self._wrote)
        self._said = 0
        other.listen(self._hear)

    def _wrote(self, batch: Batch) -> None:
        self._draft.add(batch)
        self.pages.append(self._draft.page("writer", 1, len(self.pages) + 1))

    def _hear(self, committed: Committed) -> None:
        self.told += [each.seq for each in committed.events]
        spoken_of = set(messages_in_events(committed.events))
        self.untold += [each for each in spoken_of if each not in self.ledger.state.messages]

    async def say(self) -> Page:
        """Somebody says something; the page that tells of it."""
        await self.do(PostMessage("a line"))
        return self.pages[-1]

    async def do(self, command: PersonCommand) -> Done:
        self._said += 1
        host, command_id = ParticipantId("host"), f"c{self._said}"
        done = await self._room.execute(host, command_id, digest_of(command), command)
        assert isinstance(done, Done)
        return done

    async def until(self, true: Callable[[], object]) -> None:
        for _ in range(1_000):
            if true():
                return
            await asyncio.sleep(0.005)
        raise AssertionError("it did not come to that")

    async def close(self) -> None:
        self.copy.close()
        await self._room.close()


@pytest.fixture
async def pair(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pair]:
    monkeypatch.setattr(copying, "HEAL_PAUSE_S", 0.0)
    monkeypatch.setattr(copying, "HEAL_EASE", 0.0)
    store = Pausing()
    await MemoryDirectory(store).add_session(session_record())
    world = Surroundings(store, OpenGate(), OwnClock(), OwnEntropy(), RoomSettings(window=20))
    ledgers = []
    for _ in range(2):
        state = await load_state(world, SESSION)
        assert state is not None
        state.put_participant(person("host", Role.HOST))
        ledgers.append(Ledger(state, world))
    made = Pair(world, store, *ledgers)
    yield made
    await made.close()


async def test_what_the_store_gives_never_takes_the_place_of_what_the_writer_holds(
    pair: Pair,
) -> None:
    stored = pair.ledger.head

    pair.copy.heal()  # begun as a copy, still on its way when this node becomes the writer
    pair.copy.rest()
    pair.ledger.state.head = stored + 8  # committed here, and not in what is being read
    pair.copy.heal()
    await pair.copy.read_again()
    await asyncio.sleep(0)
    assert pair.ledger.head == stored + 8

    pair.ledger.state.head = stored
    pair.copy.wake()
    await pair.copy.read_again()
    assert pair.ledger.head == stored


async def test_pages_that_come_while_the_store_is_read_are_taken_afterwards(pair: Pair) -> None:
    pair.copy.take(await pair.say())
    pair.store.loads.clear()
    pair.copy.heal()
    await pair.until(lambda: pair.store.loaded == 3)  # and what it found is old by now
    for _ in range(3):
        pair.copy.take(await pair.say())

    pair.store.loads.set()

    await pair.until(lambda: len(pair.told) == 4)
    assert pair.told == [1, 2, 3, 4]
    assert pair.store.loaded == 3


async def test_of_too_many_pages_that_wait_the_store_tells(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "MOST_WAITING", 2)
    pair.copy.take(await pair.say())
    pair.store.loads.clear()
    pair.copy.heal()
    await pair.until(lambda: pair.store.loaded == 3)
    for _ in range(5):
        pair.copy.take(await pair.say())

    pair.store.loads.set()

    await pair.until(lambda: len(pair.told) == 6)  # nothing more is said that would remind it
    assert pair.told == [1, 2, 3, 4, 5, 6]
    assert pair.store.loaded == 4


async def test_what_the_store_tells_speaks_of_nothing_that_is_not_there(pair: Pair) -> None:
    old = (await pair.do(PostMessage("old"))).result.message_id or MessageId("")
    for _ in range(60):
        await pair.say()
    await pair.do(Decide(Subject.message(old), 1, Verdict.REMOVE))

    pair.copy.heal()

    await pair.until(lambda: pair.told)
    assert pair.told[-1] == len(pair.told) > 61
    assert pair.untold == []

    await pair.say()
    pair.copy.heal()  # before hubs have sent what they were told

    await pair.until(lambda: pair.told[-1] == pair.pages[-1].upto)
    assert old in pair.ledger.state.messages
