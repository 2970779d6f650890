"""When everyone comes at once: how far apart they should, and when nobody more fits in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from live.wire.frames import Reconnect

RETURNS_PER_S: Final = 1_000
"""So many come back in a second at most: half of what a busy core was measured to take in."""

BEHIND_S: Final = 1.0
"""A loop that is so late serves those who are here badly enough without newcomers."""

_LOOK_EVERY_S: Final = 0.25
_COME_BACK_S: Final = 5.0


def spread(ordinary: Reconnect, audience: int) -> Reconnect:
    """The bounds of the jitter with which an audience of this size should come back."""
    takes_ms = audience * 1_000 // RETURNS_PER_S
    if takes_ms <= ordinary.min_ms:
        return ordinary
    return Reconnect(
        min_ms=ordinary.min_ms,
        max_ms=max(ordinary.max_ms, ordinary.min_ms + takes_ms),
        spread_ms=takes_ms,
    )


class Pace:
    """How late the event loop is. ``look`` begins to watch, in its loop; ``stop`` ends that.
    ``now`` tells seconds and never goes back."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._late_s = 0.0
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def look(self) -> None:
        """Begin to watch; a second time changes nothing."""
        if self._timer is None:
            self._again()

    def stop(self) -> None:
        """Watch no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def late_s(self) -> float:
        """By how much what was due lately came late, or is late now; seconds."""
        overdue = 0.0 if self._timer is None else self._now() - self._due
        return max(self._late_s, overdue)

    @property
    def retry_after_s(self) -> float | None:
        """When to try again, for newcomers and for what people ask; None while there is room."""
        return _COME_BACK_S if self.late_s > BEHIND_S else None

    def _again(self) -> None:
        self._due = self._now() + _LOOK_EVERY_S
        self._timer = asyncio.get_running_loop().call_later(_LOOK_EVERY_S, self._seen)

    def _seen(self) -> None:
        self._late_s = self._now() - self._due
        self._again()
