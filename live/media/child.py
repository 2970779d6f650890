"""One life of the media process, seen from the server: starting it, talking to it, ending it."""

import asyncio
import contextlib
import itertools
import logging
import os
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import live
from live.media import ipc
from live.media.notices import LegEnded
from live.media.relay.place import Place
from live.media.settings import MediaSettings
from live.ports.media import LegId, MediaStartError
from live.ports.media_figures import MediaHealth

log = logging.getLogger(__name__)

START_LIMIT_S: Final = 20.0
"""From spawning the process to its open port; importing takes a second or so, on a busy machine
more.
"""

CALL_LIMIT_S: Final = 5.0
PROMPT_S: Final = 1.0
"""Who leaves a call unanswered for longer is given no new legs."""

PROBE_INTERVAL_S: Final = 1.0
PROBE_LIMIT_S: Final = 6.0
"""An engine that does not answer for this long is stuck: it is killed and started again."""

STOP_LIMIT_S: Final = 1.5


class EngineDownError(Exception):
    """A call could not be made or was not answered in time."""


class EngineProcess:
    """One life of the media process, and the conversation with it."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        notice: Callable[[ipc.Body], None],
    ) -> None:
        self._process = process
        self._writer = writer
        self._notice = notice
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[ipc.Body]] = {}
        self._asked_at: dict[int, float] = {}
        self._ended: set[LegId] = set()
        self.latest: MediaHealth | None = None
        """What it said of itself a second ago at most."""
        self._listening = asyncio.create_task(self._listen(reader))

    @classmethod
    async def spawn(
        cls, command: Sequence[str], notice: Callable[[ipc.Body], None]
    ) -> "EngineProcess":
        """Start the process; it ends by itself when this one does, since the pair closes."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *command,
                str(theirs.fileno()),
                pass_fds=(theirs.fileno(),),
                stdin=asyncio.subprocess.DEVNULL,
                # A terminal's Ctrl-C is for the server, also before this process could ignore it.
                start_new_session=True,
                env=_environment(),
            )
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        return cls(process, reader, writer, notice)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it has not ended, as far as is known."""
        return not self._listening.done()

    @property
    def prompt(self) -> bool:
        """Whether it runs and owes no answer for long."""
        now = asyncio.get_running_loop().time()
        oldest = next(iter(self._asked_at.values()), now)
        return self.runs and now - oldest < PROMPT_S

    async def open_port(self, settings: MediaSettings, place: Place | None) -> int:
        """Begin; the number of the open port. Raises `MediaStartError` or `EngineDownError`."""
        reply = await self.call(ipc.Start(settings, place), START_LIMIT_S)
        if isinstance(reply, ipc.CannotStart):
            raise MediaStartError(reply.variable, reply.value, reply.remedy)
        if not isinstance(reply, ipc.Started):
            raise EngineDownError
        return reply.udp_port

    def may_live(self, leg_id: LegId) -> bool:
        """Whether this engine runs and has not yet said that the leg ended."""
        return self.runs and leg_id not in self._ended

    async def call(self, call: ipc.Body, limit_s: float) -> ipc.Body:
        """Make a call; raises `EngineDownError` if there is no answer within `limit_s`."""
        if self._listening.done():
            raise EngineDownError
        call_id = next(self._ids)
        loop = asyncio.get_running_loop()
        reply: asyncio.Future[ipc.Body] = loop.create_future()
        self._waiting[call_id] = reply
        self._asked_at[call_id] = loop.time()
        try:
            self._writer.write(ipc.pack(call_id, call))
            async with asyncio.timeout(limit_s):
                return await reply
        except TimeoutError:
            raise EngineDownError from None
        finally:
            self._waiting.pop(call_id, None)
            self._asked_at.pop(call_id, None)

    async def until_gone(self) -> None:
        """Return once the process is gone or stuck."""
        while True:
            done, _ = await asyncio.wait([self._listening], timeout=PROBE_INTERVAL_S)
            if done:
                return
            try:
                reply = await self.call(ipc.AskHealth(), PROBE_LIMIT_S)
            except EngineDownError:
                return
            if isinstance(reply, MediaHealth):
                self.latest = reply

    async def stop(self) -> None:
        """End it: by closing the pair, which lets it say goodbye, and if that takes too long by
        force.
        """
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
                call_id, body = await ipc.read(reader)
                if call_id == 0:
                    if isinstance(body, LegEnded):
                        self._note_ended(body.leg_id)
                    self._notice(body)
                    continue
                reply = self._waiting.get(call_id)
                if reply is not None and not reply.done():
                    reply.set_result(body)
        except EOFError:
            pass  # it is gone; whoever watches `until_gone` knows what to do
        except ValueError:
            log.exception("the media process cannot be understood")
        finally:
            for reply in self._waiting.values():
                if not reply.done():
                    reply.set_exception(EngineDownError())

    def _note_ended(self, leg_id: LegId) -> None:
        """A leg may end before whoever asked for it has seen the reply: remember for a while."""
        self._ended.add(leg_id)
        asyncio.get_running_loop().call_later(2 * CALL_LIMIT_S, self._ended.discard, leg_id)


def _environment() -> dict[str, str]:
    """Ours without the server's settings, secrets among them, and so that this package is found."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CAUSERIE_")}
    home = str(Path(live.__path__[0]).parent)
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, [home, kept.get("PYTHONPATH")]))
    return kept
