"""Proves with a phone that page, socket and UDP come through: it opens a QR code's address.

A small server of its own runs meanwhile on the ports that the real one would use, so the real one
must be stopped. The address holds a random part; nothing else is served.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Final, Literal

import msgspec
import segno
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.api.endpoint import read_body
from app.doctor.finding import Finding
from app.settings import Settings
from live.media import MediaSettings, MediaSupervisor
from live.ports.media import SDP_LIMIT_BYTES, PublishRequest
from live.ports.media_refusals import MediaRefusal

HERE: Final = Path(__file__).parent
PATIENCE_S: Final = 300.0
STEPS: Final = ("page", "socket", "udp")
MEND: Final = {
    "page": "let the phone into the same network, and let the firewall pass the HTTP port",
    "socket": "let the proxy pass upgrades to WebSocket, as in deploy/",
    "udp": "let the firewall pass the UDP port, and set CAUSERIE_PUBLIC_IP behind a NAT",
}


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the phone found in one step."""

    name: Literal["page", "socket", "udp"]
    result: str


class PhoneCheck:
    """The server that the phone talks to, and what it has reported so far."""

    def __init__(self, media: MediaSupervisor) -> None:
        self._media = media
        self.reports: asyncio.Queue[Report] = asyncio.Queue(maxsize=100)

    def application(self, secret: str) -> Starlette:
        """The check's pages under ``/{secret}/``."""
        files = [
            Route(f"/{name}", _file(HERE / f"phone.{kind}"))
            for name, kind in (("", "html"), ("phone.js", "js"), ("phone.css", "css"))
        ]
        routes = [
            *files,
            Route("/echo", _echo),
            Route("/whip", self._whip, methods=["POST"]),
            Route("/report", self._report, methods=["POST"]),
            WebSocketRoute("/ws", _echo_socket),
        ]
        return Starlette(routes=[Mount(f"/{secret}", routes=routes)])

    async def _whip(self, request: Request) -> Response:
        offer = await read_body(request, SDP_LIMIT_BYTES)
        outcome = await self._media.publish(
            PublishRequest(
                session_id="doctor",
                participant_id="phone",
                seat="host",
                offer_sdp=offer.decode(errors="replace"),
                takeover=True,
            )
        )
        if isinstance(outcome, MediaRefusal):
            return PlainTextResponse(outcome.message, status_code=409)
        return Response(outcome.answer_sdp, status_code=201, media_type="application/sdp")

    async def _report(self, request: Request) -> Response:
        try:
            report = msgspec.json.decode(await read_body(request, 2_048), type=Report)
            self.reports.put_nowait(report)
        except (msgspec.DecodeError, asyncio.QueueFull):
            return PlainTextResponse("not taken", status_code=400)
        return Response(status_code=204)


@contextlib.asynccontextmanager
async def phone_check(settings: Settings) -> AsyncIterator[tuple[str, asyncio.Queue[Report]]]:
    """The address for the phone, and its reports as they come."""
    host = settings.host if settings.public_url else lan_address()
    with contextlib.closing(socket.create_server((host, settings.port))) as listener:
        base = settings.public_url or f"http://{host}:{listener.getsockname()[1]}"
        media = MediaSupervisor(
            MediaSettings(udp_port=settings.udp_port, public_ip=settings.public_ip)
        )
        await media.start()
        check, secret = PhoneCheck(media), secrets.token_urlsafe(9)
        config = uvicorn.Config(
            check.application(secret),
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"{base}/{secret}/", check.reports
        finally:
            server.should_exit = True
            await asyncio.gather(serving, media.close())


async def watch_phone(
    reports: asyncio.Queue[Report], *, patience_s: float = PATIENCE_S
) -> AsyncIterator[Finding]:
    """A finding for each step, as the phone reports it or when patience is at its end."""
    waiting = list(STEPS)
    try:
        async with asyncio.timeout(patience_s):
            while waiting:
                report = await reports.get()
                if report.name in waiting:
                    waiting.remove(report.name)
                    yield _finding(report.name, report.result)
    except TimeoutError:
        for name in waiting:
            yield _finding(name, "the phone has not reported")


def qr_code(text: str) -> str:
    """A QR code in block characters, for a terminal of any colours."""
    out = io.StringIO()
    segno.make(text, error="l").terminal(out, compact=True)
    return out.getvalue()


def lan_address() -> str:
    """The address by which this machine is reached in its network; loopback where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # documentation range: nothing is sent
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ctrl-C is the command's, which then ends this server too."""
        yield


def _finding(name: str, result: str) -> Finding:
    ok = result == "ok"
    says = "comes through" if ok else result[:200]
    return Finding(f"phone, {name}", ok=ok, says=says, mend="" if ok else MEND[name])


def _file(path: Path) -> Callable[[Request], Response]:
    def serve(_request: Request) -> Response:
        return FileResponse(path, headers={"Cache-Control": "no-store"})

    return serve


async def _echo(_request: Request) -> Response:
    return PlainTextResponse("ok")


async def _echo_socket(websocket: WebSocket) -> None:
    await websocket.accept()
    with contextlib.suppress(WebSocketDisconnect):
        await websocket.send_text(await websocket.receive_text())
        await websocket.close()
