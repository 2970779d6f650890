"""A person's phone: a real socket with a client at its end that checks what it is told."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.support.patience import PATIENCE_S
from tests.support.socket_fake import Client, Json

_names = itertools.count(1)


@dataclass
class Phone:
    """One connection. ``client`` may have lived through earlier ones."""

    connection: ClientConnection
    client: Client
    reading: asyncio.Task[None] | None = None
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def read(self) -> None:
        """Take everything, until the end."""
        try:
            async for payload in self.connection:
                assert isinstance(payload, str)
                self.client.receive(payload.encode())
                async with self.news:
                    self.news.notify_all()
        except ConnectionClosed:
            pass  # the code is asked for with ``closed``
        async with self.news:
            self.news.notify_all()

    async def until(self, true: Callable[[Client], bool]) -> None:
        """Wait for what must come."""
        async with asyncio.timeout(PATIENCE_S), self.news:
            await self.news.wait_for(lambda: true(self.client))
        self.check()

    async def say(self, kind: str, /, *, id: str | None = None, **data: Any) -> Json:
        """Send a command and wait for its answer."""
        name = id or f"c{next(_names)}"
        self.client.answers.pop(name, None)
        await self.connection.send(json.dumps({"id": name, "type": kind, "data": data}))
        await self.until(lambda client: name in client.answers)
        return self.client.answers[name]

    async def closed(self) -> int:
        """Wait for the end; its code."""
        async with asyncio.timeout(PATIENCE_S):
            await self.connection.wait_closed()
        self.check()
        return self.connection.close_code or 0

    def cut(self) -> None:
        """Lose the network."""
        self.connection.transport.abort()

    def check(self) -> None:
        if self.client.failure is not None:
            raise self.client.failure


@asynccontextmanager
async def phone(
    url: str, name: str, client: Client | None = None, **options: Any
) -> AsyncIterator[Phone]:
    """Connected as ``name``; resumes if the client was connected before."""
    client = client or Client()
    if client.state is not None:
        url = f"{url}?epoch={client.epoch}&since={client.position}"
    async with connect(
        url,
        subprotocols=[Subprotocol("causerie.v1"), Subprotocol(f"bearer.{name}")],
        **options,
    ) as connection:
        made = Phone(connection, client)
        made.reading = asyncio.create_task(made.read())
        yield made
        await connection.close()
        await made.reading
