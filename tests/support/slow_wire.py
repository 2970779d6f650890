"""A wire to PostgreSQL that can be made slow: each answer comes late, none is lost or reordered."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

_SOCKET = ".s.PGSQL.5432"


@dataclass
class SlowWire:
    """A PostgreSQL's socket in ``folder``. Every answer takes ``delay_s`` longer, from now on."""

    folder: Path
    server: Path
    delay_s: float = 0.0

    @classmethod
    @asynccontextmanager
    async def before(cls, server: Path) -> AsyncIterator[SlowWire]:
        """A wire to the server whose socket is in the folder ``server``."""
        # Not under pytest's own folder: the path of a socket may have 107 bytes at most.
        wire = cls(Path(tempfile.mkdtemp(prefix="causerie-wire-")), server)
        listening = await asyncio.start_unix_server(wire._serve, wire.folder / _SOCKET)
        try:
            yield wire
        finally:
            listening.close()
            shutil.rmtree(wire.folder)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_unix_connection(self.server / _SOCKET)
        asking = asyncio.create_task(self._carry(reader, to_server, slow=False))
        try:
            await self._carry(from_server, writer, slow=True)
        finally:
            asking.cancel()
            await asyncio.wait([asking])

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, slow: bool
    ) -> None:
        try:
            while data := await reader.read(1 << 16):
                if slow and self.delay_s:
                    await asyncio.sleep(self.delay_s)
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass  # one side is gone: the other hears of it
        finally:
            writer.close()
