"""What the ear made of the lines of the last minutes, for rules that can do better than by words.

No text is kept: a line is found again by a number made of its author and its words. Where the ear
is off, away, or on another node, nothing is found, and rules go by words.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from live.domain.ids import ParticipantId, SessionId

LINES_MOST: Final = 2_000
SESSIONS_MOST: Final = 256


@dataclass(frozen=True, slots=True)
class Impression:
    """``mood`` is -1, 0 or 1, None where that is not judged; ``topic`` where it has one."""

    mood: int | None = None
    topic: str | None = None


_Line = tuple[ParticipantId, int]


@dataclass(slots=True)
class Impressions:
    """Those of all sessions of this process; the oldest go first."""

    _sessions: OrderedDict[SessionId, OrderedDict[_Line, Impression]] = field(
        default_factory=OrderedDict
    )

    def note(
        self, session_id: SessionId, author_id: ParticipantId, text: str, impression: Impression
    ) -> None:
        """Remember one line."""
        lines = self._sessions.setdefault(session_id, OrderedDict())
        self._sessions.move_to_end(session_id)
        if len(self._sessions) > SESSIONS_MOST:
            self._sessions.popitem(last=False)
        lines[author_id, hash(text)] = impression
        if len(lines) > LINES_MOST:
            lines.popitem(last=False)

    def of(self, session_id: SessionId, author_id: ParticipantId, text: str) -> Impression | None:
        """What was made of a line that somebody wrote lately."""
        lines = self._sessions.get(session_id)
        return None if lines is None else lines.get((author_id, hash(text)))

    def forget(self, session_id: SessionId, author_id: ParticipantId) -> None:
        """Someone was erased."""
        lines = self._sessions.get(session_id, OrderedDict())
        for line in [line for line in lines if line[0] == author_id]:
            del lines[line]
