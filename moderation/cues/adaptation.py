"""What came of a cue, or of what was done without one: how it was before and after.

Two minutes on either side of the moment at which something was done (or, where nothing was, at
which it was said), for those it was about and for the others. A change is the ratio of two rates
with its exact 95 % interval (``statistics.ratio``), beside the counts it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from live.domain.cue import Cue, CueOutcome, CueRule
from live.domain.pulse import BEGUN, LEFT, MESSAGE, QUESTION, TEAM, TICK_S, Cell, Tick, tick_at
from live.domain.small_cells import LEAST
from moderation.cues.history import Group
from moderation.cues.statistics import Ratio, ratio

MEASURED_S: Final = 120
BEFORE_THAT_TICKS: Final = 450
"""Read so much further back: how many people were here when it began."""

SIGNALS: Final[Mapping[CueRule, str]] = {
    CueRule.CONFUSION: BEGUN["confused"],
    CueRule.DEPARTURES: LEFT,
    CueRule.QUESTIONS: QUESTION,
    CueRule.PRICE: QUESTION,
    CueRule.SILENCE: MESSAGE,
    CueRule.PRAISE: MESSAGE,
}
"""What is measured."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One group: counts before and after, in so many person-minutes each."""

    before: int
    before_minutes: float
    after: int
    after_minutes: float
    change: Ratio


@dataclass(frozen=True, slots=True)
class Adaptation:
    """A cue, the moment from which on it is measured, and both groups; ``others`` None: there are
    none, or too few to be told. ``complete``: both sides have their two minutes."""

    cue: Cue
    signal: str
    at: datetime
    complete: bool
    meant: Measured | None
    others: Measured | None


def moment(cue: Cue) -> datetime:
    """From when on a cue's change is measured."""
    acted = cue.outcome is CueOutcome.ACTED and cue.settled_at is not None
    return cue.settled_at if acted and cue.settled_at is not None else cue.at


def span(moments: Iterable[datetime]) -> tuple[int, int]:
    """The first and the last tick that measuring around these moments takes."""
    ticks = [tick_at(each) for each in moments]
    reach = MEASURED_S // TICK_S
    return min(ticks) - reach - BEFORE_THAT_TICKS, max(ticks) + reach


def adaptations(cues: Sequence[Cue], ticks: Iterable[Tick], now: datetime) -> list[Adaptation]:
    """All of them, the latest first; ``ticks`` are those of ``span``."""
    by_at = {each.at: each for each in ticks}
    return [_measured(each, by_at, now) for each in reversed(cues)]


@dataclass(frozen=True, slots=True)
class Around:
    """A moment, for those whom something was meant for and the others; as in ``Adaptation``."""

    complete: bool
    meant: Measured | None
    others: Measured | None


def around(
    ticks: Mapping[int, Tick], when: datetime, group: Group, signal: str, now: datetime
) -> Around:
    """How much of a signal there was before a moment, and since then up to ``now`` at most."""
    at, reach = tick_at(when), MEASURED_S // TICK_S
    upto = min(at + reach, tick_at(now))
    sides = ((at - reach, at), (at, upto))
    meant = [_Sum.of(ticks, group, signal, *side) for side in sides]
    everyone = [_Sum.of(ticks, Group(), signal, *side) for side in sides]
    others = [all_of.without(part) for all_of, part in zip(everyone, meant, strict=True)]
    return Around(
        complete=upto == at + reach,
        meant=_compared(meant),
        others=None if group == Group() else _compared(others),
    )


def _measured(cue: Cue, ticks: Mapping[int, Tick], now: datetime) -> Adaptation:
    at, signal = moment(cue), SIGNALS[cue.rule]
    found = around(ticks, at, Group(cue.segment, cue.language), signal, now)
    return Adaptation(cue, signal, at, found.complete, found.meant, found.others)


@dataclass(frozen=True, slots=True)
class _Sum:
    """What happened in a stretch of time, and among how many for how long."""

    count: int
    person_s: float
    seconds: int

    @staticmethod
    def of(ticks: Mapping[int, Tick], group: Group, signal: str, first: int, upto: int) -> _Sum:
        earlier = (at for at in range(first - 1, first - BEFORE_THAT_TICKS, -1) if at in ticks)
        here = next((h for at in earlier if (h := ticks[at].here) is not None), {})
        count = total = 0
        for at in range(first, upto):
            tick = ticks.get(at)
            if tick is not None:
                count += sum(n for key, n in tick.counts.items() if _is_in(key, group, signal))
                here = here if tick.here is None else tick.here
            total += sum(people for cell, people in here.items() if _fits(cell, group))
        return _Sum(count, float(total * TICK_S), max(upto - first, 0) * TICK_S)

    def without(self, part: _Sum) -> _Sum:
        return _Sum(self.count - part.count, self.person_s - part.person_s, self.seconds)

    @property
    def people(self) -> float:
        return self.person_s / self.seconds if self.seconds else 0.0


def _compared(sides: Sequence[_Sum]) -> Measured | None:
    """None where they are, or were, too few to be told, or where nothing was after it yet."""
    before, after = sides
    if min(before.people, after.people) < LEAST:
        return None
    return Measured(
        before.count,
        round(before.person_s / 60, 1),
        after.count,
        round(after.person_s / 60, 1),
        ratio(after.count, after.person_s, before.count, before.person_s),
    )


def _is_in(key: tuple[str, str, str], group: Group, signal: str) -> bool:
    segment, language, what = key
    return what == signal and segment != TEAM and _fits((segment, language), group)


def _fits(cell: Cell, group: Group) -> bool:
    return group.segment in (None, cell[0]) and group.language in (None, cell[1])
