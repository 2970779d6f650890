"""Houses that are closed after the test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from live.domain.people import Participant
from tests.support.rooms import House, open_house
from tests.support.slow import Open


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """Opens houses, and closes them after the test."""
    houses: list[House] = []

    async def make(*people: Participant, **kwargs: Any) -> House:
        houses.append(await open_house(*people, **kwargs))
        return houses[-1]

    yield make
    for house in houses:
        await house.rooms.close()
