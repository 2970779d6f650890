"""How far each person came: present, watching, reacting, talking, asking, acting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntFlag

from live.domain.ids import ParticipantId
from live.domain.people import Participant


class Reached(IntFlag):
    """What somebody has done in a session, each once and for good."""

    PRESENT = 1
    WATCHING = 2
    REACTING = 4
    TALKING = 8
    ASKING = 16
    ACTING = 32


STEPS = tuple(Reached)


def counted(
    reached: Iterable[tuple[ParticipantId, Reached]],
    participants: Mapping[ParticipantId, Participant],
) -> dict[str, list[int]]:
    """People by segment and step, in the order of ``STEPS``; everyone in the segment that they are
    of now, the team nowhere."""
    people: dict[str, list[int]] = {}
    for participant_id, steps in reached:
        participant = participants.get(participant_id)
        if participant is None or participant.role.is_staff:
            continue
        row = people.setdefault(participant.segment, [0] * len(STEPS))
        for at, step in enumerate(STEPS):
            row[at] += step in steps
    return people
