"""A participant over the public API: joins by HTTP, speaks the socket, comes back after a cut."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

log = logging.getLogger("causerie.demo")

SUBPROTOCOL = Subprotocol("causerie.v1")
ACK_TIMEOUT_S = 15.0
FINAL_CLOSES = frozenset({4400, 4401, 4403, 4404})

Frame = dict[str, Any]


class Refused(Exception):
    """The server said no; ``code`` is the contract's."""

    def __init__(self, code: str, message: str, retry_after_s: float | None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.retry_after_s = retry_after_s


class Gone(Exception):
    """The server closed this participant's way in for good: a ban, most likely."""


@dataclass(slots=True)
class Seat:
    """What a join gave: who we are and the bearer token that proves it."""

    participant_id: str
    token: str


class Api:
    """The HTTP side: owner's calls with the owner's token, joins with none."""

    def __init__(self, base_url: str, owner_token: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._owner = {"Authorization": f"Bearer {owner_token}"}
        # No proxy of the environment stands between a machine and itself.
        self.http = httpx.AsyncClient(
            base_url=f"{self.base_url}/api/v1", timeout=15.0, trust_env=False
        )

    async def close(self) -> None:
        await self.http.aclose()

    async def as_owner(self, method: str, path: str, body: Frame | None = None) -> httpx.Response:
        return await self.http.request(method, path, json=body, headers=self._owner)

    async def join(self, slug: str, body: Frame, token: str | None = None) -> Seat:
        """Join, or come back with an earlier ``token``; raises ``httpx.HTTPStatusError``."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await self.http.post(f"/sessions/{slug}/join", json=body, headers=headers)
        answer.raise_for_status()
        found = answer.json()
        # A token that is still good answers without a new one.
        return Seat(found["participant"]["id"], found.get("token") or token or "")


@dataclass(slots=True)
class Connection:
    """One participant's socket. ``state`` is what the last snapshot and events told; ``run`` keeps
    it open until cancelled, resuming with ``since`` where the server still has the history."""

    api: Api
    slug: str
    seat: Seat
    rng: random.Random
    on_event: Callable[[str, Frame], None] = lambda _type, _data: None
    snapshot: Frame = field(default_factory=dict)
    gone: bool = False
    epoch: str = ""
    position: int = -1
    _socket: ClientConnection | None = None
    _up: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: dict[str, asyncio.Future[Frame]] = field(default_factory=dict)

    async def run(self) -> None:
        """Stay connected; returns when the server's close is final, and is ``gone`` from then on:
        whoever waits for an answer, or says something later, gets ``Gone``."""
        backoff_s = 0.5
        while True:
            try:
                await self._session()
                backoff_s = 0.5
            except Gone as gone:
                log.info("%s is gone: %s", self.seat.participant_id, gone)
                self.gone = True
                for waiting in self._waiting.values():
                    if not waiting.done():
                        waiting.set_exception(gone)
                return
            except (OSError, InvalidHandshake, TimeoutError) as error:
                log.debug("%s cannot connect: %s", self.seat.participant_id, error)
                backoff_s = min(backoff_s * 2, 8.0)
            finally:
                self._up.clear()
                self._socket = None
            await asyncio.sleep(backoff_s * (0.5 + self.rng.random()))

    async def say(self, kind: str, data: Frame) -> Frame:
        """Send a command and return the ack's ``data``; the same id is sent again after a cut.
        Raises ``Refused``, and ``Gone``."""
        if self.gone:
            raise Gone("not in the show any more")
        # Never drawn from the seed: a second run with the same seed is the same people again, and
        # an id that they used before would be a repetition, not a new line.
        command_id = secrets.token_urlsafe(12)
        text = json.dumps({"id": command_id, "type": kind, "data": data}, ensure_ascii=False)
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._waiting[command_id] = answer
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(ACK_TIMEOUT_S):
                        await self._up.wait()
                if self._socket is not None:
                    with contextlib.suppress(ConnectionClosed):
                        await self._socket.send(text)
                done, _ = await asyncio.wait({answer}, timeout=ACK_TIMEOUT_S)
                if done:
                    return answer.result()
        finally:
            del self._waiting[command_id]

    async def _session(self) -> None:
        query = ""
        if self.position >= 0:
            query = "?" + urlencode({"epoch": self.epoch, "since": self.position})
        url = f"{self.api.base_url}/api/v1/sessions/{self.slug}/ws{query}"
        headers = {"Authorization": f"Bearer {self.seat.token}"}
        async with connect(
            url.replace("http", "ws", 1),
            subprotocols=[SUBPROTOCOL],
            additional_headers=headers,
            max_size=8 << 20,
            proxy=None,
        ) as socket:
            self._socket = socket
            try:
                async for text in socket:
                    self._take(json.loads(text))
            except ConnectionClosed:
                pass
            if socket.close_code in FINAL_CLOSES:
                raise Gone(f"{socket.close_code} {socket.close_reason}")

    def _take(self, frame: Frame) -> None:
        match frame["t"]:
            case "hello":
                self.epoch = frame["epoch"]
                if frame["snapshot"] is not None:
                    self.snapshot, self.position = frame["snapshot"], frame["head"]
                self._up.set()
            case "snapshot":
                self.epoch = frame["epoch"]
                self.snapshot, self.position = frame["snapshot"], frame["head"]
            case "events":
                self.position = frame["upto"]
                for event in frame["events"]:
                    self.on_event(event["type"], event["data"])
            case "ack":
                self._settle(frame["id"], frame["data"])
            case "refused":
                refused = Refused(frame["code"], frame["message"], frame.get("retry_after_s"))
                self._settle(frame["id"], refused)

    def _settle(self, command_id: str | None, outcome: Frame | Refused) -> None:
        waiting = self._waiting.get(command_id or "")
        if waiting is None or waiting.done():
            return
        if isinstance(outcome, Refused):
            waiting.set_exception(outcome)
        else:
            waiting.set_result(outcome)
