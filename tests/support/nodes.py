"""Several real `causerie serve` processes over one PostgreSQL and one Valkey."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.raw_client import Http
from tests.support.running import OWNER_TOKEN, Server
from tests.support.valkey import Valkey


@dataclass
class Nodes:
    """Two nodes, which share their data folder as nodes of one machine do."""

    first: Server
    second: Server
    valkey: Valkey

    @property
    def http(self) -> tuple[Http, Http]:
        """The API of each, as the owner."""
        return Http(self.first.url, OWNER_TOKEN), Http(self.second.url, OWNER_TOKEN)


@contextmanager
def two_nodes(folder: Path, database_url: str, valkey: Valkey, **settings: str) -> Iterator[Nodes]:
    """Both are ready; they are stopped at the end."""
    settings = {
        "CAUSERIE_DATABASE_URL": database_url,
        "CAUSERIE_BUS_URL": valkey.url,
        **settings,
    }
    nodes = Nodes(Server(folder, settings), Server(folder, settings), valkey)
    servers = (nodes.first, nodes.second)
    try:
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda server: server.start(), servers))
        yield nodes
    finally:
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda run: run.stop(), [run for each in servers for run in each.runs]))
