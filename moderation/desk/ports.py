"""What the desk needs of a running session, and where it remembers how far it has listened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from live.domain.commands import ServerAct
from live.domain.events import Recorded
from live.domain.ids import SessionId
from live.domain.state import RoomState


class Told(Protocol):
    """What one commit of a session made true."""

    @property
    def events(self) -> tuple[Recorded, ...]: ...


class Show(Protocol):
    """A running session, as its one writer has it. ``state`` is to be read within one loop step."""

    @property
    def id(self) -> SessionId: ...

    @property
    def state(self) -> RoomState: ...

    @property
    def is_open(self) -> bool: ...

    @property
    def is_writer(self) -> bool:
        """Whether this process writes it; of several nodes one does."""
        ...

    def follow(self, listener: Callable[[Told], None]) -> None:
        """Be called right after every commit, without keeping the session open by it."""
        ...

    async def recorded(self, after: int, limit: int) -> Sequence[Recorded]:
        """The events after ``after``, at most ``limit``, oldest first. Raises
        ``StoreUnavailable``."""
        ...

    async def act(self, act: ServerAct) -> object: ...


class Cursors(Protocol):
    """Up to which event of each session the filter has learned. ``put`` never goes back; both raise
    ``StoreUnavailable``."""

    async def get(self, session_id: SessionId) -> int: ...

    async def put(self, session_id: SessionId, seq: int) -> None: ...


class Erasures(Protocol):
    """Who was erased, in any session. Raises ``StoreUnavailable``."""

    async def among(self, author_ids: Sequence[str]) -> Sequence[str]: ...


class MemoryCursors:
    """``Cursors`` of a process that may forget: learning is harmless when repeated."""

    def __init__(self) -> None:
        self._seqs: dict[SessionId, int] = {}

    async def get(self, session_id: SessionId) -> int:
        return self._seqs.get(session_id, 0)

    async def put(self, session_id: SessionId, seq: int) -> None:
        self._seqs[session_id] = max(seq, self._seqs.get(session_id, 0))
