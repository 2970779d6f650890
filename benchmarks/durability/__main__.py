"""How many posts a second are acknowledged, each after its commit, on SQLite and on PostgreSQL.

    python -m benchmarks.durability               everything, into docs/performance.md
    python -m benchmarks.durability --quick       once, a second each, printed only

A thousand people in fifty sessions post through their sockets as fast as they are answered.
Causerie has one core, its load and the database server the other. Afterwards the database is asked:
every post that was acknowledged has to be there.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec
from sqlalchemy import create_engine, text

from benchmarks.durability.rooms import PEOPLE, ROOMS, Poured
from benchmarks.harness.causerie import prepare, serving
from benchmarks.harness.client import Answer, Target, load
from benchmarks.harness.machine import (
    HARNESS,
    REPOSITORY,
    Cores,
    Missing,
    compiled,
    pinned,
    two_cores,
)
from benchmarks.harness.plot import plot
from benchmarks.harness.report import (
    HEAD,
    IMAGES,
    Figure,
    Row,
    at_least,
    at_most,
    publish,
    surroundings,
    table,
)
from tests.support.postgres import postgres_server

NAME: Final = "bench-durability"
GOALS: Final = {"SQLite": 20_000, "PostgreSQL": 10_000}
RUNS: Final = ("sockets", "rooms", "store")
IN_FLIGHT: Final = ROOMS * PEOPLE


@dataclass(slots=True)
class Taken:
    """What one database took: through sockets, through rooms alone, from neither, and what it then
    lacked."""

    sockets: list[Answer] = field(default_factory=list)
    rooms: list[Poured] = field(default_factory=list)
    store: list[Poured] = field(default_factory=list)
    lacking: list[int] = field(default_factory=list)


@contextmanager
def databases(folder: Path, core: int) -> Iterator[dict[str, list[str]]]:
    """Fresh databases of each kind: URLs for the sockets' run, the rooms' and the store's."""
    # Otherwise the wheel warns that there is none and takes a guess.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    lite = [f"sqlite:///{folder / name}.db" for name in RUNS]
    with pinned(core), postgres_server() as postgres:
        post = [postgres.create_database(name) for name in RUNS]
        yield {"SQLite": lite, "PostgreSQL": post}


def through_sockets(
    url: str, folder: Path, client: Path, cores: Cores, seconds: float
) -> tuple[Answer, int]:
    """A thousand people post; what was answered, and how many acknowledged posts are missing."""
    settings = {"CAUSERIE_DATABASE_URL": url}
    audiences = {f"show-{number}": PEOPLE for number in range(ROOMS)}
    prepared = prepare(folder, cores.server, audiences, settings)
    everyone = folder / "everyone.tokens"
    everyone.write_text("".join(path.read_text() for path in prepared.tokens.values()))
    with (
        serving(prepared.folder, cores.server, settings) as causerie,
        load(client, cores.client, Target(causerie.port, everyone)) as people,
    ):
        people.watch(causerie.server)
        people.order("connect", ROOMS * PEOPLE, 64, 0)
        answer = people.order("pour", IN_FLIGHT, seconds)
    engine = create_engine(url)
    with engine.connect() as connection:
        # A line that the gate had no time for waits for a person: stored all the same.
        counted = text(
            "SELECT count(*) FROM events WHERE type IN ('message.published', 'message.held')"
        )
        stored = int(connection.execute(counted).scalar_one())
    engine.dispose()
    return answer, max(answer.acks - stored, 0)


def alone(part: str, url: str, core: int, *arguments: str) -> Poured:
    """The same without sockets, or without rooms too, in a process of its own."""
    command = [sys.executable, "-m", f"benchmarks.durability.{part}", url, *arguments]
    with pinned(core):
        done = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, check=True)
    return msgspec.json.decode(done.stdout, type=Poured)


def measure(repeats: int, seconds: float) -> dict[str, Taken]:
    """Every database in every repeat, one beside the other."""
    cores = two_cores()
    found = {name: Taken() for name in GOALS}
    for _ in range(repeats):
        with (
            TemporaryDirectory(prefix="causerie-bench-") as name,
            databases(Path(name), cores.client) as urls,
        ):
            client = compiled(HARNESS / "client.c", Path(name))
            for kind, (for_sockets, for_rooms, for_store) in urls.items():
                folder = Path(name, kind)
                folder.mkdir()
                answer, lacking = through_sockets(for_sockets, folder, client, cores, seconds)
                poured = alone("rooms", for_rooms, cores.server, f"--seconds={seconds}")
                kept = alone("store", for_store, cores.server, f"--posts={int(seconds * 5_000)}")
                found[kind].sockets.append(answer)
                found[kind].rooms.append(poured)
                found[kind].store.append(kept)
                found[kind].lacking.append(lacking)
                print(
                    f"{kind:10} sockets {answer.in_window / answer.window_s:8,.0f}/s"
                    f"  p50 {answer.ack_p50_ms:6.1f} p99 {answer.ack_p99_ms:6.1f} ms"
                    f"  {answer.window_cpu_s / answer.window_s:.2f} core, refused {answer.refused}"
                    f" {answer.refusal}, lacking {lacking};"
                    f" rooms {poured.acked / poured.seconds:8,.0f}/s"
                    f"  p50 {poured.p50_ms:6.1f} p99 {poured.p99_ms:6.1f} ms,"
                    f" refused {poured.refused};"
                    f" store {kept.acked / kept.seconds:8,.0f}/s",
                    flush=True,
                )
    return found


def compose(found: dict[str, Taken]) -> list[Row]:
    """The lines of the table."""
    rows = []
    for kind, goal in GOALS.items():
        took = found[kind]
        sockets = Figure(tuple(each.in_window / each.window_s for each in took.sockets))
        waits = Figure(tuple(each.ack_p99_ms for each in took.sockets))
        rooms = Figure(tuple(each.acked / each.seconds for each in took.rooms))
        store = Figure(tuple(each.acked / each.seconds for each in took.store))
        cost = Figure(
            tuple(1e6 * each.window_cpu_s / max(each.in_window, 1) for each in took.sockets)
        )
        lacking = Figure(tuple(float(each) for each in took.lacking))
        p99 = f"p99 of an ack {waits.show('ms')}; {cost.show('µs')} of processor time a post"
        rows += [
            Row(kind, "posts/s acknowledged, through sockets", sockets, at_least(goal), p99),
            Row(kind, "posts/s acknowledged, rooms alone", rooms, at_least(goal)),
            Row(kind, "posts/s on disk, the store alone", store, at_least(goal)),
            Row(kind, "acknowledged and not stored", lacking, at_most(0)),
        ]
    return rows


def main() -> None:
    """Measure, print, and publish a whole run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each load")
    parser.add_argument("--quick", action="store_true", help="--repeats 1 --seconds 1")
    given = parser.parse_args()
    repeats, seconds = (1, 1.0) if given.quick else (given.repeats, given.seconds)
    try:
        rows = compose(measure(repeats, seconds))
    except Missing as error:
        sys.exit(str(error))
    written = f"{table([HEAD, *(row.cells() for row in rows)])}\n\n{surroundings(repeats)}"
    print(f"\n{written}")
    if sys.argv[1:] == []:
        plot(rows, IMAGES / "durability.svg", "Durable posts: how far from each goal")
        publish(NAME, f"![Each figure beside its goal](images/durability.svg)\n\n{written}")


if __name__ == "__main__":
    main()
