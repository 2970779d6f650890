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
from live.domain.ids import ContentId, ParticipantId
from live.domain.message import Reason
from live.ports.store import Batch
from tests.support.databases import sqlite_database
from tests.support.patience import PATIENCE_S
from tests.support.records import NOW, SESSION, content, post, session


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

    upkeep = asyncio.create_task(keep_up(database, store, LaterClock()))
    await asyncio.wait_for(store.purged.wait(), PATIENCE_S)
    upkeep.cancel()

    assert await store.find_key(SESSION, ParticipantId("ada"), "c1") is None
    database.close()


def holds(folder: Path, text: str) -> bool:
    return any(text.encode() in file.read_bytes() for file in folder.iterdir())


async def test_erased_text_is_in_no_file_any_more(tmp_path: Path) -> None:
    url = sqlite_database(tmp_path)
    database = Database(url)
    await SqlDirectory(database).add_session(session())
    secret = "a sentence that its author took back"
    reasons = (Reason("link", "A link.", evidence=secret),)
    said = replace(post(1).messages[0], reasons=reasons)
    await database.commit(replace(post(1), contents=[content("m1-text", secret)], messages=[said]))
    assert holds(tmp_path, secret)

    await database.commit(Batch(SESSION, 1, 1, erase=[ContentId("m1-text")]))
    await database.fold_log()

    assert not holds(tmp_path, secret)
    database.close()
