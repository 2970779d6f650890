"""Keeps an eye on the phases: one that raises or dawdles is skipped, counted, and given a rest."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Final, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
logger = logging.getLogger(__name__)

SLOW_S: Final = 0.05
"""That a phase may take of one line, with as much processor time for the line: a hundred times the
usual."""
TOGETHER_S: Final = 0.005
STRIKES: Final = 3
REST_S: Final = 30.0


class Watch:
    """Runs steps by name. After ``STRIKES`` failures in a row a step rests for ``REST_S``, and what
    it would have said is missing; ``skipped`` counts, by step, the lines judged without it. Both
    clocks are in seconds; ``busy`` counts the work of this thread alone, so that a laden machine is
    no fault of a phase. That is a call into the kernel, the dearest part of an easy line: see
    ``begin``.
    """

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        busy: Callable[[], float] = time.thread_time,
    ) -> None:
        self._now = now
        self._busy = busy
        self._busy_s = 0.0
        self._asked_at: float | None = None
        self._strikes: Counter[str] = Counter()
        self._rests_until: dict[str, float] = {}
        self.skipped: Counter[str] = Counter()

    @property
    def resting(self) -> list[str]:
        """The steps that are not run at this moment."""
        now = self._now()
        return sorted(step for step, until in self._rests_until.items() if until > now)

    def begin(self) -> float:
        """What ``run`` is told of a line that begins: how busy this thread has been. Lines that
        follow each other within ``TOGETHER_S`` share an answer, which then counts so much against
        each more than its own work."""
        now = self._now()
        if self._asked_at is None or not 0 <= now - self._asked_at < TOGETHER_S:
            self._asked_at = now
            self._busy_s = self._busy()
        return self._busy_s

    def run(self, step: str, work: Callable[[*Ts], T], *given: *Ts, busy_s: float) -> T | None:
        """What the step says of what it is given; None where it rests or fails. What a slow one
        says still counts. ``busy_s`` is what ``begin`` told when its line was begun."""
        begun_s = self._now()
        if self._rests_until and self._rests_until.get(step, 0.0) > begun_s:
            self.skipped[step] += 1
            return None
        try:
            said = work(*given)
        except Exception:
            logger.exception("A phase failed", extra={"phase": step})
            self.skipped[step] += 1
            self.struck(step)
            return None
        if self._now() - begun_s > SLOW_S and self._busy() - busy_s > SLOW_S:
            self.struck(step)
        elif self._strikes:
            self._strikes.pop(step, None)
        return said

    def struck(self, step: str) -> None:
        """Note a failure, or that it took too long."""
        self._strikes[step] += 1
        if self._strikes[step] >= STRIKES:
            logger.warning("A phase rests", extra={"phase": step})
            self._rests_until[step] = self._now() + REST_S
            self._strikes.pop(step)
