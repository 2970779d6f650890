"""Whether the server has so much to do that few lines should go to the ear."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

LADEN: Final = 0.65
"""Of a core: so much the server takes only when it hardly rests; where the ear wants the same core,
it cannot take much more."""
LOOK_EVERY_S: Final = 0.5
LINES_PER_S: Final = 100
"""That a laden server has judged by the models still: handing a line over costs it as much as the
rules do, and where there is one core the ear's time is the server's."""


class Laden:
    """Watches how much of a core this process takes. ``now`` and ``used`` tell seconds, the latter
    those of processor time."""

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        used: Callable[[], float] = time.process_time,
    ) -> None:
        self._now = now
        self._used = used
        self._looked_at = now()
        self._used_then = used()
        self._is_laden = False
        self._next_at = 0.0

    def admits(self) -> bool:
        """Whether a line may be handed over now: always, but for a laden server's surplus."""
        now = self._now()
        passed_s = now - self._looked_at
        if passed_s >= LOOK_EVERY_S:
            used = self._used()
            self._is_laden = used - self._used_then > LADEN * passed_s
            self._looked_at, self._used_then = now, used
        if not self._is_laden:
            return True
        if now < self._next_at:
            return False
        self._next_at = now + 1 / LINES_PER_S
        return True
