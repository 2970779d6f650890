"""The gate that notes how people feel while it asks the ear what may be said."""

from __future__ import annotations

from live.domain.dial import Level
from live.ports.clock import Clock
from live.ports.gate import Candidate, Gate, Opinion
from moderation.desk.mood import Moods


class FeelingGate:
    """``Gate`` of another one, whose opinions feed the tallies of mood. What is held counts too:
    the unhappy are not to be made silent by being moderated."""

    def __init__(self, gate: Gate, moods: Moods, clock: Clock) -> None:
        self._gate = gate
        self._moods = moods
        self._clock = clock

    async def review(self, candidate: Candidate) -> Opinion:
        opinion = await self._gate.review(candidate)
        if opinion.heard is not None and candidate.dial.mood is not Level.OFF:
            self._moods.note(
                candidate.session_id,
                candidate.author_id,
                segment=candidate.author_segment,
                mood=opinion.heard.hints.mood,
                now_s=self._clock.monotonic(),
            )
        return opinion
