"""The bus on a Redis or Valkey server: its publish and subscribe, and one counter script.

One connection hears, one sends: whatever was published since the last write goes out in one
pipeline. A lost server is tried again every half second, and everything is subscribed anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from live.adapters.bus.hearers import give
from live.adapters.bus.questions import Questions
from live.ports.bus import BusUnavailable, Hearer, Responder, Unanswered, Watcher

logger = logging.getLogger(__name__)

PREFIX: Final = "causerie"
MOST_WAITING: Final = 10_000
AT_ONCE: Final = 256
"""Messages in one pipeline."""

PATIENCE_S: Final = 3.0
"""How long the server may be silent, and then how long it may take to answer a ping."""

AGAIN_S: Final = 0.5

_SPEND: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
if redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('ZADD', KEYS[1], now, now .. '-' .. ARGV[3])
  redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[2] / 1000))
  return 0
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return oldest[2] + ARGV[2] - now
"""
"""The moments of the last ``count`` acts, by the server's own clock, in microseconds."""


@dataclass(frozen=True, slots=True)
class _Parcel:
    """What is to be published; ``lost`` is called if nobody is going to hear it."""

    channel: str
    payload: bytes
    lost: Callable[[], None] | None

    def was_lost(self) -> None:
        if self.lost is not None:
            self.lost()


class RedisBus:
    """``Bus`` over a server at ``url``. ``room`` keeps installations that share a server apart."""

    def __init__(self, url: str, *, room: str) -> None:
        self.node = secrets.token_hex(6)
        self._prefix = f"{PREFIX}:{room}"
        self._inbox = self._channel("node", self.node)
        # Its calls are not all typed.
        self._redis: Any = Redis.from_url(
            url,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=PATIENCE_S,
            socket_timeout=PATIENCE_S,
            socket_keepalive=True,
        )
        self._pubsub: PubSub | None = None
        self._hearers: dict[str, list[Hearer]] = {}
        self._confirmed: dict[str, asyncio.Event] = {}
        self._watchers: list[Watcher] = []
        self._outbox: deque[_Parcel] = deque()
        self._wake = asyncio.Event()
        self._sent = asyncio.Event()
        self._sent.set()
        self._questions = Questions(self.node, self._post)
        self._up = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    @property
    def is_up(self) -> bool:
        return self._up.is_set()

    async def start(self) -> None:
        try:
            async with asyncio.timeout(2 * PATIENCE_S):
                await self._command("PING")
                self._running = asyncio.create_task(self._run(), name="bus")
                await self._up.wait()
        except (RedisError, OSError, TimeoutError) as error:
            await self.close()
            raise BusUnavailable(str(error) or "it does not answer") from error

    async def close(self) -> None:
        if self._running is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._sent.wait()
            self._running.cancel()
            await asyncio.wait([self._running])
            self._running = None
        await self._questions.close()
        await self._redis.aclose()

    # --- telling

    def publish(self, topic: str, payload: bytes) -> None:
        self._send(self._channel("topic", topic), payload)

    async def subscribe(self, topic: str, hearer: Hearer) -> Callable[[], None]:
        channel = self._channel("topic", topic)
        hearers = self._hearers.setdefault(channel, [])
        hearers.append(hearer)
        confirmed = self._confirmed.setdefault(channel, asyncio.Event())
        if self._pubsub is not None and not confirmed.is_set():
            with contextlib.suppress(RedisError, OSError, TimeoutError):
                await self._pubsub.subscribe(channel)
                async with asyncio.timeout(PATIENCE_S):
                    await confirmed.wait()

        def stop() -> None:
            if hearer in hearers:
                hearers.remove(hearer)
            # The channel goes with the last hearer, at the next connection: what comes until then
            # is dropped here.
            if not hearers:
                self._hearers.pop(channel, None)

        return stop

    def watch(self, watcher: Watcher) -> None:
        self._watchers.append(watcher)

    # --- asking

    def answer(self, subject: str, responder: Responder) -> None:
        self._questions.answer(subject, responder)

    async def ask(self, node: str, subject: str, payload: bytes, *, within_s: float) -> bytes:
        if not self.is_up:
            raise Unanswered("The bus is lost.")
        return await self._questions.ask(node, subject, payload, within_s)

    async def spend(self, key: str, *, count: int, period_s: float) -> float:
        if not self.is_up:
            raise Unanswered("The bus is lost.")
        name = self._channel("spent", key)
        arguments = (count, int(period_s * 1e6), secrets.token_hex(4))
        try:
            wait_us = await self._command("EVAL", _SPEND, 1, name, *arguments)
        except (RedisError, OSError, TimeoutError) as error:
            raise Unanswered("The bus does not answer.") from error
        return float(wait_us) / 1e6

    # --- the connection

    async def _command(self, *words: str | int) -> Any:
        return await self._redis.execute_command(*words)

    def _channel(self, kind: str, name: str) -> str:
        return f"{self._prefix}:{kind}:{name}"

    def _post(self, node: str, letter: bytes, lost: Callable[[], None] | None = None) -> None:
        self._send(self._channel("node", node), letter, lost)

    def _send(self, channel: str, payload: bytes, lost: Callable[[], None] | None = None) -> None:
        if self.is_up:
            if len(self._outbox) >= MOST_WAITING:
                self._outbox.popleft().was_lost()
            self._outbox.append(_Parcel(channel, payload, lost))
            self._sent.clear()
            self._wake.set()

    async def _run(self) -> None:
        while True:
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._hear())
                    group.create_task(self._tell())
            except* (RedisError, OSError, TimeoutError) as errors:
                if self.is_up:
                    logger.warning("the bus is lost: %s", errors.exceptions[0])
            self._lost()
            await asyncio.sleep(AGAIN_S)

    async def _hear(self) -> None:
        """Take what comes until the server is gone; it is pinged when it says nothing."""
        pubsub = self._redis.pubsub()
        try:
            for confirmed in self._confirmed.values():
                confirmed.clear()
            self._confirmed = {
                channel: event
                for channel, event in self._confirmed.items()
                if channel in self._hearers
            }
            await pubsub.subscribe(self._inbox, *self._hearers)
            self._pubsub = pubsub
            asked = False
            while True:
                message = await pubsub.get_message(timeout=PATIENCE_S)
                if message is not None:
                    asked = False
                    self._take(message)
                elif asked:
                    raise TimeoutError("it does not answer")
                else:
                    await pubsub.ping()
                    asked = True
        finally:
            self._pubsub = None
            with contextlib.suppress(RedisError, OSError):
                await pubsub.aclose()

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "pong":
            return
        channel = message["channel"].decode()
        if message["type"] == "message":
            if channel == self._inbox:
                self._questions.deliver(message["data"])
            give(self._hearers.get(channel, ()), channel, message["data"])
        elif message["type"] == "subscribe":
            if channel != self._inbox:
                self._confirmed.setdefault(channel, asyncio.Event()).set()
            if not self.is_up and all(
                event.is_set() for known, event in self._confirmed.items() if known in self._hearers
            ):
                self._found()

    async def _tell(self) -> None:
        """Send what is published, all that waits at once."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._outbox:
                count = min(AT_ONCE, len(self._outbox))
                parcels = [self._outbox.popleft() for _ in range(count)]
                async with self._redis.pipeline(transaction=False) as pipeline:
                    for parcel in parcels:
                        pipeline.publish(parcel.channel, parcel.payload)
                    heard_by = await pipeline.execute()
                for parcel, hearers in zip(parcels, heard_by, strict=True):
                    if not hearers:
                        parcel.was_lost()
            self._sent.set()

    def _found(self) -> None:
        self._up.set()
        logger.info("the bus answers")
        for watcher in self._watchers:
            watcher()

    def _lost(self) -> None:
        was_up = self.is_up
        self._up.clear()
        self._outbox.clear()
        self._sent.set()
        self._questions.give_up()
        if was_up:
            for watcher in self._watchers:
                watcher()
