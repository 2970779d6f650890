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
from typing import Final

import moderation
from moderation.ear import calls
from moderation.policy.judge import Case

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


class EarProcess:
    """One life of the process, and the conversation with it."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._process = process
        self._writer = writer
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[calls.Body]] = {}
        self._lines = 0
        """To judge, under way."""
        self._line_s = LINE_S
        self._listening = asyncio.create_task(self._listen(reader), name="ear")

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
        reader, writer = await asyncio.open_unix_connection(sock=ours, limit=1 << 20)
        return cls(process, reader, writer)

    @property
    def pid(self) -> int:
        return self._process.pid

    async def judge(self, case: Case, limit_s: float) -> calls.Body:
        """As ``call``, but at once ``EarAwayError`` where the lines that wait already are likely to
        take so long; one that came too late is not judged any more.
        """
        ahead = self._lines
        if (ahead + 1) * self._line_s > limit_s:
            self._line_s *= 1 - FORGET_RATE
            raise EarAwayError
        begun = time.monotonic()
        self._lines += 1
        try:
            return await self.call(case, limit_s, by=begun + limit_s)
        finally:
            self._lines -= 1
            took_s = (time.monotonic() - begun) / (ahead + 1)
            self._line_s += LEARN_RATE * (took_s - self._line_s)

    async def call(self, call: calls.Body, limit_s: float, *, by: float = 0.0) -> calls.Body:
        """Make a call. Raises ``EarAwayError`` if there is no answer within ``limit_s``."""
        if self._listening.done() or len(self._waiting) >= MOST_WAITING:
            raise EarAwayError
        call_id = next(self._ids)
        reply: asyncio.Future[calls.Body] = asyncio.get_running_loop().create_future()
        self._waiting[call_id] = reply
        try:
            self._writer.write(calls.pack(call_id, call, by=by))
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
        done, _ = await asyncio.wait([self._listening], timeout=limit_s)
        return bool(done)

    async def stop(self) -> None:
        """End it: by closing the pair, which lets it keep what it knows, and if that takes too long
        by force."""
        self._writer.close()
        try:
            async with asyncio.timeout(STOP_LIMIT_S):
                await self._process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        self._listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._listening

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                (size,) = calls.LENGTH.unpack(await reader.readexactly(calls.LENGTH.size))
                parcel, told = calls.unpack(await reader.readexactly(size))
                reply = self._waiting.get(parcel.id)
                if reply is not None and not reply.done():
                    reply.set_result(told)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # it is gone; whoever watches `until_gone` knows what to do
        except ValueError:
            log.exception("the ear's process cannot be understood")
        finally:
            for reply in self._waiting.values():
                if not reply.done():
                    reply.set_exception(EarAwayError())


def _environment() -> dict[str, str]:
    """Ours without the server's settings, secrets among them; one thread for sums, as a line is too
    little work to share out; and so that this package is found."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CAUSERIE_")}
    home = str(Path(moderation.__path__[0]).parent)
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, [home, kept.get("PYTHONPATH")]))
    return kept | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
