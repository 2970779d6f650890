"""One running session: a single writer that numbers events, and what everyone reads of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from live.domain.commands import PersonCommand, ServerAct
from live.domain.events import Recorded
from live.domain.ids import ParticipantId, SessionId
from live.domain.outcome import Refusal, Result
from live.domain.people import Participant
from live.domain.state import RoomState


@dataclass(frozen=True, slots=True)
class Done:
    """A command took effect and is on disk. ``seq`` is the last event it caused, or None."""

    seq: int | None
    result: Result


@dataclass(frozen=True, slots=True)
class Committed:
    """What one batch made true. ``events`` may be empty (taps only, ``tallies``). ``audience`` are
    the participants whose role, segment or language changed: they need a new snapshot."""

    events: tuple[Recorded, ...]
    head: int
    audience: frozenset[ParticipantId]
    tallies: bool


Listener = Callable[[Committed], None]


class Room:
    """One running session.

    ``state`` is committed state, to be read only and within one loop step. ``head`` is the last
    ``seq``. Commands are taken in the order of calls per participant.
    """

    id: SessionId
    slug: str
    epoch: str
    state: RoomState

    @property
    def head(self) -> int: ...

    async def execute(
        self,
        participant_id: ParticipantId,
        command_id: str,
        digest: bytes,
        command: PersonCommand,
    ) -> Done | Refusal:
        """Do what a person asks, once per ``command_id``; returns after the commit.

        ``digest`` tells contents apart: the same id with another digest is ``id_reused``. The same
        id again gives the same answer and no second effect, also after a restart. Cancelling the
        caller does not undo what is under way.
        """
        ...

    async def act(self, act: ServerAct, *, by: ParticipantId | None = None) -> Done | Refusal:
        """Do what the server itself has to: change of state, stage, standing, erasure."""
        ...

    def admit(self, participant: Participant) -> None:
        """Make known someone whom the directory has just taken in. Idempotent; a known
        participant is left as the room knows them (``act(ChangeParticipant)`` changes)."""
        ...

    def vet_name(self, name: str, *, staff: bool) -> str | Refusal:
        """The name as it may be borne here: NFC, trimmed; or why not."""
        ...

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Be called right after every commit, in the same loop step in which it becomes visible,
        before the command's own caller goes on; returns the way to stop. Must not block."""
        ...

    async def history(self, after: int, limit: int) -> Sequence[Recorded] | None:
        """The events after ``after``, at most ``limit``, oldest first; None where they are not
        known to this epoch. All they refer to is in ``state`` until the next loop step."""
        ...

    async def close(self) -> None:
        """Finish what was taken, refuse the rest; idempotent."""
        ...
