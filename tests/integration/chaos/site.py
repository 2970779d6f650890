"""What a run stands on, and how each part of it dies by kill -9 and comes back on its data."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.support.postgres import PostgresServer
from tests.support.running import Server

Kill = Literal["node", "database", "bus", "all nodes"]

LIMITS = {
    "CAUSERIE_LIMIT_MESSAGES": "100/10s",
    "CAUSERIE_LIMIT_QUESTIONS": "100/10s",
    "CAUSERIE_LIMIT_JOINS": "100000/60s",
}


@dataclass
class Site:
    """Nodes that serve the same sessions, their database and, with several nodes, their bus."""

    nodes: list[Server]
    database_url: str
    postgres: PostgresServer | None = None
    _victim: int = field(default=-1)

    async def kill(self, what: Kill, down_s: float) -> None:
        """kill -9, `down_s` of absence, and the start on the same data and ports."""
        if what == "database":
            assert self.postgres is not None
            await asyncio.to_thread(self.postgres.kill)
            await asyncio.sleep(down_s)
            await asyncio.to_thread(self.postgres.start_again)
            return
        if what == "node":  # one after the other
            self._victim = (self._victim + 1) % len(self.nodes)
            victims = [self.nodes[self._victim]]
        else:
            victims = self.nodes
        for node in victims:
            node.kill()
        await asyncio.sleep(down_s)
        await asyncio.gather(*(asyncio.to_thread(node.start) for node in victims))


@contextmanager
def site(
    folder: Path,
    *,
    postgres: PostgresServer | None = None,
    database_url: str | None = None,
    before: tuple[str, ...] = (),
) -> Iterator[Site]:
    """One node over SQLite in `folder`, or over the PostgreSQL that is given; `before` stands in
    front of its command."""
    folder.mkdir()
    settings = dict(LIMITS)
    if database_url is not None:
        settings["CAUSERIE_DATABASE_URL"] = database_url
    nodes = [Server(folder, settings, before=before)]
    with ExitStack() as stack:
        for node in nodes:
            stack.callback(_stop, node)
            node.start()
        url = database_url or f"sqlite:///{folder / 'causerie.sqlite'}"
        yield Site(nodes, url, postgres)


def _stop(node: Server) -> None:
    for run in node.runs:
        run.stop()
