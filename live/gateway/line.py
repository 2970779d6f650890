"""The two ends of a connection that is up: who owns it, and what may be done with it."""

from __future__ import annotations

from typing import Protocol

from live.gateway.listening import Listening
from live.gateway.packets import Packet
from live.wire.codes import CloseCode


class Peer(Protocol):
    """Who owns a line once it is attached. All calls come from the event loop and never block."""

    def text(self, payload: bytes) -> None:
        """A whole text message; it is UTF-8."""
        ...

    def binary(self, payload: bytes) -> None:
        """A whole binary message."""
        ...

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
    """What a peer may do with its connection; ``Connection`` is the one there is outside of tests.

    ``closing`` is set from the first close frame of either side, ``disconnected`` at the end.
    ``descriptor`` is the socket that ready bytes can be written to at this moment, of a packet the
    ``compressed`` ones where it ``compresses``; -1 where only ``emit`` can. Who did that says by
    ``took`` how much went, unless all did.
    """

    closing: bool
    disconnected: bool
    compresses: bool
    descriptor: int

    def attach(self, peer: Peer) -> None:
        """Begin to read, for ``peer``."""
        ...

    def emit(self, packet: Packet) -> None:
        """Send a packet; after ``close`` and after the end, nothing happens."""
        ...

    def took(self, data: bytes, size_bytes: int) -> None:
        """Of ``data`` so much was written to ``descriptor``; -1: the client is gone."""
        ...

    def ping(self) -> None:
        """Ask for a sign of life."""
        ...

    def expect(self, size_bytes: int) -> None:
        """Something of this size is about to be sent: it alone does not make a reader slow."""
        ...

    def hold(self) -> None:
        """Take nothing more from this client for now."""
        ...

    def release(self) -> None:
        """Take what this client sends again."""
        ...

    def heed(self, listening: Listening | None) -> None:
        """Be read together with others from now on, or (None) by itself again. Not while it is
        held."""
        ...

    def close(self, code: CloseCode, reason: str = "") -> None:
        """End the connection in order."""
        ...

    def abort(self) -> None:
        """End the connection at once and without a word."""
        ...
