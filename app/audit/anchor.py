"""The ends of the audit's chains, kept outside the database once a minute.

A chain alone cannot show that its last records were cut off. The anchor can: a file that is only
ever appended to, one JSON object a line, ``{"at", "chain", "n", "hash"}``. After a restore a line
``{"at", "restored", "heads"}`` says how far each chain was brought back.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

from sqlalchemy import Connection, select

from app import logs
from app.setting import SettingError
from live.adapters.sql import tables
from live.adapters.sql.database import Database
from live.ports.clock import Clock
from live.ports.store import StoreUnavailable

FILE: Final = "audit-anchor.jsonl"
EVERY_S: Final = 60.0

log = logs.get("causerie.audit")

Heads = Mapping[str, tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Anchored:
    """At ``at`` the record ``n`` of a chain had this hash."""

    at: str
    chain: str
    n: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Restored:
    """At ``at`` the database was brought back to these ends, from a backup of ``made_at``."""

    at: str
    made_at: str
    heads: Mapping[str, int]


class NotAnAnchor(Exception):
    """The file cannot be read as one; ``str()`` is one sentence."""


def anchor_path(data_dir: Path, chosen: Path | None) -> Path:
    """Where the anchor is."""
    return chosen or data_dir / FILE


def read_anchor(path: Path) -> Iterator[Anchored | Restored]:
    """Its lines, in order; none where there is no file. A line without an end was being written
    when the machine stopped, and says nothing. Raises ``NotAnAnchor``."""
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.rstrip().endswith(b"}"):
                    yield _read(path, number, line)
    except FileNotFoundError:
        return
    except OSError as error:
        raise NotAnAnchor(f"{path} cannot be read ({error.strerror}).") from error


def _read(path: Path, number: int, line: bytes) -> Anchored | Restored:
    try:
        told: dict[str, Any] = json.loads(line)
        if "restored" in told:
            heads = {str(chain): int(n) for chain, n in told["heads"].items()}
            return Restored(told["at"], told["restored"], heads)
        return Anchored(told["at"], told["chain"], int(told["n"]), bytes.fromhex(told["hash"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotAnAnchor(f"{path}, line {number}, is no line of an anchor.") from error


def heads_of(connection: Connection) -> dict[str, tuple[int, bytes]]:
    """Where every chain ends."""
    return {
        row.chain: (row.n, bytes(row.hash))
        for row in connection.execute(select(tables.audit_heads))
    }


def note_restore(path: Path, made_at: datetime, heads: Heads, *, now: datetime) -> None:
    """Say that the database was brought back. Raises ``OSError``."""
    with _opened(path) as file:
        ends = {chain: n for chain, (n, _) in heads.items()}
        file.append([{"at": _shown(now), "restored": _shown(made_at), "heads": ends}])


class Anchor:
    """Anchors the chains of one database in one file, as long as ``run`` runs.

    Where several processes share the file, one of them holds it and writes; when that one goes,
    another takes over. ``StoreUnavailable`` waits for the next minute, a file that cannot be
    written is told each minute.
    """

    def __init__(self, database: Database, path: Path, clock: Clock) -> None:
        self._database = database
        self._path = path
        self._clock = clock
        self._file: _File | None = None
        self._known: dict[str, int] = {}

    def check(self) -> None:
        """Raises ``SettingError`` where the file cannot be written."""
        try:
            _opened(self._path).close()
        except OSError as error:
            raise SettingError(
                "CAUSERIE_AUDIT_ANCHOR",
                str(self._path),
                f"this file cannot be written ({error.strerror}); give one that can",
            ) from None

    async def run(self) -> None:
        """Anchor at once, then every minute, until cancelled."""
        while True:
            await self.renew()
            await asyncio.sleep(EVERY_S)

    async def renew(self) -> None:
        """Write down the ends that have moved since they were last written down."""
        try:
            if self._file is None and not await asyncio.to_thread(self._take):
                return
            heads = await self._database.read(heads_of)
            moved = {
                chain: head for chain, head in heads.items() if head[0] != self._known.get(chain, 0)
            }
            if moved and self._file is not None:
                now = _shown(self._clock.now())
                lines = [
                    {"at": now, "chain": chain, "n": n, "hash": hashed.hex()}
                    for chain, (n, hashed) in sorted(moved.items())
                ]
                await asyncio.to_thread(self._file.append, lines)
                self._known.update({chain: n for chain, (n, _) in moved.items()})
        except StoreUnavailable as problem:
            log.warning("The audit is not anchored this minute", problem=str(problem))
        except (OSError, NotAnAnchor) as problem:
            log.warning("The audit cannot be anchored", problem=str(problem))

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _take(self) -> bool:
        """Hold the file, unless another process does."""
        file = _opened(self._path)
        if not file.hold():
            file.close()
            return False
        for line in read_anchor(self._path):
            if isinstance(line, Restored):
                self._known = {}  # the ends that were brought back are anchored anew
            else:
                self._known[line.chain] = line.n
        file.end_line()
        self._file = file
        return True


@asynccontextmanager
async def anchored(database: Database, path: Path, clock: Clock) -> AsyncIterator[None]:
    """Anchor what is written inside, a last time at the end. Raises ``SettingError``."""
    anchor = Anchor(database, path, clock)
    anchor.check()
    running = asyncio.create_task(anchor.run(), name="audit-anchor")
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait([running])
        await anchor.renew()
        anchor.close()


class _File:
    """An anchor that is open for appending."""

    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor = descriptor
        self._path = path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def hold(self) -> bool:
        """Be the one who writes; the system lets go of it when the process ends."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def end_line(self) -> None:
        """End a line that a stop of the machine cut in two, so that the next one is whole."""
        with self._path.open("rb") as reading:
            if reading.seek(0, os.SEEK_END) == 0:
                return
            reading.seek(-1, os.SEEK_END)
            is_whole = reading.read(1) == b"\n"
        if not is_whole:
            os.write(self._descriptor, b"\n")

    def append(self, lines: list[dict[str, Any]]) -> None:
        """Write whole lines; on disk when it returns."""
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        os.write(self._descriptor, text.encode())
        os.fsync(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)


def _opened(path: Path) -> _File:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    return _File(os.open(path, flags, 0o600), path)


def _shown(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
