"""How many durable posts a second the store takes, by size of batch and number of rooms.

    python -m benchmarks.durability.commits [--database URL] [--seconds 3]

Each room posts batches one after another, each once the one before is on disk, as a room's writer
does. A post is an event, a text, a message and an idempotency key.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL, make_url

from app.database.engine import database_url, migrate
from live.adapters.sql.database import Database, write_engine
from live.adapters.sql.directory import SqlDirectory
from live.adapters.sql.store import SqlStore
from live.domain.content import Content
from live.domain.ids import ContentId, MessageId, ParticipantId, Seq, SessionId
from live.domain.message import Message, MessageStatus
from live.ports.store import Batch, IdempotencyKey, SessionRecord, StoredEvent

AUTHOR = ParticipantId("author")
EVENT = b'{"message_id":"m","commitment":"0123456789abcdef0123456789abcdef"}'
TEXT = "Bonsoir, est-ce que le manteau existe en vert et en taille 42 ?"
LOADS = [(1, 1), (1, 8), (1, 64), (8, 8), (32, 1), (32, 16), (1, 512)]


def posts(session_id: SessionId, head: int, count: int) -> Batch:
    """A batch of ``count`` published messages on top of ``head``."""
    now = datetime.now(UTC)
    names = [(f"{session_id}-{seq}", Seq(seq)) for seq in range(head + 1, head + count + 1)]
    return Batch(
        session_id,
        head,
        head + count,
        events=[StoredEvent(seq, "message.published", 1, now, EVENT) for _, seq in names],
        contents=[
            Content(ContentId(name), session_id, AUTHOR, TEXT, bytes(16), now) for name, _ in names
        ],
        messages=[
            Message(
                MessageId(name),
                AUTHOR,
                ContentId(name),
                "fr",
                MessageStatus.PUBLISHED,
                1,
                now,
                place=seq,
            )
            for name, seq in names
        ],
        keys=[IdempotencyKey(AUTHOR, name, bytes(16), seq, b"{}") for name, seq in names],
    )


async def measure(database: Database, rooms: int, size: int, seconds: float) -> None:
    """One load, and one line about it."""
    record = SessionRecord(
        SessionId(""), "", "Benchmark", "live", "epoch", created_at=datetime.now(UTC)
    )
    store, directory = SqlStore(database), SqlDirectory(database)
    waits: list[float] = []
    end = time.monotonic() + seconds

    async def room(number: int) -> int:
        session_id = SessionId(f"{rooms}x{size}-{number}-{time.monotonic_ns()}")
        await directory.add_session(replace(record, id=session_id, slug=session_id))
        head = 0
        while (before := time.monotonic()) < end:
            await store.commit(posts(session_id, head, size))
            head += size
            waits.append(time.monotonic() - before)
        return head

    groups_before, start = database.stats().groups, time.monotonic()
    total = sum(await asyncio.gather(*(room(number) for number in range(rooms))))
    took_s = time.monotonic() - start
    waits.sort()
    print(
        f"{rooms:3} rooms × {size:3} posts: {total / took_s:8,.0f} posts/s"
        f"  {(database.stats().groups - groups_before) / took_s:6,.0f} commits/s"
        f"  p50 {waits[len(waits) // 2] * 1000:6.1f} ms"
        f"  p99 {waits[len(waits) * 99 // 100] * 1000:6.1f} ms"
    )


async def measure_all(url: URL, seconds: float) -> None:
    """Every load, against one database."""
    engine = write_engine(url)
    migrate(engine)
    engine.dispose()
    database = Database(url)
    print(url.get_backend_name())
    for rooms, size in LOADS:
        await measure(database, rooms, size, seconds)
    await asyncio.to_thread(database.close)


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--database", help="SQLAlchemy URL; default: SQLite in a temporary folder")
    parser.add_argument("--seconds", type=float, default=3.0, help="for each load")
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="causerie-bench-") as folder:
        url = database_url(arguments.database, Path(folder))
        asyncio.run(measure_all(make_url(url), arguments.seconds))


if __name__ == "__main__":
    main()
