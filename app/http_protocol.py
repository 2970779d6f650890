"""uvicorn's HTTP/1.1 connection, with a shorter way for sockets, and with bounds on waiting.

uvicorn and llhttp take request heads of any length for any time; a few thousand connections that
send one byte a minute would hold the server. A body's bounds are kept where it is read.
"""

from __future__ import annotations

import asyncio
from asyncio.transports import BaseTransport
from typing import Any, Final, cast

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from live.gateway.handshake import RawHeaders, Request
from live.gateway.sockets import Socket

HEAD_LIMIT_BYTES: Final = 65_536
HEAD_DEADLINE_S: Final = 10.0


class Entrance(asyncio.Protocol):
    """The class that uvicorn is given as ``http=``: looks at what comes first on a connection.

    A socket's request that is there as a whole, as it nearly always is, becomes a ``Socket``
    without any of uvicorn's objects for HTTP; they took a fifth of a join. All else goes to
    ``GuardedHttpProtocol``. Who says nothing for 10 s is cut off, and so is a socket that the
    application has not answered by then.
    """

    __slots__ = ("_app_state", "_config", "_deadline", "_loop", "_server", "_transport")

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._config = config
        self._server = server_state
        self._app_state = app_state
        self._loop = _loop or asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._deadline: asyncio.TimerHandle

    def connection_made(self, transport: BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._register.add(self)
        self._deadline = self._loop.call_later(HEAD_DEADLINE_S, self._transport.abort)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._register.discard(self)
        self._deadline.cancel()

    def shutdown(self) -> None:
        """The server stops."""
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._register.discard(self)
        found = _asked_for_socket(data) if b"websocket" in data else None
        if found is None:
            self._deadline.cancel()
            request = GuardedHttpProtocol(self._config, self._server, self._app_state, self._loop)
            request.connection_made(self._transport)
            self._transport.set_protocol(request)
            request.data_received(data)
            return
        asked, rest = found
        socket = Socket(self._config, self._server, self._app_state, self._loop)
        self._transport.set_protocol(socket)
        socket.open(self._transport, asked, self._deadline)
        if rest:
            socket.data_received(rest)

    @property
    def _register(self) -> set[object]:
        return cast("set[object]", self._server.connections)


class _Head:
    """What llhttp finds in a head."""

    def __init__(self) -> None:
        self.target = b""
        self.headers: RawHeaders = []

    def on_url(self, part: bytes) -> None:
        self.target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))


def _asked_for_socket(data: bytes) -> tuple[Request, bytes] | None:
    """A whole request for a WebSocket, and what follows it; None if this is anything else."""
    if len(data) > HEAD_LIMIT_BYTES:
        return None
    head = _Head()
    parser = httptools.HttpRequestParser(head)
    try:
        parser.feed_data(data)
    except httptools.HttpParserUpgrade as upgrade:
        # llhttp found `Connection: upgrade` besides.
        request = Request(parser.get_method(), head.target, head.headers)
        if [each.lower() for each in request.all_of(b"upgrade")] == [b"websocket"]:
            return request, data[upgrade.args[0] :]
    except httptools.HttpParserError:
        pass  # whom it goes to now answers
    return None


class GuardedHttpProtocol(HttpToolsProtocol):
    """Ends a connection whose request head is longer than 64 KiB or takes more than 10 s."""

    _head_bytes = 0
    _head_timer: asyncio.TimerHandle | None = None

    # The parent narrows the argument in the same way, for the same reason: only TCP comes here.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_done()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head_timer is None or self.transport.is_closing():
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_LIMIT_BYTES:
            self.transport.write(
                b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
                b"content-length: 0\r\nconnection: close\r\n\r\n"
            )
            self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._expect_head()

    def on_headers_complete(self) -> None:
        self._head_done()
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        """A request that came in pieces, or on a connection that was kept."""
        self.connections.discard(self)
        socket = Socket(self.config, self.server_state, self.app_state, self.loop)
        self.transport.set_protocol(socket)
        asked = Request(self.scope["method"].encode(), self.url, self.headers)
        deadline = self.loop.call_later(HEAD_DEADLINE_S, self.transport.abort)
        socket.open(self.transport, asked, deadline)
        # The parser refers back to this object, which has no more to do: it should end now.
        self.parser = None  # type: ignore[assignment]

    def _expect_head(self) -> None:
        if self._head_timer is None:
            self._head_bytes = 0
            self._head_timer = self.loop.call_later(HEAD_DEADLINE_S, self.transport.abort)

    def _head_done(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
