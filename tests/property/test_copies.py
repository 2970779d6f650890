"""What the nodes of a session hold is the same, whatever is asked where and whatever gets lost."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from live.adapters.bus.memory import Exchange, MemoryBus
from live.adapters.memory import MemoryDirectory, MemoryStore
from live.domain.ids import ParticipantId
from live.domain.message_commands import PostMessage
from live.domain.outcome import Refusal
from live.domain.people import Role
from live.domain.session import SessionState
from live.domain.session_commands import ChangeState
from live.ports.lease import Lease
from live.ports.store import Batch, StaleWriter
from live.room.cluster import Cluster
from live.room.feed import Page, decode_news
from live.room.keys import Done
from live.room.ledger import Committed
from live.room.settings import RoomSettings
from live.room.shared import SAY_AGAIN_S, TICK_S, SharedRoom
from live.room.surroundings import Surroundings
from tests.support.histories import STAFF, VIEWERS, Chance, SpamGate
from tests.support.leases import MemoryLeases, Table
from tests.support.rooms import SESSION, OwnClock, OwnEntropy, digest_of, person, session_record
from tests.support.states import difference


class LossyBus(MemoryBus):
    """Loses the next ``losing`` messages that it should publish."""

    losing = 0

    def publish(self, topic: str, payload: bytes) -> None:
        if self.losing:
            self.losing -= 1
        else:
            super().publish(topic, payload)


class StaleStore(MemoryStore):
    """Refuses the next batch as that of a stale writer, if it ``refuses``."""

    refuses = False

    async def commit(self, batch: Batch) -> None:
        if self.refuses:
            self.refuses = False
            raise StaleWriter("as if its last commit had happened without its knowledge")
        await super().commit(batch)


@dataclass
class Node:
    """One node, and what a reader there is told."""

    bus: LossyBus
    leases: MemoryLeases
    room: SharedRoom
    clock: OwnClock
    told: list[int] = field(default_factory=list)
    hear_no_more: Callable[[], None] = field(default=lambda: None)

    def hear(self, committed: Committed) -> None:
        self.told += [each.seq for each in committed.events]


@asynccontextmanager
async def nodes_of(count: int, store: MemoryStore | None = None) -> AsyncIterator[list[Node]]:
    """Several nodes over one store, the session live, someone listening at each."""
    store = store or MemoryStore()
    directory = MemoryDirectory(store)
    await directory.add_session(session_record(state="draft"))
    patience = RoomSettings(gate_deadline_s=30.0, retry_after_s=0.05)
    clock = OwnClock()
    world = Surroundings(store, SpamGate(), clock, OwnEntropy(), patience)
    exchange, table, made = Exchange(), Table(store), []
    clusters = []
    for _ in range(count):
        bus = LossyBus(exchange)
        await bus.start()
        leases = MemoryLeases(table, bus.node)
        cluster = Cluster(world, bus, leases)
        clusters.append(cluster)
        room = await cluster.open(SESSION)
        assert room is not None
        made.append(Node(bus, leases, room, clock))
        made[-1].hear_no_more = room.listen(made[-1].hear)
    yield made
    for node, cluster in zip(made, clusters, strict=True):
        await node.room.close(patience_s=0)
        await cluster.close()
        await node.bus.close()


async def settled(nodes: list[Node]) -> None:
    """Let the nodes look at the database and say who is there, as they do each second, until they
    hold the same."""
    for _ in range(400):
        nodes[0].clock.pass_s(SAY_AGAIN_S)
        for node in nodes:
            node.room.stand((await node.leases.survey([SESSION]))[SESSION])
            node.room.say_who_is_here()
        await asyncio.sleep(0.01)
        first, *others = nodes
        if not any(difference(first.room.state, other.room.state) for other in others):
            return
    found = [difference(nodes[0].room.state, other.room.state) for other in nodes[1:]]
    raise AssertionError(f"the nodes do not hold the same: {found}")


async def live_through(rng: Random, length: int) -> None:
    async with nodes_of(2) as nodes:
        await admit_all(nodes[0])
        await settled(nodes)
        assert not isinstance(await nodes[1].room.act(ChangeState(SessionState.LIVE)), Refusal)
        for step in range(length):
            node = rng.choice(nodes)
            if rng.random() < 0.1:
                node.bus.losing = rng.randint(1, 3)
            chance = Chance(rng, node.room)
            staff = rng.random() < 0.4
            who = ParticipantId(rng.choice(STAFF if staff else VIEWERS))
            command = chance.staffs() if staff else chance.viewers()
            await node.room.execute(who, f"c{step}", digest_of(command), command)
            if rng.random() < 0.1:
                await settled(nodes)
        for node in nodes:
            node.bus.losing = 0
        await settled(nodes)
        head = nodes[0].room.head
        for node in nodes:
            assert node.told == list(range(1, head + 1)), "each event once, in order"


async def admit_all(node: Node) -> None:
    for name in VIEWERS:
        node.room.admit(person(name))
    node.room.admit(person("mod", Role.MODERATOR))
    node.room.admit(person("host", Role.HOST))
    await asyncio.sleep(0)


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32 - 1), length=st.integers(1, 60))
def test_nodes_hold_the_same_and_tell_each_event_once(seed: int, length: int) -> None:
    asyncio.run(live_through(Random(seed), length))


async def test_a_dead_writer_is_followed_by_a_node_that_has_readers() -> None:
    async with nodes_of(2) as nodes:
        await admit_all(nodes[0])
        writer = next(node for node in nodes if node.room.is_writer)
        other = next(node for node in nodes if node is not writer)
        await settled(nodes)

        writer.leases.table.alive.discard(writer.bus.node)
        writer.bus.losing = 1_000_000
        for _ in range(200):
            other.room.stand((await other.leases.survey([SESSION]))[SESSION])
            await asyncio.sleep(0.01)
            if other.room.is_writer:
                break

        assert other.room.is_writer


async def test_a_node_that_stops_hands_over_at_once() -> None:
    async with nodes_of(2) as nodes:
        writer, other = await ready(nodes)

        await writer.room.close()

        for _ in range(100):  # neither time passes nor does anybody look at the database
            await asyncio.sleep(0)
        assert other.room.is_writer


async def test_a_lease_left_by_a_room_that_is_gone_stands_in_nobodys_way() -> None:
    async with nodes_of(2) as nodes:
        writer, other = await ready(nodes)
        held = writer.leases.table.held[SESSION, "room"]

        await writer.room.close()
        # As if the database had been away when it let go.
        writer.leases.table.held[SESSION, "room"] = Lease(writer.bus.node, held.term)

        assert isinstance(await posted(other), Done)


async def test_a_writer_that_stopped_where_nobody_listens_goes_on_when_it_is_asked() -> None:
    store = StaleStore()
    async with nodes_of(2, store) as nodes:
        writer, other = await ready(nodes)
        writer.hear_no_more()
        store.refuses = True

        refused = await posted(other)
        assert isinstance(refused, Refusal)
        assert refused.code == "overloaded"

        assert isinstance(await posted(other), Done)


async def test_however_much_is_said_one_message_a_tick_tells_the_other_nodes() -> None:
    async with nodes_of(2) as nodes:
        writer, other = await ready(nodes)
        loop, pages = asyncio.get_running_loop(), list[Page]()

        def hear(payload: bytes) -> None:
            news = decode_news(payload)
            assert isinstance(news, Page), "taps and lines are told in pages"
            pages.append(news)

        await other.bus.subscribe(f"session:{SESSION}", hear)
        began_at, began_s = writer.room.head, loop.time()
        said = [asyncio.create_task(posted(nodes[n % 2], f"c{n}")) for n in range(100)]
        assert all(isinstance(each, Done) for each in await asyncio.gather(*said))
        await settled_at(other, writer.room.head)

        assert len(pages) <= 2 + (loop.time() - began_s) / TICK_S
        assert max(len(page.events) for page in pages) > 1
        assert [(page.after, page.upto) for page in pages] == list(
            itertools.pairwise([began_at, *(page.upto for page in pages)])
        )
        assert pages[-1].upto == writer.room.head == began_at + 100


async def settled_at(node: Node, head: int) -> None:
    """Let the node hear everything up to there, by pages alone."""
    for _ in range(2_000):
        if node.room.head >= head:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"it hears nothing more at {node.room.head} of {head}")


async def ready(nodes: list[Node]) -> tuple[Node, Node]:
    """The node that writes the session, and another; both know the people, the session is live."""
    await admit_all(nodes[0])
    await settled(nodes)
    assert not isinstance(await nodes[0].room.act(ChangeState(SessionState.LIVE)), Refusal)
    await settled(nodes)
    writer = next(node for node in nodes if node.room.is_writer)
    return writer, next(node for node in nodes if node is not writer)


async def posted(node: Node, command_id: str = "c0") -> Done | Refusal:
    """What comes of a line said at this node."""
    line = PostMessage("hello")
    return await node.room.execute(ParticipantId("host"), command_id, digest_of(line), line)
