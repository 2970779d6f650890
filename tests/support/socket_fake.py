"""A connection that is none, and a client at its end that trusts nobody."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from live.gateway.connection import VIA_TRANSPORT
from live.gateway.line import Peer
from live.gateway.listening import Listening
from live.gateway.packets import Packet
from live.wire.codes import CloseCode
from tests.support.reducer import fold

Json = dict[str, Any]


def frames(data: bytes) -> Iterator[bytes]:
    """The payloads of uncompressed server frames."""
    while data:
        size, start = data[1], 2
        if size == 126:
            (size,), start = struct.unpack("!H", data[2:4]), 4
        elif size == 127:
            (size,), start = struct.unpack("!Q", data[2:10]), 10
        yield data[start : start + size]
        data = data[start + size :]


@dataclass(eq=False)
class Client:
    """Holds what it was told: its position, the state it folded, the answers it got.

    ``watch`` is called with every payload before it is used. The contract's promise of contiguous
    frames is checked here.
    """

    watch: Callable[[bytes], None] = lambda _: None
    position: int = -1
    epoch: str = ""
    state: Json | None = None
    snapshots: int = 0
    answers: dict[str | None, Json] = field(default_factory=dict)
    pulse: Json | None = None
    frames: list[Json] = field(default_factory=list)
    failure: AssertionError | None = None

    def receive(self, payload: bytes) -> None:
        # The server survives what a peer does with its bytes; the test asks for the first failure.
        try:
            self._take(payload)
        except AssertionError as error:
            self.failure = self.failure or error

    def _take(self, payload: bytes) -> None:
        self.watch(payload)
        frame = json.loads(payload)
        self.frames.append(frame)
        match frame["t"]:
            case "hello":
                self.epoch = frame["epoch"]
                if frame["snapshot"] is not None:
                    self._replace(frame)
            case "snapshot":
                self._replace(frame)
            case "events":
                self._events(frame)
            case "pulse":
                self.pulse = frame["data"]
            case "ack" | "refused":
                self.answers[frame["id"]] = frame

    def _replace(self, frame: Json) -> None:
        self.snapshots += 1
        self.state, self.position = frame["snapshot"], frame["head"]
        you = {key: frame["snapshot"]["you"][key] for key in frame["you"]}
        assert you == frame["you"]

    def _events(self, frame: Json) -> None:
        assert frame["after"] == self.position, "frames are contiguous"
        seqs = [event["seq"] for event in frame["events"]]
        assert seqs == sorted(set(seqs))
        assert all(frame["after"] < seq <= frame["upto"] for seq in seqs)
        assert self.state is not None
        self.state = fold(self.state, frame["events"])
        self.position = frame["upto"]


@dataclass(eq=False)
class FakeSocket:
    """Delivers at once; ``clog`` and ``drain`` are what a slow reader does to it."""

    client: Client
    closing: bool = False
    disconnected: bool = False
    closed: CloseCode | None = None
    peer: Peer | None = None
    pings: int = 0
    held: bool = False
    clogged: bool = False
    compresses: bool = False
    descriptor: int = VIA_TRANSPORT

    def attach(self, peer: Peer) -> None:
        self.peer = peer

    def emit(self, packet: Packet) -> None:
        if not self.closing and not self.disconnected:
            for payload in frames(packet.plain):
                self.client.receive(payload)

    def took(self, data: bytes, size_bytes: int) -> None:
        raise AssertionError(f"{size_bytes} of {data!r} went where there is no descriptor")

    def ping(self) -> None:
        self.pings += 1

    def expect(self, size_bytes: int) -> None:
        assert size_bytes > 0

    def hold(self) -> None:
        self.held = True

    def release(self) -> None:
        self.held = False

    def heed(self, listening: Listening | None) -> None:
        """Here everything is heard at once."""

    def close(self, code: CloseCode, reason: str = "") -> None:
        assert isinstance(reason, str)
        self.closed = self.closed or code
        self.closing = True

    def abort(self) -> None:
        self.disconnect()

    def say(self, **frame: Any) -> None:
        assert self.peer is not None
        self.peer.text(json.dumps(frame).encode())

    def clog(self) -> None:
        assert self.peer is not None
        self.clogged = True
        self.peer.paused()

    def drain(self) -> None:
        assert self.peer is not None
        self.clogged = False
        self.peer.drained()

    def disconnect(self) -> None:
        if not self.disconnected:
            self.disconnected = True
            if self.peer is not None:
                self.peer.lost()
