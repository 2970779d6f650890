"""A seed fixes what the demo's people do."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any

from app.demo.audience import Member, Tempo
from app.demo.client import Gone
from app.demo.lines import CHAT, PEOPLE, REPLIES, Person

LINES = 6


@dataclass
class Line:
    """A connection to nowhere that closes after so many messages."""

    chance: random.Random
    posted: list[str] = field(default_factory=list)
    gone: bool = False
    snapshot: dict[str, Any] = field(default_factory=dict)
    on_event: Any = None

    async def say(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        if kind == "message.post":
            self.posted.append(data["text"])
        if len(self.posted) == LINES:
            raise Gone
        # What a network does to the order of things.
        for _ in range(self.chance.randint(0, 3)):
            await asyncio.sleep(0)
        return {}


async def first_lines(person: Person, seed: int, network: int) -> list[str]:
    line = Line(random.Random(network))
    # What Member asks of a connection, and no more, is here.
    member = Member(person, line, lambda what: random.Random(f"{seed}/{person.name}/{what}"))  # type: ignore[arg-type]

    async def moved() -> None:
        while True:
            await member.react("heart")
            await asyncio.sleep(0)

    waves = asyncio.create_task(moved())
    await member.live(Tempo(mean_s=0.0001, first_s=0.5))
    waves.cancel()
    return line.posted


async def test_the_same_seed_gives_everyone_the_same_lines_whatever_else_moves_them() -> None:
    for person in PEOPLE[::5]:
        assert await first_lines(person, 1, 1) == await first_lines(person, 1, 2)


async def test_another_seed_gives_other_lines() -> None:
    one, other = [await first_lines(PEOPLE[0], seed, 1) for seed in (1, 2)]
    assert one != other


def test_there_are_thirty_lines_in_each_language() -> None:
    for language in ("fr", "en"):
        assert len({line for lines in CHAT[language].values() for line in lines}) >= 30
        assert REPLIES[language]
