"""Servers that send back what they are sent, over the very connections of ``causerie serve``."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Final

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from app.http_protocol import Entrance
from live.gateway.connection import Connection
from live.gateway.listening import Listening
from live.gateway.packets import Packet
from live.gateway.sockets import EXTENSION, Socket
from live.gateway.volley import Volley

MESSAGE_BYTES: Final = 32 << 20


class BinaryPacket(Packet):
    """The same bytes as data, which Causerie itself never sends."""

    def __init__(self, payload: bytes) -> None:
        super().__init__(payload)
        self.plain = b"\x82" + self.plain[1:]

    @property
    def compressed(self) -> bytes:
        """Unpacked, as the extension allows for any message."""
        return self.plain


class Echo:
    """A ``Peer`` that has nothing to say of its own."""

    def __init__(self, connection: Connection, volley: Volley) -> None:
        self._connection = connection
        self._volley = volley

    def text(self, payload: bytes) -> None:
        """Send it back as text."""
        self._volley.send(Packet(payload), [self._connection])

    def binary(self, payload: bytes) -> None:
        """Send it back as data."""
        self._volley.send(BinaryPacket(payload), [self._connection])

    def heard(self) -> None:
        """Nobody counts here."""

    def paused(self) -> None:
        """Take no more than is read."""
        self._connection.hold()

    def drained(self) -> None:
        """Go on."""
        self._connection.release()

    def lost(self) -> None:
        """There is nothing to give back."""


def echo(volley: Volley, listening: Listening | None) -> ASGIApp:
    """The application: it sends by ``volley``, and reads by ``listening`` or each by itself."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        await send({"type": "websocket.accept"})
        asked: Socket = scope["extensions"][EXTENSION]
        connection = asked.detach()
        connection.attach(Echo(connection, volley))
        connection.heed(listening)

    return application


@contextlib.asynccontextmanager
async def echoing(volley: Volley, listening: Listening | None = None) -> AsyncIterator[int]:
    """An echo server in this loop until the end of the block; its port on 127.0.0.1."""
    config = uvicorn.Config(
        echo(volley, listening),
        http=Entrance,
        ws=Socket,
        ws_max_size=MESSAGE_BYTES,
        log_level="critical",
        lifespan="off",
        timeout_graceful_shutdown=0,
    )
    server = uvicorn.Server(config)
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await serving
