"""What an audience does, counted: two seconds at a time, by segment and language.

A count is never about one person: who tapped is not kept, only how many taps there were, and how
many people began to (somebody begins when they had not for ``AGAIN_TICKS``). The team's own are
counted under no segment, so that they are in totals and in no cohort's figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from live.domain.people import Participant
from live.domain.value import dataclass

TICK_S: Final = 2
KEPT_TICKS: Final = 15 * 60 // TICK_S
"""So much of it is in memory: a quarter of an hour. The store has all."""

AGAIN_TICKS: Final = 60 // TICK_S

MESSAGE: Final = "message"
QUESTION: Final = "question"
ARRIVED: Final = "arrived"
LEFT: Final = "left"
PRESENT: Final = "present"
"""A level and no count: how many of a cohort are here at the end of a tick."""

BEGUN: Final = {"confused": "began_confused", "applause": "began_applause"}
"""The reactions of which it is also counted how many people began with them."""

TEAM: Final = ""
"""In the place of a segment: the team itself."""

Cell = tuple[str, str]
"""A segment and a language."""

Counts = Mapping[tuple[str, str, str], int]
"""How many, by segment, language and signal: a kind of reaction, or one of the words above."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Two seconds: ``at`` is their number since 1970. ``here``: people by cohort at its end, the
    team aside; None: as before. ``moods``: by segment the mean of its moods in thousandths, and of
    how many people. ``attentive``: those of ``here`` who watch, told together with it;
    None beside it: that is not counted."""

    at: int
    counts: Counts
    here: Mapping[Cell, int] | None = None
    moods: Mapping[str, tuple[int, int]] | None = None
    attentive: Mapping[Cell, int] | None = None

    @property
    def begins(self) -> datetime:
        return moment_of(self.at)


def tick_at(moment: datetime) -> int:
    """In which tick a moment lies."""
    return int(moment.timestamp()) // TICK_S


def moment_of(at: int) -> datetime:
    """When a tick begins."""
    return datetime.fromtimestamp(at * TICK_S, UTC)


def cohort_of(participant: Participant) -> Cell:
    """Where what somebody does is counted."""
    return (TEAM if participant.role.is_staff else participant.segment, participant.language)


def with_more(known: Tick | None, more: Tick) -> Tick:
    """A tick and what happened in it besides."""
    if known is None:
        return more
    summed = dict(known.counts)
    for key, count in more.counts.items():
        summed[key] = summed.get(key, 0) + count
    return Tick(
        more.at,
        summed,
        known.here if more.here is None else more.here,
        known.moods if more.moods is None else more.moods,
        known.attentive if more.attentive is None else more.attentive,
    )


def total(ticks: Iterable[Tick], signal: str, segment: str | None = None) -> int:
    """How many of a signal there were, in one segment or all."""
    return sum(
        count
        for tick in ticks
        for (where, _, what), count in tick.counts.items()
        if what == signal and segment in (None, where)
    )
