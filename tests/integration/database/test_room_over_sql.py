"""The same random histories as over memory, over the databases that are shipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import URL

from tests.support.databases import postgresql_database, sqlite_database
from tests.support.postgres import PostgresServer
from tests.support.sql_histories import live_in_sql


@pytest.fixture
def sqlite(tmp_path: Path) -> URL:
    return sqlite_database(tmp_path)


@pytest.fixture
def postgresql(postgres: PostgresServer) -> Iterator[URL]:
    with postgresql_database(postgres) as url:
        yield url


@pytest.mark.parametrize("name", ["sqlite", "postgresql"])
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_history_replays_to_the_same_state(
    request: pytest.FixtureRequest, name: str, seed: int
) -> None:
    await live_in_sql(request.getfixturevalue(name), Random(seed), 70)
