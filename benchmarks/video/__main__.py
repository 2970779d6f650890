"""The forwarder beside Janus: CPU per packet, loss, memory, joins.

    python -m benchmarks.video                            everything, into docs/performance.md
    python -m benchmarks.video --sizes 50,100 --repeats 2 --only Janus,"pure Python"

The servers run on one core, the publisher and all viewers on another, all of it on one machine. A
run that was narrowed down in any way is printed and not published.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Final

from benchmarks.harness.machine import Missing, compiled, pinned, two_cores
from benchmarks.harness.plot import plot
from benchmarks.harness.report import HEAD, IMAGES, number, publish, surroundings, table
from benchmarks.video.count import HERE, Counter
from benchmarks.video.joins import join_times
from benchmarks.video.rows import Run, beside, compose
from benchmarks.video.servers import FAST, JANUS, PURE
from benchmarks.video.storm import storms
from benchmarks.video.visits import grow, standing, visit

NAME: Final = "bench-video"
NAMES: Final = (JANUS, PURE, FAST)
SIZES: Final = (50, 100, 200, 300)
LIMITS: Final = ("sendto", "sendmmsg", "4", "8")
RAW_S: Final = 1.0


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default=",".join(NAMES), help=f"of {', '.join(NAMES)}")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="of the audiences")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each visit")
    parser.add_argument("--joins", type=int, default=20, help="of Chromium, per audience")
    parser.add_argument("--storms", type=int, default=3, help="of a hundred who join at once")
    given = parser.parse_args()
    given.only = given.only.split(",")
    given.sizes = [int(size) for size in given.sizes.split(",")]
    given.whole = sys.argv[1:] == []
    return given


async def forward(given: argparse.Namespace, folder: Path, run: Run) -> None:
    """Every server at every size, in turns."""
    cores = two_cores()
    counter = Counter(folder)
    with pinned(cores.client):
        async with standing(given.only, folder, cores.server) as servers:
            for size in given.sizes:
                await grow(servers, size, counter)
                for _ in range(given.repeats):
                    for one in servers:
                        seen = await visit(servers, one, counter, given.seconds)
                        run.visits.setdefault((one.name, size), []).append(seen)
                        print(
                            f"{size:4} {one.name:12} {seen.us_per_packet:6.2f} µs/packet"
                            f" {seen.cores:5.2f} core {seen.packets / seen.seconds:8,.0f}/s"
                            f"  lost {seen.lost}, viewers without {seen.viewers_without}",
                            flush=True,
                        )
            run.rss = {one.name: one.rss for one in servers}
        run.storms = await storms(folder, cores.server, given.storms)
        if given.joins:
            home = Path(mkdtemp(dir=folder))
            run.joins = await join_times(counter, home, cores.server, given.joins)


def limits(folder: Path, run: Run) -> None:
    """What the kernel can send here, whoever asks."""
    program = compiled(HERE / "raw.c", folder)
    with pinned(two_cores().server):
        for how in LIMITS:
            done = subprocess.run(
                [program, how, str(RAW_S)], check=True, capture_output=True, text=True
            )
            run.raw[how] = float(done.stdout)


def text(run: Run, repeats: int) -> str:
    """The section of the document."""
    kernel = ", ".join(
        f"{f'GSO of {how}' if how.isdigit() else how} {number(run.raw[how])}" for how in LIMITS
    )
    parts = [
        table([HEAD, *(row.cells() for row in compose(run))]),
        table(beside(run)),
        f"What the kernel sends here over loopback, packets a second of one core: {kernel}.",
        surroundings(repeats),
    ]
    return "\n\n".join(parts)


def main() -> None:
    """Measure, print, and publish a whole run."""
    given = arguments()
    run = Run()
    with TemporaryDirectory(prefix="causerie-bench-") as name:
        try:
            limits(Path(name), run)
            asyncio.run(forward(given, Path(name), run))
        except Missing as error:
            sys.exit(str(error))
    written = text(run, given.repeats)
    print(f"\n{written}")
    if given.whole:
        plot(compose(run), IMAGES / "video.svg", "Video: how far from each goal (longer is better)")
        publish(NAME, f"![Each figure beside its goal](images/video.svg)\n\n{written}")


if __name__ == "__main__":
    main()
