"""Many look-ups, few questions; many additions, few statements: those that come while one is under
way go together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Generic, TypeVar

from live.ports.store import StoreUnavailable

K = TypeVar("K")
V = TypeVar("V")

MOST_AT_ONCE: Final = 500
MOST_WAITING: Final = 20_000


class Together(Generic[K, V]):
    """Looks keys up through ``ask``, which takes some and gives those that there are.

    A key that is asked for is looked up after that moment, never taken from an answer that was on
    its way already. Alone it costs one question; when a whole audience comes back at once, a
    fraction of one. Beyond ``MOST_WAITING`` keys: ``StoreUnavailable``.
    """

    def __init__(self, ask: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._ask = ask
        self._waiting: dict[K, asyncio.Future[V | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def find(self, key: K) -> V | None:
        """What there is under ``key``, or None. Raises what ``ask`` raises."""
        found = self._waiting.get(key)
        if found is None:
            if len(self._waiting) >= MOST_WAITING:
                raise StoreUnavailable("Too many wait for the database.")
            found = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._asking is None:
            self._asking = asyncio.create_task(self._work_off(), name="look-ups")
        return await asyncio.shield(found)

    async def _work_off(self) -> None:
        try:
            while self._waiting:
                keys = list(self._waiting)[:MOST_AT_ONCE]
                await self._answer({key: self._waiting.pop(key) for key in keys})
        finally:
            self._asking = None

    async def _answer(self, asked: dict[K, asyncio.Future[V | None]]) -> None:
        try:
            found = await self._ask(list(asked))
        except StoreUnavailable as error:
            for each in asked.values():
                each.set_exception(error)
                each.exception()  # who asked may be gone; nobody has to take note then
        else:
            for key, each in asked.items():
                each.set_result(found.get(key))


class Gathered(Generic[V]):
    """Adds things through ``add``, which takes several and adds all of them or, raising, none.

    Where it raises for several, each is tried alone and told its own outcome. Beyond
    ``MOST_WAITING``: ``StoreUnavailable``. Cancelling a caller does not undo what it gave.
    """

    def __init__(self, add: Callable[[Sequence[V]], Awaitable[None]]) -> None:
        self._add = add
        self._waiting: list[tuple[V, asyncio.Future[None]]] = []
        self._adding: asyncio.Task[None] | None = None

    async def add(self, value: V) -> None:
        """Return once it was added. Raises what ``add`` raises for it."""
        if len(self._waiting) >= MOST_WAITING:
            raise StoreUnavailable("Too many wait for the database.")
        added: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((value, added))
        if self._adding is None:
            self._adding = asyncio.create_task(self._work_off(), name="additions")
        await asyncio.shield(added)

    async def _work_off(self) -> None:
        try:
            while self._waiting:
                some = self._waiting[:MOST_AT_ONCE]
                del self._waiting[:MOST_AT_ONCE]
                if not await self._try(some) and len(some) > 1:
                    await asyncio.gather(*(self._try([each]) for each in some))
        finally:
            self._adding = None

    async def _try(self, some: Sequence[tuple[V, asyncio.Future[None]]]) -> bool:
        """Add these and tell them; False, and nobody is told, if several failed together."""
        values = [value for value, _ in some]
        (problem,) = await asyncio.gather(self._add(values), return_exceptions=True)
        if problem is not None and len(some) > 1:
            return False
        for _, added in some:
            if problem is None:
                added.set_result(None)
            else:
                added.set_exception(problem)
                added.exception()  # who asked may be gone; nobody has to take note then
        return True
