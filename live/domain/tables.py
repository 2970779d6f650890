"""Rows that can be changed on a draft first: a layer above committed rows, absorbed or dropped.

A layer costs what it changes, not what lies below it. Layers are one deep: readers see the rows
below, the writer sees its layer.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

from live.domain.ids import ParticipantId, QuestionId
from live.domain.question import Ballot

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Table(Generic[K, V]):
    """A mapping whose layer holds only what differs; iteration is in order of last change."""

    __slots__ = ("_rows", "_under")

    def __init__(self, under: Table[K, V] | None = None) -> None:
        self._rows: dict[K, V | None] = {}
        self._under = under

    def fork(self) -> Table[K, V]:
        return Table(self)

    def get(self, key: K) -> V | None:
        if key in self._rows:
            return self._rows[key]
        return None if self._under is None else self._under.get(key)

    def __getitem__(self, key: K) -> V:
        row = self.get(key)
        if row is None:
            raise KeyError(key)
        return row

    def __contains__(self, key: K) -> bool:
        return self.get(key) is not None

    def __setitem__(self, key: K, row: V) -> None:
        self._rows[key] = row

    def discard(self, key: K) -> None:
        if self._under is None:
            self._rows.pop(key, None)
        else:
            self._rows[key] = None

    def changed(self) -> list[V]:
        """The rows that this layer sets, deletions aside."""
        return [row for row in self._rows.values() if row is not None]

    def layer(self) -> dict[K, V]:
        """The rows that this layer sets, by key, deletions aside."""
        return {key: row for key, row in self._rows.items() if row is not None}

    def items(self) -> Iterator[tuple[K, V]]:
        if self._under is not None:
            for key, row in self._under.items():
                if key not in self._rows:
                    yield key, row
        for key, mine in self._rows.items():
            if mine is not None:
                yield key, mine

    def values(self) -> Iterator[V]:
        return (row for _, row in self.items())

    def __iter__(self) -> Iterator[K]:
        return (key for key, _ in self.items())

    def __len__(self) -> int:
        if self._under is None:
            return len(self._rows)
        gone = sum(1 for k, v in self._rows.items() if v is None and k in self._under)
        new = sum(1 for k, v in self._rows.items() if v is not None and k not in self._under)
        return len(self._under) + new - gone

    def absorb(self, layer: Table[K, V]) -> None:
        """Take over what a layer of this table changed; changed rows become the newest."""
        rows = self._rows
        for key, row in layer._rows.items():
            rows.pop(key, None)
            if row is not None:
                rows[key] = row


class Trail(Generic[K]):
    """Keys in the order in which they came, each once; the oldest may be forgotten."""

    __slots__ = ("_keep", "_keys", "_under")

    def __init__(self, keep: int | None = None, under: Trail[K] | None = None) -> None:
        self._keys: list[K] = []
        self._keep = keep
        self._under = under

    def fork(self) -> Trail[K]:
        return Trail(self._keep, self)

    def append(self, key: K) -> None:
        self._keys.append(key)

    def latest(self, count: int) -> list[K]:
        """At most ``count`` keys, the newest last."""
        mine = self._keys[-count:] if count else []
        missing = count - len(mine)
        return mine if self._under is None or not missing else self._under.latest(missing) + mine

    def __len__(self) -> int:
        return len(self._keys) + (0 if self._under is None else len(self._under))

    def absorb(self, layer: Trail[K]) -> None:
        self._keys.extend(layer._keys)
        if self._keep is not None and len(self._keys) > 2 * self._keep:
            del self._keys[: -self._keep]


class Ballots:
    """Who votes for which question, where it was cast. Taken back is as never cast."""

    __slots__ = ("_by_person", "_changes", "_deltas", "_under", "_voters")

    def __init__(self, under: Ballots | None = None) -> None:
        self._under = under
        self._voters: dict[QuestionId, set[ParticipantId]] = {}
        self._by_person: dict[ParticipantId, set[QuestionId]] = {}
        self._changes: dict[tuple[QuestionId, ParticipantId], bool] = {}
        self._deltas: dict[QuestionId, int] = {}

    def fork(self) -> Ballots:
        return Ballots(self)

    def has(self, question_id: QuestionId, participant_id: ParticipantId) -> bool:
        mine = self._changes.get((question_id, participant_id))
        if mine is not None:
            return mine
        if self._under is not None:
            return self._under.has(question_id, participant_id)
        return participant_id in self._voters.get(question_id, ())

    def cast(self, question_id: QuestionId, participant_id: ParticipantId, *, up: bool) -> None:
        if self._under is None:
            self._settle(question_id, participant_id, up=up)
        elif self.has(question_id, participant_id) != up:
            self._changes[question_id, participant_id] = up
            self._deltas[question_id] = self._deltas.get(question_id, 0) + (1 if up else -1)

    def count(self, question_id: QuestionId) -> int:
        """People who voted for this very question."""
        if self._under is None:
            return len(self._voters.get(question_id, ()))
        return self._under.count(question_id) + self._deltas.get(question_id, 0)

    def voters(self, question_id: QuestionId) -> set[ParticipantId]:
        """A set of one's own, as large as the count."""
        if self._under is None:
            return set(self._voters.get(question_id, ()))
        voters = self._under.voters(question_id)
        for (question, person), up in self._changes.items():
            if question == question_id:
                (voters.add if up else voters.discard)(person)
        return voters

    def of(self, participant_id: ParticipantId) -> set[QuestionId]:
        """The questions that this person votes for."""
        if self._under is None:
            return set(self._by_person.get(participant_id, ()))
        mine = self._under.of(participant_id)
        for (question, person), up in self._changes.items():
            if person == participant_id:
                (mine.add if up else mine.discard)(question)
        return mine

    def changed(self) -> list[Ballot]:
        return [Ballot(question, person, up) for (question, person), up in self._changes.items()]

    def absorb(self, layer: Ballots) -> None:
        for (question, person), up in layer._changes.items():
            self._settle(question, person, up=up)

    def _settle(self, question: QuestionId, person: ParticipantId, *, up: bool) -> None:
        if up:
            self._voters.setdefault(question, set()).add(person)
            self._by_person.setdefault(person, set()).add(question)
        else:
            self._voters.get(question, set()).discard(person)
            self._by_person.get(person, set()).discard(question)
