"""The writer under trouble: full disks, broken connections, bad neighbours, kill -9."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import URL, Connection, text

from app.database.engine import database_url, migrate
from live.adapters.sql.database import Database, write_engine
from live.adapters.sql.directory import SqlDirectory
from live.adapters.sql.store import SqlStore
from live.adapters.sql.writer import GroupWriter
from live.domain.ids import SessionId
from live.ports.store import Batch, StaleWriter, StoreUnavailable
from tests.support.postgres import PostgresServer
from tests.support.records import SESSION, content, event, post, session


@pytest.fixture
def database(url: URL) -> Iterator[Database]:
    opened = Database(url)
    yield opened
    opened.close()


async def committed(database: Database, session_id: SessionId = SESSION) -> list[int]:
    events = await SqlStore(database).events(session_id, after=0, limit=10_000)
    return [each.seq for each in events]


class Gate:
    """Work that keeps the writer's transaction open until it is let go."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.let_go = threading.Event()

    def __call__(self, _: Connection) -> None:
        self.entered.set()
        self.let_go.wait(10)


# --- groups ----------------------------------------------------------------------------------


async def test_what_waits_while_one_transaction_runs_is_the_next_one(database: Database) -> None:
    await SqlDirectory(database).add_session(session())
    gate = Gate()
    first = asyncio.create_task(database.write(gate))
    await asyncio.to_thread(gate.entered.wait, 10)
    before = database.stats().groups

    waiting = [asyncio.create_task(database.commit(post(seq))) for seq in range(1, 101)]
    await asyncio.sleep(0)
    gate.let_go.set()
    await asyncio.gather(first, *waiting)

    assert database.stats().groups - before == 1
    assert await committed(database) == list(range(1, 101))


async def test_a_batch_the_database_rejects_does_not_sink_its_neighbours(
    database: Database,
) -> None:
    directory = SqlDirectory(database)
    good = [SessionId(f"s{number}") for number in range(4)]
    for each in [SESSION, *good]:
        await directory.add_session(replace(session(), id=each, slug=each))
    await database.commit(post(1))
    twice = replace(post(2), keys=post(1).keys)
    gate = Gate()
    first = asyncio.create_task(database.write(gate))
    await asyncio.to_thread(gate.entered.wait, 10)

    waiting = [
        asyncio.create_task(database.commit(batch))
        for batch in [
            Batch(good[0], 0, 1, events=[event(1)]),
            twice,
            post(3),  # decided on top of the bad one: falls with it
            *(Batch(each, 0, 1, events=[event(1)]) for each in good[1:]),
        ]
    ]
    await asyncio.sleep(0)
    gate.let_go.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)

    await first
    assert [type(each) for each in outcomes] == [
        type(None),
        StaleWriter,
        StaleWriter,
        *[type(None)] * 3,
    ]
    assert await committed(database) == [1]
    for each in good:
        assert await committed(database, each) == [1]


async def test_work_that_raises_is_undone_alone(database: Database) -> None:
    await SqlDirectory(database).add_session(session())
    gate = Gate()
    first = asyncio.create_task(database.write(gate))
    await asyncio.to_thread(gate.entered.wait, 10)

    def rename_and_fail(connection: Connection) -> None:
        connection.execute(text("UPDATE sessions SET title = 'wrong'"))
        raise ValueError("no")

    failing = asyncio.create_task(database.write(rename_and_fail))
    neighbour = asyncio.create_task(database.commit(post(1)))
    await asyncio.sleep(0)
    gate.let_go.set()
    outcomes = await asyncio.gather(first, failing, neighbour, return_exceptions=True)

    assert isinstance(outcomes[1], ValueError)
    assert await committed(database) == [1]
    record = await SqlDirectory(database).find_session("spring")
    assert record is not None
    assert record.title == "Spring"


async def test_closing_finishes_what_waits(url: URL) -> None:
    database = Database(url)
    await SqlDirectory(database).add_session(session())
    waiting = [asyncio.create_task(database.commit(post(seq))) for seq in range(1, 51)]
    await asyncio.sleep(0)

    await asyncio.to_thread(database.close)

    await asyncio.gather(*waiting)
    with pytest.raises(StoreUnavailable, match="closed"):
        await database.commit(post(51))
    again = Database(url)
    assert await committed(again) == list(range(1, 51))
    again.close()


# --- bounds ----------------------------------------------------------------------------------


async def test_a_full_queue_refuses_at_once(sqlite: URL) -> None:
    engine = write_engine(sqlite)
    writer = GroupWriter(engine, queue_limit=3)
    gate = Gate()
    first = asyncio.create_task(writer.run(gate))
    await asyncio.to_thread(gate.entered.wait, 10)
    waiting = [asyncio.create_task(writer.run(lambda _: "done")) for _ in range(3)]
    await asyncio.sleep(0)

    with pytest.raises(StoreUnavailable, match="3 writes behind"):
        await writer.run(lambda _: "too much")

    gate.let_go.set()
    await first
    assert await asyncio.gather(*waiting) == ["done"] * 3
    writer.close()
    engine.dispose()


async def test_a_write_that_waited_too_long_is_not_begun(sqlite: URL) -> None:
    engine = write_engine(sqlite)
    writer = GroupWriter(engine, patience_s=0.0)
    done: list[str] = []

    with pytest.raises(StoreUnavailable, match="nothing was written"):
        await writer.run(lambda _: done.append("begun"))

    assert done == []
    writer.close()
    engine.dispose()


async def test_a_read_that_takes_too_long_is_given_up(sqlite: URL) -> None:
    database = Database(sqlite, read_timeout_s=0.01)
    gate = Gate()

    with pytest.raises(StoreUnavailable, match="too long"):
        await database.read(gate)

    gate.let_go.set()
    database.close()


async def test_too_many_reads_are_refused_at_once(sqlite: URL) -> None:
    database = Database(sqlite, most_reads=2)
    gate = Gate()
    reading = [asyncio.create_task(database.read(gate)) for _ in range(2)]
    await asyncio.sleep(0)

    with pytest.raises(StoreUnavailable, match="Too many reads"):
        await database.read(gate)

    gate.let_go.set()
    await asyncio.gather(*reading)
    await database.read(gate)
    database.close()


# --- trouble ---------------------------------------------------------------------------------


async def test_a_full_disk_refuses_and_recovers_by_itself(sqlite: URL) -> None:
    database = Database(sqlite)
    await SqlDirectory(database).add_session(session())

    def limit(pages: int) -> Callable[[Connection], int]:
        pragma = text(f"PRAGMA max_page_count = {pages}")
        return lambda connection: connection.execute(pragma).scalar_one()

    size = await database.write(lambda c: c.execute(text("PRAGMA page_count")).scalar_one())
    await database.write(limit(size))
    large = replace(post(1), contents=[content("m1-text", "x" * 1_000_000)])

    with pytest.raises(StoreUnavailable, match="full"):
        await database.commit(large)
    assert await committed(database) == []
    await database.write(limit(1_000_000))
    await database.commit(large)

    assert await committed(database) == [1]
    database.close()


async def test_what_a_busy_database_delays_is_committed_in_order(url: URL) -> None:
    database = Database(url)
    await SqlDirectory(database).add_session(session())
    other = write_engine(url)
    with other.connect() as connection:  # another program holds what our commits need
        connection.execute(text("UPDATE sessions SET title = title"))
        waiting = [asyncio.create_task(database.commit(post(seq))) for seq in range(1, 21)]
        assert await committed(database) == []
        assert not any(task.done() for task in waiting)
        connection.rollback()
    await asyncio.gather(*waiting)

    assert await committed(database) == list(range(1, 21))
    other.dispose()
    database.close()


async def test_a_restarted_postgresql_is_found_again(
    postgresql: URL, postgres: PostgresServer
) -> None:
    database = Database(postgresql)
    await SqlDirectory(database).add_session(session())
    await database.commit(post(1))
    postgres.end_connections(postgresql.database)

    await database.commit(post(2))
    await database.probe()

    assert await committed(database) == [1, 2]
    database.close()


async def test_a_database_that_is_gone_is_unavailable_not_a_crash(tmp_path: Path) -> None:
    url = database_url("postgresql://nobody@127.0.0.1:1/nowhere", tmp_path)
    database = Database(url)

    with pytest.raises(StoreUnavailable, match="did not take it"):
        await database.commit(post(1))
    with pytest.raises(StoreUnavailable, match="did not answer"):
        await database.probe()

    assert database.stats().failures == 1
    database.close()


# --- kill -9 ---------------------------------------------------------------------------------

WRITE_AND_TELL = """
import asyncio, sys
from sqlalchemy import make_url
from live.adapters.sql.database import Database
from tests.support.records import post

async def main():
    database = Database(make_url(sys.argv[1]))
    async def one(seq):
        await database.commit(post(seq))
        sys.stdout.write(f"{seq}\\n")
        sys.stdout.flush()
    seq = 0
    while True:
        await asyncio.gather(*(one(seq + n) for n in range(1, 8)))
        seq += 7

asyncio.run(main())
"""


async def test_every_acknowledged_batch_survives_kill_9(url: URL) -> None:
    database = Database(url)
    await SqlDirectory(database).add_session(session())
    database.close()
    acked: list[int] = []

    for _ in range(3):
        head = max(acked, default=0)
        acked += await asyncio.to_thread(_run_and_kill, url, head, acks=60)
        database = Database(url)
        stored = await committed(database)
        database.close()
        assert stored == list(range(1, len(stored) + 1))
        assert set(acked) <= set(stored)
        acked = stored


def _run_and_kill(url: URL, head: int, *, acks: int) -> list[int]:
    program = WRITE_AND_TELL.replace("seq = 0", f"seq = {head}")
    shown = url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", program, shown], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(acks)]
        writer.kill()
        told += [
            int(line)
            for line in writer.stdout.read().splitlines(keepends=True)
            if line.endswith("\n")
        ]
    return told


async def test_stats_tell_of_work_done(database: Database) -> None:
    await SqlDirectory(database).add_session(session())

    stats = database.stats()

    assert (stats.groups, stats.jobs, stats.failures, stats.waiting) == (1, 1, 0, 0)


def test_migrating_twice_changes_nothing(url: URL) -> None:
    engine = write_engine(url)
    before, after = migrate(engine)
    assert before == after
    engine.dispose()
