"""What an operator sees of requests: one log line and one measurement each. On a terminal only
those lines are shown that tell of a failure or of slowness.

Paths are told by their template, so that neither an invite nor anything else in an address gets
into a log or a metric.
"""

from __future__ import annotations

import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import logs
from app.metrics import Metrics
from app.problems import Problem

BUG: Final = Problem("internal", "The server's log says more.")
SLOW_S: Final = 1.0
QUIET: Final = frozenset(
    {
        "/healthz",
        "/readyz",
        "/metrics",
        # A player asks several times a second.
        "/api/v1/hls/{piece}",
        "/api/v1/sessions/{slug}/hls/{name}",
    }
)

log = logs.get("causerie.http")


class Observe:
    """Times each request, logs it, and turns a bug into a problem instead of a traceback."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0
        whole = False

        async def watched(message: Message) -> None:
            nonlocal status, whole
            if message["type"] == "http.response.start":
                status = message["status"]
            whole = message["type"] == "http.response.body" and not message.get("more_body")
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            log.exception("A request failed", template=_template(scope))
            if not status:
                await BUG.response()(scope, receive, watched)
            elif not whole:
                raise  # the connection ends, so that nobody takes half an answer for one
        finally:
            self._note(scope, status, time.perf_counter() - began)

    def _note(self, scope: Scope, status: int, took_s: float) -> None:
        template = _template(scope)
        self._metrics.request(scope["method"], template, status, took_s)
        failed, slow = status >= 500, took_s > SLOW_S
        if not failed and (template in QUIET or template.startswith("/assets")):
            return
        told = log.warning if slow or failed else log.info
        told(
            "request",
            method=scope["method"],
            path=template,
            session=scope.get("path_params", {}).get("slug"),
            status=status,
            ms=round(took_s * 1000, 1),
            slow=slow or None,
        )


def _template(scope: Scope) -> str:
    known = scope.get("state", {}).get("template")
    if known is not None:
        return str(known)
    return "/assets" if scope["path"].startswith("/assets/") else "(other)"
