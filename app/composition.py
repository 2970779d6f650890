"""Makes the parts of an installation, and keeps what runs beside them going."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.metadata import version
from typing import Final

from app import logs
from app.accounts import Accounts
from app.auth import Authenticator
from app.bans import Bans
from app.brand import Brands
from app.database.cursors import SqlCursors
from app.database.erasures import SqlErasures
from app.database.upkeep import keep_up
from app.engine import hls_source, media_engine
from app.entry import Entry
from app.evasion import Evasion
from app.hearing import Hearing, attended
from app.keys import Keys
from app.leaving import Leaving
from app.limits import Rate
from app.network import Addresses
from app.nodes import Nodes, SharedLimiter
from app.obedience import Obedience
from app.receipts import Receipts
from app.recording import Recordings
from app.services import Services
from app.settings import Settings
from app.slates import Slates
from app.stage import StageManager
from app.system import SystemClock, SystemEntropy
from live.adapters.sql.database import Database
from live.adapters.sql.directory import SqlDirectory
from live.adapters.sql.store import SqlStore
from live.gateway import accelerator
from live.gateway.gateway import Gateway
from live.gateway.hub import HubSettings
from live.gateway.limits import Limits as GatewayLimits
from live.gateway.limits import Rate as GatewayRate
from live.media import SharedMedia
from live.ports.media import MediaEngine
from live.room.cluster import Cluster
from live.room.counting import CrowdCounter
from live.room.rooms import Rooms
from live.room.settings import RoomSettings
from live.room.surroundings import Surroundings
from moderation.policy.names import skeleton

BEGIN_ANEW_S: Final = 1.0
SIGN_IN_TRIES: Final = Rate(count=10, period_s=60.0)

log = logs.get("causerie.server")


@contextlib.asynccontextmanager
async def composed(
    settings: Settings, keys: Keys, database: Database, port: int, nodes: Nodes, hearing: Hearing
) -> AsyncIterator[Services]:
    """All parts at work until the end of the block; the media only has yet to be started."""
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
    if cluster is not None:
        await cluster.start()
    await nodes.obey(Obedience(services).obey)
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
