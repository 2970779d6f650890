"""`causerie serve` as shipped, and an audience that has joined it through its own API."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.harness.client import Target, load
from benchmarks.harness.machine import REPOSITORY, Server

LIMITS: Final = {"CAUSERIE_LIMIT_MESSAGES": "100/10s", "CAUSERIE_LIMIT_JOINS": "100000/60s"}
"""The only settings that differ from the defaults: every client here has one address."""

OWNER_TOKEN: Final = secrets.token_hex(32)
JOINERS: Final = 32
HISTORY: Final = 50


@contextmanager
def serving(folder: Path, core: int, settings: dict[str, str] | None = None) -> Iterator[Causerie]:
    """A server on the data in ``folder`` that answers on a free port."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CAUSERIE_")}
    environment = {
        **kept,
        **LIMITS,
        "CAUSERIE_PORT": "0",
        "CAUSERIE_UDP_PORT": "0",
        "CAUSERIE_DATA_DIR": str(folder),
        "CAUSERIE_OWNER_TOKEN": OWNER_TOKEN,
        "PYTHONPATH": str(REPOSITORY),
        **(settings or {}),
    }
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "app", "serve"]
    server = Server(command, core=core, folder=folder, environment=environment)
    try:
        home = server.said("home")
        yield Causerie(server, int(home.rpartition(":")[2]))
    finally:
        server.stop()


@dataclass(frozen=True, slots=True)
class Causerie:
    """A server that answers."""

    server: Server
    port: int


@dataclass(slots=True)
class Prepared:
    """Data of a stopped server: live sessions, and a file of credentials for each.

    ``joins_per_s`` is what ``POST /join`` took, through the real route, while it was made.
    """

    folder: Path
    tokens: dict[str, Path] = field(default_factory=dict)
    joins_per_s: float = 0.0

    def copy(self, folder: Path) -> Path:
        """The same data for one more server."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
        return folder


def prepare(
    folder: Path, core: int, audiences: dict[str, int], settings: dict[str, str] | None = None
) -> Prepared:
    """Make a live session of each name and let an audience of that size join it."""
    prepared = Prepared(folder / "data")
    with serving(prepared.folder, core, settings) as causerie:
        started = time.monotonic()
        for slug, size in audiences.items():
            path = f"/api/v1/sessions/{slug}/ws"
            tokens = asyncio.run(_audience(causerie.port, slug, size))
            prepared.tokens[slug] = folder / f"{slug}.tokens"
            prepared.tokens[slug].write_text("".join(f"{token} {path}\n" for token in tokens))
        prepared.joins_per_s = sum(audiences.values()) / (time.monotonic() - started)
    return prepared


def converse(prepared: Prepared, core: int, program: Path, client_core: int) -> None:
    """Have 50 messages posted in each session, which newcomers find in their snapshots."""
    with serving(prepared.folder, core) as causerie:
        for tokens in prepared.tokens.values():
            with load(program, client_core, Target(causerie.port, tokens)) as client:
                client.order("connect", 10, 10, 0)
                said = client.order("post", HISTORY, 1, 10)
                assert said.accepted >= HISTORY, said


async def _audience(port: int, slug: str, size: int) -> list[str]:
    """Announce a live session and join it; the tokens."""
    owner = await _Http.connect(port)
    created = {"title": "Benchmark", "slug": slug}
    await owner.call("POST", "/api/v1/sessions", created, OWNER_TOKEN)
    await owner.call("POST", f"/api/v1/sessions/{slug}/state", {"state": "live"}, OWNER_TOKEN)
    owner.close()
    numbers = iter(range(size))

    async def joiner() -> list[str]:
        http = await _Http.connect(port)
        tokens = []
        for number in numbers:
            wishes = {"display_name": f"Viewer {number}", "language": "en"}
            answer = await http.call("POST", f"/api/v1/sessions/{slug}/join", wishes)
            tokens.append(answer["token"])
        http.close()
        return tokens

    each = await asyncio.gather(*(joiner() for _ in range(min(JOINERS, size))))
    return [token for tokens in each for token in tokens]


class _Http:
    """A kept connection that costs the other core less than a client library would."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, port: int) -> _Http:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def call(self, verb: str, path: str, body: object, bearer: str = "") -> Any:
        """The decoded answer; anything but success is an error."""
        payload = json.dumps(body).encode()
        authorization = f"Authorization: Bearer {bearer}\r\n" if bearer else ""
        self._writer.write(
            f"{verb} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"{authorization}Content-Length: {len(payload)}\r\n\r\n".encode()
            + payload
        )
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
        answer = await self._reader.readexactly(length)
        if not head.startswith((b"http/1.1 200", b"http/1.1 201")):
            raise RuntimeError(f"{verb} {path}: {answer.decode()}")
        return json.loads(answer)

    def close(self) -> None:
        self._writer.close()
