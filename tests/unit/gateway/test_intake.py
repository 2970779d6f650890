"""What comes close together before a large audience is heard together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from live.gateway.intake import ENOUGH, Intake
from live.room.crowd import FEW


@pytest.fixture(autouse=True)
def until_the_test_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is heard because of the time."""
    monkeypatch.setattr("live.gateway.intake.LONGEST_S", 3600.0)
    monkeypatch.setattr("live.gateway.intake.SHARE_S", 36.0)
    monkeypatch.setattr("live.gateway.intake.PATIENCE_S", 3_600_000.0)


class Words:
    """What was heard, in which order."""

    def __init__(self) -> None:
        self.heard: list[int] = []

    def say(self, number: int) -> Callable[[], None]:
        return lambda: self.heard.append(number)


async def test_before_few_people_everyone_is_heard_as_they_come() -> None:
    intake, words = Intake(lambda: FEW - 1, session="show"), Words()
    for number in range(3):
        intake.take(words.say(number))
    assert words.heard == [0, 1, 2]
    assert intake.is_empty


async def test_the_first_is_heard_at_once_and_the_others_together_when_they_are_enough() -> None:
    intake, words = Intake(lambda: 1000, session="show"), Words()
    for number in range(ENOUGH):
        intake.take(words.say(number))
    assert words.heard == [0]
    intake.take(words.say(ENOUGH))
    assert words.heard == list(range(ENOUGH + 1))
    intake.take(words.say(ENOUGH + 1))
    assert not intake.is_empty, "the next one waits again"


async def test_those_who_wait_are_heard_in_time_and_one_who_fails_stops_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("live.gateway.intake.LONGEST_S", 0.001)
    intake, words, heard = Intake(lambda: 1000, session="show"), Words(), asyncio.Event()

    def fail() -> None:
        raise RuntimeError("nobody's fault")

    for hear in (words.say(0), fail, words.say(1), heard.set):
        intake.take(hear)
    await heard.wait()
    assert words.heard == [0, 1]


async def test_what_waits_when_all_ends_is_heard_no_more() -> None:
    intake, words = Intake(lambda: 1000, session="show"), Words()
    for number in range(2):
        intake.take(words.say(number))
    intake.stop()
    intake.open()
    assert words.heard == [0]
