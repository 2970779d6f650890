"""The last minutes of a pulse, summed by segment and by language as rules ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from live.domain.pulse import PRESENT, TEAM, TICK_S, Cell, Tick
from moderation.cues.statistics import Base, dispersion

BASE_S: Final = 300
GAP_S: Final = 30
"""What is compared with the base is so far from it that its own beginning is not in it."""

BLOCK_TICKS: Final = 5
PRIOR_EVENTS: Final = 1.0
PRIOR_PERSON_S: Final = 1_200.0
"""Before anything was seen: one event for each person in twenty minutes, and not much of it."""


class Group(NamedTuple):
    """Whom it is about; None fits all."""

    segment: str | None = None
    language: str | None = None


EVERYONE: Final = Group()


@dataclass(slots=True)
class _Sums:
    tick: Tick
    counts: dict[tuple[Group, str], int] = field(default_factory=dict)
    here: dict[Group, int] | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """What some people did in ``seconds`` before a moment, and ``base`` before that. ``base_count``
    in ``base_seconds`` is what of it was counted; counts are divided by ``spread`` to compare."""

    count: int
    people: int
    seconds: int
    exposure: float
    base: Base
    base_count: int
    base_seconds: int
    spread: float

    @property
    def expected(self) -> float:
        return self.base.expected(self.exposure) * self.spread


class History:
    """Up to the tick ``upto``, which is not in it any more; ``began`` is the first that counts.
    Ticks that were summed once are not summed again."""

    def __init__(self) -> None:
        self._sums: dict[int, _Sums] = {}
        self._here: dict[Group, int] = {}
        self._running: dict[tuple[Group, str], list[int]] = {}
        self._first = 0
        self._began = 0
        self.upto = 0

    def take(self, ticks: Iterable[Tick], *, began: int, upto: int) -> None:
        """Be at ``upto``."""
        known, self._sums = self._sums, {}
        self._first = upto - (BASE_S + GAP_S + 180) // TICK_S
        for tick in ticks:
            if self._first <= tick.at < upto:
                sums = known.get(tick.at)
                is_known = sums is not None and sums.tick is tick
                self._sums[tick.at] = sums if sums and is_known else _summed(tick)
        counted = [at for at, sums in self._sums.items() if sums.here is not None]
        self._here = (self._sums[max(counted)].here or {}) if counted else {}
        self._running = {}
        self._began = max(began, self._first)
        self.upto = upto

    def groups(self) -> list[Group]:
        """Segments and languages of which there is somebody now."""
        return [each for each in self._here if each != EVERYONE]

    def people(self, group: Group = EVERYONE) -> int:
        """How many are here now."""
        return self._here.get(group, 0)

    def count(self, signals: tuple[str, ...], group: Group, first: int, upto: int) -> int:
        """How many there were from the tick ``first`` on, before ``upto``; none where that is the
        earlier one, as after a clock was set back."""
        end = max(upto - self._first, 0)
        begin = min(max(first - self._first, 0), end)
        running = (self._running_sum(group, signal) for signal in signals)
        return sum(each[end] - each[begin] for each in running)

    def lately(self, signals: tuple[str, ...], group: Group, seconds: int) -> int:
        """How many there were in the last ``seconds``."""
        return self.count(signals, group, self.upto - seconds // TICK_S, self.upto)

    def window(self, signals: tuple[str, ...], group: Group, seconds: int) -> Window:
        """The last ``seconds``, with what was before them."""
        begins = self.upto - seconds // TICK_S
        ends = begins - GAP_S // TICK_S
        first = max(self._began, ends - BASE_S // TICK_S)
        blocks = [
            self.count(signals, group, at, min(at + BLOCK_TICKS, ends))
            for at in range(first, ends, BLOCK_TICKS)
        ]
        base_count, base_seconds = sum(blocks), max(ends - first, 0) * TICK_S
        spread = dispersion(blocks)
        people = self.people(group)
        exposure = self._person_seconds(group, first, ends)
        return Window(
            count=self.lately(signals, group, seconds),
            people=people,
            seconds=seconds,
            exposure=max(self._person_seconds(group, begins, self.upto), 1.0),
            base=Base(PRIOR_EVENTS + base_count / spread, PRIOR_PERSON_S + exposure),
            base_count=base_count,
            base_seconds=base_seconds,
            spread=spread,
        )

    def _person_seconds(self, group: Group, first: int, upto: int) -> float:
        """People times seconds; where nothing was written they are as before."""
        return float(self.count((PRESENT,), group, first, upto) * TICK_S)

    def _running_sum(self, group: Group, signal: str) -> list[int]:
        """How many there were before each tick, from the first on."""
        key = (group, signal)
        known = self._running.get(key)
        if known is None:
            known = self._running[key] = [0]
            total = people = 0
            for at in range(self._first, self.upto):
                sums = self._sums.get(at)
                if sums is not None:
                    total += sums.counts.get(key, 0)
                    people = people if sums.here is None else sums.here.get(group, 0)
                if signal == PRESENT:
                    total += people
                known.append(total)
        return known


def _summed(tick: Tick) -> _Sums:
    sums = _Sums(tick, here=None if tick.here is None else _people(tick.here))
    for (segment, language, signal), count in tick.counts.items():
        if segment == TEAM:
            continue
        for group in (EVERYONE, Group(segment), Group(None, language)):
            key = (group, signal)
            sums.counts[key] = sums.counts.get(key, 0) + count
    return sums


def _people(here: Mapping[Cell, int]) -> dict[Group, int]:
    people: dict[Group, int] = {}
    for (segment, language), count in here.items():
        for group in (EVERYONE, Group(segment), Group(None, language)):
            people[group] = people.get(group, 0) + count
    return people
