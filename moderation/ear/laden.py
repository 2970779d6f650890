"""Whether the server has so much to do that few lines should go to the ear."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

LADEN: Final = 0.65
"""Of a core: so much the server wants only when it hardly rests."""
LOOK_EVERY_S: Final = 0.5
LINES_PER_S: Final = 100
"""That a laden server has judged by the models still: handing a line over costs it as much as the
rules do, and where there is one core the ear's time is the server's."""


_SCHEDULED: Final = Path("/proc/self/schedstat")
_NANOSECOND: Final = 1e-9


def wanted_s(scheduled: Path = _SCHEDULED) -> float:
    """The processor time that this process has taken, and for how long its first thread, which is
    the loop's, could have run while others did: the ear, on the same core, would else make a server
    that never rests look as if it did. Where the system does not tell (Linux does): the former."""
    try:
        waited_ns = int(scheduled.read_text().split()[1])
    except (OSError, ValueError, IndexError):
        waited_ns = 0
    return time.process_time() + waited_ns * _NANOSECOND


class Laden:
    """Watches how much of a core this process wants. ``now`` and ``wanted`` tell seconds."""

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        wanted: Callable[[], float] = wanted_s,
    ) -> None:
        self._now = now
        self._wanted = wanted
        self._looked_at = now()
        self._wanted_then = wanted()
        self._is_laden = False
        self._next_at = 0.0

    def admits(self) -> bool:
        """Whether a line may be handed over now: always, but for a laden server's surplus."""
        now = self._now()
        passed_s = now - self._looked_at
        if passed_s >= LOOK_EVERY_S:
            wanted = self._wanted()
            self._is_laden = wanted - self._wanted_then > LADEN * passed_s
            self._looked_at, self._wanted_then = now, wanted
        if not self._is_laden:
            return True
        if now < self._next_at:
            return False
        self._next_at = now + 1 / LINES_PER_S
        return True
