"""What is forgotten in time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.database.upkeep import keep_up
from live.adapters.sql.database import Database
from live.adapters.sql.directory import SqlDirectory
from live.adapters.sql.store import SqlStore
from live.domain.ids import ParticipantId
from tests.support.databases import sqlite_database
from tests.support.records import NOW, SESSION, post, session


class LaterClock:
    """Two days after everything."""

    def now(self) -> datetime:
        return (NOW + timedelta(days=2)).astimezone(UTC)

    def monotonic(self) -> float:
        return 0.0


class TellingStore(SqlStore):
    """Tells when it has purged."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.purged = asyncio.Event()

    async def purge_keys(self, now: datetime) -> int:
        count = await super().purge_keys(now)
        self.purged.set()
        return count


async def test_a_server_forgets_keys_of_sessions_long_over_when_it_starts(tmp_path: Path) -> None:
    database = Database(sqlite_database(tmp_path))
    store = TellingStore(database)
    await SqlDirectory(database).add_session(session())
    await store.commit(
        replace(post(1), session=replace(session(), state="ended", ended_at=NOW, head=1))
    )

    upkeep = asyncio.create_task(keep_up(store, LaterClock()))
    await asyncio.wait_for(store.purged.wait(), 10)
    upkeep.cancel()

    assert await store.find_key(SESSION, ParticipantId("ada"), "c1") is None
    database.close()
