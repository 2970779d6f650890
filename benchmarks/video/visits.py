"""All servers at once, one of them streaming at a time: each is measured as the audience grows."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.harness.machine import Missing, Server
from benchmarks.video.count import Counter, Total
from benchmarks.video.peer import Peer
from benchmarks.video.servers import Forwarder, serving
from benchmarks.video.stream import Stream

SETTLE_S: Final = 0.7
JOINING_AT_ONCE: Final = 8
TRIES: Final = 4
DRAIN_S: Final = 0.05
CHECK_EVERY_S: Final = 2.0
"""Who does not show for ten seconds is taken for gone."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What one server did for some seconds."""

    packets: int
    lost: int
    viewers_without: int
    cpu_s: float
    seconds: float

    @property
    def us_per_packet(self) -> float:
        """Its processor time for each packet that arrived."""
        return self.cpu_s * 1e6 / max(1, self.packets)

    @property
    def carried(self) -> bool:
        """Whether what was to be sent came, but for one packet in a hundred: what a server costs
        that drops its work is no measure of another."""
        return self.viewers_without == 0 and self.lost <= self.packets / 100

    @property
    def cores(self) -> float:
        """How much of a core it used."""
        return self.cpu_s / self.seconds


@dataclass(slots=True)
class Standing:
    """A server with its publisher and its viewers."""

    name: str
    forwarder: Forwarder
    publisher: Peer
    stream: Stream
    viewers: list[Peer] = field(default_factory=list)
    rss: dict[int, int] = field(default_factory=dict)
    """Resident bytes by audience."""


@contextlib.asynccontextmanager
async def standing(names: Sequence[str], folder: Path, core: int) -> AsyncIterator[list[Standing]]:
    """Every server that there is, published to; who is missing is told and left out."""
    async with contextlib.AsyncExitStack() as stack:
        started = {}
        for name in names:
            home = folder / name.replace(" ", "-")
            home.mkdir()
            try:
                started[name] = await stack.enter_async_context(serving(name, home, core))
            except Missing as missing:
                print(missing, flush=True)
        found = []
        for name, forwarder in started.items():
            publisher = Peer()
            await forwarder.publish(publisher)
            stack.push_async_callback(publisher.close)
            found.append(Standing(name, forwarder, publisher, Stream(publisher)))
        keeping = asyncio.create_task(_keep(found))
        yield found
        keeping.cancel()
        for each in found:
            await asyncio.gather(*(viewer.close() for viewer in each.viewers))


async def grow(servers: Sequence[Standing], size: int, counter: Counter) -> None:
    """Let viewers join every server until each has `size`; nothing streams meanwhile, but every
    server has seen that its publisher is there."""
    for each in servers:
        if not each.viewers:
            async with _streaming(each):
                await asyncio.sleep(SETTLE_S)
        while len(each.viewers) < size:
            wanted = min(JOINING_AT_ONCE, size - len(each.viewers))
            each.viewers += await asyncio.gather(*(joined(each.forwarder) for _ in range(wanted)))
        await counter.watch(_sockets(servers), range(0), DRAIN_S)


async def joined(forwarder: Forwarder) -> Peer:
    """One more viewer; on a busy machine a handshake may take more than one attempt."""
    for _ in range(TRIES - 1):
        peer = Peer()
        try:
            await forwarder.watch(peer)
        except TimeoutError:
            await peer.close()
        else:
            return peer
    peer = Peer()
    await forwarder.watch(peer)
    return peer


async def visit(
    servers: Sequence[Standing], one: Standing, counter: Counter, seconds: float
) -> Visit:
    """Let one server stream, and count at its viewers."""
    sockets = _sockets(servers)
    before = servers[: servers.index(one)]
    start = sum(len(each.viewers) for each in before)
    counted = range(start, start + len(one.viewers))
    async with _streaming(one):
        await counter.watch(sockets, counted, SETTLE_S)
        spent = cpu_seconds(one.forwarder.server)
        total: Total = await counter.watch(sockets, counted, seconds)
        spent = cpu_seconds(one.forwarder.server) - spent
    one.rss[len(one.viewers)] = one.forwarder.server.rss_bytes()
    return Visit(total.packets, total.lost, total.viewers_without, spent, seconds)


async def _keep(servers: Sequence[Standing]) -> None:
    """Let everyone say that they are still there, also those who wait for their turn."""
    while True:
        for each in servers:
            for peer in (each.publisher, *each.viewers):
                peer.keep_alive()
        await asyncio.sleep(CHECK_EVERY_S)


def cpu_seconds(server: Server) -> float:
    """Processor time of a server and all below it so far, as the scheduler counts it (ns)."""
    return sum(_task_times(server.pids())) / 1e9


def _task_times(pids: Sequence[int]) -> Iterator[int]:
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):
                yield int(task.read_text().split()[0])


@contextlib.asynccontextmanager
async def _streaming(one: Standing) -> AsyncIterator[None]:
    running = asyncio.create_task(one.stream.run())
    try:
        yield
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def _sockets(servers: Sequence[Standing]) -> list[int]:
    return [viewer.fd for each in servers for viewer in each.viewers]
