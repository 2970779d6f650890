"""How many people came how far, told so that no few of a segment can be picked out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from live.domain.funnel import STEPS, Reached, counted
from live.domain.ids import ParticipantId
from live.domain.people import Participant
from live.domain.small_cells import shown_line
from live.wire.pulse import Funnel

_COLUMNS: Final = range(len(STEPS))


def funnel(
    reached: Iterable[tuple[ParticipantId, Reached]],
    participants: Mapping[ParticipantId, Participant],
) -> Funnel:
    """As the team may see it."""
    people = counted(reached, participants)
    columns = [shown_line({each: row[at] for each, row in people.items()}) for at in _COLUMNS]
    return Funnel(
        steps=[str(step.name).lower() for step in STEPS],
        total=[sum(row[at] for row in people.values()) for at in _COLUMNS],
        segments={each: [column[each] for column in columns] for each in sorted(people)},
    )
