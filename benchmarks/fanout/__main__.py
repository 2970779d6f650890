"""How far a room carries: fan-out, joins, memory and reactions, with peers in the same run.

    python -m benchmarks.fanout                       everything, into docs/performance.md
    python -m benchmarks.fanout --only causerie,nchan --rows 1000x50,10000x5 --repeats 1
    python -m benchmarks.fanout --quick               a tenth of the audience, short loads, once

The server runs on one core, its load on another, all of it on loopback. A run that was narrowed
down in any way is printed and not published.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.fanout.rows import Run, compose, us_per_delivery
from benchmarks.fanout.visits import LARGE, LOADS, OURS, SMALL, Bench, Visit, session_of
from benchmarks.harness.causerie import converse, prepare
from benchmarks.harness.machine import HARNESS, Missing, compiled, pinned, two_cores
from benchmarks.harness.plot import plot
from benchmarks.harness.report import HEAD, IMAGES, Row, publish, surroundings, table

NAME = "bench-fanout"
SERVERS = (OURS, "nchan", "bun", "ws", "floor")
JOINS = "joins"
"""The row of 10,000 joins and their memory; it needs no load."""


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default=",".join(SERVERS), help=f"of {', '.join(SERVERS)}")
    names = [JOINS, *(load.name for load in LOADS)]
    parser.add_argument("--rows", default=",".join(names), help=f"of {', '.join(names)}")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="of the audiences")
    parser.add_argument("--pace", type=float, default=1.0, help="of the loads' lengths")
    parser.add_argument("--quick", action="store_true", help="--repeats 1 --scale 0.1 --pace 0.4")
    given = parser.parse_args()
    if given.quick:
        given.repeats, given.scale, given.pace = 1, 0.1, 0.4
    given.only, given.rows = given.only.split(","), given.rows.split(",")
    given.whole = sys.argv[1:] == []
    return given


def measure(given: argparse.Namespace, folder: Path) -> tuple[list[Run], list[str], float]:
    """All visits of all repeats; what was missing, in sentences; and ``POST /join`` a second."""
    cores = two_cores()
    client = compiled(HARNESS / "client.c", folder)
    chosen = [load for load in LOADS if load.name in given.rows]
    sizes = {load.readers for load in chosen} | ({LARGE} if JOINS in given.rows else set())
    audiences = {session_of(size): max(int(size * given.scale), 10) for size in sizes}
    prepared = prepare(folder, cores.server, audiences)
    converse(prepared, cores.server, client, cores.client)
    bench = Bench(folder, client, cores, prepared, given.scale, given.pace)
    missing: dict[str, str] = {}
    runs: list[Run] = []
    with pinned(cores.client):
        for _ in range(given.repeats):
            run: Run = {}
            for size, server in itertools.product((SMALL, LARGE), given.only):
                loads = [load for load in chosen if load.readers == size and server in load.servers]
                joins = JOINS in given.rows and size == LARGE and server in (OURS, "nchan")
                if (loads or joins) and server not in missing:
                    try:
                        run[server, size] = tell(server, size, bench.visit(server, size, loads))
                    except Missing as error:
                        missing[server] = str(error)
                        print(error, flush=True)
            runs.append(run)
    return runs, list(missing.values()), prepared.joins_per_s


def tell(server: str, size: int, visit: Visit) -> Visit:
    """What was counted, on standard output as it comes."""
    joined = visit.joined
    print(
        f"{server:9} {size:6} joined {joined.joined}/{joined.wanted}"
        f" at {joined.joined / joined.seconds:7.0f}/s  {visit.bytes_per_reader / 1024:5.1f} KB each"
    )
    for name, answer in visit.answers.items():
        pace = answer.in_window / answer.window_s if answer.window_s else 0
        print(
            f"          {name:10} {answer.server_cpu_s / answer.seconds:5.2f} core"
            f" {us_per_delivery(answer):6.2f} µs/delivery {pace:10,.0f} deliveries/s"
            f"  p50 {answer.p50_ms:6.1f} p99 {answer.p99_ms:6.1f} ms,"
            f" acks p99 {answer.ack_p99_ms:6.1f}"
            f"  {answer.complete}/{answer.accepted}/{answer.posts} lost {answer.lost}"
            f" gaps {answer.gaps} resyncs {answer.resyncs} closed {answer.closed}"
            f" refused {answer.refused} {answer.refusal}"
            f"  apart {answer.apart}; client {answer.client_cpu_s / answer.seconds:.2f} core,"
            f" late {answer.late_ms:.0f} ms",
            flush=True,
        )
    return visit


def text(rows: list[Row], runs: list[Run], missing: list[str], joins_per_s: float) -> str:
    """The section of the document."""
    parts = [table([HEAD, *(row.cells() for row in rows)])]
    beside = [["1,000 × 50 msg/s", "CPU per delivery", "p99 post → last reader"]]
    for server in SERVERS:
        answers = [
            visit.answers["1000x50"]
            for run in runs
            if (visit := run.get((server, SMALL))) and "1000x50" in visit.answers
        ]
        if answers:
            best = sorted(answers, key=us_per_delivery)[len(answers) // 2]
            beside.append([server, f"{us_per_delivery(best):.1f} µs", f"{best.p99_ms:.0f} ms"])
    parts.append(table(beside))
    parts.append(f"`POST /join` while the audiences were made: {joins_per_s:,.0f}/s.")
    parts += missing
    parts.append(surroundings(len(runs)))
    return "\n\n".join(parts)


def main() -> None:
    """Measure, print, and publish a whole run."""
    given = arguments()
    with TemporaryDirectory(prefix="causerie-bench-") as name:
        try:
            runs, missing, joins_per_s = measure(given, Path(name))
        except Missing as error:
            sys.exit(str(error))
    rows = compose(runs)
    written = text(rows, runs, missing, joins_per_s)
    print(f"\n{written}")
    if given.whole:
        plot(rows, IMAGES / "fanout.svg", "Fan-out: how far from each goal (longer is better)")
        publish(NAME, f"![Each figure beside its goal](images/fanout.svg)\n\n{written}")


if __name__ == "__main__":
    main()
