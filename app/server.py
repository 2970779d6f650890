"""Composes an installation, serves it, and takes it down in order."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

import uvicorn
import uvloop

from app import logs
from app.accounts import Accounts, new_owner_link
from app.application import application
from app.audit.anchor import anchor_path, anchored
from app.auth import Authenticator
from app.bans import Bans
from app.brand import Brands
from app.database.cursors import SqlCursors
from app.database.engine import opened_database
from app.database.erasures import SqlErasures
from app.database.upkeep import keep_up
from app.engine import hls_source, media_engine
from app.entry import Entry
from app.evasion import Evasion
from app.hearing import Hearing, OpenEar, attended, ear_gauges, open_hearing, usual_ear
from app.http_protocol import Entrance
from app.keys import Keys
from app.leaving import Leaving
from app.limits import Rate
from app.metrics import Metrics
from app.network import Addresses
from app.nodes import (
    BansChanged,
    BrandChanged,
    Nodes,
    Order,
    SharedLimiter,
    ShowOut,
    SlateSet,
    Speaking,
    StageMoved,
    joined_nodes,
)
from app.receipts import Receipts
from app.recording import Recordings
from app.services import Services
from app.setting import SettingError
from app.settings import Settings, unknown_variables
from app.slates import Slates
from app.sockets import SocketDoor
from app.stage import StageManager
from app.system import SystemClock, SystemEntropy
from live.adapters.sql.database import Database
from live.adapters.sql.directory import SqlDirectory
from live.adapters.sql.store import SqlStore
from live.gateway import accelerator
from live.gateway.gateway import Gateway
from live.gateway.hub import HubSettings
from live.gateway.limits import FRAME_BYTES
from live.gateway.limits import Limits as GatewayLimits
from live.gateway.limits import Rate as GatewayRate
from live.gateway.sockets import Socket
from live.media import SharedMedia
from live.ports.media import MediaEngine, MediaStartError
from live.room.cluster import Cluster
from live.room.counting import CrowdCounter
from live.room.rooms import Rooms
from live.room.settings import RoomSettings
from live.room.surroundings import Surroundings
from moderation.policy.names import skeleton

BACKLOG: Final = 2_048
KEEP_ALIVE_S: Final = 20
DRAIN_S: Final = 1
BEGIN_ANEW_S: Final = 1.0
SIGN_IN_TRIES: Final = Rate(count=10, period_s=60.0)

log = logs.get("causerie.server")


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers: where it is reached, and how to tell it to stop."""

    url: str
    local_url: str
    services: Services
    stop: Callable[[], None]


Companion = Callable[[Running], Awaitable[None]]


def run(
    settings: Settings, keys: Keys, companion: Companion, *, open_ear: OpenEar = usual_ear
) -> None:
    """Serve until SIGINT or SIGTERM. ``companion`` runs beside the server once it answers.

    Raises ``SettingError`` when a setting turns out not to work here.
    """
    with listening(settings) as listener:
        serve_on(settings, keys, listener, companion, open_ear=open_ear)


def serve_on(
    settings: Settings,
    keys: Keys,
    listener: socket.socket,
    companion: Companion,
    *,
    open_ear: OpenEar = usual_ear,
) -> None:
    """As ``run``, on a port that is bound already."""
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
        _composed(settings, keys, database, port, nodes, hearing) as services,
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
            beside = group.create_task(_accompany(companion, running, server))
            serving = group.create_task(server.serve(sockets=[listener]))
            await server.stopping.wait()
            # All at once: none of these waits for another, and together they have three seconds.
            services.gateway.stop()
            beside.cancel()
            group.create_task(services.rehearsals.close())
            group.create_task(services.media.close())
            await serving


async def _accompany(companion: Companion, running: Running, server: _Server) -> None:
    await server.answering.wait()
    await companion(running)


@contextlib.asynccontextmanager
async def _composed(
    settings: Settings, keys: Keys, database: Database, port: int, nodes: Nodes, hearing: Hearing
) -> AsyncIterator[Services]:
    clock, entropy = SystemClock(), SystemEntropy()
    store, directory = SqlStore(database), SqlDirectory(database, alone=nodes.bus is None)
    brands = Brands(database, clock, nodes)
    await brands.load()
    world = Surroundings(store, hearing.gate, clock, entropy, _room_settings(brands))
    gateway = Gateway(clock, _hub_settings(settings, keys))
    cluster = None
    if nodes.bus is not None and nodes.leases is not None:
        cluster = Cluster(world, nodes.bus, nodes.leases, charge=gateway.charge)
    rooms = Rooms(world, cluster=cluster)
    accounts = Accounts(database, keys, clock)
    engine = media_engine(settings, keys, rooms)
    shared = _shared(engine, nodes)
    media: MediaEngine = shared or engine
    elsewhere = shared.is_elsewhere if shared else None
    stage = StageManager(directory, rooms, media, clock, elsewhere=elsewhere, nodes=nodes)
    if cluster is not None:
        cluster.stage_lost = stage.mark
    evasion = Evasion(database, keys, clock, entropy, on=settings.evasion_hints)
    receipts = Receipts(database)
    leaving = Leaving(
        directory, rooms, gateway, media, clock, nodes=nodes, evasion=evasion, receipts=receipts
    )
    bans = Bans(database, rooms, leaving, clock, nodes)
    await bans.load()
    services = Services(
        settings=settings,
        version=version("causerie"),
        clock=clock,
        entropy=entropy,
        addresses=Addresses(settings, port=port),
        database=database,
        store=store,
        directory=directory,
        rooms=rooms,
        gateway=gateway,
        media=media,
        hls=hls_source(engine, shared, nodes.bus),
        stage=stage,
        slates=Slates(directory, rooms, media, nodes),
        recordings=Recordings.over(database, settings, directory, rooms, media),
        authenticator=Authenticator(directory, rooms, accounts, keys, settings.owner_token),
        accounts=accounts,
        brands=brands,
        entry=Entry(directory, rooms, clock, entropy, bans),
        leaving=leaving,
        bans=bans,
        evasion=evasion,
        nodes=nodes,
        joins=SharedLimiter("joins", settings.limit_joins, nodes),
        sign_ins=SharedLimiter("sign-ins", SIGN_IN_TRIES, nodes),
        hearing=hearing,
        receipts=receipts,
    )
    try:
        await media.start()
    except MediaStartError as error:
        raise SettingError(error.variable, error.value, error.remedy) from None
    if cluster is not None:
        await cluster.start()
    await nodes.obey(_Obedience(services).obey)
    try:
        async with _kept_up(services):
            yield services
    finally:
        if cluster is not None:
            await cluster.close()


@contextlib.asynccontextmanager
async def _kept_up(services: Services) -> AsyncIterator[None]:
    """What runs beside the answers: stage, bans, housekeeping, the ear. At the end of the block all
    that is open is closed."""
    await services.slates.load()
    database, store, rooms = services.database, services.store, services.rooms
    moods, clock = services.hearing.moods, services.clock
    began = clock.now()
    crowds = CrowdCounter(
        rooms,
        clock,
        lambda each: moods.now(each, clock.monotonic()),
        attention=services.settings.attention is not None,
    )
    tasks = [
        asyncio.create_task(crowds.run(), name="crowds"),
        asyncio.create_task(_keep_going(services.slates.run), name="slates"),
        asyncio.create_task(_keep_going(services.stage.run), name="stage"),
        asyncio.create_task(_keep_going(services.recordings.run), name="recordings"),
        asyncio.create_task(
            _keep_going(lambda: services.rehearsals.run(services, began)), name="rehearsals"
        ),
        asyncio.create_task(services.bans.run(), name="bans"),
        asyncio.create_task(keep_up(database, store, services.clock), name="upkeep"),
    ]
    try:
        cursors, erasures = SqlCursors(database), SqlErasures(database)
        async with attended(rooms, services.hearing, store, cursors, erasures, clock):
            yield
    finally:
        for task in tasks:
            task.cancel()
        services.gateway.stop()
        await asyncio.gather(*tasks, rooms.close(), services.media.close(), return_exceptions=True)


def _shared(engine: MediaEngine, nodes: Nodes) -> SharedMedia | None:
    """The engines of all nodes as one, where there are others."""
    if nodes.bus is None or nodes.leases is None:
        return None
    return SharedMedia(engine, nodes.bus, nodes.leases)


class _Obedience:
    """Does on this node what another one orders."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._tasks: set[asyncio.Task[None]] = set()

    def obey(self, order: Order) -> None:
        """Begin at once, and return."""
        task = asyncio.get_running_loop().create_task(self._do(order))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _do(self, order: Order) -> None:
        match order:
            case ShowOut():
                leaving = self._services.leaving
                await leaving.show_out_here(order.session_id, order.participant_id)
            case BrandChanged():
                await self._services.brands.load()
            case BansChanged():
                self._services.bans.reload()
            case Speaking():
                self._services.stage.spoken(order.session_id, order.seats)
            case StageMoved():
                await self._services.stage.follow(order.session_id, order.state)
            case SlateSet():
                self._services.slates.obey(order.session_id, on=order.on)


async def _keep_going(work: Callable[[], Awaitable[None]]) -> None:
    """Chat goes on without it; it begins anew after a bug or a lost database."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("What goes on beside the chat failed and begins anew")
            await asyncio.sleep(BEGIN_ANEW_S)


def _room_settings(brands: Brands) -> RoomSettings:
    return RoomSettings(
        skeleton=skeleton, reserved=lambda: frozenset({skeleton(brands.current.name)})
    )


def _hub_settings(settings: Settings, keys: Keys) -> HubSettings:
    limits = GatewayLimits(
        messages=GatewayRate(settings.limit_messages.count, settings.limit_messages.period_s),
        questions=GatewayRate(settings.limit_questions.count, settings.limit_questions.period_s),
    )
    return HubSettings(
        digest_key=keys.derive("command digests"),
        limits=limits,
        attention=settings.attention is not None,
        volley=accelerator.load(wanted=settings.gateway_accelerator).volley(),
    )


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


@contextlib.contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """The bound socket; a port or an address that cannot be had is told in one sentence."""
    try:
        found = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except socket.gaierror:
        raise SettingError(
            "CAUSERIE_HOST", settings.host, "give an address or name of this machine"
        ) from None
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    with contextlib.closing(listener):
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            # A second server on the same port would be bound too, and only fail to listen.
            listener.listen(BACKLOG)
        except OSError as error:
            raise _cannot_listen(settings, error) from None
        yield listener


def _cannot_listen(settings: Settings, error: OSError) -> SettingError:
    port = str(settings.port)
    if error.errno == errno.EADDRINUSE:
        remedy = "another program listens on this port; stop it, or give another port"
        return SettingError("CAUSERIE_PORT", port, remedy)
    if error.errno == errno.EACCES:
        remedy = "this user may not take this port; give one from 1024 on"
        return SettingError("CAUSERIE_PORT", port, remedy)
    return SettingError("CAUSERIE_HOST", settings.host, "give an address of this machine")


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
