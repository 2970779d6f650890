"""One address in front of several servers, as a load balancer on the level of TCP."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.support.ports import free_tcp_port


@dataclass
class Switch:
    """Every connection goes to the first server that takes it. Nothing is moved afterwards: a
    connection lives and dies with the server that took it."""

    ports: Sequence[int]
    port: int = field(default_factory=free_tcp_port)
    taken: list[int] = field(default_factory=list)
    """The ports that took the connections so far."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection to its end, whichever side ends it."""
        with contextlib.closing(writer):
            for port in self.ports:
                try:
                    behind = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    continue
                self.taken.append(port)
                with contextlib.closing(behind[1]):
                    ways = [
                        asyncio.create_task(_carry(reader, behind[1])),
                        asyncio.create_task(_carry(behind[0], writer)),
                    ]
                    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                    for way in ways:
                        way.cancel()
                return


async def _carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(1 << 16):
            sink.write(data)
            await sink.drain()


@asynccontextmanager
async def switch(ports: Sequence[int]) -> AsyncIterator[Switch]:
    """Listens for the length of the block."""
    front = Switch(ports)
    server = await asyncio.start_server(front.take, "127.0.0.1", front.port)
    try:
        yield front
    finally:
        server.close()
