"""Results as a table and a plot, put between two markers of a document."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.harness.machine import REPOSITORY

PERFORMANCE: Final = REPOSITORY / "docs" / "performance.md"
IMAGES: Final = REPOSITORY / "docs" / "images"


@dataclass(frozen=True, slots=True)
class Figure:
    """One quantity, measured once in each repeat of a run."""

    values: tuple[float, ...]

    @property
    def middle(self) -> float:
        return median(self.values)

    def __bool__(self) -> bool:
        return bool(self.values)

    def show(self, unit: str = "") -> str:
        """The median, with the smallest and the largest value where there were several."""
        if not self.values:
            return "not measured"
        unit = f" {unit}" if unit else ""
        if len(self.values) == 1:
            return f"{number(self.middle)}{unit}"
        return (
            f"{number(self.middle)}{unit} ({number(min(self.values))}–{number(max(self.values))})"
        )


def ratio(ours: Figure, theirs: Figure) -> Figure:
    """Ours by theirs, each with its neighbour of the same repeat."""
    pairs = zip(ours.values, theirs.values, strict=False)
    return Figure(tuple(mine / other for mine, other in pairs if other))


def number(value: float) -> str:
    """Three digits that mean something, in a way that people read."""
    if abs(value) >= 1_000_000:
        return f"{value / 1_000_000:.2f} M"
    if abs(value) >= 999.5:  # which three digits would show as 1e+03
        return f"{value:,.0f}"
    return f"{value:.3g}"


@dataclass(frozen=True, slots=True)
class Goal:
    """``sign`` ≤ or ≥, and the value to reach."""

    sign: str
    value: float

    def gain(self, got: float) -> float:
        """How far beyond the goal: 1 is the goal itself, more is better."""
        if self.sign == "≥":
            return got / self.value
        return self.value / got if got else float("inf" if self.value else 1)


def at_most(value: float) -> Goal:
    """Less is better."""
    return Goal("≤", value)


def at_least(value: float) -> Goal:
    """More is better."""
    return Goal("≥", value)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of what is to be reached; ``note`` has the figures that it was made of."""

    work: str
    what: str
    got: Figure
    goal: Goal
    note: str = ""

    @property
    def reached(self) -> bool:
        return self.goal.gain(self.got.middle) >= 1

    def cells(self) -> list[str]:
        verdict = ("yes" if self.reached else "**no**") if self.got else "not measured"
        goal = f"{self.goal.sign} {number(self.goal.value)}"
        return [self.work, self.what, self.got.show(), goal, verdict, self.note]


HEAD: Final = ["work", "what", "measured: median (range)", "reach", "reached", "from"]


def table(rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown; the first row is its head."""
    head, *body = rows
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *body))


def surroundings(repeats: int) -> str:
    """Where and when a run was made: figures from elsewhere are comparable as ratios only."""
    load = os.getloadavg()[0]
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores,"
        f" Linux {platform.release()}, Python {platform.python_version()};"
        f" {repeats} interleaved repeats; load average at the end {load:.1f}."
    )


def publish(name: str, text: str, document: Path = PERFORMANCE) -> None:
    """Put ``text`` between the markers ``name`` of the document."""
    begin, end = f"<!-- {name}: written by make {name} -->", f"<!-- {name}: end -->"
    before, found, rest = document.read_text().partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{document.name} has no markers for {name}")
    document.write_text(f"{before}{begin}\n{text.strip()}\n{end}{after}")
