"""Each thing a server needs, tried for real; a failing check says how to mend it."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx
from sqlalchemy.exc import SQLAlchemyError

from app.database import schema
from app.database.engine import database_url, prepare_folder
from app.doctor.finding import Finding, binding_error
from app.doctor.handoff import media_server
from app.doctor.reach import reach_findings
from app.hearing import translator_of
from app.pages import DIST, PAGES
from app.setting import SettingError, shown_url
from app.settings import Settings
from app.settings.addresses import is_loopback
from live.adapters.bus.redis import RedisBus
from live.adapters.sql.database import UnsafeDatabase, read_engine
from live.adapters.sql.writer import summary
from live.gateway.accelerator import load as fan_out_of
from live.media import MediaSettings, MediaSupervisor
from live.media.accelerator import load as forwarder_of
from live.media.addresses import offered_addresses
from live.media.codecs import CARRIED_SENTENCE
from live.ports.bus import BusUnavailable
from live.ports.media import MediaStartError
from live.ports.translator import TranslationFailed

PROBE_S: Final = 3.0


async def findings(settings: Settings) -> AsyncIterator[Finding]:
    """All checks, in the order in which one would mend what they find."""
    yield _folder(settings)
    yield _pages()
    running = await _is_running(settings)
    yield _http_port(settings, running=running)
    yield _database(settings)
    if settings.handed_off is None:
        async for finding in _engine(settings, running=running):
            yield finding
    else:
        yield await media_server(settings.handed_off)
    fan_out = fan_out_of(wanted=settings.gateway_accelerator)
    yield Finding("fan-out", ok=True, says=f"runs {fan_out.reason}")
    yield await _public_url(settings)
    yield await _translator(settings)
    yield await _bus(settings)


async def _engine(settings: Settings, *, running: bool) -> AsyncIterator[Finding]:
    """Of the built-in engine: its ports, its processes, how it is reached."""
    yield _udp_port(settings, running=running)
    async for finding in reach_findings(settings, running=running):
        yield finding
    yield await _media(settings, running=running)
    forwarder = forwarder_of(wanted=settings.media_accelerator)
    yield Finding("forwarder", ok=True, says=f"runs {forwarder.reason}")
    yield _public_address(settings)


async def _translator(settings: Settings) -> Finding:
    service = translator_of(settings)
    if service is None:
        return Finding("translation", ok=True, says="off: nothing is sent to anyone")
    try:
        await service.probe()
    except TranslationFailed as failure:
        mend = "check CAUSERIE_TRANSLATOR, its address and its key"
        return Finding("translation", ok=False, says=str(failure), mend=mend)
    finally:
        await service.close()
    says = f"{service.name} answers; what viewers ask for is sent to {service.host}"
    return Finding("translation", ok=True, says=says)


def _folder(settings: Settings) -> Finding:
    try:
        prepare_folder(settings.data_dir)
    except SettingError as error:
        return Finding("data folder", ok=False, says=str(error), mend="change its owner or mode")
    return Finding("data folder", ok=True, says=f"{settings.data_dir} can be written")


def _pages() -> Finding:
    missing = [name for name in PAGES if not (DIST / f"{name}.html").is_file()]
    if missing:
        return Finding(
            "pages",
            ok=False,
            says=f"not built: {', '.join(missing)}",
            mend="run `pip install .` in the source folder, which builds them",
        )
    return Finding("pages", ok=True, says="built")


async def _bus(settings: Settings) -> Finding:
    if settings.bus_url is None:
        return Finding("bus", ok=True, says="none is set: one process serves alone")
    bus = RedisBus(settings.bus_url, room="doctor")
    try:
        await bus.start()
    except BusUnavailable as error:
        return Finding(
            "bus",
            ok=False,
            says=f"CAUSERIE_BUS_URL={shown_url(settings.bus_url)}: {error}",
            mend="start the Redis or Valkey server, or mend the URL",
        )
    finally:
        await bus.close()
    return Finding("bus", ok=True, says=f"{shown_url(settings.bus_url)} answers")


async def _is_running(settings: Settings) -> bool:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared
    try:
        async with httpx.AsyncClient(timeout=PROBE_S, trust_env=False) as client:
            answer = await client.get(f"http://{_in_url(host)}:{settings.port}/healthz")
    except httpx.HTTPError:
        return False
    return answer.text == "ok\n"


def _http_port(settings: Settings, *, running: bool) -> Finding:
    where = f"{settings.host}:{settings.port}"
    if running:
        return Finding("HTTP port", ok=True, says=f"a Causerie server answers on {where}")
    error = binding_error(socket.SOCK_STREAM, settings.host, settings.port)
    if error:
        mend = "stop what listens there, or set CAUSERIE_HOST or CAUSERIE_PORT"
        return Finding("HTTP port", ok=False, says=f"{where}: {error}", mend=mend)
    return Finding("HTTP port", ok=True, says=f"{where} is free")


def _udp_port(settings: Settings, *, running: bool) -> Finding:
    shown = _shown_ports(settings)
    if running:
        return Finding("UDP port", ok=True, says=f"{shown} is the running server's")
    for port in settings.udp_ports:
        error = binding_error(socket.SOCK_DGRAM, "", port)
        if error:
            mend = "stop what uses it, or set CAUSERIE_UDP_PORT"
            return Finding("UDP port", ok=False, says=f"{port}: {error}", mend=mend)
    return Finding("UDP port", ok=True, says=f"{shown} is free")


def _shown_ports(settings: Settings) -> str:
    ports = settings.udp_ports
    return str(ports[0]) if len(ports) == 1 else f"{ports[0]} to {ports[-1]}"


def _database(settings: Settings) -> Finding:
    location = database_url(settings.database_url, settings.data_dir)
    shown = location.render_as_string(hide_password=True)
    if location.get_backend_name() == "sqlite" and not Path(location.database or "").exists():
        return Finding("database", ok=True, says=f"{shown} is made at the first start")
    engine = read_engine(location)
    try:
        with engine.connect() as connection:
            revision = schema.current_revision(connection)
    except (SQLAlchemyError, UnsafeDatabase) as error:
        says = str(error) if isinstance(error, UnsafeDatabase) else summary(error)
        return Finding(
            "database",
            ok=False,
            says=f"{shown}: {says}",
            mend="see that it runs and that CAUSERIE_DATABASE_URL names it rightly",
        )
    finally:
        engine.dispose()
    if revision != schema.newest_revision():
        says = f"{shown} answers; `causerie db upgrade` or the next start brings it up to date"
        return Finding("database", ok=True, says=says)
    return Finding("database", ok=True, says=f"{shown} answers and is up to date")


async def _media(settings: Settings, *, running: bool) -> Finding:
    port = 0 if running else settings.udp_port
    count = settings.media_workers
    media = MediaSupervisor(MediaSettings(port, count, settings.public_ip))
    try:
        await media.start()
        health = await media.health()
    except MediaStartError as error:
        return Finding("media process", ok=False, says=str(error), mend=error.remedy)
    finally:
        await media.close()
    if not all(process.ok for process in health.processes):
        mend = "run `python -m live.media.process` and read what it says"
        return Finding("media process", ok=False, says="it does not answer", mend=mend)
    says = f"starts and answers; it carries {CARRIED_SENTENCE}, and transcodes nothing"
    cores = len(os.sched_getaffinity(0))
    if count > 1:
        says = f"{count} on {cores} cores, each {says}"
    elif cores > 1:
        says += f"; CAUSERIE_MEDIA_WORKERS=auto would use all {cores} cores"
    return Finding("media process", ok=True, says=says)


async def _public_url(settings: Settings) -> Finding:
    if settings.public_url is None:
        says = "none: links are for this machine alone"
        return Finding("public address", ok=True, says=says)
    parts = urlsplit(settings.public_url)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        return Finding(
            "public address",
            ok=False,
            says=f"{settings.public_url} has no TLS: browsers give no camera there",
            mend="put nginx or Caddy in front, as in deploy/, and use https",
        )
    try:
        async with httpx.AsyncClient(timeout=PROBE_S, trust_env=False) as client:
            answer = await client.get(f"{settings.public_url}/healthz")
    except httpx.HTTPError as error:
        return Finding(
            "public address",
            ok=False,
            says=f"{settings.public_url} is not reached from here: {error}",
            mend="start the server, and see to name, certificate and proxy",
        )
    if answer.text != "ok\n":
        mend = "point the proxy at this server, as in deploy/"
        return Finding("public address", ok=False, says="something else answers there", mend=mend)
    return Finding("public address", ok=True, says=f"{settings.public_url} leads here")


def _public_address(settings: Settings) -> Finding:
    if settings.public_ip is not None:
        says = f"{settings.public_ip} is offered first, on UDP port {_shown_ports(settings)}"
        return Finding("address for media", ok=True, says=says)
    addresses = [ipaddress.ip_address(item) for item in offered_addresses(None, ipv6=True)]
    beyond = settings.public_url is not None and not is_loopback(
        urlsplit(settings.public_url).hostname or ""
    )
    if beyond and not any(address.is_global for address in addresses):
        return Finding(
            "address for media",
            ok=False,
            says="this machine has private addresses alone, which viewers outside cannot reach",
            mend="set CAUSERIE_PUBLIC_IP and forward UDP port"
            f" {_shown_ports(settings)} to this machine",
        )
    listed = ", ".join(map(str, addresses)) or "none"
    return Finding("address for media", ok=True, says=f"offered: {listed}")


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
