"""Lets those who come close together through together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

FEW: Final = 100
"""Before so small an audience everyone passes as they come."""
SHARE_S: Final = 0.0001
LONGEST_S: Final = 0.1
PATIENCE_S: Final = 300.0
"""Shared by all who are there: of three thousand each waits 0.1 s, of ten thousand 0.03, because
the round in which so many are sent to takes long enough by itself."""

ENOUGH: Final = 64


class Turnstile:
    """Who comes after a silence passes at once. Who comes soon after somebody waits, and all who do
    pass together: after up to 0.1 s, or when they are ``ENOUGH``. ``audience`` tells how many are
    there; before a thousand people a round of sending takes as long.

    Lines cost a quarter less together than one by one: the models, the decision and the commit find
    everything where the line before left it, and share one waking up and one transaction.
    """

    def __init__(self, audience: Callable[[], int]) -> None:
        self._audience = audience
        self._opens_at = 0.0
        self._waiting: list[asyncio.Future[None]] = []
        self._timer: asyncio.TimerHandle | None = None

    async def passed(self) -> bool:
        """Wait for one's turn; whether others may be passing too. Who gives up keeps nobody else
        from theirs."""
        if self._audience() < FEW:
            return False
        loop = asyncio.get_running_loop()
        if not self._waiting:
            now = loop.time()
            if now >= self._opens_at:
                self._opens_at = now + self._pause_s
                return False
            self._timer = loop.call_at(self._opens_at, self._open, loop)
        turn = loop.create_future()
        self._waiting.append(turn)
        if len(self._waiting) >= ENOUGH:
            self._open(loop)
        await turn
        return True

    @property
    def _pause_s(self) -> float:
        people = max(self._audience(), 1)
        return min(people * SHARE_S, LONGEST_S, PATIENCE_S / people)

    def _open(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        waiting, self._waiting = self._waiting, []
        self._opens_at = loop.time() + self._pause_s
        for turn in waiting:
            if not turn.done():
                turn.set_result(None)
