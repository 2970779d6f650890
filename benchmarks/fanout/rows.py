"""From what the visits counted to the lines of the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from benchmarks.fanout.visits import ASLEEP, LARGE, OURS, SMALL, Visit
from benchmarks.harness.client import Answer
from benchmarks.harness.report import Figure, Row, at_least, at_most, ratio
from live.gateway.rounds import UNFELT_S

TICK_MS: Final = UNFELT_S * 1_000
"""What the tick has stretched to before an audience of a thousand."""

Run = dict[tuple[str, int], Visit]
"""One repeat: its visits, by server and size of audience."""


def of(
    runs: Sequence[Run], server: str, size: int, load: str, what: Callable[[Answer], float]
) -> Figure:
    """A quantity of one load, in each repeat that had it."""
    visits = (run.get((server, size)) for run in runs)
    answers = (visit.answers.get(load) for visit in visits if visit is not None)
    return Figure(tuple(what(answer) for answer in answers if answer is not None))


def at_joining(runs: Sequence[Run], server: str, what: Callable[[Visit], float]) -> Figure:
    """A quantity of the large audience's coming, in each repeat that had it."""
    visits = (run.get((server, LARGE)) for run in runs)
    return Figure(tuple(what(visit) for visit in visits if visit is not None))


def us_per_delivery(answer: Answer) -> float:
    """Processor time of the server for one message at one reader."""
    return answer.server_cpu_s / answer.deliveries * 1e6 if answer.deliveries else 0.0


def cores(answer: Answer) -> float:
    """How much of a core the server used."""
    return answer.server_cpu_s / answer.seconds


def per_second(answer: Answer) -> float:
    """Deliveries a second while the load lasted."""
    return answer.in_window / answer.window_s


def joins_per_second(visit: Visit) -> float:
    """Readers a second that had their history."""
    return visit.joined.joined / visit.joined.seconds


def kilobytes(visit: Visit) -> float:
    """Memory for one connection."""
    return visit.bytes_per_reader / 1024


def compose(runs: Sequence[Run]) -> list[Row]:
    """Every line of what is to be reached; one whose peer is missing says that it has no figure."""
    return [*_small(runs), *_asleep(runs), *_large(runs), *_joining(runs)]


def _small(runs: Sequence[Run]) -> list[Row]:
    at_50 = of(runs, OURS, SMALL, "1000x50", us_per_delivery)
    nchan_50 = of(runs, "nchan", SMALL, "1000x50", us_per_delivery)
    cpu_200 = of(runs, OURS, SMALL, "1000x200", lambda each: each.server_cpu_s)
    bun_200 = of(runs, "bun", SMALL, "1000x200", lambda each: each.server_cpu_s)
    p99_ms = of(runs, OURS, SMALL, "1000x200", lambda each: each.p99_ms)
    p99 = of(runs, OURS, SMALL, "1000x200", lambda each: each.p99_ms / TICK_MS)
    apart = of(runs, OURS, SMALL, "reactions", lambda each: each.apart + each.refused)
    share = of(runs, OURS, SMALL, "reactions", lambda each: each.window_cpu_s / each.seconds * 100)
    work, twice, taps = "1,000 × 50 msg/s", "1,000 × 200 msg/s", "200 reactions/s by 1,000"
    microseconds = f"{at_50.show('µs')} against {nchan_50.show('µs')}"
    return [
        Row(work, "CPU per delivery ÷ nchan's", ratio(at_50, nchan_50), at_most(0.6), microseconds),
        Row(twice, "cores", of(runs, OURS, SMALL, "1000x200", cores), at_most(0.45)),
        Row(
            twice,
            f"p99 post → last reader, in ticks of {TICK_MS:.0f} ms",
            p99,
            at_most(2),
            p99_ms.show("ms"),
        ),
        Row(
            twice,
            "Bun's CPU seconds ÷ ours",
            ratio(bun_200, cpu_200),
            at_least(2.4),
            f"{cpu_200.show('s')} against {bun_200.show('s')}",
        ),
        Row(taps, "totals that differ", apart, at_most(0)),
        Row(taps, "% of a core", share, at_most(5)),
    ]


def _asleep(runs: Sequence[Run]) -> list[Row]:
    """What readers who never read cost, and what the others notice of them."""
    alone = of(runs, OURS, SMALL, "1000x200", lambda each: each.p99_ms)
    beside = of(runs, OURS, SMALL, "asleep", lambda each: each.p99_ms)
    lost = of(runs, OURS, SMALL, "asleep", lambda each: 0 if each.is_whole else missed(each))
    visits = (run.get((OURS, SMALL)) for run in runs)
    grown = (visit.grown_bytes.get("asleep") for visit in visits if visit is not None)
    each_mb = Figure(tuple(size / ASLEEP / 2**20 for size in grown if size is not None))
    work, waits = f"{ASLEEP} of these never read", f"{beside.show('ms')} against {alone.show('ms')}"
    return [
        Row(work, "p99 of the others ÷ what it was", ratio(beside, alone), at_most(1.1), waits),
        Row(work, "lost, doubled or cut for the others", lost, at_most(0)),
        Row(work, "MB that the server grew by, for each", each_mb, at_most(10)),
    ]


def _large(runs: Sequence[Run]) -> list[Row]:
    ours_5 = of(runs, OURS, LARGE, "10000x5", lambda each: each.p99_ms)
    nchan_5 = of(runs, "nchan", LARGE, "10000x5", lambda each: each.p99_ms)
    full = of(runs, OURS, LARGE, "saturated", per_second)
    nchan_full = of(runs, "nchan", LARGE, "saturated", per_second)
    p99 = of(runs, OURS, LARGE, "10000x200", lambda each: each.p99_ms)
    lost = of(runs, OURS, LARGE, "10000x200", lambda each: 0 if each.is_whole else missed(each))
    used = of(runs, OURS, LARGE, "10000x200", cores)
    few, many, most = "10,000 × 5 msg/s", "10,000 × 200 msg/s", "10,000, saturated"
    pace = f"{full.show('/s')} against {nchan_full.show('/s')}"
    waits = f"{ours_5.show('ms')} against {nchan_5.show('ms')}"
    return [
        Row(few, "p99 post → last reader ÷ nchan's", ratio(ours_5, nchan_5), at_most(1), waits),
        Row(many, "p99 post → last reader, ms", p99, at_most(300)),
        Row(many, "lost, doubled, cut or skipped ahead", lost, at_most(0)),
        Row(many, "cores", used, at_most(1)),
        Row(most, "deliveries/s ÷ nchan's", ratio(full, nchan_full), at_least(20), pace),
    ]


def missed(answer: Answer) -> int:
    """How much of a load did not arrive as it should, whatever the reason."""
    wrong = answer.lost + answer.doubled + answer.gaps + answer.resyncs + answer.closed
    return wrong + (answer.posts - answer.complete)


def _joining(runs: Sequence[Run]) -> list[Row]:
    memory = at_joining(runs, OURS, kilobytes)
    nchan_memory = at_joining(runs, "nchan", kilobytes)
    joins = at_joining(runs, OURS, joins_per_second)
    nchan_joins = at_joining(runs, "nchan", joins_per_second)
    join, idle = "10,000 join, 50 messages each", "10,000 idle connections"
    pace = f"{joins.show('/s')} against {nchan_joins.show('/s')}"
    theirs = f"nchan: {nchan_memory.show('KB')}"
    return [
        Row(idle, "KB of the process per connection", memory, at_most(8), theirs),
        Row(join, "joins/s ÷ nchan's", ratio(joins, nchan_joins), at_least(1.5), pace),
    ]
