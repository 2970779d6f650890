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

    def knows(self, owner: LegOwner) -> bool:
        """Whether they were let in to as much, and have asked since."""
        held = self._seen.get((owner.session_id, owner.participant_id))
        if held is None or self._clock() - held[1] > GONE_S:
            return False
        return held[0].picture or not owner.picture

    def note(self, owner: LegOwner) -> None:
        """They ask now."""
        self._seen[owner.session_id, owner.participant_id] = (owner, self._clock())

    def forget(self, session_id: str, participant_id: str | None = None) -> None:
        """Let go of someone, or of everyone."""
        if participant_id is not None:
            self._seen.pop((session_id, participant_id), None)
            return
        for key in [key for key in self._seen if key[0] == session_id]:
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
