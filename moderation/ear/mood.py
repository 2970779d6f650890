"""The mood of each segment over the last minutes, for the pulse. Never anyone's in particular.

Every person counts once, with the mean of their lines, and a segment of fewer than ``FEWEST``
people is not told: a mean over four is nearly a person.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

FEWEST: Final = 5
"""People below which a segment's mood stays unsaid."""
WINDOW_S: Final = 300.0
MOST_LINES: Final = 20_000
"""Lines in the window: five minutes at 66 a second; beyond, the oldest go first."""


@dataclass(frozen=True, slots=True)
class SegmentMood:
    """``mean`` from -1 to 1 over ``people``, each counting once."""

    people: int
    mean: float


@dataclass(frozen=True, slots=True)
class _Line:
    at: float
    segment: str
    person: str
    mood: int


class MoodWindow:
    """Takes each line's mood as it comes; times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._lines: deque[_Line] = deque(maxlen=MOST_LINES)

    def add(self, *, segment: str, person: str, mood: int, at: float) -> None:
        """O(1). ``mood`` is -1, 0 or 1."""
        self._lines.append(_Line(at, segment, person, mood))
        self._leave(at)

    def forget(self, person: str) -> None:
        """As if this person had written nothing."""
        kept = [line for line in self._lines if line.person != person]
        self._lines = deque(kept, maxlen=MOST_LINES)

    def moods(self, at: float) -> Mapping[str, SegmentMood]:
        """By segment, of those large enough to be told. O(lines in the window)."""
        self._leave(at)
        told: dict[str, dict[str, list[int]]] = {}
        for line in self._lines:
            told.setdefault(line.segment, {}).setdefault(line.person, []).append(line.mood)
        return {
            segment: SegmentMood(
                len(people),
                sum(sum(moods) / len(moods) for moods in people.values()) / len(people),
            )
            for segment, people in told.items()
            if len(people) >= FEWEST
        }

    def _leave(self, at: float) -> None:
        while self._lines and self._lines[0].at <= at - WINDOW_S:
            self._lines.popleft()
