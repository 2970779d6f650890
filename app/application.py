"""The ASGI application: every address of the server and what answers there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api import (
    adaptations,
    announcements,
    brand,
    capacity,
    cards,
    ear,
    history,
    hls,
    invites,
    layers,
    lists,
    media,
    openapi,
    owner,
    people,
    pictures,
    pulse,
    rehearsals,
    replay,
    replies,
    runshow,
    searching,
    session_files,
    session_page,
    sessions,
    standing,
)
from app.api.endpoint import API, Call, Endpoint, Nothing, Who
from app.auth import NotAuthenticated
from app.metrics import Metrics, media_line, media_lines
from app.network import Visitor
from app.observe import BUG, Observe
from app.pages import Pages, Site
from app.problems import Problem
from app.security import Guard
from live.gateway.doorman import Doorman
from live.ports.store import StoreUnavailable
from live.wire import asyncapi

if TYPE_CHECKING:
    from app.services import Services

METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


async def _openapi(call: Call[Nothing]) -> Response:
    made = openapi.document(ENDPOINTS, call.services.version)
    return Response(made, media_type="application/json", headers={"Cache-Control": "no-cache"})


async def _asyncapi(_call: Call[Nothing]) -> Response:
    return Response(
        asyncapi.published(), media_type="application/json", headers={"Cache-Control": "no-cache"}
    )


ENDPOINTS: Final[tuple[Endpoint[Any], ...]] = (
    *sessions.ENDPOINTS,
    *session_page.ENDPOINTS,
    *session_files.ENDPOINTS,
    *people.ENDPOINTS,
    *standing.ENDPOINTS,
    *cards.ENDPOINTS,
    *invites.ENDPOINTS,
    *lists.ENDPOINTS,
    *searching.ENDPOINTS,
    *media.ENDPOINTS,
    *capacity.ENDPOINTS,
    *layers.ENDPOINTS,
    *hls.ENDPOINTS,
    *owner.ENDPOINTS,
    *brand.ENDPOINTS,
    *ear.ENDPOINTS,
    *history.ENDPOINTS,
    *replay.ENDPOINTS,
    *rehearsals.ENDPOINTS,
    *replies.ENDPOINTS,
    *runshow.ENDPOINTS,
    *pulse.ENDPOINTS,
    *adaptations.ENDPOINTS,
    *announcements.ENDPOINTS,
    *pictures.ENDPOINTS,
    Endpoint(
        method="GET",
        path="/openapi.json",
        summary="This document.",
        who=Who.ANYONE,
        handler=_openapi,
        body=Nothing,
        answer="application/json",
    ),
    Endpoint(
        method="GET",
        path="/asyncapi.json",
        summary="The socket's messages (AsyncAPI 3).",
        who=Who.ANYONE,
        handler=_asyncapi,
        body=Nothing,
        answer="application/json",
    ),
)


def application(services: Services, door: Doorman, metrics: Metrics) -> ASGIApp:
    """Everything the server answers, from the outermost check inwards."""
    site = Site(services, Pages())
    answers = _Answers(services, site, metrics)
    app = FastAPI(
        title="Causerie",
        version=services.version,
        # The document is made from the endpoints' own table: see app/api/openapi.py.
        openapi_url=None,
        redirect_slashes=False,
        routes=[
            WebSocketRoute(f"{API}/sessions/{{slug}}/ws", services.gateway.endpoint(door)),
            *(
                Route(f"{API}/sessions/{{slug}}/{rest}", media.preflight, methods=["OPTIONS"])
                for rest in ("whip", "whep", "legs/{leg_id}", "legs/{leg_id}/layer")
            ),
            *(
                Route(API + rest, hls.preflight, methods=["OPTIONS"])
                for rest in ("/sessions/{slug}/hls", "/sessions/{slug}/hls/{name}", "/hls/{piece}")
            ),
            Route("/healthz", answers.health),
            Route("/readyz", answers.ready),
            Route("/metrics", answers.metrics),
            *site.routes(),
        ],
        exception_handlers={
            Problem: answers.problem,
            StoreUnavailable: answers.unavailable,
            NotAuthenticated: answers.not_authenticated,
            HTTPException: answers.http_exception,
            Exception: answers.bug,
        },
    )
    # Routes are tried in turn: what a crowd asks for comes first.
    for endpoint in sorted(ENDPOINTS, key=lambda each: not each.crowded):
        endpoint.add_to(app.router, services)
    return Guard(_Ways(Observe(app, metrics), app.router), services.addresses)


class _Ways:
    """Requests pass all that FastAPI puts around its routes; sockets come to the routes at once.

    A socket has no body, and what fails in it is told by ``live.gateway.sockets``: the layers would
    do nothing for it, ten thousand times in a few seconds.
    """

    def __init__(self, requests: ASGIApp, sockets: ASGIApp) -> None:
        self._requests = requests
        self._sockets = sockets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        way = self._sockets if scope["type"] == "websocket" else self._requests
        await way(scope, receive, send)


class _Answers:
    """What is answered for all routes alike, and to those who watch over the server."""

    def __init__(self, services: Services, site: Site, metrics: Metrics) -> None:
        self._services = services
        self._site = site
        self._metrics = metrics

    # --- problems

    async def problem(self, request: Request, problem: Exception) -> Response:
        if not isinstance(problem, Problem):
            raise problem
        wants_page = "text/html" in request.headers.get("accept", "")
        if not request.url.path.startswith("/api/") and wants_page:
            return self._site.notice(request, problem)
        response = problem.response()
        if media.is_open_to_other_sites(request.url.path):
            response.headers.update(media.CORS)
        return response

    async def bug(self, request: Request, _error: Exception) -> Response:
        return await self.problem(request, BUG)

    async def unavailable(self, request: Request, error: Exception) -> Response:
        told = Problem("unavailable", str(error), retry_after_s=2)
        return await self.problem(request, told)

    async def not_authenticated(self, request: Request, _error: Exception) -> Response:
        told = Problem("not_authenticated", "This token is not valid here.")
        return await self.problem(request, told)

    async def http_exception(self, request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code == 405:
            allowed = {"Allow": (error.headers or {}).get("Allow", "")}
            told = Problem("method_not_allowed", f"It takes {allowed['Allow']}.", headers=allowed)
        else:
            told = Problem("not_found", "There is nothing at this address.")
        return await self.problem(request, told)

    # --- the operator's

    async def health(self, request: Request) -> Response:
        """The process is up."""
        request.state.template = "/healthz"
        return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})

    async def ready(self, request: Request) -> Response:
        """Database and media answer, and the bus if there is one, in a line each."""
        request.state.template = "/readyz"
        lines = ["database ok"]
        try:
            await self._services.database.probe()
        except StoreUnavailable as error:
            lines = [f"database failed: {error}"]
        health = await self._services.media.health()
        lines.append(media_line(health))
        bus = self._services.nodes.health
        if bus != "none":
            lines.append("bus ok" if bus == "ok" else "bus failed: it is lost, and tried again")
        ready = not any(" failed" in line for line in lines)
        return PlainTextResponse(
            "\n".join(lines) + "\n",
            status_code=200 if ready else 503,
            headers={"Cache-Control": "no-store"},
        )

    async def metrics(self, request: Request) -> Response:
        """Figures for Prometheus, to this machine or with the owner's token."""
        request.state.template = "/metrics"
        visitor: Visitor = request.state.visitor
        if not visitor.loopback:
            caller = await self._services.authenticator.identify(request, None)
            if not caller.is_owner:
                raise Problem("forbidden", "Metrics are for loopback, or with the owner's token.")
        text = self._metrics.text() + media_lines(await self._services.media.health())
        return Response(text, media_type=METRICS_TYPE, headers={"Cache-Control": "no-store"})
