"""A bus within one process: for tests, and for what speaks to itself."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from live.adapters.bus.hearers import give
from live.adapters.bus.questions import Questions
from live.ports.bus import BusUnavailable, Hearer, Responder, Unanswered, Watcher


@dataclass(slots=True)
class Exchange:
    """What several ends share. ``up`` is set false to lose the bus, true to find it again."""

    ends: list[MemoryBus] = field(default_factory=list)
    spent: dict[str, deque[float]] = field(default_factory=dict)
    up: bool = True

    def turn(self, *, on: bool) -> None:
        """Lose the bus, or find it again."""
        self.up = on
        for end in list(self.ends):
            end.changed(on=on)


class MemoryBus:
    """``Bus`` over an ``Exchange``."""

    def __init__(self, exchange: Exchange) -> None:
        self.node = secrets.token_hex(6)
        self._exchange = exchange
        self._hearers: dict[str, list[Hearer]] = {}
        self._watchers: list[Watcher] = []
        self._questions = Questions(self.node, self._post)

    @property
    def is_up(self) -> bool:
        return self._exchange.up and self in self._exchange.ends

    async def start(self) -> None:
        if not self._exchange.up:
            raise BusUnavailable("the bus is down")
        self._exchange.ends.append(self)

    async def close(self) -> None:
        if self in self._exchange.ends:
            self._exchange.ends.remove(self)
        await self._questions.close()

    def publish(self, topic: str, payload: bytes) -> None:
        if not self.is_up:
            return
        loop = asyncio.get_running_loop()
        for end in self._exchange.ends:
            loop.call_soon(end.hear, topic, payload)

    async def subscribe(self, topic: str, hearer: Hearer) -> Callable[[], None]:
        hearers = self._hearers.setdefault(topic, [])
        hearers.append(hearer)

        def stop() -> None:
            if hearer in hearers:
                hearers.remove(hearer)

        return stop

    def answer(self, subject: str, responder: Responder) -> None:
        self._questions.answer(subject, responder)

    async def ask(self, node: str, subject: str, payload: bytes, *, within_s: float) -> bytes:
        if not self.is_up:
            raise Unanswered("The bus is lost.")
        return await self._questions.ask(node, subject, payload, within_s)

    def watch(self, watcher: Watcher) -> None:
        self._watchers.append(watcher)

    async def spend(self, key: str, *, count: int, period_s: float) -> float:
        if not self.is_up:
            raise Unanswered("The bus is lost.")
        now = asyncio.get_running_loop().time()
        moments = self._exchange.spent.setdefault(key, deque())
        while moments and moments[0] <= now - period_s:
            moments.popleft()
        if len(moments) >= count:
            return moments[0] + period_s - now
        moments.append(now)
        return 0.0

    # --- what the exchange calls

    def hear(self, topic: str, payload: bytes) -> None:
        give(self._hearers.get(topic, ()), topic, payload)

    def deliver(self, letter: bytes) -> None:
        self._questions.deliver(letter)

    def changed(self, *, on: bool) -> None:
        if not on:
            self._questions.give_up()
        for watcher in self._watchers:
            watcher()

    def _post(self, node: str, letter: bytes, lost: Callable[[], None] | None = None) -> None:
        if not self.is_up:
            return
        loop = asyncio.get_running_loop()
        end = next((each for each in self._exchange.ends if each.node == node), None)
        if end is not None:
            loop.call_soon(end.deliver, letter)
        elif lost is not None:
            loop.call_soon(lost)
