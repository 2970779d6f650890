"""Light players: each follows a playlist as hls.js does, takes every piece that it names, and
throws it away.
"""

from __future__ import annotations

import asyncio
import re
import time
from asyncio.transports import BaseTransport
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple, cast
from urllib.parse import urlsplit

PATIENCE_S: Final = 15.0
AGAIN_S: Final = 0.5

_PART: Final = re.compile(r'#EXT-X-PART:[^\n]*URI="([^"]+)"')
_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Answer(NamedTuple):
    """What came back; of a piece only how long it was."""

    status: int
    head: bytes
    body: bytes
    length: int


@dataclass
class Tally:
    """What all players together asked for and got since it was made."""

    playlists: int = 0
    pieces: int = 0
    missed: int = 0
    """Pieces that a cache had to ask the server for."""
    refused: int = 0
    bytes: int = 0
    late_s: list[float] = field(default_factory=list)
    """For each piece: from when the first player read its name to when this one had it."""
    first_read: dict[str, float] = field(default_factory=dict)


class Connection(asyncio.Protocol):
    """A kept HTTP/1.1 connection, one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._taken = bytearray()
        self._head = b""
        self._length = self._got = 0
        self._keep = False

    def connection_made(self, transport: BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionError("closed"))

    def data_received(self, data: bytes) -> None:
        """Count a body, or keep it."""
        if not self._head:
            self._taken += data
            head, end, rest = bytes(self._taken).partition(b"\r\n\r\n")
            if not end:
                return
            length = _LENGTH.search(head)
            self._head, self._length = head, int(length[1]) if length else 0
            self._taken.clear()
            self._got, data = 0, rest
        self._got += len(data)
        if self._keep:
            self._taken += data
        if self._got >= self._length and self._answer is not None:
            answer = Answer(int(self._head[9:12]), self._head, bytes(self._taken), self._length)
            waiting = self._answer
            self._head, self._answer = b"", None
            self._taken.clear()
            if not waiting.done():  # a player that was ended waits no more
                waiting.set_result(answer)

    async def get(self, origin: str, path: str, token: str | None, *, keep: bool) -> Answer:
        """Ask; `keep` the body or count it."""
        parts = urlsplit(origin)
        if self._transport is None:
            host, port = parts.hostname or "", parts.port or 80
            await asyncio.get_running_loop().create_connection(lambda: self, host, port)
        bearer = "" if token is None else f"Authorization: Bearer {token}\r\n"
        self._keep = keep
        self._answer = asyncio.get_running_loop().create_future()
        transport = self._transport
        if transport is None:
            raise ConnectionError("closed")
        transport.write(f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{bearer}\r\n".encode())
        async with asyncio.timeout(PATIENCE_S):
            return await self._answer

    def close(self) -> None:
        """End it."""
        if self._transport is not None:
            self._transport.abort()


class List(NamedTuple):
    """What a player reads in a playlist."""

    pieces: tuple[str, ...]
    """Those after which the newest is known: of parts all, else of whole segments."""
    next: str
    """What to ask for next, as a query."""


@lru_cache(16)
def read(text: bytes, *, parts: bool) -> List:
    """Everyone gets the same text: it is read once."""
    lines = text.decode()
    whole = re.findall(r"^[^#\n]+", lines, flags=re.MULTILINE)
    found = re.search(r"#EXT-X-MEDIA-SEQUENCE:(\d+)", lines)
    if found is None:
        raise ValueError(f"no playlist: {lines[:80]}")
    number = int(found[1]) + len(whole)
    if not parts:
        return List(tuple(whole), f"?parts=0&_HLS_msn={number}")
    begun = lines.rpartition("#EXTINF")[2].count("#EXT-X-PART:")
    return List(tuple(_PART.findall(lines)), f"?_HLS_msn={number}&_HLS_part={begun}")


class Player:
    """One viewer, from its first playlist on until it is cancelled."""

    def __init__(self, origin: str, path: str, token: str, *, parts: bool) -> None:
        self.tally = Tally()
        self._origin = origin
        self._path = path
        self._token = token
        self._parts = parts
        self._lists = Connection()
        self._pieces: dict[str, Connection] = {}

    async def run(self) -> None:
        """Follow."""
        query, newest = "" if self._parts else "?parts=0", ""
        try:
            while True:
                path = f"{self._path}/video.m3u8{query}"
                answer = await self._lists.get(self._origin, path, self._token, keep=True)
                self.tally.playlists += 1
                if answer.status != 200:
                    self.tally.refused += 1
                    await asyncio.sleep(AGAIN_S)
                    continue
                pieces, query = read(answer.body, parts=self._parts)
                now = time.monotonic()
                for piece in pieces:
                    self.tally.first_read.setdefault(piece, now)
                after = pieces.index(newest) + 1 if newest in pieces else len(pieces) - 1
                for piece in pieces[after:]:
                    await self._take(piece)
                    newest = piece
        finally:
            for connection in (self._lists, *self._pieces.values()):
                connection.close()

    async def _take(self, piece: str) -> None:
        parts = urlsplit(piece)
        origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else self._origin
        connection = self._pieces.setdefault(origin, Connection())
        answer = await connection.get(origin, parts.path, None, keep=False)
        tally = self.tally
        tally.pieces += 1
        tally.bytes += answer.length
        tally.missed += b"X-Cache: MISS" in answer.head
        tally.refused += answer.status != 200
        tally.late_s.append(time.monotonic() - tally.first_read[piece])
