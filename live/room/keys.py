"""Which commands were done already, so that each is done once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from live.domain.ids import ParticipantId
from live.domain.outcome import Refusal, Result
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class Done:
    """A command took effect and is on disk. ``seq`` is the last event it caused, or None."""

    seq: int | None
    result: Result


@dataclass(frozen=True, slots=True)
class Remembered:
    """What came of a command, and what its content was."""

    digest: bytes
    done: Done

    def answer(self, digest: bytes) -> Done | Refusal:
        return self.done if digest == self.digest else ID_REUSED


ID_REUSED = Refusal("id_reused", "This command id was used for something else.")


@dataclass(slots=True)
class _OfOne:
    """One participant's commands; ``complete`` while none is known to the store alone, ``asked``
    once the store has told all that there were."""

    complete: bool
    asked: bool = False
    done: dict[str, Remembered] = field(default_factory=dict)


class KeyMemory:
    """The latest commands of each participant; those before are in the store.

    A participant who came while this room was running has no others there, so that a fresh command
    of theirs needs no look into the store. Of the others the store tells all at once, and of many
    together, when the first of them says something: after a restart, or when another node takes
    over, everyone does, and a look for each would be most of the work from then on.
    """

    def __init__(self, *, most_each: int) -> None:
        self._most = most_each
        self._people: dict[ParticipantId, _OfOne] = {}

    def welcome(self, participant_id: ParticipantId) -> None:
        """Note someone new to the session: the store knows no command of theirs."""
        self._people.setdefault(participant_id, _OfOne(complete=True))

    def find(self, participant_id: ParticipantId, command_id: str) -> Remembered | None:
        person = self._people.get(participant_id)
        return None if person is None else person.done.get(command_id)

    def knows_all_of(self, participant_id: ParticipantId) -> bool:
        """Whether what is not found here is not in the store either."""
        person = self._people.get(participant_id)
        return person is not None and person.complete

    def wants_all_of(self, participant_id: ParticipantId) -> bool:
        """Whether the store is to be asked for all of this participant's commands."""
        person = self._people.get(participant_id)
        return person is None or not (person.complete or person.asked)

    def learn(self, participant_id: ParticipantId, found: Mapping[str, Remembered] | None) -> None:
        """Take what the store told; None where these are too many to be kept."""
        person = self._people.setdefault(participant_id, _OfOne(complete=False))
        person.asked = True
        if found is not None:
            person.done = {**found, **person.done}
            person.complete = True

    def remember(
        self, participant_id: ParticipantId, command_id: str, remembered: Remembered
    ) -> None:
        person = self._people.get(participant_id)
        if person is None:
            person = self._people[participant_id] = _OfOne(complete=False)
        person.done[command_id] = remembered
        if len(person.done) > self._most:
            del person.done[next(iter(person.done))]
            person.complete = False
