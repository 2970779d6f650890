"""What ``causerie serve`` and ``causerie demo`` do once their port is bound."""

from __future__ import annotations

import secrets
import socket
from dataclasses import replace

from app.database.engine import prepare_folder
from app.demo_process import DemoOptions, accompany
from app.keys import Keys
from app.server import Running, greet, serve_on
from app.settings import Settings
from app.workers import run_workers


def serve(settings: Settings, listener: socket.socket) -> int:
    """Serve until SIGINT or SIGTERM, in as many processes as are wanted; the exit code."""
    prepare_folder(settings.data_dir)
    keys = Keys.of(settings.data_dir)

    async def beside(running: Running) -> None:
        await greet(running, keys, owner_token=settings.owner_token)

    if settings.workers > 1:
        return run_workers(settings, keys, listener, beside)
    serve_on(settings, keys, listener, beside)
    return 0


def demonstrate(settings: Settings, listener: socket.socket, options: DemoOptions) -> None:
    """Serve, with a show that plays itself."""
    prepare_folder(settings.data_dir)
    keys = Keys.of(settings.data_dir)
    owner_token = settings.owner_token or secrets.token_urlsafe(32)

    async def beside(running: Running) -> None:
        await greet(running, keys, owner_token=settings.owner_token)
        await accompany(running, options, owner_token)

    serve_on(replace(settings, owner_token=owner_token), keys, listener, beside)
