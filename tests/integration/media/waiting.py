"""Waiting for something to become true, for as long as a busy machine may need."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable

from tests.support.patience import PATIENCE_S


async def eventually(
    condition: Callable[[], object | Awaitable[object]],
    *,
    within_s: float = PATIENCE_S,
    every_s: float = 0.01,
) -> None:
    """Return once `condition()`, or what it gives to await, is true; TimeoutError otherwise."""
    async with asyncio.timeout(within_s):
        while not await _value(condition()):  # noqa: ASYNC110 -- it has no event to wait for
            await asyncio.sleep(every_s)


async def _value(result: object) -> object:
    return await result if inspect.isawaitable(result) else result
