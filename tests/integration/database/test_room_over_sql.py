"""The same random histories as over memory, over the databases that are shipped."""

from __future__ import annotations

from random import Random

import pytest

from tests.support.sql_histories import live_in_sql


@pytest.mark.parametrize("name", ["sqlite", "postgresql"])
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_history_replays_to_the_same_state(
    request: pytest.FixtureRequest, name: str, seed: int
) -> None:
    await live_in_sql(request.getfixturevalue(name), Random(seed), 70)
