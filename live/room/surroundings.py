"""What rooms share of the world around them."""

from __future__ import annotations

from dataclasses import dataclass

from live.domain.outcome import Context, Refusal
from live.ports.clock import Clock, Entropy
from live.ports.gate import Gate
from live.ports.store import Store
from live.room.settings import RoomSettings


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Store, gate, time and chance, and how rooms work."""

    store: Store
    gate: Gate
    clock: Clock
    entropy: Entropy
    settings: RoomSettings

    def context(self) -> Context:
        """What deciding needs at this moment, but for the gate's view of a text."""
        settings = self.settings
        return Context(
            now=self.clock.now(),
            entropy=self.entropy,
            limits=settings.limits,
            skeleton=settings.skeleton,
            reserved=settings.reserved,
        )

    def overloaded(self, sentence: str) -> Refusal:
        """Nothing is wrong with what was asked; it may be asked again."""
        return Refusal("overloaded", sentence, retry_after_s=self.settings.retry_after_s)
