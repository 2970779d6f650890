"""When a hub sends: at once after a silence, then in rounds, as far apart as suits the audience.

Sending costs nearly the same for one event as for twenty, so the tick stretches: 25 ms for two
hundred people, 100 ms for a thousand, which nobody feels. What takes longer to send to goes round
without a rest, in slices between which the loop goes on: pings, acks and newcomers do not wait for
ten thousand others.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Final, Protocol

logger = logging.getLogger(__name__)

TICK_S: Final = 0.025
UNFELT_S: Final = 0.1
"""A round of a large audience begins so long after the one before, if it takes no longer itself."""

PULSE_S: Final = 0.25
SLICE_S: Final = 0.001

_EASE: Final = 12.0
"""As long as nobody feels it, a twelfth of the time goes into sending."""

_PULSE_SHARE: Final = 100
_PULSE_MAX_S: Final = 1.0
"""What is only for show takes a hundredth of the time, and is at most a second old."""


class Work(Protocol):
    """Makes a round: an iterator that sends a small portion at each step."""

    def __call__(self, *, pulse: bool) -> Iterator[None]: ...


def tick_s(took_s: float) -> float:
    """How long after a round began the next one may, by how long it took."""
    return max(TICK_S, min(_EASE * took_s, UNFELT_S))


class Rounds:
    """The times of one hub. The first portion of ``work`` is sent in the loop step of its call;
    ``failed`` is called after an exception. ``session`` is for the log."""

    def __init__(self, work: Work, failed: Callable[[], None], *, session: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._session = session
        self._work = work
        self._failed = failed
        self._events_due = False
        self._events_at = 0.0
        self._pulse_due = False
        self._pulse_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._round: Iterator[None] | None = None
        self._started = 0.0
        self._pulsed = False
        self._stopped = False

    @property
    def under_way(self) -> bool:
        """Whether some have been sent this round and others not yet."""
        return self._round is not None

    def events(self) -> None:
        """There is something to tell: now, if nothing was sent lately."""
        self._events_due = True
        self._schedule(at_once=True)

    def pulse(self) -> None:
        """The tallies moved: they go out with the next round that they may be part of."""
        self._pulse_due = True
        self._schedule(at_once=False)

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped = True
        self._cancel()
        self._round = None

    def _schedule(self, *, at_once: bool) -> None:
        nothing_due = not (self._events_due or self._pulse_due)
        if nothing_due or self._stopped or self._round is not None:
            return
        now = self._loop.time()
        due = self._events_at if self._events_due else max(self._events_at, self._pulse_at)
        if due <= now and at_once:
            self._begin()
        elif self._timer is None or due < self._timer_at:
            self._cancel()
            self._timer_at = due  # uvloop's handles do not tell
            self._timer = self._loop.call_at(due, self._begin)

    def _begin(self) -> None:
        self._cancel()
        self._started = self._loop.time()
        self._pulsed = self._pulse_due and self._pulse_at <= self._started
        self._events_due = False
        self._pulse_due = self._pulse_due and not self._pulsed
        self._round = self._work(pulse=self._pulsed)
        self._slice()

    def _slice(self) -> None:
        """Send for a while; the rest of the round has a loop step of its own."""
        if self._round is None:
            return
        until = self._loop.time() + SLICE_S
        try:
            for _ in self._round:
                if self._loop.time() >= until:
                    self._loop.call_soon(self._slice)
                    return
        except Exception:
            # The room, in whose step this may be, goes on.
            logger.exception("the fan-out failed", extra={"session": self._session})
            self._failed()
        self._end()

    def _end(self) -> None:
        self._round = None
        took = self._loop.time() - self._started
        self._events_at = self._started + tick_s(took)
        if self._pulsed:
            pause = min(max(PULSE_S, _PULSE_SHARE * took), _PULSE_MAX_S)
            self._pulse_at = self._started + pause
        self._schedule(at_once=False)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
