"""Every store there is, for the suite that holds them all to one contract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from live.adapters.sql.database import Database
from live.adapters.sql.directory import SqlDirectory
from live.adapters.sql.store import SqlStore
from live.ports.store import Directory, Store
from tests.support.databases import postgresql_database, sqlite_database

Both = tuple[Store, Directory]


@contextmanager
def _sqlite(folder: Path) -> Iterator[Both]:
    database = Database(sqlite_database(folder))
    yield SqlStore(database), SqlDirectory(database)
    database.close()


@contextmanager
def _postgresql(_: Path) -> Iterator[Both]:
    with postgresql_database() as url:
        database = Database(url)
        yield SqlStore(database), SqlDirectory(database)
        database.close()


@pytest.fixture(params=[_sqlite, _postgresql], ids=["sqlite", "postgresql"])
def adapters(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Both]:
    with request.param(tmp_path) as both:
        yield both


@pytest.fixture
def store(adapters: Both) -> Store:
    return adapters[0]


@pytest.fixture
def directory(adapters: Both) -> Directory:
    return adapters[1]
