"""Who is connected to a session, on all nodes together: each person once."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, KeysView
from dataclasses import dataclass
from typing import Final

from live.domain.ids import ParticipantId
from live.domain.subject import Subject
from live.room.attention import MARK_BYTES, Attention
from live.room.looks import Looks

FEW: Final = 100
"""Before so small an audience everything is taken as it comes, and nobody waits for anybody."""


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """What another node said last, and when (monotonic seconds)."""

    marks: frozenset[bytes]
    typing: int
    heard_at: float


def mark_of(participant_id: ParticipantId) -> bytes:
    """A participant in eight bytes: enough that two people of a session never share them."""
    return hashlib.blake2b(participant_id.encode(), digest_size=MARK_BYTES).digest()


class Crowd:
    """The people of one session. ``came``, ``left`` and ``typing_here`` tell of this node's,
    ``elsewhere`` of another's; ``watch`` is told when a total may have changed. ``looks`` is what
    those of the team have before their eyes, ``attention`` who watches."""

    def __init__(self) -> None:
        self.looks = Looks()
        self.attention = Attention()
        self._here: dict[ParticipantId, bytes] = {}
        self._typing_here = 0
        self._elsewhere: dict[str, _Elsewhere] = {}
        self._nodes_of: Counter[bytes] = Counter()
        self._watchers: list[Callable[[], None]] = []
        self.speaking: tuple[str, ...] | None = None
        """The seats that speak now, None where that is not told."""
        self.changes = 0
        """Rises with each change on this node."""

    @property
    def present(self) -> int:
        """Connected people, however many connections each has, and on however many nodes."""
        return len(self._nodes_of)

    @property
    def here(self) -> int:
        """Those of this node."""
        return len(self._here)

    def people(self) -> Iterator[ParticipantId]:
        """Those of this node, in the order of their coming."""
        return iter(self._here)

    def marks(self) -> KeysView[bytes]:
        """Those of all nodes, by their marks."""
        return self._nodes_of.keys()

    @property
    def typing(self) -> int:
        """How many write something just now."""
        return self._typing_here + sum(each.typing for each in self._elsewhere.values())

    def has(self, participant_id: ParticipantId) -> bool:
        """Whether someone is connected, on whichever node."""
        return mark_of(participant_id) in self._nodes_of

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Be told when another node's part changed; returns the way to stop."""
        self._watchers.append(watcher)

        def stop() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return stop

    def speak(self, seats: tuple[str, ...] | None) -> None:
        """These seats speak now, wherever their picture is."""
        if seats != self.speaking:
            self.speaking = seats
            for watcher in list(self._watchers):
                watcher()

    # --- this node

    def came(self, participant_id: ParticipantId) -> None:
        """Someone has a first connection here."""
        if participant_id not in self._here:
            mark = self._here[participant_id] = mark_of(participant_id)
            self._nodes_of[mark] += 1
            self.changes += 1

    def left(self, participant_id: ParticipantId) -> None:
        """Someone's last connection here is gone."""
        mark = self._here.pop(participant_id, None)
        if mark is not None:
            self._take(mark)
            self.looks.look(participant_id, None)
            self.attention.attend(participant_id, mark, on=False)
            self.changes += 1

    def look(self, participant_id: ParticipantId, subject: Subject | None) -> None:
        """Someone who is connected here looks at this now, or at nothing."""
        if participant_id in self._here and self.looks.look(participant_id, subject):
            self.changes += 1

    def attend(self, participant_id: ParticipantId, *, on: bool) -> None:
        """Someone who is connected here has the show before their eyes, or not."""
        mark = self._here.get(participant_id)
        if mark is not None and self.attention.attend(participant_id, mark, on=on):
            self.changes += 1

    def typing_here(self, count: int) -> None:
        """So many write here."""
        if count != self._typing_here:
            self._typing_here = count
            self.changes += 1

    def told(self) -> tuple[bytes, int]:
        """What other nodes are told: this node's people, marks in a row, and how many write."""
        return b"".join(self._here.values()), self._typing_here

    # --- the others

    def elsewhere(self, node: str, marks: bytes, typing: int, now_s: float) -> None:
        """Take what another node told."""
        former = self._elsewhere.get(node)
        fresh = frozenset(marks[at : at + MARK_BYTES] for at in range(0, len(marks), MARK_BYTES))
        self._elsewhere[node] = _Elsewhere(fresh, typing, now_s)
        old = frozenset[bytes]() if former is None else former.marks
        for mark in fresh - old:
            self._nodes_of[mark] += 1
        for mark in old - fresh:
            self._take(mark)
        if fresh != old or former is None or former.typing != typing:
            self._tell()

    def forget_silent(self, before_s: float) -> None:
        """Count no longer what nodes had that have said nothing since ``before_s``."""
        for node, each in list(self._elsewhere.items()):
            if each.heard_at < before_s:
                del self._elsewhere[node]
                self.looks.elsewhere(node, {})
                self.attention.elsewhere(node, b"")
                for mark in each.marks:
                    self._take(mark)
                self._tell()

    def _take(self, mark: bytes) -> None:
        self._nodes_of[mark] -= 1
        if self._nodes_of[mark] <= 0:
            del self._nodes_of[mark]

    def _tell(self) -> None:
        for watcher in list(self._watchers):
            watcher()
