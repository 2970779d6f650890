"""uvicorn's connection, up to the end of its handshake.

Until then it is uvicorn's own sans-I/O protocol and the endpoint speaks ASGI to it. ``detach`` then
hands the transport to a ``Connection`` within one loop step, and this object ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from asyncio.transports import BaseTransport
from http import HTTPStatus
from typing import Any, Final, cast

from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.extensions.permessage_deflate import (
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.frames import CloseCode as StandardCode
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from live.gateway.connection import CLOSE_DEADLINE_S, Connection
from live.gateway.framing import FrameReader, too_large
from live.wire.codes import CloseCode

EXTENSION: Final = "causerie.socket"
HANDSHAKE_DEADLINE_S: Final = 10.0
_WINDOW_BITS: Final = 15
# Kernel memory hides slow readers; Linux doubles this.
_SEND_BUFFER_BYTES: Final = 64 * 1024


class _Handshake(ServerProtocol):
    """RFC 6455, except that a message beyond the limit ends with the contract's own code, and that
    a client may close in the middle of a message, as Autobahn's case 7.1.5 asks."""

    def recv_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.CLOSE:
            self.current_size = None
        super().recv_frame(frame)

    def fail(self, code: StandardCode | int, reason: str = "") -> None:
        if code == StandardCode.MESSAGE_TOO_BIG:
            told = too_large(cast("int", self.max_message_size))
            code, reason = told.code, told.reason
        super().fail(code, reason)


class Socket(WebSocketsSansIOProtocol):
    """The class that uvicorn is given as ``ws=``; its ``ws_max_size`` bounds a message.

    Nothing is read after the request until somebody wants it: whoever ``detach``es, or an
    application that goes on in ASGI and asks to ``receive``.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn = _Handshake(
            extensions=[
                ServerPerMessageDeflateFactory(
                    server_no_context_takeover=True, client_no_context_takeover=True
                )
            ],
            max_size=config.ws_max_size,
            logger=self.logger,
        )
        self._taken: Connection | None = None
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        raw = cast("socket.socket | None", transport.get_extra_info("socket"))
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        self._deadline = self.loop.call_later(HANDSHAKE_DEADLINE_S, self.transport.abort)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            extensions = cast("dict[str, Any]", self.scope["extensions"])
            extensions[EXTENSION] = self
            self.transport.pause_reading()

    def start_keepalive(self) -> None:
        """The hub pings all connections from one sweeper."""

    def detach(self) -> Connection:
        """Take the transport away from uvicorn; the application may return. Valid once it has
        accepted and before it has asked for a message."""
        self._disarm()
        deflate = [each for each in self.conn.extensions if isinstance(each, PerMessageDeflate)]
        self._taken = Connection(
            self.transport,
            FrameReader(self.config.ws_max_size, inflates=bool(deflate)),
            cast("set[object]", self.connections),
            compresses=any(each.local_max_window_bits == _WINDOW_BITS for each in deflate),
        )
        self.connections.discard(self)
        # These hold on to this object in circles; it should end now, not when they are found.
        del self.scope, self.request, self.response
        self.conn.parser.close()
        return self._taken

    async def run_asgi(self) -> None:
        # The parent closes the transport when the application returns; ours returns early.
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass  # the client did not wait for the end of the handshake
        except Exception:
            self.logger.exception("Exception in ASGI application")
            await self._apologise()
        if self._taken is None and self.close_timer is None:
            self.transport.close()

    async def _apologise(self) -> None:
        if self._taken is not None:
            self._taken.close(CloseCode.INTERNAL_ERROR)
        elif not self.handshake_complete:
            self.send_500_response()
        elif not (self.close_sent or self.disconnected):
            with contextlib.suppress(ClientDisconnected):
                await self.send({"type": "websocket.close", "code": CloseCode.INTERNAL_ERROR})

    # --- an application that goes on in ASGI

    async def receive(self) -> ASGIReceiveEvent:
        if self.handshake_complete and not self.read_paused:
            self._listen()
        return await super().receive()

    async def send(self, message: ASGISendEvent) -> None:
        await super().send(message)
        if message["type"] == "websocket.close":
            self._listen()

    def _listen(self) -> None:
        self._disarm()
        self.transport.resume_reading()

    def handle_close(self, event: Frame) -> None:
        super().handle_close(event)
        self._disarm()

    def handle_parser_exception(self) -> None:
        """The client broke the protocol: what is wrong is in the close frame already."""
        if self.close_sent:
            return
        self.close_sent = True
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})
        # Closing at once, with unread bytes in the kernel, would reset the connection before the
        # client has read the close frame.
        self._disarm()
        self._deadline = self.loop.call_later(CLOSE_DEADLINE_S, self.transport.abort)
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._disarm()

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
