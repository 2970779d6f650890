"""Lines that come close together before a large audience go through the gate together."""

from __future__ import annotations

import asyncio

import pytest

from live.domain.commands import PostMessage
from live.ports.gate import Candidate, Opinion
from live.room.turnstile import ENOUGH, FEW, Turnstile
from tests.support.rooms import person
from tests.support.slow import Open, all_that_can_happen, on_slow_store


@pytest.fixture(autouse=True)
def until_the_test_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody passes because of the time."""
    monkeypatch.setattr("live.room.turnstile.LONGEST_S", 3600.0)
    monkeypatch.setattr("live.room.turnstile.SHARE_S", 36.0)
    monkeypatch.setattr("live.room.turnstile.PATIENCE_S", 3_600_000.0)


async def passing(gate: Turnstile, count: int) -> list[asyncio.Task[bool]]:
    tasks = [asyncio.create_task(gate.passed()) for _ in range(count)]
    await all_that_can_happen()
    return tasks


async def test_before_few_people_everyone_passes_as_they_come() -> None:
    tasks = await passing(Turnstile(lambda: FEW - 1), 3)
    assert [task.done() and task.result() for task in tasks] == [False] * 3


async def test_the_first_passes_at_once_and_the_others_together_when_they_are_enough() -> None:
    gate = Turnstile(lambda: 1000)
    tasks = await passing(gate, 2)
    assert [task.done() for task in tasks] == [True, False]
    tasks += await passing(gate, ENOUGH - 2)
    assert sum(task.done() for task in tasks) == 1
    tasks += await passing(gate, 1)
    assert [task.result() for task in tasks] == [False] + [True] * ENOUGH
    assert not (await passing(gate, 1))[0].done(), "the next one waits again"


async def test_those_who_wait_pass_in_time_and_one_who_gives_up_stops_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("live.room.turnstile.LONGEST_S", 0.001)
    gate = Turnstile(lambda: 1000)
    _, one, other = await passing(gate, 3)
    one.cancel()
    assert await other


class Counting:
    """Lets everything pass; how many lines were there at once, at most."""

    def __init__(self) -> None:
        self.here = self.most = 0

    async def review(self, candidate: Candidate) -> Opinion:
        self.here += 1
        self.most = max(self.most, self.here)
        await asyncio.sleep(0)
        self.here -= 1
        return Opinion(outcome="pass", language=candidate.author_language)


async def test_lines_that_are_at_the_gate_together_are_one_commit(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.room.turnstile.ENOUGH", 5)
    house, store = await on_slow_store(opened)
    gate = house.gate = Counting()
    await house.reopen()
    room = await house.room()
    for number in range(FEW):
        await house.admit(person(f"p{number}"))
        room.crowd.came(person(f"p{number}").id)
    asks = [
        asyncio.ensure_future(house.ask(f"p{number}", PostMessage(f"{number}")))
        for number in range(6)
    ]
    await asyncio.gather(*asks)
    assert gate.most == 5
    assert [len(batch.events) for batch in store.batches] == [6]
