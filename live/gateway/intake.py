"""Hears what a large audience says together: what comes close together, in one go.

A command that comes alone finds nothing of this program where the processor looks first, and costs
two or three times what it does right behind another one. Together they are parsed, pass the gate,
are decided and committed in one wave, which is as far apart from the next as the rounds in which
everyone is sent to.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from live.gateway.listening import AVAILABLE, MOST_AT_ONCE, Listening
from live.room.crowd import FEW

logger = logging.getLogger(__name__)

SHARE_S: Final = 0.0001
LONGEST_S: Final = 0.1
PATIENCE_S: Final = 300.0
"""Shared by all who are there: of three thousand each waits 0.1 s, of ten thousand 0.03, because
the round in which so many are sent to takes long enough by itself."""

ENOUGH: Final = 64

Hear = Callable[[], None]


class Intake:
    """Calls what it is given, in the order in which it was: what comes after a silence at once,
    what comes soon after something else with all that does, up to 0.1 s later or when they are
    ``ENOUGH``. ``audience`` tells how many people are there; few are heard as they come.

    Connections that are read by ``listening``, where there is such a thing, say nothing in between:
    their bytes are read when everyone is heard."""

    def __init__(self, audience: Callable[[], int], *, session: str) -> None:
        self._audience = audience
        self._session = session
        self._loop = asyncio.get_running_loop()
        self._opens_at = 0.0
        self._is_open = False
        self._waiting: list[Hear] = []
        self._timer: asyncio.TimerHandle | None = None
        self.listening = Listening(self.open) if AVAILABLE else None

    @property
    def is_empty(self) -> bool:
        """Whether all that was said has been heard."""
        return not self._waiting

    def take(self, hear: Hear) -> None:
        """Somebody says something. ``hear`` must not block."""
        if self._is_open:
            self._hear(hear)
            return
        if not self._waiting:
            if self._audience() < FEW:
                hear()
                return
            now = self._loop.time()
            if now >= self._opens_at:
                self._opens_at = now + self._pause_s
                hear()
                return
            if self._timer is None:
                self._timer = self._loop.call_at(self._opens_at, self.open)
        self._waiting.append(hear)
        if len(self._waiting) >= ENOUGH:
            self.open()

    def open(self) -> None:
        """Hear all who wait, and read what others say."""
        waiting, self._waiting = self._waiting, []
        self._cancel()
        self._opens_at = self._loop.time() + self._pause_s
        self._is_open = True
        for hear in waiting:
            self._hear(hear)
        if self.listening is not None:
            self._listen(self.listening)
        self._is_open = False

    def _listen(self, listening: Listening) -> None:
        """Read; where somebody spoke, once more together with all who do so soon."""
        spoke = listening.read()
        if spoke and self._audience() >= FEW:
            listening.rest()
            due = self._opens_at if spoke < MOST_AT_ONCE else self._loop.time()
            self._timer = self._loop.call_at(due, self.open)
        else:
            listening.wait()

    def stop(self) -> None:
        """Hear nobody any more."""
        self._cancel()
        self._waiting.clear()
        if self.listening is not None:
            self.listening.close()

    def _hear(self, hear: Hear) -> None:
        try:
            hear()
        except Exception:
            # What is wrong with one is no fault of those behind.
            logger.exception("a frame could not be heard", extra={"session": self._session})

    @property
    def _pause_s(self) -> float:
        people = max(self._audience(), 1)
        return min(people * SHARE_S, LONGEST_S, PATIENCE_S / people)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
