"""How nodes tell each other things: news for everyone, and questions to one.

Nothing is kept and nothing is certain: each message arrives at most once. What must not be lost is
in SQL, and whoever finds a gap looks there. The bus never decides who owns what.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

Hearer = Callable[[bytes], None]
Responder = Callable[[bytes], Awaitable[bytes]]
Watcher = Callable[[], None]


class BusUnavailable(Exception):
    """There is no bus at the address given; ``str()`` says why in one sentence."""


class Unanswered(Exception):
    """The other node did not answer in time, or nobody could be asked. It may have acted."""


class Bus(Protocol):
    """One node's end of the bus.

    ``node`` is this process's name on it: unguessable, new at every start, letters and digits.
    Messages of one sender on one topic keep their order. Handlers run in the caller's loop, must
    not block and must not raise. While the bus is lost (``is_up`` is false) what is published is
    dropped and every question is ``Unanswered``; it is found again without help.
    """

    @property
    def node(self) -> str: ...

    @property
    def is_up(self) -> bool: ...

    async def start(self) -> None:
        """Connect; raises ``BusUnavailable``."""
        ...

    async def close(self) -> None:
        """Send what waits, for a second at most, then let go. Idempotent."""
        ...

    def publish(self, topic: str, payload: bytes) -> None:
        """Tell everyone who listens to ``topic``, this node included. Never blocks: where too much
        waits to be sent, the oldest is dropped."""
        ...

    async def subscribe(self, topic: str, hearer: Hearer) -> Callable[[], None]:
        """Hear what is published from the moment this returns; returns the way to stop. While the
        bus is lost it returns all the same, and hears once it is back."""
        ...

    def answer(self, subject: str, responder: Responder) -> None:
        """Answer the questions that other nodes ask this one about ``subject``."""
        ...

    async def ask(self, node: str, subject: str, payload: bytes, *, within_s: float) -> bytes:
        """Ask another node (or this one); raises ``Unanswered``, at once where that node is known
        to be gone from the bus."""
        ...

    def watch(self, watcher: Watcher) -> None:
        """Be told when the bus is lost and when it is found again (``is_up`` tells which): what was
        published between is gone."""
        ...

    async def spend(self, key: str, *, count: int, period_s: float) -> float:
        """Take one of ``count`` in ``period_s`` under ``key``, counted for all nodes together; 0.0
        when it was given, else the seconds until one is. Raises ``Unanswered``."""
        ...
