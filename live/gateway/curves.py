"""The curves of the pulse as the team may see them: never a group of fewer than five people, nor
one that could be found by subtraction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from msgspec import UNSET
from msgspec.structs import replace

from live.domain.pulse import TEAM, Cell, Tick, tick_at
from live.domain.small_cells import shown_line, shown_part
from live.domain.state import RoomState
from live.gateway.views import rfc3339
from live.wire.pulse import CurveTick, Figures

_BACK = 5
_AHEAD = 2
"""Another node's clock may be so many ticks behind or ahead."""


class _People(NamedTuple):
    """Who is here by cohort, and how many of those watch (None: not counted)."""

    here: Mapping[Cell, int]
    attentive: Mapping[Cell, int] | None


_NOBODY = _People({}, None)


def curve(ticks: Iterable[Tick]) -> list[CurveTick]:
    """Ticks as they may be shown; they come in the order of time."""
    told = []
    before = _NOBODY
    for tick in ticks:
        now = _at_its_end(tick, before)
        told.append(_told(tick, before, now))
        before = now
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
        before = self._people_before(min(recent))
        told = []
        for at, tick in recent.items():
            people = _at_its_end(tick, before)
            if at in moved:
                told.append(_told(tick, before, people))
            before = people
        return told

    def _people_before(self, at: int) -> _People:
        known = [
            each for each in self._state.ticks.values() if each.at < at and each.here is not None
        ]
        latest = max(known, key=lambda each: each.at, default=None)
        return _NOBODY if latest is None else _at_its_end(latest, _NOBODY)


def _at_its_end(tick: Tick, before: _People) -> _People:
    return before if tick.here is None else _People(tick.here, tick.attentive)


def _told(tick: Tick, before: _People, people: _People) -> CurveTick:
    here = people.here
    everything: dict[str, int] = {}
    for (_, _, signal), count in tick.counts.items():
        everything[signal] = everything.get(signal, 0) + count
    segments = _parted(tick, before.here, here, 0)
    for segment, (mean, _) in (tick.moods or {}).items():
        if segment in segments:
            segments[segment] = replace(segments[segment], mood=mean / 1000)
    return CurveTick(
        at=rfc3339(tick.begins),
        all=_watched(Figures(present=sum(here.values()), counts=everything), people),
        segments=_watched_parts(segments, people, 0),
        languages=_watched_parts(_parted(tick, before.here, here, 1), people, 1),
    )


def _watched(figures: Figures, people: _People) -> Figures:
    """With how many of all watch."""
    if people.attentive is None:
        return figures
    watching = sum(people.attentive.values())
    told = shown_part({"": watching}, {"": figures.present})[""]
    return figures if told is None else replace(figures, attentive=told)


def _watched_parts(parts: Mapping[str, Figures], people: _People, axis: int) -> dict[str, Figures]:
    """With how many of each watch."""
    if people.attentive is None:
        return dict(parts)
    told = shown_part(_sums(people.attentive, axis), _sums(people.here, axis))
    return {
        name: replace(each, attentive=UNSET if (n := told.get(name)) is None else n)
        for name, each in parts.items()
    }


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
