"""A small WHIP/WHEP server around the engine alone, and a page that publishes and plays through
it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from live.media import MediaSettings, MediaSupervisor
from live.ports.media import Leg, LegId, MediaEngine, PublishRequest, Restarted, WatchRequest
from live.ports.media_events import MediaEvent, SeatResumed, SeatSilent
from live.ports.media_refusals import REFUSAL_STATUS, MediaRefusal
from live.ports.media_seats import SEATS
from tests.integration.media.waiting import eventually
from tests.support.patience import PATIENCE_S

SESSION = "show"
HERE = Path(__file__).parent


def _refused(refusal: MediaRefusal) -> Response:
    retry = refusal.retry_after_s
    headers = {"Reason": refusal.message}
    if retry is not None:
        headers["Retry-After"] = str(retry)
    return Response(refusal.code, REFUSAL_STATUS[refusal.code], headers)


E = TypeVar("E", bound=MediaEngine)


@dataclass
class Served(Generic[E]):
    """An engine with HTTP around it; `events` is all that it said."""

    media: E
    events: list[MediaEvent] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0
    reroute: Callable[[str], str] = str
    """What becomes of an answer before a peer gets it."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def turns(self) -> list[MediaEvent]:
        """The events but for silences, which a busy machine makes of its own."""
        return [e for e in self.events if not isinstance(e, SeatSilent | SeatResumed)]

    def heard(self, event: MediaEvent) -> None:
        self.events.append(event)
        self.news.set()

    async def event(self, kind: type[MediaEvent], *, after: int = 0) -> int:
        """Wait for an event of this kind after the first `after`; its place, counted from 1."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for index, event in enumerate(self.events[after:], after):
                    if isinstance(event, kind):
                        return index + 1
                self.news.clear()
                await self.news.wait()

    def _accepted(self, leg: Leg | MediaRefusal) -> Response:
        if isinstance(leg, MediaRefusal):
            return _refused(leg)
        headers = {"Location": f"/leg/{leg.leg_id}", "ETag": leg.etag}
        answer = self.reroute(leg.answer_sdp)
        return Response(answer, 201, headers, media_type="application/sdp")

    async def whip(self, request: Request) -> Response:
        seat = next(s for s in SEATS if s == request.query_params.get("seat", "host"))
        offer = (await request.body()).decode()
        takeover = request.query_params.get("takeover") == "1"
        person = request.query_params.get("as", "host")
        return self._accepted(
            await self.media.publish(PublishRequest(SESSION, person, seat, offer, takeover))
        )

    async def whep(self, request: Request) -> Response:
        offer = (await request.body()).decode()
        person = request.query_params.get("as", "viewer")
        return self._accepted(await self.media.watch(WatchRequest(SESSION, person, offer)))

    async def change(self, request: Request) -> Response:
        etag = request.headers.get("if-match")
        fragment = (await request.body()).decode()
        leg_id = LegId(request.path_params["leg"])
        reply = await self.media.trickle(leg_id, etag, fragment)
        if isinstance(reply, MediaRefusal):
            return _refused(reply)
        if isinstance(reply, Restarted):
            return Response(reply.fragment, 200, {"ETag": reply.etag})
        return Response(status_code=204)

    async def end(self, request: Request) -> Response:
        known = await self.media.hang_up(LegId(request.path_params["leg"]))
        return Response(status_code=200 if known else 404)

    async def page(self, _request: Request) -> Response:
        return FileResponse(HERE / "page.html")

    def routes(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/", self.page),
                Route("/whip", self.whip, methods=["POST"]),
                Route("/whep", self.whep, methods=["POST"]),
                Route("/leg/{leg}", self.change, methods=["PATCH"]),
                Route("/leg/{leg}", self.end, methods=["DELETE"]),
            ]
        )


MediaServer = Served[MediaSupervisor]


@contextlib.asynccontextmanager
async def media_server(
    *,
    command: Sequence[str] | None = None,
    accelerator: bool = True,
    workers: int = 1,
    tcp_port: int | None = None,
    egress_mbit: int | None = None,
) -> AsyncIterator[MediaServer]:
    """A running server, on air, for the length of the block."""
    settings = MediaSettings(
        udp_port=0,
        accelerator=accelerator,
        workers=workers,
        tcp_port=tcp_port,
        egress_mbit=egress_mbit,
    )
    async with served(MediaSupervisor(settings, command=command)) as server:
        yield server


@contextlib.asynccontextmanager
async def served(media: E) -> AsyncIterator[Served[E]]:
    """As `media_server`, around an engine of any kind."""
    server = Served(media)
    media.subscribe(server.heard)
    await media.start()
    await media.set_on_air(SESSION, on=True)
    config = uvicorn.Config(
        server.routes(), host="127.0.0.1", port=0, log_level="warning", lifespan="off"
    )
    http = uvicorn.Server(config)
    running = asyncio.create_task(http._serve())
    try:
        await eventually(lambda: http.started)
        server.port = http.servers[0].sockets[0].getsockname()[1]
        yield server
    finally:
        http.should_exit = True
        await running
        await media.close()
