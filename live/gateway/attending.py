"""Which connections have the show before their reader's eyes; a person attends by any of them."""

from __future__ import annotations

from live.domain.ids import ParticipantId
from live.domain.outcome import Refusal
from live.room.crowd import Crowd

_OFF = Refusal("wrong_state", "Attention is not counted here.")


class Attending:
    """One hub's part of it; ``on``: the operator has chosen a basis for counting it."""

    def __init__(self, crowd: Crowd, *, on: bool) -> None:
        self._crowd = crowd
        self._on = on
        self._by: dict[ParticipantId, set[int]] = {}

    def say(self, participant_id: ParticipantId, connection: int, *, on: bool) -> Refusal | None:
        """Someone looks, or looks away, on one of their connections."""
        if not self._on:
            return _OFF
        by = self._by.setdefault(participant_id, set())
        if on:
            by.add(connection)
        else:
            by.discard(connection)
        if not by:
            del self._by[participant_id]
        self._crowd.attend(participant_id, on=bool(by))
        return None

    def left(self, participant_id: ParticipantId, connection: int) -> None:
        """A connection is gone."""
        if connection in self._by.get(participant_id, ()):
            self.say(participant_id, connection, on=False)
