"""The gateway behind a real uvicorn on loopback, over a house that the test owns."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from app.auth import bearer_of
from app.http_protocol import Entrance
from live.domain.ids import ParticipantId
from live.gateway.doorman import Admission, Scope
from live.gateway.gateway import Gateway
from live.gateway.hub import Hub, HubSettings
from live.gateway.limits import Limits, Rate
from live.gateway.sockets import Socket
from live.gateway.volley import Volley
from live.wire.codes import CloseCode
from tests.support.rooms import NOW, House, open_house

UNLIMITED = replace(
    Limits(),
    messages=Rate(1_000_000, 1),
    questions=Rate(1_000_000, 1),
    reactions=Rate(1_000_000, 1),
    ballots=Rate(1_000_000, 1),
    commands=Rate(1_000_000, 1),
    frames=Rate(1_000_000, 1),
)


@dataclass
class RealSeconds:
    """The house's date, the machine's seconds, and those that a test skips."""

    skipped_s: float = 0.0

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return monotonic() + self.skipped_s


@dataclass
class NamedDoorman:
    """A token is a participant's name; ``cookie: name`` works too, from our own page only."""

    house: House
    revoked: set[str] = field(default_factory=set)
    broken: Exception | None = None

    def is_foreign(self, scope: Scope) -> bool:
        headers = dict(scope["headers"])
        return b"cookie" in headers and headers.get(b"origin") == b"https://elsewhere.example"

    async def admit(self, slug: str, scope: Scope) -> Admission | CloseCode:
        if self.broken is not None:
            raise self.broken
        if slug != "spring":
            return CloseCode.NO_SUCH_SESSION
        room = await self.house.room()
        cookie = dict(scope["headers"]).get(b"cookie", b"").decode()
        name = ParticipantId(bearer_of(scope) or cookie)
        if name not in room.state.participants:
            return CloseCode.NOT_AUTHENTICATED
        if name in self.revoked:
            return CloseCode.BANNED
        return Admission(room, name)


class Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@dataclass
class Listening:
    """Where it listens, and its parts."""

    url: str
    house: House
    gateway: Gateway
    clock: RealSeconds
    doorman: NamedDoorman
    server: Server
    serving: asyncio.Task[None]

    @property
    def hub(self) -> Hub:
        """The one that is open."""
        (hub,) = self.gateway._hubs.values()
        return hub

    async def stop(self) -> None:
        """As an operator stops it: sockets first."""
        self.gateway.stop()
        self.server.should_exit = True
        await self.serving


@asynccontextmanager
async def listening(
    house: House | None = None, *, limits: Limits = UNLIMITED, volley: Volley | None = None
) -> AsyncIterator[Listening]:
    """A server until the end of the block; it sends in plain Python unless by ``volley``."""
    house = house or await open_house()
    clock = RealSeconds()
    settings = HubSettings(digest_key=b"key", limits=limits, volley=volley or Volley())
    gateway = Gateway(clock, settings)
    doorman = NamedDoorman(house)
    route = WebSocketRoute("/api/v1/sessions/{slug}/ws", gateway.endpoint(doorman))
    config = uvicorn.Config(
        Starlette(routes=[route]),
        host="127.0.0.1",
        port=0,
        http=Entrance,
        ws=Socket,
        log_level="critical",
        lifespan="off",
        timeout_graceful_shutdown=3,
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve())
    await server.ready.wait()
    port = server.servers[0].sockets[0].getsockname()[1]
    url = f"ws://127.0.0.1:{port}/api/v1/sessions/spring/ws"
    listening = Listening(url, house, gateway, clock, doorman, server, serving)
    try:
        yield listening
    finally:
        await listening.stop()
        await house.rooms.close()
