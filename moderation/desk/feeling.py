"""The gate that notes how people feel, and what they speak of, while it asks what may be said."""

from __future__ import annotations

from live.domain.dial import Level
from live.ports.clock import Clock
from live.ports.gate import Candidate, Opinion, PromptGate
from moderation.cues.impressions import Impression, Impressions
from moderation.desk.mood import Moods


class FeelingGate:
    """``PromptGate`` of another one, whose opinions feed the tallies of mood and what cues go by.
    What is held counts too: the unhappy are not to be made silent by being moderated."""

    def __init__(
        self, gate: PromptGate, moods: Moods, impressions: Impressions, clock: Clock
    ) -> None:
        self._gate = gate
        self._moods = moods
        self._impressions = impressions
        self._clock = clock

    async def review(self, candidate: Candidate) -> Opinion:
        return self._noted(candidate, await self._gate.review(candidate))

    def at_once(self, candidate: Candidate) -> Opinion | None:
        """See ``PromptGate``."""
        opinion = self._gate.at_once(candidate)
        return None if opinion is None else self._noted(candidate, opinion)

    def _noted(self, candidate: Candidate, opinion: Opinion) -> Opinion:
        if opinion.heard is None:
            return opinion
        hints, feels = opinion.heard.hints, candidate.dial.mood is not Level.OFF
        impression = Impression(hints.mood if feels else None, hints.topic)
        said = candidate.text if opinion.masked is None else opinion.masked
        self._impressions.note(candidate.session_id, candidate.author_id, said, impression)
        if feels:
            self._moods.note(
                candidate.session_id,
                candidate.author_id,
                segment=candidate.author_segment,
                mood=hints.mood,
                now_s=self._clock.monotonic(),
            )
        return opinion
