"""Reads from many sockets together.

A frame that comes alone wakes the loop, and waking costs more than all that is then done for a tap.
Sockets that are read here wake it once for all of them, and while it rests not at all.
"""

from __future__ import annotations

import asyncio
import logging
import select
from collections.abc import Callable
from typing import Final, Protocol

logger = logging.getLogger(__name__)

MOST_AT_ONCE: Final = 256

AVAILABLE: Final = hasattr(select, "epoll")
"""Whether the system has what this takes: Linux does."""


class Readable(Protocol):
    """A connection whose bytes are waiting."""

    def read(self) -> None:
        """Read some of them, without waiting."""
        ...

    def abort(self) -> None:
        """End the connection at once and without a word."""
        ...


class Listening:
    """Some connections, each by its descriptor. ``stirred`` is called in the loop while one of them
    has something to read, between ``wait`` and ``rest``; ``close`` is the last call."""

    def __init__(self, stirred: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._poll = select.epoll()
        self._lines: dict[int, Readable] = {}
        self._stirred = stirred
        self._waits = False

    def add(self, descriptor: int, line: Readable) -> None:
        """Read this one too."""
        self._lines[descriptor] = line
        self._poll.register(descriptor, select.EPOLLIN)
        if not self._waits and len(self._lines) == 1:
            self.wait()

    def remove(self, descriptor: int) -> None:
        """Read it no more; the descriptor is still open."""
        if self._lines.pop(descriptor, None) is not None:
            self._poll.unregister(descriptor)

    def wait(self) -> None:
        """Say as soon as there is something to read."""
        if not self._waits and self._lines:
            self._waits = True
            self._loop.add_reader(self._poll.fileno(), self._stirred)

    def rest(self) -> None:
        """Say nothing, whatever comes."""
        if self._waits:
            self._waits = False
            self._loop.remove_reader(self._poll.fileno())

    def read(self) -> int:
        """Have those read that have something to read now, 256 of them at most; how many had."""
        ready = self._poll.poll(0, MOST_AT_ONCE) if self._lines else []
        for descriptor, _ in ready:
            line = self._lines.get(descriptor)
            if line is None:
                continue  # another one's words ended it
            try:
                line.read()
            except Exception:
                # What is wrong with one is no fault of those behind.
                logger.exception("a connection could not be read")
                line.abort()
        return len(ready)

    def close(self) -> None:
        """Read nothing any more. Idempotent."""
        self.rest()
        self._lines.clear()
        self._poll.close()
