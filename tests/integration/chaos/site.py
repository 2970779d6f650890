"""What a run stands on, and how each part of it dies by kill -9 and comes back on its data."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.support import nodes
from tests.support.postgres import PostgresServer, postgres_server
from tests.support.running import Server
from tests.support.valkey import Valkey, valkey_server

Kill = Literal["node", "database", "bus", "all nodes"]

LIMITS = {
    "CAUSERIE_LIMIT_MESSAGES": "100/10s",
    "CAUSERIE_LIMIT_QUESTIONS": "100/10s",
    "CAUSERIE_LIMIT_JOINS": "100000/60s",
}


@dataclass
class Site:
    """Nodes that serve the same sessions, their database and the bus between them."""

    nodes: list[Server]
    database_url: str
    postgres: PostgresServer | None = None
    bus: Valkey | None = None
    _last_victim: int = field(default=-1)

    async def kill(self, what: Kill, down_s: float) -> None:
        """kill -9, `down_s` of absence, and the start on the same data and ports."""
        match what:
            case "database":
                assert self.postgres is not None
                await asyncio.to_thread(self.postgres.kill)
                await asyncio.sleep(down_s)
                await asyncio.to_thread(self.postgres.start_again)
            case "bus":
                assert self.bus is not None
                await asyncio.to_thread(self.bus.kill)
                await asyncio.sleep(down_s)
                await asyncio.to_thread(self.bus.start)
            case "node":  # one after the other
                self._last_victim = (self._last_victim + 1) % len(self.nodes)
                await _kill([self.nodes[self._last_victim]], down_s)
            case "all nodes":
                await _kill(self.nodes, down_s)

    def keep_words(self, folder: Path) -> None:
        """Write what each node has said into files of `folder`."""
        for number, node in enumerate(self.nodes):
            (folder / f"node-{number}.log").write_text(node.said)


async def _kill(victims: list[Server], down_s: float) -> None:
    for node in victims:
        node.kill()
    await asyncio.sleep(down_s)
    await asyncio.gather(*(asyncio.to_thread(node.start) for node in victims))


@contextmanager
def one_node(folder: Path, *, before: tuple[str, ...] = ()) -> Iterator[Site]:
    """A node over SQLite in `folder`; `before` stands in front of its command."""
    node = Server(folder, LIMITS, before=before)
    try:
        yield Site([node.start()], f"sqlite:///{folder / 'causerie.sqlite'}")
    finally:
        for run in node.runs:
            run.stop()


@contextmanager
def two_nodes(folder: Path) -> Iterator[Site]:
    """Two nodes on one machine over a PostgreSQL and a Valkey of their own."""
    with (
        postgres_server() as postgres,
        postgres.fresh_database() as url,
        valkey_server() as bus,
        nodes.two_nodes(folder, url, bus, **LIMITS) as pair,
    ):
        yield Site([pair.first, pair.second], url, postgres, bus)
