"""Counts of cohorts, as they may be told: nobody can be picked out of them."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from live.domain.small_cells import LEAST, Cell, Shown, shown, shown_line

SEGMENTS = ("ambassador", "customer", "general", "prospect")
LANGUAGES = ("en", "fr", "nl")

people = st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 7, 12, 40, 300])
tables = st.dictionaries(
    st.tuples(st.sampled_from(SEGMENTS), st.sampled_from(LANGUAGES)), people, min_size=1
)

Unknown = tuple[str, str] | str
"""A cell, or the name of a sum."""


def told_of(table: Shown) -> dict[Unknown, int | None]:
    told: dict[Unknown, int | None] = {"total": table.total}
    told.update((cell, count) for cell, count in table.cells.items())
    for kind, sums in (("segment", table.by_segment), ("language", table.by_language)):
        told.update({f"{kind} {name}": count for name, count in sums.items()})
    return told


def equations(table: Shown) -> list[dict[Unknown, int]]:
    """What a reader knows: every sum is the sum of its parts, and what is shown is so."""
    rows: list[dict[Unknown, int]] = []
    for axis, kind, sums in ((0, "segment", table.by_segment), (1, "language", table.by_language)):
        rows += [
            {f"{kind} {name}": -1, **{cell: 1 for cell in table.cells if cell[axis] == name}}
            for name in sums
        ]
        rows.append({"total": -1, **{f"{kind} {name}": 1 for name in sums}})
    return rows


def derivable(table: Shown) -> set[Unknown]:
    """The figures kept back that the equations give away, by elimination over the rationals."""
    hidden = [name for name, count in told_of(table).items() if count is None]
    matrix = [[Fraction(row.get(name, 0)) for name in hidden] for row in equations(table)]
    solved: list[list[Fraction]] = []
    for column in range(len(hidden)):
        pivot = next((row for row in matrix if row[column] and not any(row[:column])), None)
        if pivot is None:
            continue
        matrix.remove(pivot)
        pivot = [each / pivot[column] for each in pivot]
        for rows in (matrix, solved):
            rows[:] = [
                [a - row[column] * b for a, b in zip(row, pivot, strict=True)] for row in rows
            ]
        solved.append(pivot)
    return {hidden[row.index(Fraction(1))] for row in solved if sum(1 for each in row if each) == 1}


def possible(table: Shown, counts: dict[Cell, int]) -> dict[Cell, set[int]]:
    """Values of the cells kept back in tables that look the same: those one or two people away."""
    hidden = [cell for cell, count in table.cells.items() if count is None]
    values = {cell: {counts.get(cell, 0)} for cell in hidden}
    for size in (1, 2, 3, 4):
        for moved in combinations(hidden, size):
            for steps in product((-1, 1), repeat=size):
                other = dict(counts)
                for cell, step in zip(moved, steps, strict=True):
                    other[cell] = other.get(cell, 0) + step
                if min(other.values()) >= 0 and _looks_like(table, other):
                    for cell in moved:
                        values[cell].add(other[cell])
    return values


def _looks_like(table: Shown, counts: dict[Cell, int]) -> bool:
    for axis, sums in ((0, table.by_segment), (1, table.by_language)):
        for name, told in sums.items():
            made = sum(count for cell, count in counts.items() if cell[axis] == name)
            if told is not None and made != told:
                return False
    return table.total is None or sum(counts.values()) == table.total


@given(tables)
def test_no_figure_stands_for_one_to_four_people(counts: dict[Cell, int]) -> None:
    assert not [each for each in told_of(shown(counts)).values() if each and each < LEAST]


@given(tables)
def test_what_is_shown_is_so(counts: dict[Cell, int]) -> None:
    table = shown(counts)
    assert all(told in (None, counts.get(cell, 0)) for cell, told in table.cells.items())
    assert table.total in (None, sum(counts.values()))


@given(tables)
def test_nothing_kept_back_follows_from_what_is_shown(counts: dict[Cell, int]) -> None:
    assert derivable(shown(counts)) == set()


@given(tables)
def test_no_remainder_of_a_sum_stands_for_one_to_four_people(counts: dict[Cell, int]) -> None:
    table = shown(counts)
    for axis, sums in ((0, table.by_segment), (1, table.by_language)):
        for name, told in sums.items():
            hidden = [cell for cell in counts if cell[axis] == name and table.cells[cell] is None]
            rest = sum(counts[cell] for cell in hidden)
            assert told is None or rest == 0 or rest >= LEAST
        kept_back = sum(count for cell, count in counts.items() if sums[cell[axis]] is None)
        assert table.total is None or kept_back == 0 or kept_back >= LEAST


@settings(max_examples=25)
@given(tables)
def test_every_cell_of_few_people_could_as_well_be_another_number(counts: dict[Cell, int]) -> None:
    values = possible(shown(counts), counts)
    few = [cell for cell, count in counts.items() if 0 < count < LEAST]
    assert all(len(values[cell]) > 1 for cell in few)


def test_a_table_of_many_people_is_shown_whole() -> None:
    counts = {("customer", "en"): 40, ("customer", "fr"): 0, ("general", "fr"): 60}
    table = shown(counts)
    assert table.cells == {**counts, ("general", "en"): 0}
    assert (table.by_segment, table.total) == ({"customer": 40, "general": 60}, 100)


def test_a_cell_of_three_takes_no_more_with_it_than_hides_it() -> None:
    counts = {
        (segment, language): 20 + at
        for at, (segment, language) in enumerate(product(SEGMENTS, LANGUAGES))
    }
    counts["customer", "fr"] = 3
    table = shown(counts)
    assert sum(each is None for each in table.cells.values()) == 4
    assert None not in (*table.by_segment.values(), *table.by_language.values())


def test_in_one_row_a_small_figure_hides_behind_the_next() -> None:
    assert shown_line({"a": 3, "b": 9, "c": 7}) == {"a": None, "b": 9, "c": None}
    assert shown_line({"a": 3, "b": 2, "c": 7}) == {"a": None, "b": None, "c": 7}
    assert shown_line({"a": 0, "b": 7}) == {"a": 0, "b": 7}
