"""Serves an installation, and takes it down in order."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final

import uvicorn
import uvloop

from app import logs
from app.accounts import new_owner_link
from app.application import application
from app.audit.anchor import anchor_path, anchored
from app.composition import composed
from app.database.engine import opened_database
from app.hearing import OpenEar, ear_gauges, open_hearing, usual_ear
from app.http_protocol import Entrance
from app.keys import Keys
from app.listener import BACKLOG
from app.metrics import Metrics
from app.nodes import joined_nodes
from app.services import Services
from app.setting import SettingError
from app.settings import Settings, unknown_variables
from app.sockets import SocketDoor
from app.system import SystemClock
from live.adapters.sql.database import Database
from live.gateway.limits import FRAME_BYTES
from live.gateway.sockets import Socket
from live.ports.media import MediaEngine, MediaStartError

KEEP_ALIVE_S: Final = 20
DRAIN_S: Final = 1

log = logs.get("causerie.server")


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers: where it is reached, and how to tell it to stop."""

    url: str
    local_url: str
    services: Services
    stop: Callable[[], None]


Companion = Callable[[Running], Awaitable[None]]


def serve_on(
    settings: Settings,
    keys: Keys,
    listener: socket.socket,
    companion: Companion,
    *,
    open_ear: OpenEar = usual_ear,
) -> None:
    """Serve until SIGINT or SIGTERM, on a port that is bound. ``companion`` runs beside the server
    once it answers, media included.

    Raises ``SettingError`` when a setting turns out not to work here.
    """
    logs.configure()
    for name in unknown_variables():
        log.warning("A variable looks like a setting and is none", variable=name)
    with (
        # Before the server answers, Ctrl-C unwinds what there is; later it is `stop`.
        contextlib.suppress(KeyboardInterrupt),
        opened_database(settings.database_url, settings.data_dir) as database,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_serve(settings, keys, database, listener, companion, open_ear))


async def _serve(
    settings: Settings,
    keys: Keys,
    database: Database,
    listener: socket.socket,
    companion: Companion,
    open_ear: OpenEar,
) -> None:
    port = listener.getsockname()[1]
    async with (
        joined_nodes(settings, keys, database) as nodes,
        open_hearing(settings, SystemClock(), open_ear) as hearing,
        anchored(database, anchor_path(settings.data_dir, settings.audit_anchor), SystemClock()),
        composed(settings, keys, database, port, nodes, hearing) as services,
    ):
        metrics = Metrics()
        metrics.watch(lambda: _gauges(services))
        server = _Server(
            uvicorn.Config(
                application(services, SocketDoor(services), metrics),
                http=Entrance,
                ws=Socket,
                ws_max_size=FRAME_BYTES,
                lifespan="off",
                proxy_headers=False,
                server_header=False,
                access_log=False,
                log_config=None,
                backlog=BACKLOG,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=DRAIN_S,
            )
        )
        running = Running(
            url=services.addresses.home,
            local_url=f"http://127.0.0.1:{port}",
            services=services,
            stop=server.stop,
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, server.stop)
        async with asyncio.TaskGroup() as group:
            media = _Media(services.media, server.stop)
            beside = group.create_task(_accompany(companion, running, server, media))
            serving = group.create_task(server.serve(sockets=[listener]))
            await server.stopping.wait()
            # All at once: none of these waits for another, and together they have three seconds.
            services.gateway.stop()
            beside.cancel()
            group.create_task(services.rehearsals.close())
            group.create_task(media.close())
            await serving
        if media.problem is not None:
            raise media.problem


class _Media:
    """Picture and sound, which take as long to load as all the rest: people talk meanwhile. Where
    they cannot be started, ``stop`` is called and ``problem`` says why."""

    def __init__(self, engine: MediaEngine, stop: Callable[[], None]) -> None:
        self.problem: SettingError | None = None
        self.ready = asyncio.Event()
        self._engine = engine
        self._stop = stop
        self._starting = asyncio.create_task(self._start(), name="media")

    async def _start(self) -> None:
        try:
            await self._engine.start()
        except MediaStartError as error:
            self.problem = SettingError(error.variable, error.value, error.remedy)
            self._stop()
        except Exception:
            self._stop()
            raise
        else:
            self.ready.set()

    async def close(self) -> None:
        self._starting.cancel()
        (outcome,) = await asyncio.gather(self._starting, return_exceptions=True)
        await self._engine.close()
        if isinstance(outcome, Exception):
            raise outcome


async def _accompany(
    companion: Companion, running: Running, server: _Server, media: _Media
) -> None:
    await server.answering.wait()
    await media.ready.wait()
    await companion(running)


def _gauges(services: Services) -> dict[str, tuple[str, float]]:
    written = services.database.stats()
    return {
        "causerie_rooms_open": ("Rooms open in this process.", len(services.rooms.open_rooms())),
        "causerie_connections": ("Sockets connected.", services.gateway.connections),
        "causerie_store_waiting": ("Batches that wait for the database.", written.waiting),
        **ear_gauges(services.hearing.ear),
    }


class _Server(uvicorn.Server):
    """uvicorn's server, whose signals are ours and which says when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answering = asyncio.Event()
        self.stopping = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals go to ``stop``: uvicorn would raise them again after an orderly end."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What is there now stays: 140,000 objects that no later collection walks through, neither
        # during the show (0.1 s each) nor, several times over, at the interpreter's end.
        gc.freeze()
        # Every post leaves a dozen objects that stay: with Python's own thresholds a third of a
        # busy room's time went into looking at them again.
        gc.set_threshold(20_000, 20, 20)
        self.answering.set()

    def stop(self) -> None:
        """End in order; a second time, without waiting for anyone."""
        self.force_exit = self.should_exit
        self.should_exit = True
        self.stopping.set()


async def greet(running: Running, keys: Keys, *, owner_token: str | None) -> None:
    """Print where the server is and, while nobody could sign in as the owner, a way to.

    ``owner_token`` is the one the operator set, if any.
    """
    tell("home", running.url)
    if owner_token is None and not await running.services.accounts.has_password():
        tell("owner", f"{running.url}/join/{new_owner_link(keys)}")


def tell(word: str, url: str) -> None:
    """One link on standard output, with a word before it that says what it is."""
    sys.stdout.write(f"{word:<9} {url}\n")
    sys.stdout.flush()
