"""One visit: a fresh server, its audience, and the loads that it is put under, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.fanout.peers import serving_peer
from benchmarks.harness.causerie import HISTORY, Prepared, serving
from benchmarks.harness.client import Answer, LoadClient, Target, load
from benchmarks.harness.machine import Cores, Server

OURS: Final = "causerie"
HANDSHAKES: Final = 128
POSTERS: Final = 40
IN_FLIGHT: Final = 500
"""Messages that are not yet with everyone, while a server is kept saturated."""


@dataclass(frozen=True, slots=True)
class Load:
    """An order to the load client: ``verb`` for an audience of ``readers`` during ``seconds``, of
    whom ``asleep`` read nothing any more."""

    name: str
    readers: int
    verb: str
    rate: int
    seconds: float
    servers: tuple[str, ...]
    asleep: int = 0

    def order(self, client: LoadClient, seconds: float) -> Answer:
        if self.asleep:
            client.order("asleep", self.asleep)
        match self.verb:
            case "post":
                return client.order("post", self.rate, seconds, POSTERS)
            case "saturate":
                return client.order("saturate", IN_FLIGHT, seconds, self.readers)
            case _:
                return client.order("react", self.rate, seconds)


SMALL: Final = 1_000
LARGE: Final = 10_000
ASLEEP: Final = 10
LOADS: Final = (
    Load("1000x50", SMALL, "post", 50, 4, (OURS, "nchan", "bun", "ws", "floor")),
    Load("1000x200", SMALL, "post", 200, 4, (OURS, "bun")),
    Load("reactions", SMALL, "react", 200, 4, (OURS,)),
    Load("asleep", SMALL, "post", 200, 12, (OURS,), asleep=ASLEEP),
    Load("10000x5", LARGE, "post", 5, 12, (OURS, "nchan")),
    Load("10000x200", LARGE, "post", 200, 6, (OURS,)),
    Load("saturated", LARGE, "saturate", 0, 5, (OURS, "nchan")),
)


@dataclass(slots=True)
class Visit:
    """What one server did: each load's answer, and how much memory it grew by meanwhile, by the
    load's name; ``joined``, and bytes per idle reader."""

    joined: Answer
    bytes_per_reader: float
    answers: dict[str, Answer] = field(default_factory=dict)
    grown_bytes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bench:
    """What all visits of a run share. ``scale`` makes audiences smaller, ``pace`` loads shorter."""

    folder: Path
    client: Path
    cores: Cores
    prepared: Prepared
    scale: float
    pace: float

    def readers(self, size: int) -> int:
        return max(int(size * self.scale), 10)

    def visit(self, name: str, size: int, loads: list[Load]) -> Visit:
        """Start the server of that name, have ``size`` readers come, and load it."""
        count = self.readers(size)
        with self._served(name, size) as (server, target):
            return self._loaded(name, server, target, count, loads)

    def _loaded(
        self, name: str, server: Server, target: Target, count: int, loads: list[Load]
    ) -> Visit:
        with load(self.client, self.cores.client, target) as client:
            # Somebody is there first: what a server loads once is none of the others' memory, and
            # nchan hands newcomers what was said before.
            client.order("connect", 1, 1, 0)
            history = HISTORY if name == "nchan" else 0
            if history:
                client.order("post", 1_000, history / 1_000, 1)
            before = _at_rest(client, server)
            client.watch(server)
            joined = client.order("connect", count - 1, HANDSHAKES, history)
            client.order("idle", 1)
            visit = Visit(joined, (server.rss_bytes() - before) / (count - 1))
            for each in loads:
                client.order("idle", 0.5)
                size = server.rss_bytes()
                visit.answers[each.name] = each.order(client, each.seconds * self.pace)
                visit.grown_bytes[each.name] = server.rss_bytes() - size
            return visit

    @contextmanager
    def _served(self, name: str, size: int) -> Iterator[tuple[Server, Target]]:
        folder = self.folder / name
        if name == OURS:
            data = self.prepared.copy(folder)
            with serving(data, self.cores.server) as causerie:
                tokens = self.prepared.tokens[session_of(size)]
                yield causerie.server, Target(causerie.port, tokens)
        else:
            with serving_peer(name, folder, self.cores.server, history=name == "nchan") as peer:
                yield peer.server, peer.target


def _at_rest(client: LoadClient, server: Server) -> int:
    """The server's memory once it no longer grows by a megabyte a second, or after 20 s."""
    size = server.rss_bytes()
    for _ in range(20):
        client.order("idle", 1)
        former, size = size, server.rss_bytes()
        if size - former < 1 << 20:
            break
    return size


def session_of(size: int) -> str:
    """The slug of the session with that audience."""
    return f"show-{size}"
