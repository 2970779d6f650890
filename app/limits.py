"""How often someone may do something: at most ``count`` times in any ``period_s`` seconds."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

KEYS_MAX: Final = 20_000


@dataclass(frozen=True, slots=True)
class Rate:
    """``count`` times in any ``period_s`` seconds."""

    count: int
    period_s: float

    def __str__(self) -> str:
        return f"{self.count}/{self.period_s:g}s"


class RateLimiter:
    """Counts exactly, per key, in bounded memory.

    Each key keeps the moments of its last ``count`` acts. Beyond ``KEYS_MAX`` keys the one unused
    for longest is forgotten: under an attack from many addresses this limit is no longer the
    defence, memory is what it protects.
    """

    def __init__(self, rate: Rate, *, clock: Callable[[], float] = monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._moments: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, key: str) -> float:
        """Count one act of ``key``; 0.0 if it may go on, else the seconds until one may."""
        now = self._clock()
        moments = self._moments.setdefault(key, deque())
        self._moments.move_to_end(key)
        if len(self._moments) > KEYS_MAX:
            self._moments.popitem(last=False)
        while moments and moments[0] <= now - self._rate.period_s:
            moments.popleft()
        if len(moments) >= self._rate.count:
            return moments[0] + self._rate.period_s - now
        moments.append(now)
        return 0.0
