"""What was said of late in each session, as far as the policy must remember it.

In memory and bounded: after a restart it begins anew, which makes it milder, never harsher, towards
repetition, and asks again of people's first links.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import field
from typing import Final

from live.domain.ids import ParticipantId, SessionId
from live.domain.value import dataclass

WINDOW_S: Final = 60.0
MOST_LINES: Final = 2000
MOST_AUTHORS: Final = 20_000
MOST_SESSIONS: Final = 256


@dataclass(frozen=True, slots=True)
class Past:
    """What came before one line: how often its author said the same within ``WINDOW_S``, how many
    others did, and how many of the author's lines had nothing against them.
    """

    said_by_author: int = 0
    said_by_others: int = 0
    author_passed: int = 0


@dataclass(slots=True)
class _Session:
    """``said`` counts who said each of ``lines`` how often, so that none has to be searched."""

    lines: deque[tuple[float, str, ParticipantId]] = field(default_factory=deque)
    said: dict[str, dict[ParticipantId, int]] = field(default_factory=dict)
    passed: OrderedDict[ParticipantId, int] = field(default_factory=OrderedDict)

    def add(self, now_s: float, said: str, author_id: ParticipantId) -> None:
        if len(self.lines) == MOST_LINES:
            self.forget_oldest()
        self.lines.append((now_s, said, author_id))
        authors = self.said.get(said)
        if authors is None:
            self.said[said] = {author_id: 1}
        else:
            authors[author_id] = authors.get(author_id, 0) + 1

    def forget_oldest(self) -> None:
        _, said, author_id = self.lines.popleft()
        authors = self.said[said]
        authors[author_id] -= 1
        if not authors[author_id]:
            del authors[author_id]
        if not authors:
            del self.said[said]


class History:
    """Remembers lines by their letters. Times are in seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[SessionId, _Session] = OrderedDict()

    def note(
        self, session_id: SessionId, author_id: ParticipantId, said: str, now_s: float
    ) -> Past:
        """Remember a line; what came before it."""
        session = self._session(session_id)
        while session.lines and session.lines[0][0] <= now_s - WINDOW_S:
            session.forget_oldest()
        authors = session.said.get(said)
        passed = session.passed.get(author_id, 0)
        if authors is None:
            past = Past(0, 0, passed)
        else:
            past = Past(
                said_by_author=authors.get(author_id, 0),
                said_by_others=len(authors) - (author_id in authors),
                author_passed=passed,
            )
        session.add(now_s, said, author_id)
        return past

    def note_passed(self, session_id: SessionId, author_id: ParticipantId) -> None:
        """Remember that nothing was against the author's line."""
        passed = self._session(session_id).passed
        passed[author_id] = passed.get(author_id, 0) + 1
        passed.move_to_end(author_id)
        if len(passed) > MOST_AUTHORS:
            passed.popitem(last=False)

    def _session(self, session_id: SessionId) -> _Session:
        session = self._sessions.get(session_id)
        if session is None:
            session = self._sessions[session_id] = _Session()
        self._sessions.move_to_end(session_id)
        if len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return session
