"""Who watches by HLS: whoever asked for a playlist a moment ago."""

from collections.abc import Callable, Iterator
from typing import Final

from live.ports.media import LegOwner

GONE_S: Final = 10.0
"""A player asks every two seconds; one that waits for what comes next, every six at the most."""

PARTS_FOR: Final = 200
"""Beyond so many of a session, players are told to ask for whole segments: a fourth of the
requests, some seconds later.
"""


class Watchers:
    """Those of every session, each for as long as they keep asking."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seen: dict[tuple[str, str], tuple[LegOwner, float]] = {}

    def knows(self, session_id: str, participant_id: str) -> bool:
        """Whether they were let in, and have asked since."""
        held = self._seen.get((session_id, participant_id))
        return held is not None and self._clock() - held[1] <= GONE_S

    def note(self, owner: LegOwner) -> None:
        """They ask now."""
        self._seen[owner.session_id, owner.participant_id] = (owner, self._clock())

    def forget(self, session_id: str, participant_id: str | None = None) -> None:
        """Let go of someone, or of everyone."""
        for key in list(self._seen):
            if key[0] == session_id and participant_id in {None, key[1]}:
                del self._seen[key]

    def count(self, session_id: str) -> int:
        """How many watch a session."""
        return sum(owner.session_id == session_id for owner in self)

    def __iter__(self) -> Iterator[LegOwner]:
        """Everyone who watches."""
        now = self._clock()
        for key in [key for key, (_, at) in self._seen.items() if now - at > GONE_S]:
            del self._seen[key]
        return iter([owner for owner, _ in self._seen.values()])
