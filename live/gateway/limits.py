"""How much one participant may ask for, across all of their connections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from live.domain.ids import ParticipantId

FRAME_BYTES: Final = 16 * 1024
_REMEMBERED_IDS: Final = 128
_MANY: Final = 4_096


@dataclass(frozen=True, slots=True)
class Rate:
    """``count`` at once, and as many again within ``per_s`` seconds, evenly."""

    count: int
    per_s: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What the gateway enforces: per participant, but ``frames`` and ``malformed`` per connection.

    ``commands`` covers everything that has no rate of its own. ``malformed`` closes at its count.
    """

    messages: Rate = Rate(5, 10)
    questions: Rate = Rate(3, 60)
    reactions: Rate = Rate(20, 1)
    ballots: Rate = Rate(20, 10)
    commands: Rate = Rate(200, 10)
    frames: Rate = Rate(240, 4)
    malformed: Rate = Rate(10, 60)
    frame_bytes: int = FRAME_BYTES


Cost = tuple[str, Rate, int]
"""Of which rate, by its name, a command takes how much."""


class Meter:
    """Counts one participant's use of several rates, each by its name.

    It holds one number per rate (the generic cell rate algorithm): the moment at which all that was
    taken will have been paid back. A command id that was let through once is let through again, so
    that repeating a command after a reconnect costs nothing.
    """

    __slots__ = ("_admitted", "_paid_back_at")

    def __init__(self) -> None:
        # Most people only watch: what they do not use takes no room.
        self._paid_back_at: dict[str, float] | None = None
        self._admitted: dict[str, None] | None = None

    def take(self, name: str, rate: Rate, *, now: float, amount: int = 1) -> float:
        """Take ``amount``; 0.0 when it was given, else the seconds until it could be."""
        if self._paid_back_at is None:
            self._paid_back_at = {}
        paid_back_at = max(self._paid_back_at.get(name, now), now)
        paid_back_at += amount * rate.per_s / rate.count
        # A microsecond of grace, so that sums of fractions do not refuse the last of a full burst.
        if (wait := paid_back_at - now - rate.per_s) > 1e-6:
            return wait
        self._paid_back_at[name] = paid_back_at
        return 0.0

    def admitted(self, command_id: str) -> bool:
        """Whether this id was let through lately."""
        return self._admitted is not None and command_id in self._admitted

    def admit(self, command_id: str) -> None:
        """Remember that this id was let through."""
        if self._admitted is None:
            self._admitted = {}
        self._admitted[command_id] = None
        if len(self._admitted) > _REMEMBERED_IDS:
            del self._admitted[next(iter(self._admitted))]

    def spend(self, command_id: str, cost: Cost, *, now: float) -> float:
        """Take what a command costs, once per id; 0.0, or the seconds to wait."""
        if self.admitted(command_id):
            return 0.0
        name, rate, amount = cost
        wait = self.take(name, rate, now=now, amount=amount)
        if wait == 0:
            self.admit(command_id)
        return wait

    def idle(self, now: float) -> bool:
        """Whether nothing is owed any more, so that a fresh meter would say the same."""
        return all(moment <= now for moment in (self._paid_back_at or {}).values())


class Meters:
    """Each participant's meter, for all of their connections and for what other nodes send in their
    name. One that owes nothing is forgotten when there are many."""

    def __init__(self) -> None:
        self._meters: dict[ParticipantId, Meter] = {}
        self._sweep_at = _MANY

    def of(self, participant_id: ParticipantId, now: float) -> Meter:
        """The meter of a participant; ``now`` as ``Meter.take`` has it."""
        meter = self._meters.get(participant_id)
        if meter is None:
            if len(self._meters) >= self._sweep_at:
                self._meters = {k: v for k, v in self._meters.items() if not v.idle(now)}
                self._sweep_at = max(_MANY, 2 * len(self._meters))
            meter = self._meters[participant_id] = Meter()
        return meter
