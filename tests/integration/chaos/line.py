"""One connection, as light as can be: hundreds of them leave a core to the servers under test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

CONNECT_TIMEOUT_S = 10.0
ABNORMAL = 1006


class Line(asyncio.Protocol):
    """A websocket over the sans-I/O core of `websockets`: no task and no queue of its own.

    `on_text` is called with every text frame, `on_end` once with the close code.
    """

    def __init__(
        self,
        url: str,
        token: str,
        on_text: Callable[[bytes], None],
        on_end: Callable[[int], None],
    ) -> None:
        self._core = ClientProtocol(
            parse_uri(url), subprotocols=[Subprotocol("causerie.v1")], max_size=64 << 20
        )
        self._token = token
        self._on_text = on_text
        self._on_end = on_end
        self._transport: asyncio.Transport | None = None
        self._upgraded: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def open(self) -> bool:
        """Connect; whether the server took the connection. Frames may arrive before it returns."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await loop.create_connection(lambda: self, self._core.uri.host, self._core.uri.port)
                return await self._upgraded
        except (OSError, TimeoutError):
            self.abort()
            return False

    def send(self, text: bytes) -> None:
        """Send a text frame; what is sent into a connection that is gone is lost."""
        if self._core.state is State.OPEN:
            self._core.send_text(text)
            self._flush()

    def close(self) -> None:
        """Say goodbye."""
        if self._core.state is State.OPEN:
            self._core.send_close(1000)
            self._flush()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # --- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        request = self._core.connect()
        request.headers["Authorization"] = f"Bearer {self._token}"
        self._core.send_request(request)
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._core.receive_data(data)
        for event in self._core.events_received():
            if isinstance(event, Response):
                self._upgraded.set_result(self._core.state is State.OPEN)
            elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                assert event.fin, "the server sends a frame in one piece"
                self._on_text(bytes(event.data))
        self._flush()

    def eof_received(self) -> None:
        self._core.receive_eof()
        self._flush()

    def connection_lost(self, _: Exception | None) -> None:
        if not self._upgraded.done():
            self._upgraded.set_result(False)
        self._on_end(self._core.close_code or ABNORMAL)

    def _flush(self) -> None:
        assert self._transport is not None
        for data in self._core.data_to_send():
            if data:
                self._transport.write(data)
            elif self._transport.can_write_eof():
                self._transport.write_eof()
