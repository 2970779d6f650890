"""The latest events of a session in memory, for those who come back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from live.domain.events import Recorded


class EventLog:
    """Contiguous events up to ``head``.

    At least ``least`` are kept once there are as many, and all that are younger than ``young_s``,
    but never more than ``most`` (and a tenth, so that forgetting is rare).
    """

    def __init__(self, head: int, *, least: int, young_s: float, most: int) -> None:
        self._events: list[Recorded] = []
        self._head = head
        self._least = least
        self._young = timedelta(seconds=young_s)
        self._most = max(most, least)

    @property
    def head(self) -> int:
        return self._head

    @property
    def begins(self) -> int:
        """The ``seq`` before the first event that is remembered."""
        return self._head - len(self._events)

    def extend(self, events: Sequence[Recorded], now: datetime) -> None:
        self._events.extend(events)
        if events:
            self._head = events[-1].seq
        if len(self._events) > self._least * 1.1:
            self._forget(now)

    def precede(self, events: Sequence[Recorded]) -> None:
        """Remember older events too, if they end where memory begins."""
        if events and events[-1].seq == self.begins:
            self._events[:0] = events

    def _forget(self, now: datetime) -> None:
        drop = max(0, len(self._events) - self._most)
        spare = len(self._events) - self._least
        while drop < spare and now - self._events[drop].at > self._young:
            drop += 1
        if drop * 10 > self._least:
            del self._events[:drop]

    def after(self, seq: int, limit: int) -> list[Recorded] | None:
        """At most ``limit`` events after ``seq``; None where they are not all in memory."""
        start = seq - self.begins
        if start < 0:
            return None
        return self._events[start : start + limit]
