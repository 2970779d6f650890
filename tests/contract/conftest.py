"""Every store there is, for the suite that holds them all to one contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from live.adapters.memory import MemoryDirectory, MemoryStore
from live.adapters.sql.database import Database
from live.adapters.sql.directory import SqlDirectory
from live.adapters.sql.store import SqlStore
from live.ports.store import Directory, Store
from tests.support.databases import postgresql_database, sqlite_database
from tests.support.postgres import PostgresServer

Both = tuple[Store, Directory]


def _opened(url: URL) -> Iterator[Both]:
    database = Database(url)
    yield SqlStore(database), SqlDirectory(database)
    database.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Both]:
    yield from _opened(sqlite_database(tmp_path))


@pytest.fixture
def postgresql(postgres: PostgresServer) -> Iterator[Both]:
    with postgresql_database(postgres) as url:
        yield from _opened(url)


@pytest.fixture
def memory() -> Both:
    store = MemoryStore()
    return store, MemoryDirectory(store)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def adapters(request: pytest.FixtureRequest) -> Both:
    both: Both = request.getfixturevalue(request.param)
    return both


@pytest.fixture
def store(adapters: Both) -> Store:
    return adapters[0]


@pytest.fixture
def directory(adapters: Both) -> Directory:
    return adapters[1]
