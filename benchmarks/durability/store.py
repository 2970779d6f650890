"""The store alone: what rooms would write, written again without rooms.

    python -m benchmarks.durability.store URL [--posts 20000]

Prints one line of JSON. Batches of twenty posts of fifty sessions are made once, over a store in
memory, and then committed with one batch of each session under way at a time, as rooms do it. It
tells what of a post's time is the database's; it is never the figure that counts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import uvloop

from app.database.engine import opened_database
from app.system import SystemClock, SystemEntropy
from benchmarks.durability.rooms import PEOPLE, ROOMS, Poured, people_of, session_of
from live.adapters.memory import MemoryDirectory, MemoryStore
from live.adapters.sql.database import Database
from live.adapters.sql.directory import SqlDirectory
from live.domain.ids import SessionId
from live.domain.message_commands import PostMessage
from live.ports.gate import OpenGate
from live.ports.store import Batch
from live.room.rooms import Rooms
from live.room.settings import RoomSettings
from live.room.surroundings import Surroundings

TEXT: Final = "the coat green size when ship today linen which shoes no {}"


class Recording(MemoryStore):
    """Notes what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[Batch] = []

    async def commit(self, batch: Batch) -> None:
        await super().commit(batch)
        self.batches.append(batch)


async def batches(posts: int) -> list[Batch]:
    """What rooms write while everyone posts in turns."""
    store = Recording()
    directory, now = MemoryDirectory(store), datetime.now(UTC)
    world = Surroundings(store, OpenGate(), SystemClock(), SystemEntropy(), RoomSettings())
    rooms = Rooms(world)
    for number in range(ROOMS):
        session = session_of(number, now)
        await directory.add_session(session)
        room = await rooms.get(session.id)
        assert room is not None
        authors = [participant.id for participant, _ in people_of(session, now)]
        for participant, credential in people_of(session, now):
            await directory.add_participant(participant, credential)
            room.admit(participant)
        for turn in range(posts // ROOMS // PEOPLE):
            name = f"p{turn}"
            said = PostMessage(TEXT.format(turn))
            async with asyncio.TaskGroup() as group:
                for author in authors:
                    group.create_task(room.execute(author, name, name.encode(), said))
    await rooms.close()
    return store.batches


async def commit(database: Database, posts: int) -> Poured:
    """Commit them all; what that took."""
    directory, now = SqlDirectory(database), datetime.now(UTC)
    for number in range(ROOMS):
        session = session_of(number, now)
        await directory.add_session(session)
        for participant, credential in people_of(session, now):
            await directory.add_participant(participant, credential)
    by_session = {
        key: list(of_one)
        for key, of_one in groupby(await batches(posts), key=lambda each: each.session_id)
    }
    poured, waits = Poured(), list[float]()
    started, used = time.monotonic(), time.process_time()

    async def pour(session: SessionId) -> None:
        for batch in by_session[session]:
            before = time.monotonic()
            # The row of the session is the directory's here.
            await database.commit(replace(batch, session=None))
            waits.append(time.monotonic() - before)
            poured.acked += len(batch.keys)

    async with asyncio.TaskGroup() as group:
        for session in by_session:
            group.create_task(pour(session))
    poured.seconds = time.monotonic() - started
    poured.cpu_s = time.process_time() - used
    waits.sort()
    poured.p50_ms = waits[len(waits) // 2] * 1_000
    poured.p99_ms = waits[len(waits) * 99 // 100] * 1_000
    return poured


def main() -> None:
    """Commit into the database of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("url", help="SQLAlchemy URL; empty: SQLite in a temporary folder")
    parser.add_argument("--posts", type=int, default=20_000)
    given = parser.parse_args()
    with (
        TemporaryDirectory(prefix="causerie-bench-") as folder,
        opened_database(given.url or None, Path(folder)) as database,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        print(json.dumps(asdict(runner.run(commit(database, given.posts)))))


if __name__ == "__main__":
    main()
