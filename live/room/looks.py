"""Who has which item before their eyes, on all nodes together. Nobody keeps it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from live.domain.ids import ParticipantId
from live.domain.subject import Subject

Looking = Mapping[ParticipantId, Subject]


class Looks:
    """One item a person. ``look`` tells of this node's people, ``elsewhere`` of another's;
    ``watch`` is told whenever anything of it changed."""

    def __init__(self) -> None:
        self._here: dict[ParticipantId, Subject] = {}
        self._elsewhere: dict[str, Looking] = {}
        self._watchers: list[Callable[[], None]] = []

    @property
    def here(self) -> Looking:
        """What people of this node look at."""
        return self._here

    def everyone(self) -> dict[ParticipantId, Subject]:
        """What people of all nodes look at; what was said here goes before what was said
        elsewhere."""
        told = (*self._elsewhere.values(), self._here)
        return {who: subject for looks in told for who, subject in looks.items()}

    def look(self, participant_id: ParticipantId, subject: Subject | None) -> bool:
        """Someone of this node looks at this now, or at nothing; whether that is news."""
        if self._here.get(participant_id) == subject:
            return False
        if subject is None:
            del self._here[participant_id]
        else:
            self._here[participant_id] = subject
        self._tell()
        return True

    def elsewhere(self, node: str, looks: Looking) -> None:
        """Take what another node told; nothing of it is left once that is gone."""
        if self._elsewhere.get(node, {}) == looks:
            return
        if looks:
            self._elsewhere[node] = looks
        else:
            del self._elsewhere[node]
        self._tell()

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Be told of changes; returns the way to stop."""
        self._watchers.append(watcher)

        def stop() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return stop

    def _tell(self) -> None:
        for watcher in list(self._watchers):
            watcher()
