"""How each segment feels, over a sliding window: tallies, never anybody's own mood.

A segment of fewer than ``FEWEST`` people is not told: in a small group a tally is a person.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from live.domain.ids import ParticipantId, SessionId

WINDOW_S: Final = 120.0
STEP_S: Final = 10.0
POINTS: Final = 30
FEWEST: Final = 5
MOST_LINES: Final = 5_000
MOST_SESSIONS: Final = 256


@dataclass(frozen=True, slots=True)
class Mood:
    """One segment now: the mean over its people, from -1 (unhappy) to 1, and how many they are.
    ``curve`` is the mean every ``STEP_S``, the latest last; None where too few had spoken."""

    value: float
    people: int
    curve: tuple[float | None, ...]


@dataclass(slots=True)
class _Session:
    lines: deque[tuple[float, ParticipantId, str, int]] = field(
        default_factory=lambda: deque(maxlen=MOST_LINES)
    )


class Moods:
    """Times are in seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[SessionId, _Session] = OrderedDict()

    def note(
        self,
        session_id: SessionId,
        author_id: ParticipantId,
        *,
        segment: str,
        mood: int,
        now_s: float,
    ) -> None:
        """Count one line; ``mood`` is -1, 0 or 1."""
        session = self._sessions.setdefault(session_id, _Session())
        self._sessions.move_to_end(session_id)
        if len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)
        session.lines.append((now_s, author_id, segment, mood))
        oldest = now_s - WINDOW_S - POINTS * STEP_S
        while session.lines and session.lines[0][0] < oldest:
            session.lines.popleft()

    def forget(self, session_id: SessionId, author_id: ParticipantId) -> None:
        """Someone was erased: their lines count no more."""
        session = self._sessions.get(session_id)
        if session is not None:
            kept = [line for line in session.lines if line[1] != author_id]
            session.lines = deque(kept, maxlen=MOST_LINES)

    def now(self, session_id: SessionId, now_s: float) -> Mapping[str, tuple[float, int]]:
        """The mean and the people of each segment that is large enough to be told."""
        session = self._sessions.get(session_id)
        means = {} if session is None else _means(session, now_s)
        return {segment: (round(mean, 3), people) for segment, (mean, people) in means.items()}

    def of(self, session_id: SessionId, now_s: float) -> Mapping[str, Mood]:
        """The segments that are large enough to be told, by name."""
        session = self._sessions.get(session_id)
        if session is None:
            return {}
        ends = [now_s - STEP_S * back for back in reversed(range(POINTS))]
        columns = [_means(session, end) for end in ends]
        return {
            segment: Mood(
                round(value, 3),
                people,
                tuple(
                    round(column[segment][0], 3) if segment in column else None
                    for column in columns
                ),
            )
            for segment, (value, people) in sorted(columns[-1].items())
        }


def _means(session: _Session, end_s: float) -> dict[str, tuple[float, int]]:
    """The mean and the people of each segment that enough have spoken in. Everyone counts once,
    however much they write."""
    said: dict[str, dict[ParticipantId, list[int]]] = {}
    for at_s, author, segment, mood in session.lines:
        if end_s - WINDOW_S < at_s <= end_s:
            said.setdefault(segment, {}).setdefault(author, []).append(mood)
    return {
        segment: (
            sum(sum(moods) / len(moods) for moods in people.values()) / len(people),
            len(people),
        )
        for segment, people in said.items()
        if len(people) >= FEWEST
    }
