"""Databases of either kind, migrated and empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from tests.support.databases import postgresql_database, sqlite_database
from tests.support.postgres import PostgresServer


@pytest.fixture
def sqlite(tmp_path: Path) -> URL:
    return sqlite_database(tmp_path)


@pytest.fixture
def postgresql(postgres: PostgresServer) -> Iterator[URL]:
    with postgresql_database(postgres) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> URL:
    found: URL = request.getfixturevalue(request.param)
    return found
