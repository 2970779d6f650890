"""A client written from the contract alone: no code of the server is imported here.

It checks on the way what the contract promises of every connection (contiguous frames, growing
`seq`) and keeps every text frame it received, for those who search them afterwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from tests.support.patience import PATIENCE_S

Json = dict[str, Any]


class RefusedByServer(Exception):
    """A `refused` frame."""

    def __init__(self, frame: Json) -> None:
        super().__init__(f"{frame['code']}: {frame['message']}")
        self.frame = frame
        self.code: str = frame["code"]


@dataclass
class Http:
    """The HTTP API of one server, as the owner or as nobody in particular."""

    url: str
    owner_token: str

    async def call(self, method: str, path: str, token: str | None = None, **body: Any) -> Any:
        """The JSON of a successful answer; raises `httpx.HTTPStatusError` otherwise."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False) as http:
            answer = await http.request(
                method, f"{self.url}/api/v1{path}", json=body or None, headers=headers
            )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    async def as_owner(self, method: str, path: str, **body: Any) -> Any:
        return await self.call(method, path, self.owner_token, **body)

    async def new_session(self, **body: Any) -> Json:
        """A session that is live, with its invites."""
        made: Json = await self.as_owner("POST", "/sessions", **{"title": "Test", **body})
        await self.as_owner("POST", f"/sessions/{made['slug']}/state", state="live")
        return made

    async def join(self, slug: str, **body: Any) -> Json:
        found: Json = await self.call("POST", f"/sessions/{slug}/join", None, **body)
        return found


@dataclass
class Client:
    """One participant's socket. `events` are those applied since the last snapshot."""

    url: str
    slug: str
    token: str
    epoch: str | None = None
    position: int | None = None
    hello: Json = field(default_factory=dict)
    snapshot: Json = field(default_factory=dict)
    events: list[Json] = field(default_factory=list)
    pulse: Json = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    closed_with: int | None = None
    _socket: ClientConnection | None = None
    _reader: asyncio.Task[None] | None = None
    _answers: dict[str, asyncio.Future[Json]] = field(default_factory=dict)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def open(self) -> Client:
        """Connect, resuming where a position is known; returns after `hello`."""
        query: dict[str, Any] = {}
        if self.epoch is not None:
            query = {"epoch": self.epoch, "since": self.position}
        address = self.url.replace("http", "ws", 1)
        self._socket = await connect(
            f"{address}/api/v1/sessions/{self.slug}/ws?{urlencode(query)}",
            subprotocols=[Subprotocol("causerie.v1")],
            additional_headers={"Authorization": f"Bearer {self.token}"},
            max_size=32 << 20,
            proxy=None,
        )
        assert self._socket.subprotocol == "causerie.v1"
        self.closed_with = None
        self._take(await self._socket.recv())
        self._reader = asyncio.create_task(self._read(self._socket))
        return self

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
        if self._socket is not None:
            await self._socket.close()

    async def cut(self) -> None:
        """Drop the connection as a tunnel would: no closing handshake."""
        assert self._socket is not None
        self._socket.transport.abort()
        await self._socket.wait_closed()

    async def send_text(self, text: str) -> None:
        assert self._socket is not None
        await self._socket.send(text)

    async def say(self, kind: str, command_id: str | None = None, /, **data: Any) -> Json:
        """Send a command and return its ack frame; raises `RefusedByServer`."""
        command_id = command_id or uuid.uuid4().hex
        answer = self.expect(command_id)
        await self.send_text(json.dumps({"id": command_id, "type": kind, "data": data}))
        frame = await asyncio.wait_for(answer, PATIENCE_S)
        if frame["t"] == "refused":
            raise RefusedByServer(frame)
        return frame

    async def insist(self, kind: str, /, **data: Any) -> Json:
        """As `say`, and again under the same id while the server is too busy to take it."""
        command_id = uuid.uuid4().hex
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    return await self.say(kind, command_id, **data)
                except RefusedByServer as refused:
                    if refused.code != "overloaded":
                        raise
                    await asyncio.sleep(min(refused.frame.get("retry_after_s", 0.5), 1.0))

    def expect(self, command_id: str) -> asyncio.Future[Json]:
        """The future ack or refusal of `command_id`."""
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._answers[command_id] = answer
        return answer

    async def until(self, found: Any, timeout_s: float = PATIENCE_S) -> Any:
        """Wait until `found(self)` is truthy and return it."""
        async with asyncio.timeout(timeout_s), self._changed:
            await self._changed.wait_for(lambda: found(self))
        return found(self)

    async def _read(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for text in socket:
                self._take(text)
                async with self._changed:
                    self._changed.notify_all()
        self.closed_with = socket.close_code
        async with self._changed:
            self._changed.notify_all()

    def _take(self, text: str | bytes) -> None:
        assert isinstance(text, str)
        self.texts.append(text)
        frame = json.loads(text)
        match frame["t"]:
            case "hello" | "snapshot":
                self._take_state(frame)
            case "events":
                assert frame["after"] == self.position, (frame["after"], self.position)
                seqs = [event["seq"] for event in frame["events"]]
                assert seqs == sorted(set(seqs))
                assert all(frame["after"] < seq <= frame["upto"] for seq in seqs)
                self.position = frame["upto"]
                self.events.extend(frame["events"])
            case "pulse":
                self.pulse = frame["data"]
            case "ack" | "refused":
                answer = self._answers.pop(frame["id"], None)
                if answer is not None and not answer.done():
                    answer.set_result(frame)

    def _take_state(self, frame: Json) -> None:
        if frame["t"] == "hello":
            self.hello = frame
            resumed = self.epoch == frame["epoch"] and frame["snapshot"] is None
            if resumed:
                return
        self.epoch, self.position = frame["epoch"], frame["head"]
        self.snapshot, self.events = frame["snapshot"], []


async def reopen(client: Client, *, tries: int = 100, pause_s: float = 0.2) -> None:
    """Come back with `since`, as often as needed while the server is away."""
    for attempt in itertools.count():
        try:
            await client.open()
        except (OSError, InvalidHandshake, ConnectionClosed, TimeoutError):
            if attempt >= tries:
                raise
            await asyncio.sleep(pause_s)
        else:
            return
