"""`make soak`: the full run, whose figures stand in docs/durability.md.

    python -m tests.integration.chaos [--people 300] [--posts 200] [--rounds 5] [--pause 12]

Two nodes over PostgreSQL and Valkey; each round kills a node, the database, the bus and both nodes
at once. With `--nodes 1` one node over SQLite, which each round kills. Prints the table and exits
with 1 if the checker found a fault; the log stays in --keep.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.integration.chaos.play import Scenario, play, table
from tests.integration.chaos.site import Kill, one_node, two_nodes

ROUNDS: Final[dict[int, list[Kill]]] = {
    1: ["node"],
    2: ["node", "database", "bus", "all nodes"],
}
SITES: Final = {1: one_node, 2: two_nodes}
BACK_WITHIN_S: Final = 10.0


def main() -> int:
    """Play the run that the arguments describe; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.integration.chaos")
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument(
        "--posts", type=float, default=200.0, help="messages a second, all together"
    )
    parser.add_argument("--rounds", type=int, default=5, help="of a kill of each kind")
    parser.add_argument("--nodes", type=int, choices=SITES, default=2)
    parser.add_argument("--pause", type=float, default=12.0, help="seconds between two kills")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--keep", type=Path, help="an empty folder for the log and the servers' data"
    )
    given = parser.parse_args()
    scenario = Scenario(
        people=given.people,
        posts_per_s=given.posts,
        kills=ROUNDS[given.nodes] * given.rounds,
        pause_s=given.pause,
        moderators=max(2, given.people // 75),
        settle_s=60.0,
        seed=given.seed,
    )
    with ExitStack() as stack:
        folder = given.keep or Path(
            stack.enter_context(TemporaryDirectory(prefix="causerie-soak-"))
        )
        folder.mkdir(parents=True, exist_ok=True)
        site = stack.enter_context(SITES[given.nodes](folder / "data"))
        stack.callback(site.keep_words, folder)
        outcome = asyncio.run(play(site, scenario, folder))
    findings = outcome.findings
    sys.stdout.write(
        f"{table(outcome)}\n\n"
        f"{findings.clients} clients, {outcome.talked_s:.0f} s, {len(outcome.kills)} kills:"
        f" {findings.commands} commands sent, {findings.posts} of them messages"
        f" ({findings.posts / outcome.talked_s:.0f} a second); {len(findings.acks_s)} acks;"
        f" {findings.stored} events stored, {findings.deliveries} delivered;"
        f" {findings.resumed} resumes, {findings.skipped_ahead} skipped ahead as slow.\n"
        f"Back on a node within {outcome.away_s(0.99):.1f} s (p99 of {len(findings.away)}).\n"
        f"Faults: {dict(findings.faults.counts) or 'none'}\n"
    )
    for sentence in findings.faults.sentences:
        sys.stdout.write(f"  {sentence}\n")
    return int(bool(findings.faults.counts) or outcome.away_s(0.99) > BACK_WITHIN_S)


if __name__ == "__main__":
    sys.exit(main())
