"""Whether those are reached whose network blocks UDP: the TCP port, and the TURN server as a viewer
would use it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final

from aioice import stun
from aioice.turn import TurnClientTcpProtocol, TurnClientUdpProtocol

from app.doctor.finding import Finding, binding_error
from app.settings import Settings
from app.settings.reach import TurnUrl
from app.turn import TurnCredentials, turn_credentials
from live.media.addresses import offered_addresses

PROBE_S: Final = 5.0
ALLOCATION_S: Final = 600
FIRST_CHANNEL: Final = 0x4000

NONE_OF_ITS_BUSINESS: Final = ("169.254.169.254", "10.255.255.254", "127.0.0.1")
"""A cloud's metadata, a private network, the server itself: a relay that goes there lets every
viewer in.
"""

Client = TurnClientTcpProtocol | TurnClientUdpProtocol


async def reach_findings(settings: Settings, *, running: bool) -> AsyncIterator[Finding]:
    """What came of trying each way that is set."""
    yield _tcp_port(settings, running=running)
    if settings.turn_secret is None:
        yield Finding("TURN", ok=True, says="none is set")
        return
    now = datetime.now(UTC)
    credentials = turn_credentials(settings.turn_secret, "doctor", now, settings.turn_hours)
    for url in settings.turn_urls:
        yield await _turn(url, credentials, _peers(settings))


def _tcp_port(settings: Settings, *, running: bool) -> Finding:
    ports = settings.tcp_ports(len(settings.udp_ports))
    if not ports:
        return Finding("media by TCP", ok=True, says="off: CAUSERIE_MEDIA_TCP_PORT switches it on")
    shown = str(ports[0]) if len(ports) == 1 else f"{ports[0]} to {ports[-1]}"
    if running:
        return Finding("media by TCP", ok=True, says=f"port {shown} is the running server's")
    for port in ports:
        error = binding_error(socket.SOCK_STREAM, "", port)
        if error:
            mend = "stop what uses it, or set CAUSERIE_MEDIA_TCP_PORT"
            return Finding("media by TCP", ok=False, says=f"port {port}: {error}", mend=mend)
    return Finding("media by TCP", ok=True, says=f"port {shown} is free")


def _peers(settings: Settings) -> list[str]:
    """Addresses of ours that a relay may be asked for, best first."""
    offered = offered_addresses(settings.public_ip, ipv6=False)
    return [each for each in offered if ipaddress.ip_address(each).version == 4]


async def _turn(url: TurnUrl, credentials: TurnCredentials, peers: list[str]) -> Finding:
    where = f"{url.host}:{url.port} over {'TLS' if url.tls else url.transport.upper()}"
    says, mend = "", ""
    try:
        async with asyncio.timeout(PROBE_S):
            client = await _connected(url, credentials)
            try:
                await client.connect()
                says, mend = await _relays(client, peers)
                await client.delete()
            finally:
                if client.refresh_task is not None:
                    client.refresh_task.cancel()
                client.transport.close()
    except TimeoutError:
        says = f"no answer from {where} within {PROBE_S:g} s"
        mend = "open this port in its firewall, and see that it listens there"
    except socket.gaierror:
        says, mend = f"{url.host} is not a known name", "mend CAUSERIE_TURN_URLS or the DNS"
    except ssl.SSLError as error:
        says = f"browsers will not trust {where}: {error.reason or error}"
        mend = "give it a valid certificate for this name"
    except OSError as error:
        says = f"{where} cannot be reached: {error.strerror or error}"
        mend = "start it (deploy/coturn), and open this port in its firewall"
    except stun.TransactionFailed as failure:
        says, mend = _refusal(failure)
    return Finding(
        f"TURN {url.text}", ok=not mend, says=says or f"{where} relays to us alone", mend=mend
    )


async def _connected(url: TurnUrl, credentials: TurnCredentials) -> Client:
    """A client that has said nothing yet."""
    loop, server = asyncio.get_running_loop(), (url.host, url.port)

    def client(kind: type[Client]) -> Client:
        return kind(
            server,
            username=credentials.username,
            password=credentials.password,
            lifetime=ALLOCATION_S,
            channel_refresh_time=ALLOCATION_S,
        )

    if url.transport == "udp":
        _, udp = await loop.create_datagram_endpoint(
            lambda: client(TurnClientUdpProtocol), remote_addr=server
        )
        return udp
    _, tcp = await loop.create_connection(
        lambda: client(TurnClientTcpProtocol),
        *server,
        ssl=ssl.create_default_context() if url.tls else None,
    )
    return tcp


async def _relays(client: Client, peers: list[str]) -> tuple[str, str]:
    """What is wrong about where it relays to, and the cure; nothing if that is to us alone."""
    channels = itertools.count(FIRST_CHANNEL)
    for peer in peers:
        if await _binds(client, next(channels), peer):
            break
    else:
        says = f"it does not relay to {', '.join(peers)}"
        return says, "name in its configuration where viewers reach Causerie: allowed-peer-ip=…"
    for stranger in sorted(set(NONE_OF_ITS_BUSINESS).difference(peers)):
        if await _binds(client, next(channels), stranger):
            says = f"it relays to {stranger}, and so lets every viewer into its network"
            return says, "deny all peers but Causerie, as deploy/coturn/turnserver.conf does"
    return "", ""


async def _binds(client: Client, channel: int, peer: str) -> bool:
    try:
        await client.channel_bind(channel, (peer, 9))
    except stun.TransactionFailed:
        return False
    return True


def _refusal(failure: stun.TransactionFailed) -> tuple[str, str]:
    code, reason = failure.response.attributes.get("ERROR-CODE", (0, "no reason"))
    if code == 401:
        says = "it refuses what Causerie makes from the secret"
        return says, (
            "CAUSERIE_TURN_SECRET must be its static-auth-secret, with use-auth-secret; and both"
            " clocks must be right"
        )
    return f"it answers {code} {reason}", "see its log, and its quotas"
