"""The same random histories as over memory, over the databases that are shipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import URL

from live.adapters.sql.database import Database
from live.adapters.sql.directory import SqlDirectory
from live.adapters.sql.store import SqlStore
from live.ports.store import Batch, StoreUnavailable
from tests.support.databases import postgresql_database, sqlite_database
from tests.support.histories import live_through
from tests.support.postgres import PostgresServer


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


@pytest.fixture
def sqlite(tmp_path: Path) -> URL:
    return sqlite_database(tmp_path)


@pytest.fixture
def postgresql(postgres: PostgresServer) -> Iterator[URL]:
    with postgresql_database(postgres) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    database = Database(request.getfixturevalue(request.param))
    yield database
    database.close()


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_history_replays_to_the_same_state(database: Database, seed: int) -> None:
    await live_through(Random(seed), 70, FragileSql(database), SqlDirectory(database))
