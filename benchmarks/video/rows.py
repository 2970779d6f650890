"""What a run came to, beside what is to be reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles

from benchmarks.harness.report import Figure, Row, at_most, number, ratio
from benchmarks.video.servers import FAST, JANUS, PURE
from benchmarks.video.storm import AUDIENCE, PRESENT, Storm
from benchmarks.video.visits import Visit

GOALS = {PURE: 0.7, FAST: 0.35}
JUDGED = (100, 200, 300)


@dataclass(slots=True)
class Run:
    """All that was measured."""

    visits: dict[tuple[str, int], list[Visit]] = field(default_factory=dict)
    rss: dict[str, dict[int, int]] = field(default_factory=dict)
    raw: dict[str, float] = field(default_factory=dict)
    joins: dict[int, list[float]] = field(default_factory=dict)
    storms: list[Storm] = field(default_factory=list)

    def cost(self, name: str, size: int) -> Figure:
        """Microseconds of processor time a packet, in each repeat."""
        return Figure(tuple(visit.us_per_packet for visit in self.visits.get((name, size), ())))

    def carried(self, name: str, size: int) -> tuple[Figure, Figure]:
        """What a packet cost one of ours and Janus, in the repeats in which both carried all."""
        pairs = [
            (ours.us_per_packet, theirs.us_per_packet)
            for ours, theirs in zip(
                self.visits.get((name, size), ()), self.visits.get((JANUS, size), ()), strict=False
            )
            if ours.carried and theirs.carried
        ]
        return Figure(tuple(o for o, _ in pairs)), Figure(tuple(t for _, t in pairs))

    def lost(self, name: str) -> Figure:
        """Packets that never came to the audiences that are judged, in each repeat."""
        rounds = zip(*(self.visits.get((name, size), ()) for size in JUDGED), strict=False)
        return Figure(tuple(float(sum(visit.lost for visit in each)) for each in rounds))

    def bytes_per_viewer(self, name: str) -> float | None:
        """What memory grew by from the smallest audience to the largest."""
        sizes = self.rss.get(name, {})
        if len(sizes) < 2:
            return None
        least, most = min(sizes), max(sizes)
        return (sizes[most] - sizes[least]) / (most - least)


def compose(run: Run) -> list[Row]:
    """The figures that have a goal."""
    rows = []
    for name, goal in GOALS.items():
        what = f"CPU per packet ÷ Janus', {name}"
        for size in JUDGED:
            ours, theirs = run.carried(name, size)
            note = f"{ours.show('µs')} against {theirs.show('µs')}"
            rows.append(Row(f"{size} viewers", what, ratio(ours, theirs), at_most(goal), note))
    beside_janus = run.bytes_per_viewer(JANUS)
    note = "" if beside_janus is None else f"Janus: {number(beside_janus / 1024)} KB"
    for name in GOALS:
        rows.append(Row("100–300 viewers", f"lost packets, {name}", run.lost(name), at_most(0)))
        each = run.bytes_per_viewer(name)
        memory = Figure(() if each is None else (each / 1024,))
        rows.append(Row("a viewer more", f"KB of memory, {name}", memory, at_most(60), note))
    for present, times in run.joins.items():
        rows += _join_rows(present, times)
    return rows + _storm_rows(run.storms)


def _join_rows(present: int, times: Sequence[float]) -> list[Row]:
    work = f"join, {present} present" if present else "join, alone"
    twentieths = quantiles(times, n=20, method="inclusive")
    note = f"{len(times)} joins, {number(min(times))}–{number(max(times))} ms"
    return [
        Row(work, "POST → first picture, ms, median", Figure((twentieths[9],)), at_most(300), note),
        Row(work, "POST → first picture, ms, p95", Figure((twentieths[18],)), at_most(600)),
    ]


def _storm_rows(storms: Sequence[Storm]) -> list[Row]:
    work = f"{AUDIENCE} join at once, {PRESENT} present"
    middles = Figure(tuple(median(storm.pictures_s) for storm in storms))
    lasts = Figure(tuple(storm.pictures_s[-1] for storm in storms))
    lost = Figure(tuple(float(storm.lost) for storm in storms))
    note = f"the median one: {middles.show('s')}"
    return [
        Row(work, "first POST → everyone's first picture, s", lasts, at_most(2), note),
        Row(work, "packets lost, by all of them", lost, at_most(0)),
    ]


def beside(run: Run) -> list[list[str]]:
    """Every server at every size, in absolute figures."""
    sizes = sorted({size for _, size in run.visits})
    lines = [["µs of CPU a packet (lost packets)", *(f"{size} viewers" for size in sizes)]]
    for name in (JANUS, PURE, FAST):
        cells = []
        for size in sizes:
            lost = sum(visit.lost for visit in run.visits.get((name, size), ()))
            cells.append(f"{run.cost(name, size).show()} ({number(lost)})")
        lines.append([name, *cells])
    return lines
