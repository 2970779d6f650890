"""uvicorn's connection during its handshake: an application is asked in ASGI, and then takes it.

What is decided without waiting for anyone takes one loop step and one write: the upgrade leaves
with the first frames. After ``detach`` nothing of this is left.
"""

from __future__ import annotations

import asyncio
import logging
from asyncio.trsock import TransportSocket
from http import HTTPStatus
from socket import SO_SNDBUF, SOL_SOCKET
from typing import Any, Final, cast
from urllib.parse import unquote

from starlette.types import Message, Scope
from uvicorn.config import Config
from uvicorn.server import ServerState

from live.gateway.connection import Connection
from live.gateway.framing import FrameReader
from live.gateway.handshake import Compression, RawHeaders, Refused, Request, agree
from live.wire.codes import CloseCode

EXTENSION: Final = "causerie.socket"
# Kernel memory hides slow readers; Linux doubles this.
SEND_BUFFER_BYTES: Final = 64 * 1024

logger = logging.getLogger(__name__)


class Socket(asyncio.Protocol):
    """The class that uvicorn is given as ``ws=``; its ``ws_max_size`` bounds a message. It is made
    and ``open``ed by ``app.http_protocol``.

    An application accepts and ``detach``es, accepts and closes, or answers in HTTP; it sends and
    receives no messages here. Until one of these nothing goes out, and who says more than its
    request before that is cut off.
    """

    __slots__ = (
        "_accepted",
        "_answer",
        "_app",
        "_app_state",
        "_asked",
        "_compression",
        "_config",
        "_deadline",
        "_done",
        "_gone",
        "_key",
        "_loop",
        "_server",
        "_transport",
    )

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
        self._key = b""
        self._compression: Compression
        self._accepted: bytes | None = None
        self._answer: tuple[int, RawHeaders] | None = None
        self._asked = self._done = False
        self._gone: asyncio.Event | None = None
        self._deadline: asyncio.TimerHandle

    # --- what the HTTP protocol and the transport call

    def open(
        self, transport: asyncio.Transport, request: Request, deadline: asyncio.TimerHandle
    ) -> None:
        """Ask the application about this request, which came over ``transport``. ``deadline`` is
        cancelled once that is decided."""
        self._transport = transport
        self._deadline = deadline
        self._register.add(self)
        try:
            self._key, self._compression = agree(request)
        except Refused as refused:
            self._respond(refused.status, list(refused.headers), f"{refused}\n".encode())
            return
        task = self._loop.create_task(self._run(self._scope(request)))
        self._server.tasks.add(task)
        task.add_done_callback(self._server.tasks.discard)

    def data_received(self, _data: bytes) -> None:
        """Nothing may follow the request before its answer."""
        self._transport.abort()

    def connection_lost(self, _exc: Exception | None) -> None:
        self._end()
        if self._gone is not None:
            self._gone.set()

    def shutdown(self) -> None:
        """The server stops."""
        if not self._done:
            self._respond(503, [], b"the server stops\n")

    # --- the application

    async def _run(self, scope: Scope) -> None:
        try:
            await self._config.loaded_app(scope, self._receive, self._send)
        except ConnectionAbortedError:
            return  # the client did not wait for the end of the handshake
        except Exception:
            logger.exception("the socket's application failed")
        if not self._done:
            self._apologise()

    def _apologise(self) -> None:
        if self._accepted is None:
            self._respond(500, [], b"this failed on our side\n")
        else:
            self.detach().close(CloseCode.INTERNAL_ERROR)

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "websocket.connect"}
        if not self._done:
            self._gone = asyncio.Event()
            await self._gone.wait()
        return {"type": "websocket.disconnect", "code": 1006}

    async def _send(self, message: Message) -> None:
        if self._done:
            raise ConnectionAbortedError
        match message:
            case {"type": "websocket.accept"} if self._accepted is None:
                self._accepted = self._upgrade(message.get("subprotocol"))
            case {"type": "websocket.close"} if self._accepted is None:
                self._respond(403, [], b"")
            case {"type": "websocket.close"}:
                code = CloseCode(message.get("code", CloseCode.INTERNAL_ERROR))
                self.detach().close(code, message.get("reason") or "")
            case {"type": "websocket.http.response.start"}:
                self._answer = message["status"], list(message["headers"])
            case {"type": "websocket.http.response.body"} if self._answer is not None:
                self._respond(*self._answer, message["body"])
            case _:
                raise RuntimeError(f"{message['type']} has no place in a handshake")

    def detach(self) -> Connection:
        """Take the transport away from uvicorn; the application may return. Valid once it has
        accepted; ``ConnectionAbortedError`` if the client is gone meanwhile."""
        if self._accepted is None:
            raise RuntimeError("this socket was not accepted")
        if self._done:
            raise ConnectionAbortedError
        self._end()
        raw = cast("TransportSocket | None", self._transport.get_extra_info("socket"))
        if raw is not None:
            raw.setsockopt(SOL_SOCKET, SO_SNDBUF, SEND_BUFFER_BYTES)
        return Connection(
            self._transport,
            FrameReader(self._config.ws_max_size, inflates=self._compression.inflates),
            self._register,
            compresses=self._compression.compresses,
            first=self._accepted,
        )

    # --- the handshake

    @property
    def _register(self) -> set[object]:
        return cast("set[object]", self._server.connections)

    def _scope(self, request: Request) -> Scope:
        path, _, query = request.target.partition(b"?")
        named = b",".join(request.all_of(b"sec-websocket-protocol")).decode("latin-1")
        root = self._config.root_path
        return {
            "type": "websocket",
            "asgi": {"version": self._config.asgi_version, "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "ws" if self._transport.get_extra_info("sslcontext") is None else "wss",
            "client": _address(self._transport.get_extra_info("peername")),
            "root_path": root,
            "path": root + _unquoted(path),
            "raw_path": root.encode("ascii") + path,
            "query_string": query,
            "headers": request.headers,
            "subprotocols": [each.strip() for each in named.split(",")] if named else [],
            "state": self._app_state.copy(),
            "extensions": {"websocket.http.response": {}, EXTENSION: self},
        }

    def _end(self) -> None:
        self._done = True
        self._register.discard(self)
        self._deadline.cancel()

    def _upgrade(self, subprotocol: str | None) -> bytes:
        headers = [
            (b"upgrade", b"websocket"),
            (b"connection", b"Upgrade"),
            (b"sec-websocket-accept", self._key),
        ]
        if subprotocol is not None:
            headers.append((b"sec-websocket-protocol", subprotocol.encode("ascii")))
        if self._compression.header is not None:
            headers.append((b"sec-websocket-extensions", self._compression.header))
        return self._head(101, headers)

    def _respond(self, status: int, headers: RawHeaders, body: bytes) -> None:
        """Answer in HTTP, instead of the upgrade."""
        self._end()
        length = str(len(body)).encode()
        headers = [*headers, (b"content-length", length), (b"connection", b"close")]
        if body:
            headers.append((b"content-type", b"text/plain; charset=utf-8"))
        self._transport.write(self._head(status, headers) + body)
        self._transport.close()

    def _head(self, status: int, headers: RawHeaders) -> bytes:
        lines = [b"%b: %b\r\n" % header for header in (*self._server.default_headers, *headers)]
        phrase = HTTPStatus(status).phrase.encode()
        return b"HTTP/1.1 %d %b\r\n%b\r\n" % (status, phrase, b"".join(lines))


def _unquoted(path: bytes) -> str:
    text = path.decode("latin-1")
    return unquote(text) if "%" in text else text


def _address(peer: tuple[Any, ...] | str | None) -> tuple[str, int] | None:
    """ASGI's form of an address: a host and a port."""
    return (peer[0], peer[1]) if isinstance(peer, tuple) else None
