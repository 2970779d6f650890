"""Who may write a session, where several nodes serve the same ones.

The database decides, by its own clock. A node is alive until its row expires; a lease is held by a
live node, and by nobody once that node's row has expired or it let go. Each change of hands raises
the ``term``, so that what a former holder still has on its way is refused in the transaction that
would write it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from live.domain.ids import SessionId

Duty = Literal["room", "media"]
"""What is held: the right to write a session, or its picture and sound."""


@dataclass(frozen=True, slots=True)
class Lease:
    """``node`` holds it, in its ``term``-th change of hands."""

    node: str
    term: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a session stands in the database: its last event, and who lives and holds what."""

    head: int
    holders: Mapping[Duty, Lease]


class Leases(Protocol):
    """One node's way to what it holds. Calls raise ``StoreUnavailable``."""

    async def take(self, session_id: SessionId, duty: Duty) -> Lease:
        """Take it if no other node that lives holds it; whoever holds it now. A lease that this
        node holds already begins a new term: what is under way in the old one is refused."""
        ...

    async def release(self, session_id: SessionId, duty: Duty) -> None:
        """Let go of what this node holds, so that another need not wait. Idempotent."""
        ...

    async def renew(self) -> None:
        """Say that this node lives, for some seconds more."""
        ...

    async def leave(self) -> None:
        """Let go of everything: this node ends."""
        ...

    async def survey(self, session_ids: Sequence[SessionId]) -> Mapping[SessionId, Standing]:
        """Where these sessions stand now."""
        ...
