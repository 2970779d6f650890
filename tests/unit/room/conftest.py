"""Houses that are closed after the test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.rooms import House, open_house
from tests.support.slow import Open


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """Opens houses, and closes them after the test."""
    houses: list[House] = []

    async def make(*args: object, **kwargs: object) -> House:
        houses.append(await open_house(*args, **kwargs))  # type: ignore[arg-type]  # passed on
        return houses[-1]

    yield make
    for house in houses:
        await house.rooms.close()
