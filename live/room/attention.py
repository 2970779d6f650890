"""Who has the show before their eyes, on all nodes together: of the moment, and nobody keeps it.

Only an installation whose operator has chosen a basis for it is told (``CAUSERIE_ATTENTION``).
"""

from __future__ import annotations

from typing import Final

from live.domain.ids import ParticipantId

MARK_BYTES: Final = 8
"""A participant as nodes name them to each other (``live.room.crowd.mark_of``)."""


class Attention:
    """Marks of people. ``attend`` tells of this node's, ``elsewhere`` of another's."""

    def __init__(self) -> None:
        self._here: dict[ParticipantId, bytes] = {}
        self._elsewhere: dict[str, frozenset[bytes]] = {}

    def attend(self, participant_id: ParticipantId, mark: bytes, *, on: bool) -> bool:
        """Someone of this node looks, or looks away; whether that is news."""
        if on == (participant_id in self._here):
            return False
        if on:
            self._here[participant_id] = mark
        else:
            del self._here[participant_id]
        return True

    def told(self) -> bytes:
        """What other nodes are told: marks in a row."""
        return b"".join(self._here.values())

    def elsewhere(self, node: str, marks: bytes) -> None:
        """Take what another node told; nothing of it is left once that is gone."""
        self._elsewhere.pop(node, None)
        if marks:
            parts = (marks[at : at + MARK_BYTES] for at in range(0, len(marks), MARK_BYTES))
            self._elsewhere[node] = frozenset(parts)

    def marks(self) -> frozenset[bytes]:
        """Those of all nodes."""
        return frozenset(self._here.values()).union(*self._elsewhere.values())
