"""ICE over TCP, passive side (RFC 6544), for those whose network lets no UDP through.

A connection is one more address that a peer may be at: what it carries goes through the same router
to the same legs, each datagram with its length before it (RFC 4571). It belongs to a leg once a
connectivity check with that leg's password came by it; until then it gets little room and little
time. Media is never waited for: what does not fit into a bounded buffer is lost, as UDP may.
"""

import asyncio
import errno
import logging
import resource
import socket
from collections.abc import Callable
from typing import Final, cast

from live.ports.media import MediaStartError

log = logging.getLogger(__name__)

FRAME_LIMIT: Final = 2_048
"""Bytes of one framed datagram: as of one that came by UDP."""

FRAME_MIN: Final = 12
"""Nothing that belongs here is shorter than an RTP header."""

UNPROVED_BYTES: Final = 4_096
"""What a connection may bring before a check of it was accepted."""

UNPROVED_S: Final = 5.0
"""How long it may take for that."""

UNPROVED_LIMIT: Final = 512
"""So many may wait for it at once; the one that waits longest makes room."""

UNPROVED_PER_HOST: Final = 64
"""Of one address; a company behind one is many people at once, but each for a moment."""

CONNECTIONS_LIMIT: Final = 4_096
"""All together; more are hung up on."""

SPARE_DESCRIPTORS: Final = 256
"""Of those that the system allows the process, what recordings and the like keep."""

WRITE_LIMIT_BYTES: Final = 192 * 1_024
"""What waits for a slow link here: about a second of a good picture, or its largest keyframe."""

UNSENT_LIMIT_BYTES: Final = 64 * 1_024
"""What the kernel takes of that before it has sent it (TCP_NOTSENT_LOWAT)."""

LINGER_S: Final = 1.0
"""After its leg's end, for the farewell."""

BACKLOG: Final = 256

_SCRATCH: Final = memoryview(bytearray(16 * 1_024))
"""What is read of a connection at once, and is dealt with before the next one is read."""

Take = Callable[[bytes, "Connection"], None]


class Connection(asyncio.BufferedProtocol):
    """One accepted connection; stands where the address of a UDP peer would."""

    __slots__ = (
        "_deadline",
        "_part",
        "_port",
        "_taken",
        "_transport",
        "peer",
        "proved",
    )

    def __init__(self, port: "TcpPort") -> None:
        self._port = port
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._part = b""
        """The beginning of a frame whose rest is on its way."""
        self._taken = 0
        self.proved = False
        self.peer: tuple[str, int] = ("", 0)
        """Host and port of who connected."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        peername = transport.get_extra_info("peername")
        self.peer = (peername[0], peername[1]) if peername else ("", 0)
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_LIMIT_BYTES)
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(UNPROVED_S, self.abort)
        self._port.came(self)

    def connection_lost(self, _error: Exception | None) -> None:
        self._forget_deadline()
        self._transport = None
        self._port.went(self)

    def get_buffer(self, _sizehint: int) -> memoryview:
        return _SCRATCH

    def buffer_updated(self, nbytes: int) -> None:
        data = self._part + _SCRATCH[:nbytes]
        at, end = 0, len(data)
        while end - at >= 2:
            size = data[at] << 8 | data[at + 1]
            if not FRAME_MIN <= size <= FRAME_LIMIT:
                return self.abort()
            after = at + 2 + size
            if after > end:
                break
            self._port.take(data[at + 2 : after], self)
            if self._transport is None:
                return None
            at = after
        self._part = data[at:]
        if not self.proved:
            self._taken += nbytes
            if self._taken > UNPROVED_BYTES:
                self.abort()
        return None

    def prove(self) -> None:
        """A check of a leg came by it and was accepted: it may stay for as long as that leg.
        Idempotent.
        """
        if not self.proved:
            self.proved = True
            self._forget_deadline()
            self._port.proved(self)

    def send(self, datagram: bytes | memoryview) -> bool:
        """Send one datagram; False if there is no room for it."""
        transport = self._ready()
        if transport is None:
            return False
        transport.write(len(datagram).to_bytes(2, "big") + datagram)
        return True

    def send_segments(self, data: memoryview, segment: int) -> bool:
        """Send `data` as datagrams of `segment` bytes, the last one what is left; False if there
        is no room, and then none of it.
        """
        transport = self._ready()
        if transport is None:
            return False
        framed = bytearray()
        for start in range(0, len(data), segment):
            piece = data[start : start + segment]
            framed += len(piece).to_bytes(2, "big")
            framed += piece
        transport.write(framed)
        return True

    def close(self) -> None:
        """It is of no more use; a farewell may still go. Idempotent."""
        if self._transport is not None and self._deadline is None:
            self._deadline = asyncio.get_running_loop().call_later(LINGER_S, self.abort)

    def abort(self) -> None:
        """Hang up at once, whatever waits. Idempotent."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def _ready(self) -> asyncio.Transport | None:
        transport = self._transport
        if transport is None or transport.get_write_buffer_size() > WRITE_LIMIT_BYTES:
            return None
        return transport

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class TcpPort:
    """An open TCP port that hands each framed datagram to `take`, in the order of arrival."""

    def __init__(self, server: asyncio.Server, take: Take) -> None:
        self._server = server
        self.take = take
        self._limit = min(CONNECTIONS_LIMIT, max(1, _descriptors() - SPARE_DESCRIPTORS))
        self._unproved: dict[Connection, None] = {}
        self._all: set[Connection] = set()

    @classmethod
    async def open(cls, port: int, take: Take) -> "TcpPort":
        """Listen on every address of the machine, IPv4 and IPv6; raises `MediaStartError`."""
        try:
            sock = _bind(port)
        except OSError as error:
            raise _cannot_bind(port, error) from error
        opened: TcpPort
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: Connection(opened), sock=sock, backlog=BACKLOG, start_serving=False
        )
        opened = cls(server, take)
        await server.start_serving()
        return opened

    @property
    def number(self) -> int:
        """The port's true number, also when 0 was asked for."""
        number: int = self._server.sockets[0].getsockname()[1]
        return number

    @property
    def count(self) -> int:
        """How many are connected."""
        return len(self._all)

    def close(self) -> None:
        """Hang up on everyone and free the port. Idempotent."""
        self._server.close()
        for connection in list(self._all):
            connection.abort()

    def came(self, connection: Connection) -> None:
        """Someone connected: take them in, if need be in the place of who never got further."""
        self._all.add(connection)
        if len(self._all) > self._limit:
            log.debug("too many connections: one is hung up on")
            connection.abort()
            return
        host = connection.peer[0]
        same = [each for each in self._unproved if each.peer[0] == host]
        if len(same) >= UNPROVED_PER_HOST:
            same[0].abort()
            self._unproved.pop(same[0])
        elif len(self._unproved) >= UNPROVED_LIMIT:
            oldest = next(iter(self._unproved))
            oldest.abort()
            self._unproved.pop(oldest)
        self._unproved[connection] = None

    def proved(self, connection: Connection) -> None:
        """It belongs to a leg now."""
        self._unproved.pop(connection, None)

    def went(self, connection: Connection) -> None:
        """It is gone."""
        self._all.discard(connection)
        self._unproved.pop(connection, None)


def _descriptors() -> int:
    """How many files and sockets this process may have open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return CONNECTIONS_LIMIT + SPARE_DESCRIPTORS if soft == resource.RLIM_INFINITY else soft


def _bind(port: int) -> socket.socket:
    """A socket on all addresses; of IPv4 alone where the kernel has no IPv6."""
    return socket.create_server(
        ("", port),
        family=socket.AF_INET6 if socket.has_dualstack_ipv6() else socket.AF_INET,
        dualstack_ipv6=socket.has_dualstack_ipv6(),
        backlog=BACKLOG,
    )


def _cannot_bind(port: int, error: OSError) -> MediaStartError:
    if error.errno == errno.EADDRINUSE:
        remedy = "this TCP port is in use by another program; stop that one or choose another port"
    elif error.errno == errno.EACCES:
        remedy = (
            "this TCP port needs privileges; choose one above 1023 (and have the firewall send 443"
            " there), or grant CAP_NET_BIND_SERVICE"
        )
    else:
        remedy = f"this TCP port cannot be opened ({error.strerror}); choose another port"
    return MediaStartError("CAUSERIE_MEDIA_TCP_PORT", str(port), remedy)
