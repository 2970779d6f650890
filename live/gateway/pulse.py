"""What everyone is told of the moment: how many are here, what they tapped, who writes, and how far
apart they should come back, should they all have to at once. Of the moment, and numbered by nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from live.domain.ids import ParticipantId
from live.domain.session_commands import ReactionKind
from live.gateway.crush import spread
from live.gateway.curves import Curves
from live.ports.clock import Clock
from live.room.surface import AnyRoom
from live.wire import shapes, snapshot_shapes
from live.wire.frames import PulseFrame, Reconnect
from live.wire.pulse import CurveTick

TYPING_S: Final = 6.0

_MANY: Final = 1_000
_COUNT_SWEEPS: Final = 3
"""Among so many, one more or less is told so many sweeps later at most."""

_ENCODER = msgspec.json.Encoder()


class Pulse:
    """One hub's pulse. ``due`` is called when there is something new to tell; ``ordinary`` is how a
    small audience comes back."""

    def __init__(
        self, room: AnyRoom, clock: Clock, ordinary: Reconnect, due: Callable[[], None]
    ) -> None:
        self._room = room
        self._now = clock.monotonic
        self._ordinary = ordinary
        self._due = due
        self._curves = Curves(room.state, clock.now)
        self._tallied: dict[shapes.ReactionKind, int] | None = None
        self._typing: dict[ParticipantId, float] = {}
        self._uncounted = False
        self._sweeps = 0

    # --- what moves it

    def tapped(self) -> None:
        """The tallies of the room moved."""
        self._tallied = None
        self._due()

    def typing(self, participant_id: ParticipantId, *, on: bool) -> None:
        """Count someone as typing for a few seconds, or no more."""
        before = len(self._typing)
        if on:
            self._typing[participant_id] = self._now() + TYPING_S
        else:
            self._typing.pop(participant_id, None)
        if len(self._typing) != before:
            self._due()

    def people_changed(self) -> None:
        """Have everyone told how many are here: soon, or where that changes all the time, every
        three seconds."""
        if self._room.crowd.here < _MANY:
            self._due()
        else:
            self._uncounted = True

    def left(self, participant_id: ParticipantId) -> None:
        """Someone is gone, and writes no more."""
        self._typing.pop(participant_id, None)
        self.people_changed()

    def sweep(self) -> None:
        """A second has passed: some write no more, and late counts are due."""
        now = self._now()
        stopped = [each for each, until in self._typing.items() if until <= now]
        for participant_id in stopped:
            del self._typing[participant_id]
        self._sweeps += 1
        counted = self._uncounted and self._sweeps % _COUNT_SWEEPS == 0
        if counted:
            self._uncounted = False
        if counted or stopped:
            self._due()

    # --- what is told

    @property
    def reconnect(self) -> Reconnect:
        """How the people of this node should come back, should they all have to at once."""
        return spread(self._ordinary, self._room.crowd.here)

    def frame(self, curve: list[CurveTick] | UnsetType = UNSET) -> bytes:
        """The JSON of a ``pulse`` frame; the team's has a ``curve`` where that moved."""
        crowd = self._room.crowd
        crowd.typing_here(len(self._typing))
        if self._tallied is None:
            self._tallied = _tallied(self._room.state.reactions.items())
        speaking = UNSET if crowd.speaking is None else list(crowd.speaking)
        data = snapshot_shapes.Pulse(crowd.present, self._tallied, crowd.typing, curve, speaking)
        told = self.reconnect
        reconnect = UNSET if told is self._ordinary else told
        return _ENCODER.encode(PulseFrame(data=data, reconnect=reconnect))

    def curve(self) -> bytes | None:
        """The team's frame with what moved since the last one; None where nothing did."""
        moved = self._curves.news()
        return self.frame(moved) if moved else None


def _tallied(
    reactions: Iterable[tuple[tuple[str, str], int]],
) -> dict[shapes.ReactionKind, int]:
    """The totals of all segments together."""
    totals: dict[shapes.ReactionKind, int] = {kind.value: 0 for kind in ReactionKind}
    for (kind, _), count in reactions:
        totals[ReactionKind(kind).value] += count
    return totals
