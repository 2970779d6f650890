"""Random histories over a database: as over memory, with its failures."""

from __future__ import annotations

from random import Random

from sqlalchemy import URL

from live.adapters.sql.database import Database
from live.adapters.sql.directory import SqlDirectory
from live.adapters.sql.store import SqlStore
from live.ports.store import Batch, StoreUnavailable
from tests.support.histories import live_through


class FragileSql(SqlStore):
    """In SQL, and fragile: see ``Fragile``."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.failure: str | None = None

    async def commit(self, batch: Batch) -> None:
        failure, self.failure = self.failure, None
        if failure == "before":
            raise StoreUnavailable("planted")
        await super().commit(batch)
        if failure == "after":
            raise StoreUnavailable("planted, and yet it happened")


async def live_in_sql(url: URL, rng: Random, length: int) -> None:
    """``live_through`` in the database at ``url``, which is closed again."""
    database = Database(url)
    try:
        await live_through(rng, length, FragileSql(database), SqlDirectory(database))
    finally:
        database.close()
