"""The curves of the pulse as the team may see them: never a group of fewer than five people, nor
one that could be found by subtraction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from live.domain.pulse import TEAM, Cell, Tick, tick_at
from live.domain.small_cells import shown_line
from live.domain.state import RoomState
from live.gateway.views import rfc3339
from live.wire.pulse import CurveTick, Figures

_BACK = 5
_AHEAD = 2
"""Another node's clock may be so many ticks behind or ahead."""


def curve(ticks: Iterable[Tick]) -> list[CurveTick]:
    """Ticks as they may be shown; they come in the order of time."""
    told = []
    before: Mapping[Cell, int] = {}
    for tick in ticks:
        here = before if tick.here is None else tick.here
        told.append(_told(tick, before, here))
        before = here
    return told


class Curves:
    """What one hub's team was told of the curves; ``news`` is what moved since."""

    def __init__(self, state: RoomState, wall: Callable[[], datetime]) -> None:
        self._state = state
        self._wall = wall
        self._known: dict[int, Tick] = {}

    def news(self) -> list[CurveTick]:
        """The ticks that are new or different, oldest first."""
        now, ticks = tick_at(self._wall()), self._state.ticks
        found = {at: ticks.get(at) for at in range(now - _BACK, now + _AHEAD + 1)}
        recent = {at: tick for at, tick in found.items() if tick is not None}
        moved = {at for at, tick in recent.items() if self._known.get(at) is not tick}
        self._known = recent
        if not moved:
            return []
        before = self._here_before(min(recent))
        told = []
        for at, tick in recent.items():
            here = before if tick.here is None else tick.here
            if at in moved:
                told.append(_told(tick, before, here))
            before = here
        return told

    def _here_before(self, at: int) -> Mapping[Cell, int]:
        known = [each for each in self._state.ticks.values() if each.at < at and each.here]
        return max(known, key=lambda each: each.at).here or {} if known else {}


def _told(tick: Tick, before: Mapping[Cell, int], here: Mapping[Cell, int]) -> CurveTick:
    everything: dict[str, int] = {}
    for (_, _, signal), count in tick.counts.items():
        everything[signal] = everything.get(signal, 0) + count
    segments = _parted(tick, before, here, 0)
    for segment, (mean, _) in (tick.moods or {}).items():
        if segment in segments:
            segments[segment] = Figures(
                segments[segment].present, segments[segment].counts, mean / 1000
            )
    return CurveTick(
        at=rfc3339(tick.begins),
        all=Figures(present=sum(here.values()), counts=everything),
        segments=segments,
        languages=_parted(tick, before, here, 1),
    )


def _parted(
    tick: Tick, before: Mapping[Cell, int], here: Mapping[Cell, int], axis: int
) -> dict[str, Figures]:
    """By segment or by language, of those who are enough; who left in this tick counts as here."""
    counts: dict[str, dict[str, int]] = {}
    for (segment, language, signal), count in tick.counts.items():
        if segment != TEAM:
            of_one = counts.setdefault((segment, language)[axis], {})
            of_one[signal] = of_one.get(signal, 0) + count
    now, then = _sums(here, axis), _sums(before, axis)
    sizes = {
        name: max(now.get(name, 0), then.get(name, 0), int(name in counts))
        for name in sorted({*now, *then, *counts})
    }
    return {
        name: Figures(present=now.get(name, 0), counts=counts.get(name, {}))
        for name, size in shown_line(sizes).items()
        if size is not None
    }


def _sums(people: Mapping[Cell, int], axis: int) -> dict[str, int]:
    sums: dict[str, int] = {}
    for cell, count in people.items():
        sums[cell[axis]] = sums.get(cell[axis], 0) + count
    return sums
