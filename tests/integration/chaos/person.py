"""A participant who keeps to the contract: resumes where they were, repeats until answered."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import msgspec
from msgspec import Raw

from tests.integration.chaos.frames import Frame, Reconnect
from tests.integration.chaos.line import Line
from tests.integration.chaos.records import Broken, Closed, Got, Opened, Recorder, Sent, now

LATER = {"overloaded", "rate_limited", "slow_mode"}
"""Refusals that ask to come again."""
FINAL = {4400, 4401, 4403, 4404, 4413, 4429}
MOST_UNANSWERED = 20
"""Who waits for so many answers says nothing more for now."""
PATIENCE_S = 10.0
"""So long without an answer on an open connection, and the command goes out again."""

_encode = msgspec.json.encode


@dataclass(eq=False, slots=True)
class Command:
    """Something said and not answered yet. `due_s` is when it goes out again."""

    id: str
    type: str
    data: Raw
    text: bytes
    due_s: float = 0.0


@dataclass(eq=False, slots=True)
class Person:
    """One client. `nodes` are the addresses of the socket's servers, `node` the one it uses."""

    who: int
    token: str
    slug: str
    nodes: list[str]
    node: int
    rng: random.Random
    recorder: Recorder
    learn: Callable[[bytes], tuple[int, Frame]]
    heard: Callable[[Person, Frame], None]
    epoch: str | None = None
    position: int = -1
    line: Line | None = None
    unanswered: dict[str, Command] = field(default_factory=dict)
    leaving: bool = False
    _greeted: bool = False
    _said: int = 0
    _tries: int = 0
    _reconnect: Reconnect = field(default_factory=lambda: Reconnect(500, 8000))
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def stay(self) -> None:
        """Be connected, on another node after each loss, until `leave`."""
        while not self.leaving:
            await self._connect()
            self.node = (self.node + 1) % len(self.nodes)
            await asyncio.sleep(self._pause_s())

    async def leave(self) -> None:
        self.leaving = True
        if self.line is not None:
            self.line.close()
            with contextlib.suppress(TimeoutError):  # nobody answers the goodbye any more
                async with asyncio.timeout(5):
                    await self._ended.wait()

    def say(self, kind: str, /, **data: Any) -> str | None:
        """Ask for something; the command's id, or None where too much is unanswered."""
        if len(self.unanswered) >= MOST_UNANSWERED:
            return None
        self._said += 1
        command_id = f"{self.who}-{self._said}"
        text = _encode({"id": command_id, "type": kind, "data": data})
        command = Command(command_id, kind, Raw(_encode(data)), text)
        self.unanswered[command_id] = command
        self._send(command)
        return command_id

    def insist(self) -> None:
        """Say again what was not answered in time; to be called about once a second."""
        if self._greeted:
            at = now()
            for command in list(self.unanswered.values()):
                if command.due_s <= at:
                    self._send(command)

    # --- the connection

    async def _connect(self) -> None:
        """One connection from its beginning to its end."""
        since = None if self.epoch is None else self.position
        query = "" if since is None else "?" + urlencode({"epoch": self.epoch, "since": since})
        address = self.nodes[self.node].replace("http", "ws", 1)
        url = f"{address}/api/v1/sessions/{self.slug}/ws{query}"
        self._ended.clear()
        self._greeted = False
        line = Line(url, self.token, self._take, lambda code: self._lost(line, code))
        self.line = line
        self.recorder.write(Opened(now(), self.who, self.node, self.epoch, since))
        if await line.open():
            await self._ended.wait()
        else:
            self._tries += 1
        self.line = None

    def _lost(self, line: Line, code: int) -> None:
        if line is not self.line:
            return
        self.recorder.write(Closed(now(), self.who, code))
        if code in FINAL:
            self.recorder.write(Broken(now(), self.who, f"closed for good with {code}"))
            self.leaving = True
        self._greeted = False
        self._ended.set()

    def _pause_s(self) -> float:
        """Jittered within the bounds that the server told, wider after each vain try."""
        bounds = self._reconnect
        longest = min(bounds.min_ms << min(self._tries + 1, 10), bounds.max_ms)
        return self.rng.uniform(bounds.min_ms, longest) / 1000

    # --- what is said

    def _send(self, command: Command) -> None:
        if self.line is None or not self._greeted:
            return
        command.due_s = now() + PATIENCE_S
        self.recorder.write(Sent(now(), self.who, command.id, command.type, command.data))
        self.line.send(command.text)

    def _answered(self, frame: Frame) -> None:
        command = self.unanswered.get(frame.id or "")
        if command is None:
            return
        if frame.t == "refused" and frame.code in LATER:
            command.due_s = now() + frame.retry_after_s
        else:
            del self.unanswered[command.id]

    # --- what is heard

    def _take(self, text: bytes) -> None:
        number, frame = self.learn(text)
        if frame.t == "pulse" or not (self._greeted or frame.t == "hello"):
            return
        self.recorder.write(Got(now(), self.who, number))
        match frame.t:
            case "hello":
                self._welcomed(frame)
            case "snapshot":
                self.epoch, self.position = frame.epoch, frame.head
            case "events":
                if frame.after != self.position:
                    self._come_back()
                    return
                self.position = frame.upto
            case "ack" | "refused":
                self._answered(frame)
        self.heard(self, frame)

    def _welcomed(self, frame: Frame) -> None:
        self._tries = 0
        if frame.reconnect is not None:
            self._reconnect = frame.reconnect
        if frame.snapshot is not None:
            self.epoch, self.position = frame.epoch, frame.head
        elif self.epoch != frame.epoch:
            self.epoch = None
            self._come_back()
            return
        self._greeted = True
        for command in self.unanswered.values():  # in the order in which it was said
            self._send(command)

    def _come_back(self) -> None:
        """The contract's way out of a gap: reconnect with `since`."""
        self._greeted = False
        if self.line is not None:
            self.line.abort()
