"""A whole audience that joins at one moment, beside those who watch already: when each has its
first picture, and whether anything is lost on the way.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from benchmarks.video.peer import Peer
from benchmarks.video.servers import FAST, serving
from benchmarks.video.stream import KEYFRAME, Stream
from benchmarks.video.visits import CHECK_EVERY_S, joined
from live.media import srtp

AUDIENCE: Final = 100
PRESENT: Final = 50
AFTER_S: Final = 2.0
"""How long all are watched once the last has its picture."""

WAIT_S: Final = 30.0
_VIDEO: Final = 96


@dataclass(frozen=True, slots=True)
class Storm:
    """One such moment: seconds from the first POST to each newcomer's first whole picture, and the
    packets that newcomers and those present never got."""

    pictures_s: tuple[float, ...]
    lost: int


class Watching:
    """One viewer: which numbers of the picture came, and when the first picture was whole."""

    def __init__(self, peer: Peer) -> None:
        self.shown_at: float | None = None
        self.shown = asyncio.Event()
        self._peer = peer
        self._came: set[int] = set()
        self._last_of_frame: int | None = None
        self._first: int | None = None
        self._highest = 0
        peer.listen(self._take)

    @property
    def lost(self) -> int:
        """Numbers of the picture that never came, from the first on."""
        return 0 if self._first is None else self._highest - self._first + 1 - len(self._came)

    def _take(self, datagram: bytes) -> None:
        if datagram[1] & 0x7F != _VIDEO:
            return
        number = int.from_bytes(datagram[2:4], "big")
        if self._first is None:
            if not self._begins(datagram):
                raise RuntimeError("a viewer began with something else than a keyframe")
            self._first = self._highest = number
        # Numbering begins low and a storm is short: it does not wrap.
        self._highest = max(self._highest, number)
        self._came.add(number)
        if self.shown_at is None:
            if datagram[1] & 0x80 and self._last_of_frame is None:
                self._last_of_frame = number
            last = self._last_of_frame
            if last is not None and self._came.issuperset(range(self._first, last + 1)):
                self.shown_at = time.monotonic()
                self.shown.set()

    def _begins(self, datagram: bytes) -> bool:
        if self._peer.keys is None:
            return False
        plain = srtp.Receiving(self._peer.keys).rtp(datagram, srtp.Arena())
        # Eight bytes of extensions may stand between header and payload.
        return plain is not None and KEYFRAME in plain[12:40]


async def storms(folder: Path, core: int, times: int) -> list[Storm]:
    """So many storms, each on a server of its own."""
    return [await _storm(Path(mkdtemp(dir=folder)), core) for _ in range(times)]


async def _storm(folder: Path, core: int) -> Storm:
    async with serving(FAST, folder, core) as server, contextlib.AsyncExitStack() as stack:
        publisher = Peer()
        await server.publish(publisher)
        stack.push_async_callback(publisher.close)
        peers = [publisher]
        await stack.enter_async_context(_running(Stream(publisher).run()))
        await stack.enter_async_context(_running(_keep(peers)))
        audience: list[Watching] = []

        async def join() -> None:
            peer = await joined(server)
            stack.push_async_callback(peer.close)
            peers.append(peer)
            audience.append(Watching(peer))
            await audience[-1].shown.wait()

        for _ in range(PRESENT):
            await join()
        began = time.monotonic()
        async with asyncio.timeout(WAIT_S), asyncio.TaskGroup() as group:
            for _ in range(AUDIENCE):
                group.create_task(join())
        await asyncio.sleep(AFTER_S)
        shown = [each.shown_at - began for each in audience[PRESENT:] if each.shown_at]
        return Storm(tuple(sorted(shown)), sum(each.lost for each in audience))


async def _keep(peers: list[Peer]) -> None:
    while True:
        for peer in tuple(peers):
            peer.keep_alive()
        await asyncio.sleep(CHECK_EVERY_S)


@contextlib.asynccontextmanager
async def _running(work: Coroutine[object, object, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
