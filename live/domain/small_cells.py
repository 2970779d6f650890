"""Counts of people by segment and language, told so that nobody can be picked out of them.

A figure of 1 to 4 people is not shown, and neither is what would give it away by subtraction from
the sums that are. Zero is shown where it gives nothing away: it speaks of nobody.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

LEAST = 5
"""The fewest people that one figure may stand for."""

Cell = tuple[str, str]
_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be told of a table of counts by (segment, language); None is kept back. Every
    segment of it has a cell in every language."""

    cells: Mapping[Cell, int | None]
    by_segment: Mapping[str, int | None]
    by_language: Mapping[str, int | None]
    total: int | None


def shown(counts: Mapping[Cell, int]) -> Shown:
    """The table with its sums, of which no figure, and no remainder of a sum after what is shown of
    it, stands for 1 to 4 people.

    Cells are kept back as a block: all that some segments have in some languages. Who knows the
    sums then knows the block's remainders by row and by column and nothing else; while two rows and
    two columns or more have remainders and all of them are 5 or more, no cell of it has but one
    possible value.
    """
    by_segment = shown_line(_sums(counts, 0))
    by_language = shown_line(_sums(counts, 1))
    # A cell that is not there would tell that nobody is in it.
    counts = {cell: counts.get(cell, 0) for cell in product(by_segment, by_language)}
    total = sum(counts.values())
    return Shown(
        cells=_cells(counts, by_segment, by_language),
        by_segment=by_segment,
        by_language=by_language,
        total=None if _small(total) else total,
    )


def shown_line(counts: Mapping[_Key, int]) -> dict[_Key, int | None]:
    """The same for counts in one row whose sum is known: what is kept back of them is nothing, or
    two figures and more that stand for 5 people or more together."""
    hidden = {key for key, count in counts.items() if _small(count)}
    for key in sorted((key for key in counts if counts[key] >= LEAST), key=lambda key: counts[key]):
        if not hidden or (len(hidden) > 1 and sum(counts[each] for each in hidden) >= LEAST):
            break
        hidden.add(key)
    return {key: None if key in hidden else count for key, count in counts.items()}


def shown_part(part: Mapping[_Key, int], whole: Mapping[_Key, int]) -> dict[_Key, int | None]:
    """How many of each of ``whole``, whose figures are known, are in ``part``: told where neither
    those nor the others can be found to be 1 to 4 people."""
    inside = shown_line({key: part.get(key, 0) for key in whole})
    outside = shown_line({key: count - part.get(key, 0) for key, count in whole.items()})
    return {key: None if outside[key] is None else told for key, told in inside.items()}


def _cells(
    counts: Mapping[Cell, int],
    by_segment: Mapping[str, int | None],
    by_language: Mapping[str, int | None],
) -> dict[Cell, int | None]:
    # With people in one language alone, the cells are the sums by segment over again.
    if sum(told != 0 for told in by_language.values()) < 2:
        return {cell: by_segment[cell[0]] if count else 0 for cell, count in counts.items()}
    if sum(told != 0 for told in by_segment.values()) < 2:
        return {cell: by_language[cell[1]] if count else 0 for cell, count in counts.items()}
    block = _Block(counts, (by_segment, by_language))
    return {cell: None if cell in block else count for cell, count in counts.items()}


class _Block:
    """The segments and languages whose common cells are kept back."""

    def __init__(
        self,
        counts: Mapping[Cell, int],
        sums: tuple[Mapping[str, int | None], Mapping[str, int | None]],
    ) -> None:
        self._counts = counts
        self._sums = sums
        small = [cell for cell, count in counts.items() if _small(count)]
        self._lines = ({row for row, _ in small}, {column for _, column in small})
        if small or any(None in told.values() for told in sums):
            for lines, told in zip(self._lines, sums, strict=True):
                lines.update(line for line, count in told.items() if count is None)
            while self._grows(0) or self._grows(1):
                pass

    def __contains__(self, cell: Cell) -> bool:
        return cell[0] in self._lines[0] and cell[1] in self._lines[1]

    def _grows(self, axis: int) -> bool:
        """Takes in one more row (``axis`` 0) or column, where that is needed and there is one."""
        enough = sum(map(bool, self._remainders(axis))) > 1
        if enough and not any(map(_small, self._remainders(1 - axis))):
            return False
        told, lines = self._sums[axis], self._lines[axis]
        more = [(count, line) for line, count in told.items() if count and line not in lines]
        if more:
            lines.add(min(more)[1])
        return bool(more)

    def _remainders(self, axis: int) -> Iterable[int]:
        """People in the block by row or column; those whose own sums are kept back, together."""
        told = self._sums[axis]
        by_line: dict[str | None, int] = {}
        for cell, count in self._counts.items():
            if cell in self:
                line = cell[axis] if told[cell[axis]] is not None else None
                by_line[line] = by_line.get(line, 0) + count
        return by_line.values()


def _sums(counts: Mapping[Cell, int], axis: int) -> dict[str, int]:
    sums: dict[str, int] = {}
    for cell, count in counts.items():
        sums[cell[axis]] = sums.get(cell[axis], 0) + count
    return sums


def _small(count: int) -> bool:
    return 0 < count < LEAST
