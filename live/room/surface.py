"""What everyone may ask of a session on this node, whoever writes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from live.domain.commands import PersonCommand, ServerAct
from live.domain.events import Recorded
from live.domain.ids import ParticipantId, SessionId
from live.domain.outcome import Refusal
from live.domain.people import Participant
from live.domain.state import RoomState
from live.room.crowd import Crowd
from live.room.keys import Done
from live.room.ledger import Listener
from live.room.step import Outcome


class AnyRoom(Protocol):
    """A room of this process (``Room``), or a session that nodes share (``SharedRoom``). ``Room``
    tells what each of these does."""

    @property
    def state(self) -> RoomState: ...
    @property
    def crowd(self) -> Crowd: ...
    @property
    def id(self) -> SessionId: ...
    @property
    def slug(self) -> str: ...
    @property
    def epoch(self) -> str: ...
    @property
    def head(self) -> int: ...
    @property
    def stopped(self) -> asyncio.Event: ...
    @property
    def is_open(self) -> bool: ...
    @property
    def is_writer(self) -> bool: ...
    @property
    def idle_s(self) -> float: ...

    async def execute(
        self,
        participant_id: ParticipantId,
        command_id: str,
        digest: bytes,
        command: PersonCommand,
    ) -> Done | Refusal: ...

    def take(
        self,
        participant_id: ParticipantId,
        command_id: str,
        digest: bytes,
        command: PersonCommand,
        told: Callable[[Outcome], None],
    ) -> bool: ...

    async def act(self, act: ServerAct, *, by: ParticipantId | None = None) -> Done | Refusal: ...

    def admit(self, participant: Participant) -> None: ...

    def vet_name(self, name: str, *, bearer: ParticipantId | None = None) -> str | Refusal: ...

    def listen(self, listener: Listener) -> Callable[[], None]: ...

    def follow(self, listener: Listener) -> None: ...

    async def recorded(self, after: int, limit: int) -> Sequence[Recorded]: ...

    async def past(self, after: int, limit: int) -> Sequence[Recorded]: ...

    async def history(self, after: int, limit: int) -> Sequence[Recorded] | None: ...

    async def settle(self) -> None: ...

    async def close(self, *, patience_s: float = 2.0) -> None: ...
