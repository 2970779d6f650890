"""A bug in a handler becomes one problem and one line in the log, not a broken connection."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from app.metrics import Metrics
from app.observe import BUG, Observe


async def bug(_request: Request) -> Response:
    raise RuntimeError("a bug")


async def half(_request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield b"half an ans"
        raise RuntimeError("a bug")

    return StreamingResponse(parts())


async def told(_request: Request, _error: Exception) -> Response:
    return BUG.response()


ROUTES = [Route("/bug", bug), Route("/half", half)]


async def test_a_bug_is_told_as_a_problem_and_half_an_answer_is_cut_off() -> None:
    app = Observe(Starlette(routes=ROUTES, exception_handlers={Exception: told}), Metrics())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        answer = await client.get("/bug")
        assert (answer.status_code, answer.json()["code"]) == (500, "internal")
        # The connection must end: half an answer would pass for one.
        with pytest.raises(RuntimeError):
            await client.get("/half")
