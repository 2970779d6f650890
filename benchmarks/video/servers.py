"""The servers that are measured: how each is started, published to and watched."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import secrets
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final, Protocol

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.harness.machine import REPOSITORY, Missing, Server, free_port
from benchmarks.video.peer import Peer

PURE: Final = "pure Python"
FAST: Final = "accelerated"
JANUS: Final = "Janus"
SWITCH: Final = "CAUSERIE_MEDIA_ACCELERATOR"


class Forwarder(Protocol):
    """A server that takes one stream and sends it to many."""

    server: Server

    async def publish(self, peer: Peer) -> None:
        """Let `peer` be the publisher; returns once it is connected."""

    async def watch(self, peer: Peer) -> None:
        """Let `peer` be one more viewer; returns once it is connected."""


class Ours:
    """Our engine, by WHIP and WHEP."""

    BUSY: Final = 503
    TRIES: Final = 4

    def __init__(self, server: Server, url: str) -> None:
        self.server = server
        self.url = url
        self._viewers = itertools.count()
        self._http = httpx.AsyncClient(trust_env=False, timeout=20)

    async def publish(self, peer: Peer) -> None:
        answer = await self._http.post(
            f"{self.url}/whip", content=peer.sections("sendonly", "actpass")
        )
        answer.raise_for_status()
        await peer.connect(answer.text)

    async def watch(self, peer: Peer) -> None:
        url = f"{self.url}/whep?as=viewer-{next(self._viewers)}"
        offer = peer.sections("recvonly", "actpass")
        answer = await self._http.post(url, content=offer)
        for _ in range(self.TRIES):
            if answer.status_code != self.BUSY:
                break
            # As a page does; the wait counts as part of the join.
            await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))
            answer = await self._http.post(url, content=offer)
        answer.raise_for_status()
        await peer.connect(answer.text)

    async def close(self) -> None:
        await self._http.aclose()


class Janus:
    """Janus' videoroom, by its own API."""

    ROOM: Final = 1

    def __init__(self, server: Server, api: ClientConnection) -> None:
        self.server = server
        self._api = api
        self._turn = asyncio.Lock()
        self._session = 0
        self._feed = 0

    async def start(self) -> None:
        created = await self._ask({"janus": "create"})
        self._session = created["data"]["id"]
        handle = await self._attach()
        wishes = {"request": "create", "room": self.ROOM, "publishers": 1, "bitrate": 0}
        await self._say(handle, {**wishes, "audiocodec": "opus", "videocodec": "vp8"})

    async def publish(self, peer: Peer) -> None:
        handle = await self._attach()
        join = {"request": "join", "ptype": "publisher", "room": self.ROOM}
        joined = await self._say(handle, join)
        self._feed = joined["plugindata"]["data"]["id"]
        offer = {"type": "offer", "sdp": peer.sections("sendonly", "actpass")}
        answered = await self._say(handle, {"request": "publish"}, offer)
        await peer.connect(answered["jsep"]["sdp"])

    async def watch(self, peer: Peer) -> None:
        handle = await self._attach()
        join = {"request": "join", "ptype": "subscriber", "room": self.ROOM}
        offered = await self._say(handle, {**join, "streams": [{"feed": self._feed}]})
        offer = offered["jsep"]["sdp"]
        answer = {"type": "answer", "sdp": _answer_to(offer, peer)}
        await self._say(handle, {"request": "start"}, answer)
        await peer.connect(offer)

    async def _attach(self) -> int:
        attached = await self._ask({"janus": "attach", "plugin": "janus.plugin.videoroom"})
        handle: int = attached["data"]["id"]
        return handle

    async def _say(self, handle: int, body: object, jsep: object = None) -> dict[str, Any]:
        request: dict[str, Any] = {"janus": "message", "handle_id": handle, "body": body}
        if jsep is not None:
            request["jsep"] = jsep
        return await self._ask(request)

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer with content: an `ack` only says that it will come."""
        async with self._turn:
            return await self._exchange(request)

    async def _exchange(self, request: dict[str, Any]) -> dict[str, Any]:
        transaction = secrets.token_hex(6)
        if self._session:
            request["session_id"] = self._session
        request["transaction"] = transaction
        await self._api.send(msgspec.json.encode(request), text=True)
        while True:
            said = msgspec.json.decode(await self._api.recv())
            if said.get("transaction") != transaction or said["janus"] == "ack":
                continue
            failure = said.get("error") or said.get("plugindata", {}).get("data", {}).get("error")
            if failure:
                raise RuntimeError(f"Janus: {failure}")
            return dict(said)


def _answer_to(offer: str, peer: Peer) -> str:
    """Our own sections in the order and under the names and types of Janus' offer."""
    mids = re.findall(r"^a=mid:(\S+)", offer, re.MULTILINE)
    kinds = re.findall(r"^m=(\w+)", offer, re.MULTILINE)
    named = dict(zip(kinds, mids, strict=True))
    text = peer.sections("recvonly", "active", (named["audio"], named["video"]))
    head, sound, picture = re.split(r"(?=^m=)", text, flags=re.MULTILINE)
    sections = {"audio": sound, "video": picture}
    for kind, ours in (("audio", "111"), ("video", "96")):
        name = {"audio": "opus", "video": "VP8"}[kind]
        theirs = re.search(rf"^a=rtpmap:(\d+) {name}/", offer, re.MULTILINE | re.IGNORECASE)
        if theirs is not None:
            text = sections[kind].replace(f"SAVPF {ours}", f"SAVPF {theirs[1]}")
            attribute = re.compile(rf"^a=(rtpmap|rtcp-fb):{ours} ", re.MULTILINE)
            sections[kind] = attribute.sub(rf"a=\1:{theirs[1]} ", text)
    return head + "".join(sections[kind] for kind in kinds)


@contextlib.asynccontextmanager
async def serving(name: str, folder: Path, core: int) -> AsyncIterator[Ours | Janus]:
    """A server of that name on `core`; raises `Missing`."""
    if name == JANUS:
        with _janus(folder, core) as (server, port):
            address = f"ws://127.0.0.1:{port}"
            async with connect(
                address, subprotocols=[Subprotocol("janus-protocol")], proxy=None
            ) as api:
                janus = Janus(server, api)
                await janus.start()
                yield janus
        return
    switched = "auto" if name == FAST else "off"
    environment = {**os.environ, SWITCH: switched, "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", "benchmarks.video.ours"]
    server = Server(command, core=core, folder=folder, environment=environment)
    try:
        ours = Ours(server, server.said("home"))
        yield ours
        await ours.close()
    finally:
        server.stop()


@contextlib.contextmanager
def _janus(folder: Path, core: int) -> Iterator[tuple[Server, int]]:
    """Janus at its best for this: a lite agent, two loops for all viewers, nothing else loaded."""
    program = shutil.which("janus")
    if program is None:
        install = "apt-get install --no-install-recommends janus"
        raise Missing(f"Janus is not installed; on Debian: {install}")
    port = free_port()
    files = {
        "janus.jcfg": (
            "general: { session_timeout = 0, reclaim_session_timeout = 0, event_loops = 2,"
            " debug_level = 2 }\n"
            'media: { rtp_port_range = "20000-40000" }\n'
            "nat: { ice_lite = true, ice_tcp = false, full_trickle = false }\n"
            'transports: { disable = "libjanus_http.so,libjanus_mqtt.so,libjanus_nanomsg.so,'
            'libjanus_pfunix.so,libjanus_rabbitmq.so" }\n'
        ),
        "janus.transport.websockets.jcfg": (
            f'general: {{ ws = true, ws_port = {port}, ws_ip = "127.0.0.1", ws_logging = "err" }}\n'
        ),
        "janus.plugin.videoroom.jcfg": "general: { }\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    server = Server([program, "-F", folder, "-d", "2"], core=core, folder=folder)
    try:
        server.answers_on(port)
        yield server, port
    finally:
        server.stop()
