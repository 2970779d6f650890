"""One writer per session: the database says who, by its own clock, and refuses all others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import text

from live.adapters.sql.database import Database
from live.adapters.sql.directory import SqlDirectory
from live.adapters.sql.leases import SqlLeases
from live.adapters.sql.store import SqlStore
from live.ports.lease import Lease
from live.ports.store import StaleWriter
from tests.integration.media.waiting import eventually
from tests.support.databases import postgresql_database
from tests.support.postgres import PostgresServer
from tests.support.records import SESSION, post, session

DEAD_S = 0.0
"""The life of a node that is dead as soon as it has said that it lives."""


@dataclass
class Node:
    """A node's own way to the database that it shares."""

    database: Database
    leases: SqlLeases

    @classmethod
    def named(cls, name: str, database: Database, **options: float) -> Node:
        return cls(database, SqlLeases(database, name, key_check="key", **options))

    async def commit(self, seq: int, lease: Lease) -> None:
        await SqlStore(self.database).commit(replace(post(seq), lease=lease))


@pytest.fixture
def databases(postgres: PostgresServer) -> Iterator[tuple[Database, Database]]:
    with postgresql_database(postgres) as url:
        pair = Database(url), Database(url)
        yield pair
        for database in pair:
            database.close()


@pytest.fixture
async def pair(databases: tuple[Database, Database]) -> tuple[Node, Node]:
    await SqlDirectory(databases[0]).add_session(session())
    return Node.named("a", databases[0]), Node.named("b", databases[1])


async def stored(node: Node) -> list[int]:
    return [each.seq for each in await SqlStore(node.database).events(SESSION, after=0, limit=99)]


async def test_of_many_who_reach_for_it_at_once_one_holds_it(pair: tuple[Node, Node]) -> None:
    told = await asyncio.gather(
        *(node.leases.take(SESSION, "room") for _ in range(10) for node in pair)
    )

    assert len({lease.node for lease in told}) == 1


async def test_a_holder_that_lives_keeps_it(pair: tuple[Node, Node]) -> None:
    first, second = pair
    lease = await first.leases.take(SESSION, "room")

    assert await second.leases.take(SESSION, "room") == lease
    with pytest.raises(StaleWriter):
        await second.commit(1, Lease("b", lease.term))
    await first.commit(1, lease)
    assert await stored(second) == [1]


async def test_what_a_former_holder_still_has_on_its_way_is_refused(
    databases: tuple[Database, Database], pair: tuple[Node, Node]
) -> None:
    dying = Node.named("dying", databases[0], life_s=DEAD_S)
    held = await dying.leases.take(SESSION, "room")
    await dying.commit(1, held)

    taken = await pair[1].leases.take(SESSION, "room")

    assert taken == Lease("b", held.term + 1)
    with pytest.raises(StaleWriter):
        await dying.commit(2, held)
    await pair[1].commit(2, taken)
    assert await stored(pair[1]) == [1, 2]


async def test_a_node_whose_process_was_killed_is_not_waited_for(
    databases: tuple[Database, Database], pair: tuple[Node, Node]
) -> None:
    first, second = pair
    # What is said to be older than the server was not written to this one.
    await asyncio.sleep(max(3 - await uptime_s(second), 0))
    held = await first.leases.take(SESSION, "room")
    await since_its_renewal(second, "a", seconds=2)
    assert await second.leases.take(SESSION, "room") == held, "late, but its connection is there"

    databases[0].close()  # as the system does it for a process that is killed
    await until_gone(second, "a")

    assert await second.leases.take(SESSION, "room") == Lease("b", held.term + 1)


@pytest.mark.usefixtures("pair")
async def test_that_the_database_started_again_is_no_sign_of_a_nodes_death(
    databases: tuple[Database, Database],
) -> None:
    first = Node.named("first", databases[0], life_s=1e6)
    second = Node.named("second", databases[1], life_s=1e6)
    held = await first.leases.take(SESSION, "room")
    databases[0].close()
    await until_gone(second, "first")

    await since_its_renewal(second, "first", seconds=await uptime_s(second) + 10)

    assert await second.leases.take(SESSION, "room") == held


async def since_its_renewal(witness: Node, node: str, *, seconds: float) -> None:
    """Let a node have renewed so long ago."""
    age = text("UPDATE nodes SET expires_us = expires_us - :us WHERE id = :node")
    await witness.database.write(
        lambda connection: connection.execute(age, {"us": int(seconds * 1e6), "node": node})
    )


async def until_gone(witness: Node, node: str) -> None:
    """The server has noticed that the connection on which that node renewed has ended."""
    there = text(
        "SELECT count(*) FROM nodes JOIN pg_stat_activity AS seen"
        " ON nodes.connection = seen.pid || ' ' || extract(epoch FROM seen.backend_start)"
        " WHERE id = :node"
    )

    async def is_gone() -> bool:
        found = await witness.database.read(
            lambda connection: connection.execute(there, {"node": node}).scalar_one()
        )
        return not found

    await eventually(is_gone)


async def uptime_s(witness: Node) -> float:
    up = text("SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())")
    return float(
        await witness.database.read(lambda connection: connection.execute(up).scalar_one())
    )


async def test_a_new_term_of_the_same_node_ends_its_former_one(pair: tuple[Node, Node]) -> None:
    first, _ = pair
    former = await first.leases.take(SESSION, "room")
    latter = await first.leases.take(SESSION, "room")

    assert latter == Lease("a", former.term + 1)
    with pytest.raises(StaleWriter):
        await first.commit(1, former)


async def test_a_batch_under_way_is_waited_for_before_the_lease_changes_hands(
    databases: tuple[Database, Database], pair: tuple[Node, Node]
) -> None:
    dying = Node.named("dying", databases[0], life_s=DEAD_S)
    held = await dying.leases.take(SESSION, "room")
    writes = [asyncio.create_task(dying.commit(seq, held)) for seq in range(1, 31)]
    taken = await pair[1].leases.take(SESSION, "room")
    done = await asyncio.gather(*writes, return_exceptions=True)

    # Whatever came before the change stands and nothing came after it.
    kept = sum(outcome is None for outcome in done)
    assert all(isinstance(outcome, StaleWriter) for outcome in done[kept:])
    assert await stored(pair[1]) == list(range(1, kept + 1))
    await pair[1].commit(kept + 1, taken)


async def test_what_is_let_go_is_free_at_once_and_its_term_still_rises(
    pair: tuple[Node, Node],
) -> None:
    first, second = pair
    held = await first.leases.take(SESSION, "room")
    await first.leases.take(SESSION, "media")

    await first.leases.release(SESSION, "room")
    taken = await second.leases.take(SESSION, "room")
    await first.leases.leave()

    assert taken == Lease("b", held.term + 1)
    assert (await second.leases.take(SESSION, "media")).node == "b"


async def test_a_survey_names_those_who_live_and_where_the_session_is(
    databases: tuple[Database, Database], pair: tuple[Node, Node]
) -> None:
    first, second = pair
    dying = Node.named("dying", databases[1], life_s=DEAD_S)
    lease = await first.leases.take(SESSION, "room")
    await dying.leases.take(SESSION, "media")
    await first.commit(1, lease)

    standing = (await second.leases.survey([SESSION]))[SESSION]

    assert standing.head == 1
    assert standing.holders == {"room": lease}


async def test_a_node_with_another_key_is_noticed(pair: tuple[Node, Node]) -> None:
    first, second = pair
    await first.leases.renew()
    stranger = SqlLeases(second.database, "c", key_check="another")

    assert await second.leases.shares_its_key()
    assert not await stranger.shares_its_key()
