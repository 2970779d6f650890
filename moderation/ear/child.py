"""One life of the ear's process, seen from the server: starting it, talking to it, ending it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

import moderation
from moderation.ear import calls
from moderation.policy.judge import Case, Verdict

log = logging.getLogger(__name__)

STOP_LIMIT_S: Final = 1.5
MOST_WAITING: Final = 256
"""Calls under way; beyond, the ear counts as away."""
LINE_S: Final = 0.004
"""What a line is taken to need of the process before one was timed."""
LEARN_RATE: Final = 0.1
FORGET_RATE: Final = 0.004


class EarAwayError(Exception):
    """A call could not be made, or was not answered in time."""


class EarProcess(asyncio.Protocol):
    """One life of the process, and the conversation with it. What is said in one step of the loop
    is written at once, so that lines that pass the gate together are judged together."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._loop = asyncio.get_running_loop()
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[calls.Body]] = {}
        self._incoming = bytearray()
        self._outgoing: list[bytes] = []
        self._lines = 0
        """To judge, under way."""
        self._line_s = LINE_S
        self._judging_since = 0.0
        """When the process had judged the line before those that are under way."""
        self._gone = asyncio.Event()
        self._transport: asyncio.Transport

    @classmethod
    async def spawn(cls, command: Sequence[str], folder: Path) -> EarProcess:
        """Start the process; it ends by itself when this one does, since the pair closes."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *command,
                str(theirs.fileno()),
                str(folder),
                pass_fds=(theirs.fileno(),),
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
                env=_environment(),
            )
        loop = asyncio.get_running_loop()
        _, ear = await loop.create_unix_connection(lambda: cls(process), sock=ours)
        return ear

    @property
    def pid(self) -> int:
        return self._process.pid

    def has_time(self, limit_s: float) -> bool:
        """Whether a line that is given now is likely to be judged within that time. Where it is
        not, a little of what lines took of late is forgotten: some time one is tried again."""
        if (self._lines + 1) * self._line_s <= limit_s:
            return True
        self._line_s *= 1 - FORGET_RATE
        return False

    async def judge(self, case: Case, limit_s: float) -> calls.Body:
        """As ``call``, but at once ``EarAwayError`` where the lines that wait already are likely to
        take so long; one that came too late is not judged any more.
        """
        if not self.has_time(limit_s):
            raise EarAwayError
        ahead = self._lines
        begun = time.monotonic()
        if not ahead:
            self._judging_since = begun
        self._lines += 1
        try:
            return await self.call(case, limit_s, by=begun + limit_s)
        except EarAwayError:
            self._learn((time.monotonic() - begun) / (ahead + 1))
            raise
        finally:
            self._lines -= 1

    async def call(self, call: calls.Body, limit_s: float, *, by: float = 0.0) -> calls.Body:
        """Make a call. Raises ``EarAwayError`` if there is no answer within ``limit_s``."""
        if self._gone.is_set() or len(self._waiting) >= MOST_WAITING:
            raise EarAwayError
        call_id = next(self._ids)
        reply: asyncio.Future[calls.Body] = self._loop.create_future()
        self._waiting[call_id] = reply
        try:
            self._say(calls.pack(call_id, call, by=by))
            async with asyncio.timeout(limit_s):
                told = await reply
        except TimeoutError:
            raise EarAwayError from None
        finally:
            self._waiting.pop(call_id, None)
        if isinstance(told, calls.NotNow):
            raise EarAwayError
        return told

    async def until_gone(self, limit_s: float) -> bool:
        """Wait for its end, at most so long; whether it has come."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._gone.wait()
        return self._gone.is_set()

    async def stop(self) -> None:
        """End it: by closing the pair, which lets it keep what it knows, and if that takes too long
        by force."""
        self._transport.close()
        try:
            async with asyncio.timeout(STOP_LIMIT_S):
                await self._process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        await self._gone.wait()

    # --- what the transport calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._incoming += data
        judged = 0
        try:
            for message in calls.taken_from(self._incoming):
                parcel, told = calls.unpack(message)
                judged += isinstance(told, Verdict)
                reply = self._waiting.get(parcel.id)
                if reply is not None and not reply.done():
                    reply.set_result(told)
        except ValueError:
            log.exception("the ear's process cannot be understood")
            self._transport.abort()
        if judged:
            now = time.monotonic()
            self._learn((now - self._judging_since) / judged, times=judged)
            self._judging_since = now

    def connection_lost(self, _exc: Exception | None) -> None:
        self._gone.set()
        for reply in self._waiting.values():
            if not reply.done():
                reply.set_exception(EarAwayError())

    # --- inside

    def _say(self, message: bytes) -> None:
        if not self._outgoing:
            self._loop.call_soon(self._send)
        self._outgoing.append(message)

    def _send(self) -> None:
        self._transport.write(b"".join(self._outgoing))
        self._outgoing.clear()

    def _learn(self, took_s: float, *, times: int = 1) -> None:
        """Note how long lines take of late: so many took so long each."""
        self._line_s += (1 - (1 - LEARN_RATE) ** times) * (took_s - self._line_s)


def _environment() -> dict[str, str]:
    """Ours without the server's settings, secrets among them; one thread for sums, as a line is too
    little work to share out; and so that this package is found."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CAUSERIE_")}
    home = str(Path(moderation.__path__[0]).parent)
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, [home, kept.get("PYTHONPATH")]))
    return kept | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
