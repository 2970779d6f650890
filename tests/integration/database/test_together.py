"""Look-ups that come at once are one question to the database."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from live.adapters.sql.together import MOST_AT_ONCE, Gathered, Together
from live.ports.store import StoreUnavailable


class Answers:
    """Knows the squares; notes what it was asked, and answers once it may."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.may_answer = asyncio.Event()
        self.broken = False

    async def ask(self, keys: Sequence[int]) -> Mapping[int, int]:
        self.asked.append(list(keys))
        await self.may_answer.wait()
        if self.broken:
            raise StoreUnavailable("planted")
        return {key: key * key for key in keys if key > 0}


async def started(work: asyncio.Task[object]) -> None:
    """Let it come to its first wait."""
    await asyncio.sleep(0)
    assert not work.done()


async def test_what_is_asked_while_a_question_is_under_way_is_asked_together() -> None:
    answers = Answers()
    squares = Together(answers.ask)
    first = asyncio.create_task(squares.find(3))
    await started(first)
    await started(first)
    later = [asyncio.create_task(squares.find(key)) for key in (4, 5, 5, -1, 3)]
    await started(later[0])
    answers.may_answer.set()
    assert await first == 9
    assert await asyncio.gather(*later) == [16, 25, 25, None, 9]
    assert answers.asked == [[3], [4, 5, -1, 3]]


async def test_a_question_holds_a_bounded_number_of_keys() -> None:
    answers = Answers()
    answers.may_answer.set()
    squares = Together(answers.ask)
    keys = range(1, 2 * MOST_AT_ONCE + 2)
    found = await asyncio.gather(*(squares.find(key) for key in keys))
    assert found == [key * key for key in keys]
    assert [len(each) for each in answers.asked] == [MOST_AT_ONCE, MOST_AT_ONCE, 1]


async def test_one_who_gives_up_takes_nothing_from_the_others() -> None:
    answers = Answers()
    squares = Together(answers.ask)
    gone, stays = (asyncio.create_task(squares.find(2)) for _ in range(2))
    await started(stays)
    gone.cancel()
    answers.may_answer.set()
    assert await stays == 4


async def test_a_database_that_does_not_answer_is_told_to_all_and_asked_again_later() -> None:
    answers = Answers()
    answers.broken = True
    answers.may_answer.set()
    squares = Together(answers.ask)
    told = await asyncio.gather(squares.find(1), squares.find(2), return_exceptions=True)
    assert [type(each) for each in told] == [StoreUnavailable, StoreUnavailable]
    answers.broken = False
    assert await squares.find(2) == 4


async def test_too_many_keys_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("live.adapters.sql.together.MOST_WAITING", 2)
    squares = Together(Answers().ask)
    waiting = [asyncio.create_task(squares.find(key)) for key in (1, 2)]
    await asyncio.gather(*(started(each) for each in waiting[:1]))
    with pytest.raises(StoreUnavailable):
        await asyncio.gather(squares.find(3), squares.find(4), squares.find(5))
    for each in waiting:
        each.cancel()


async def test_too_many_additions_are_refused_and_those_who_wait_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("live.adapters.sql.together.MOST_WAITING", 2)
    added: list[int] = []
    may_add = asyncio.Event()

    async def add(values: Sequence[int]) -> None:
        await may_add.wait()
        added.extend(values)

    people = Gathered(add)
    first = asyncio.create_task(people.add(1))
    await started(first)
    await started(first)
    waiting = [asyncio.create_task(people.add(number)) for number in (2, 3)]
    await started(waiting[0])
    with pytest.raises(StoreUnavailable):
        await people.add(4)
    may_add.set()
    await asyncio.gather(first, *waiting)
    assert added == [1, 2, 3]
