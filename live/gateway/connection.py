"""A connection after its handshake: ready bytes go out, what comes in is handed to the ``Peer``.

It takes the transport over from uvicorn, whose objects for this connection then end. What is left
of ten thousand silent viewers is this object, the transport and what the hub knows of them: no
task, queue, timer or dictionary of their own.
"""

from __future__ import annotations

import asyncio
import os
from typing import Final, cast

from live.gateway.framing import NO_STATUS, FrameReader, Incoming, Kind, Violation
from live.gateway.line import Peer
from live.gateway.listening import Listening
from live.gateway.packets import PING, Packet, close_frame, pong
from live.wire.codes import CloseCode

CLOSE_DEADLINE_S: Final = 2.0
# A snapshot fits twice: only who falls behind while reading one is called slow.
HIGH_WATER_BYTES: Final = 256 * 1024
LOW_WATER_BYTES: Final = 32 * 1024
VIA_TRANSPORT: Final = -1
_READ_BYTES: Final = 16 * 1024


class Connection(asyncio.Protocol):
    """``live.gateway.line.Line`` over a transport.

    While the transport holds nothing back, bytes go straight to the kernel: what has been sent is
    sent when ``emit`` returns, and a round of sending knows how long it took. ``register`` is the
    set of the server's connections, which calls ``shutdown`` on each when it stops. ``first`` are
    bytes that leave together with the first ones to be sent.
    """

    __slots__ = (
        "_deadline",
        "_deaf",
        "_first",
        "_listening",
        "_reader",
        "_register",
        "_socket",
        "_transport",
        "closing",
        "compresses",
        "descriptor",
        "disconnected",
        "peer",
    )

    def __init__(
        self,
        transport: asyncio.Transport,
        reader: FrameReader,
        register: set[object],
        *,
        compresses: bool,
        first: bytes = b"",
    ) -> None:
        self._transport = transport
        self._reader = reader
        self._register = register
        self.compresses = compresses
        self.peer: Peer | None = None
        self.closing = False
        self.disconnected = transport.is_closing()
        self._first = first
        self.descriptor = VIA_TRANSPORT
        self._deaf = False
        self._listening: Listening | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._socket = _descriptor(transport)
        transport.set_write_buffer_limits(high=HIGH_WATER_BYTES, low=LOW_WATER_BYTES)
        transport.set_protocol(self)
        register.add(self)

    # --- what its peer does with it

    def attach(self, peer: Peer) -> None:
        """Begin to read, for ``peer``."""
        self.peer = peer
        if self.disconnected:
            peer.lost()
            return
        if self._first:
            self._write(b"")
        self._transport.resume_reading()
        if self._transport.get_write_buffer_size() > self._transport.get_write_buffer_limits()[1]:
            peer.paused()

    def emit(self, packet: Packet) -> None:
        """Send a packet; after ``close`` and after the end, nothing happens."""
        if not self.closing and not self.disconnected:
            self._write(packet.compressed if self.compresses else packet.plain)

    def took(self, data: bytes, size_bytes: int) -> None:
        """Somebody wrote ``data`` to ``descriptor``, and so much of it went; -1: the client is
        gone. The rest follows."""
        self.descriptor = VIA_TRANSPORT
        if size_bytes < 0:
            self._transport.abort()
        else:
            self._transport.write(memoryview(data)[size_bytes:])

    def ping(self) -> None:
        """Ask for a sign of life."""
        if not self.closing and not self.disconnected:
            self._write(PING)

    def expect(self, size_bytes: int) -> None:
        """Something of this size is about to be sent: it alone does not make a reader slow."""
        if size_bytes * 2 > HIGH_WATER_BYTES:
            self._transport.set_write_buffer_limits(high=size_bytes * 2, low=LOW_WATER_BYTES)

    def close(self, code: CloseCode, reason: str = "") -> None:
        """End the connection: a close frame now, the transport once the client has answered or has
        not done so for 2 s."""
        if self.closing or self.disconnected:
            return
        self.heed(None)
        self._say_goodbye(code, reason)
        self._transport.resume_reading()

    def abort(self) -> None:
        """End the connection at once and without a word."""
        self._transport.abort()

    def hold(self) -> None:
        """Take nothing more from this client for now."""
        self._transport.pause_reading()
        if self._listening is not None:
            self._listening.remove(self._socket)

    def release(self) -> None:
        """Take what this client sends again."""
        if self._listening is None:
            self._transport.resume_reading()
        else:
            self._listening.add(self._socket, self)

    def heed(self, listening: Listening | None) -> None:
        """Be read together with others from now on, or (None) by itself again. Not while it is
        held."""
        if self._listening is not None:
            self._listening.remove(self._socket)
            self._listening = None
            self._transport.resume_reading()
        reads = not (self.closing or self.disconnected or self._socket == VIA_TRANSPORT)
        if listening is not None and reads:
            self._listening = listening
            self._transport.pause_reading()
            listening.add(self._socket, self)

    def read(self) -> None:
        """Read what has come; a connection that is at its end is the transport's to end."""
        try:
            data = os.read(self._socket, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self.data_received(data)
        else:
            self.heed(None)

    def shutdown(self) -> None:
        """The server stops."""
        self.close(CloseCode.RESTART)

    # --- what the transport calls

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        peer = self.peer
        if peer is not None:
            peer.heard()
            text = None if self.closing else self._reader.one_text(data)
            if text is not None:
                peer.text(text)
                return
        try:
            for incoming in self._reader.feed(data):
                if incoming.kind is Kind.CLOSE:
                    self._end(incoming.code)
                    break
                self._take(incoming)
        except Violation as violation:
            self._break_off(violation)

    def pause_writing(self) -> None:
        if self.peer is not None:
            self.peer.paused()

    def resume_writing(self) -> None:
        if self.peer is not None and not self.closing:
            self.peer.drained()

    def connection_lost(self, _exc: Exception | None) -> None:
        if self._listening is not None:
            self._listening.remove(self._socket)
            self._listening = None
        self.disconnected = True
        self._socket = self.descriptor = VIA_TRANSPORT
        self._register.discard(self)
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        peer, self.peer = self.peer, None
        if peer is not None:
            peer.lost()

    # --- in

    def _take(self, incoming: Incoming) -> None:
        match incoming.kind:
            case Kind.TEXT if self.peer is not None and not self.closing:
                self.peer.text(incoming.payload)
            case Kind.BINARY if self.peer is not None and not self.closing:
                self.peer.binary(incoming.payload)
            case Kind.PING if not self.closing:
                self._write(pong(incoming.payload))

    def _end(self, code: int) -> None:
        """The client's close frame: answered, if it is not the answer to ours."""
        self._deaf = True
        self.heed(None)
        if not self.closing:
            self.closing = True
            self._write_in_turn(close_frame(None if code == NO_STATUS else code))
        self._transport.close()

    def _break_off(self, violation: Violation) -> None:
        """Say what is wrong and hear no more. Closing at once, with unread bytes in the kernel,
        would reset the connection before the client has read the close frame."""
        self._deaf = True
        self.heed(None)
        if not self.closing:
            self._say_goodbye(violation.code, violation.reason)
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def _say_goodbye(self, code: int, reason: str) -> None:
        self.closing = True
        self._write_in_turn(close_frame(code, reason))
        self._deadline = asyncio.get_running_loop().call_later(
            CLOSE_DEADLINE_S, self._transport.abort
        )

    # --- out

    def _write(self, data: bytes) -> None:
        transport = self._transport
        if self.descriptor == VIA_TRANSPORT:
            data, self._first = self._first + data, b""
            if self._socket == VIA_TRANSPORT or transport.get_write_buffer_size() > 0:
                transport.write(data)
                return
            self.descriptor = self._socket
        try:
            sent = os.write(self.descriptor, data)
        except BlockingIOError:
            sent = 0
        except OSError:
            sent = -1
        if sent < len(data):
            self.took(data, sent)

    def _write_in_turn(self, data: bytes) -> None:
        """Behind all that the transport holds back."""
        self.descriptor = VIA_TRANSPORT
        first, self._first = self._first, b""
        self._transport.write(first + data)


def _descriptor(transport: asyncio.Transport) -> int:
    """Where bytes can be written past the transport; -1 where that changes them (TLS)."""
    if transport.get_extra_info("sslcontext") is not None:
        return VIA_TRANSPORT
    opened = transport.get_extra_info("socket")
    return VIA_TRANSPORT if opened is None else cast("int", opened.fileno())
