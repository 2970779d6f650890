"""uvicorn's connection, detached from ASGI once it is authenticated.

Up to the end of the handshake it is uvicorn's own sans-I/O protocol and the endpoint speaks ASGI to
it. ``attach`` then takes it over within one loop step: no task, queue or timer is left per
connection, frames go out as ready bytes, and what comes in is handed to the ``Peer``.
"""

from __future__ import annotations

import asyncio
import socket
from asyncio.transports import BaseTransport
from http import HTTPStatus
from typing import Any, Final, Protocol, cast

from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.extensions.permessage_deflate import (
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.frames import CloseCode as StandardCode
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.server import ServerProtocol

from live.gateway.packets import PING, Packet
from live.wire.codes import CloseCode

EXTENSION: Final = "causerie.socket"
HANDSHAKE_DEADLINE_S: Final = 10.0
CLOSE_DEADLINE_S: Final = 2.0
FRAME_BYTES: Final = 16 * 1024
# A snapshot fits twice: only who falls behind while reading one is called slow.
_WINDOW_BITS: Final = 15
_HIGH_WATER_BYTES: Final = 256 * 1024
_LOW_WATER_BYTES: Final = 32 * 1024
# Kernel memory hides slow readers; Linux doubles this.
_SEND_BUFFER_BYTES: Final = 64 * 1024


class Peer(Protocol):
    """Who owns a socket once it is attached. All calls come from the event loop and never block."""

    def text(self, payload: bytes) -> None: ...

    def binary(self) -> None: ...

    def heard(self) -> None:
        """Something arrived, a pong perhaps."""
        ...

    def paused(self) -> None:
        """The reader does not keep up: nothing more should be sent for now."""
        ...

    def drained(self) -> None:
        """The reader has caught up with all that was sent."""
        ...

    def lost(self) -> None:
        """The connection is gone; the last call."""
        ...


class Line(Protocol):
    """What a peer may do with its connection; ``Socket`` is the one there is outside of tests."""

    closing: bool
    disconnected: bool

    def attach(self, peer: Peer) -> None: ...

    def emit(self, packet: Packet) -> None: ...

    def ping(self) -> None: ...

    def expect(self, size_bytes: int) -> None: ...

    def hold(self) -> None: ...

    def release(self) -> None: ...

    def close(self, code: CloseCode, reason: str = "") -> None: ...

    def abort(self) -> None: ...


class _Connection(ServerProtocol):
    """RFC 6455, except that a message beyond the limit ends with the contract's own code."""

    def fail(self, code: StandardCode | int, reason: str = "") -> None:
        if code == StandardCode.MESSAGE_TOO_BIG:
            code, reason = CloseCode.TOO_LARGE, "a frame holds at most 16 KiB"
        super().fail(code, reason)


class Socket(WebSocketsSansIOProtocol):
    """The class that uvicorn is given as ``ws=``."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn = _Connection(
            extensions=[
                ServerPerMessageDeflateFactory(
                    server_no_context_takeover=True, client_no_context_takeover=True
                )
            ],
            max_size=FRAME_BYTES,
            logger=self.logger,
        )
        self.peer: Peer | None = None
        self.closing = False
        self._compresses = False
        self._deadline: asyncio.TimerHandle | None = None

    # --- before it is attached

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        raw = cast("socket.socket | None", transport.get_extra_info("socket"))
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        self.transport.set_write_buffer_limits(high=_HIGH_WATER_BYTES, low=_LOW_WATER_BYTES)
        self._deadline = self.loop.call_later(HANDSHAKE_DEADLINE_S, self._give_up)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            extensions = cast("dict[str, Any]", self.scope["extensions"])
            extensions[EXTENSION] = self

    def start_keepalive(self) -> None:
        """The hub pings all connections from one sweeper."""

    async def run_asgi(self) -> None:
        # The parent closes the transport when the application returns; ours returns early.
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass  # the client did not wait for the end of the handshake
        except Exception:
            self.logger.exception("Exception in ASGI application")
            if self.handshake_complete and not (self.close_sent or self.closing):
                self.close(CloseCode.INTERNAL_ERROR)
                return
            self.send_500_response()
        if self.peer is None and self.close_timer is None and not self.closing:
            self.transport.close()

    def _give_up(self) -> None:
        """The handshake was not finished in time; uvicorn would wait for ever."""
        self._deadline = None
        if self.peer is None and not self.handshake_complete:
            self.transport.abort()

    # --- attached

    def attach(self, peer: Peer) -> None:
        """Hand this connection over to ``peer``; the application may return. What the client has
        already sent is handed over in this call."""
        self.peer = peer
        self._disarm()
        self._compresses = any(
            isinstance(each, PerMessageDeflate) and each.local_max_window_bits == _WINDOW_BITS
            for each in self.conn.extensions
        )
        del self.scope, self.request, self.response
        early = []
        while not self.queue.empty():
            early.append(self.queue.get_nowait())
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        for message in early:
            if message["type"] == "websocket.receive":
                text = message.get("text")
                self._deliver(None if text is None else text.encode())
        if self.disconnected:
            peer.lost()
        elif not self.writable.is_set():
            peer.paused()

    def emit(self, packet: Packet) -> None:
        """Write a packet; after ``close`` and after the end, nothing happens."""
        if not self.closing and not self.disconnected:
            self.transport.write(packet.compressed if self._compresses else packet.plain)

    def ping(self) -> None:
        """Ask for a sign of life."""
        if not self.closing and not self.disconnected:
            self.transport.write(PING)

    def expect(self, size_bytes: int) -> None:
        """Something of this size is about to be sent: it alone does not make a reader slow."""
        if size_bytes * 2 > _HIGH_WATER_BYTES:
            self.transport.set_write_buffer_limits(high=size_bytes * 2, low=_LOW_WATER_BYTES)

    def close(self, code: CloseCode, reason: str = "") -> None:
        """End the connection: a close frame now, the transport once the client has answered or has
        not done so for 2 s."""
        if self.closing or self.disconnected:
            return
        self.closing = True
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.resume_reading()
        self._disarm()
        self._deadline = self.loop.call_later(CLOSE_DEADLINE_S, self.transport.abort)

    def abort(self) -> None:
        """End the connection at once and without a word."""
        self.transport.abort()

    def hold(self) -> None:
        """Take nothing more from this client for now."""
        self.transport.pause_reading()

    def release(self) -> None:
        """Take what this client sends again."""
        self.transport.resume_reading()

    # --- what the transport calls

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.peer is not None:
            self.peer.heard()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.peer is not None:
            self.peer.paused()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.peer is not None and not self.closing:
            self.peer.drained()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._disarm()
        peer, self.peer = self.peer, None
        if peer is not None:
            peer.lost()

    def shutdown(self) -> None:
        """The server stops."""
        if self.peer is None:
            super().shutdown()
        else:
            self.close(CloseCode.RESTART)

    # --- frames

    def send_receive_event_to_app(self) -> None:
        if self.peer is None:
            super().send_receive_event_to_app()
            return
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        self._deliver(data if self.curr_msg_data_type == "text" else None)

    def _deliver(self, text: bytes | None) -> None:
        if self.peer is None or self.closing:
            return
        if text is None:
            self.peer.binary()
        elif _is_utf8(text):
            self.peer.text(text)
        else:
            self.conn.fail(StandardCode.INVALID_DATA, "text is UTF-8")
            self.handle_parser_exception()

    def handle_close(self, event: Frame) -> None:
        if self.peer is None:
            super().handle_close(event)
            return
        # Echoed by ``conn``, or the answer to our own.
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.closing = True
        self.transport.close()

    def handle_parser_exception(self) -> None:
        """The client broke the protocol: what is wrong is in the close frame already."""
        if self.closing:
            return
        self.closing = True
        self.transport.write(b"".join(self.conn.data_to_send()))
        if self.peer is None:
            self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})
            self.close_sent = True
        # Closing at once, with unread bytes in the kernel, would reset the connection before the
        # client has read the close frame.
        self._disarm()
        self._deadline = self.loop.call_later(CLOSE_DEADLINE_S, self.transport.abort)
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
