"""What those who watch by HLS cost the server: light players on the other core, from the server
itself and from nginx in front of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.harness.causerie import OWNER_TOKEN, Causerie, Prepared, prepare, serving
from benchmarks.harness.machine import Cores, Missing, free_port, pinned
from benchmarks.harness.report import Figure, number
from benchmarks.hls.players import Player, Tally
from benchmarks.video.visits import cpu_seconds
from tests.integration.deploy.proxies import Certificate, pieces_cache

SLUG: Final = "show"
SETTLE_S: Final = 8.0
BEGIN_S: Final = 30.0
SETTINGS: Final = {"CAUSERIE_HLS": "on", "CAUSERIE_EAR": "off"}
HEAD: Final = [
    "viewers",
    "pieces from",
    "playlists + pieces/s at Causerie",
    "Mb/s to viewers",
    "that is, of what all would take",
    "Causerie, % of a core",
    "viewers a core carries",
    "newest piece at a player after, ms: median, p99",
]


@dataclass(frozen=True, slots=True)
class Kind:
    """One audience: so many, of parts or of whole segments, with a cache in front or not."""

    size: int
    parts: bool
    cached: bool

    def cells(self) -> list[str]:
        """Its name in the table."""
        way = "parts" if self.parts else "whole segments"
        return [f"{self.size:,}, {way}", "nginx" if self.cached else "Causerie"]


KINDS: Final = (
    Kind(200, parts=True, cached=False),
    Kind(1_000, parts=False, cached=False),
    Kind(200, parts=True, cached=True),
    Kind(1_000, parts=False, cached=True),
)


@dataclass
class Seen:
    """What came of an audience, one value for each repeat."""

    asked: list[float] = field(default_factory=list)
    mbit: list[float] = field(default_factory=list)
    kept: list[float] = field(default_factory=list)
    """The share of the stream's rate that players got on average: less where this machine was too
    busy to play for them all.
    """
    load: list[float] = field(default_factory=list)
    each: list[float] = field(default_factory=list)
    middle_ms: list[float] = field(default_factory=list)
    worst_ms: list[float] = field(default_factory=list)

    def cells(self) -> list[str]:
        """As the table shows them."""
        carried = Figure(tuple(100 / each for each in self.each))
        late = (Figure(tuple(values)).middle for values in (self.middle_ms, self.worst_ms))
        return [
            Figure(tuple(self.asked)).show(),
            number(Figure(tuple(self.mbit)).middle),
            f"{Figure(tuple(self.kept)).middle:.0%}",
            Figure(tuple(self.load)).show(),
            f"{carried.middle:,.0f}",
            ", ".join(f"{each:.0f}" for each in late),
        ]


@contextlib.contextmanager
def _publishing(causerie: Causerie, folder: Path, core: int) -> Iterator[None]:
    certificate = Certificate.make(folder)
    url = f"http://127.0.0.1:{causerie.port}/api/v1/sessions/{SLUG}/whip"
    given = [url, str(certificate.chain), str(certificate.key), OWNER_TOKEN]
    with pinned(core), (folder / "publisher.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.hls.publisher", *given], stdout=log, stderr=log
        )
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextlib.asynccontextmanager
async def _watching(causerie: Causerie, kind: Kind, tokens: Sequence[str]) -> AsyncIterator[Tally]:
    """So many players that follow, with what they count together."""
    origin, path = f"http://127.0.0.1:{causerie.port}", f"/api/v1/sessions/{SLUG}/hls"
    players = [Player(origin, path, token, parts=kind.parts) for token in tokens[: kind.size]]
    tally = Tally()
    for player in players:
        player.tally = tally
    tasks = [asyncio.create_task(player.run()) for player in players]
    try:
        yield tally
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _visit(
    causerie: Causerie, kind: Kind, tokens: Sequence[str], seconds: float, seen: Seen
) -> None:
    deadline = time.monotonic() + BEGIN_S
    async with _watching(causerie, Kind(1, kind.parts, kind.cached), tokens) as first:
        while not first.pieces:
            if time.monotonic() > deadline:
                raise Missing("Nobody publishes: no piece came.")
            await asyncio.sleep(0.1)
        await asyncio.sleep(SETTLE_S)
        alone, own = cpu_seconds(causerie.server), first.bytes
        began = time.monotonic()
        await asyncio.sleep(seconds)
        alone = (cpu_seconds(causerie.server) - alone) / (time.monotonic() - began)
        own_mbit = (first.bytes - own) * 8e-6 / (time.monotonic() - began)
    async with _watching(causerie, kind, tokens) as tally:
        await asyncio.sleep(SETTLE_S)
        before = Tally(tally.playlists, tally.pieces, tally.missed, tally.refused, tally.bytes)
        tally.late_s.clear()
        spent, began = cpu_seconds(causerie.server), time.monotonic()
        await asyncio.sleep(seconds)
        took = time.monotonic() - began
        load = (cpu_seconds(causerie.server) - spent) / took
        late = sorted(tally.late_s)
        if tally.refused > before.refused or not late:
            raise Missing(f"{tally.refused - before.refused} requests were refused.")
    asked = tally.missed - before.missed if kind.cached else tally.pieces - before.pieces
    seen.asked.append((tally.playlists - before.playlists + asked) / took)
    mbit = (tally.bytes - before.bytes) * 8e-6 / took
    kept = mbit / own_mbit / kind.size
    seen.mbit.append(mbit)
    seen.kept.append(kept)
    seen.load.append(100 * load)
    # As many as would have taken what was sent, had each of them kept up.
    seen.each.append(100 * (load - alone) / (kept * kind.size - 1))
    seen.middle_ms.append(1_000 * late[len(late) // 2])
    seen.worst_ms.append(1_000 * late[len(late) * 99 // 100])


async def _one(
    prepared: Prepared, folder: Path, cores: Cores, kind: Kind, seconds: float, seen: Seen
) -> None:
    tokens = [line.split()[0] for line in prepared.tokens[SLUG].read_text().splitlines()]
    settings, port = dict(SETTINGS), free_port()
    if kind.cached:
        settings["CAUSERIE_HLS_BASE_URL"] = f"http://127.0.0.1:{port}"
    with contextlib.ExitStack() as stack:
        data = prepared.copy(folder / "data")
        causerie = stack.enter_context(serving(data, cores.server, settings))
        stack.enter_context(_publishing(causerie, folder, cores.client))
        if kind.cached:
            with pinned(cores.client):
                stack.enter_context(pieces_cache(folder, port=port, origin=causerie.port))
        await _visit(causerie, kind, tokens, seconds, seen)


def crowds(folder: Path, cores: Cores, repeats: int, seconds: float) -> list[list[str]]:
    """Every audience in turn, as rows of a table."""
    prepared = prepare(folder, cores.server, {SLUG: max(kind.size for kind in KINDS)})
    found = {kind: Seen() for kind in KINDS}
    with pinned(cores.client):
        for repeat in range(repeats):
            for place, (kind, seen) in enumerate(found.items()):
                home = folder / f"{repeat}-{place}"
                home.mkdir()
                asyncio.run(_one(prepared, home, cores, kind, seconds, seen))
                print(", ".join(kind.cells() + seen.cells()), flush=True)
    return [HEAD, *(kind.cells() + seen.cells() for kind, seen in found.items())]
