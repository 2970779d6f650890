"""One media process of the engine, kept running."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from live.media import ipc
from live.media.child import CALL_LIMIT_S, EngineDownError, EngineProcess
from live.media.hls.news import HlsBegun, HlsEnded, HlsHeader, HlsNews, HlsPart
from live.media.notices import LegEnded
from live.media.relay.place import Place
from live.media.settings import MediaSettings
from live.ports.media import LegId, LegOwner, MediaStartError, RecordingOrder
from live.ports.media_events import (
    EngineBack,
    EngineLost,
    FreedReason,
    MediaEvent,
    RecordingClosed,
    RecordingOpened,
    RecordingStopped,
    SeatFreed,
    SeatPublishing,
    SeatResumed,
    SeatSilent,
    SeatsSpeaking,
)
from live.ports.media_figures import MediaHealth, ProcessHealth
from live.ports.media_seats import Seat

log = logging.getLogger(__name__)

BACKOFF_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Between starts that fail or engines that die young, with up to a fifth of jitter."""

STABLE_AFTER_S: Final = 30.0
"""An engine that lived this long was not a failed start."""


@dataclass(slots=True)
class Wishes:
    """What should be so in every process, also in one that was started again."""

    on_air: set[str] = field(default_factory=set)
    slates: set[str] = field(default_factory=set)
    recording: dict[str, RecordingOrder] = field(default_factory=dict)


class Worker:
    """A media process: started again whenever it is gone. `tell` hears its events, and that it went
    and came back, in order; `take_hls` gets the pieces it cuts.
    """

    def __init__(
        self,
        settings: MediaSettings,
        place: Place | None,
        command: Sequence[str],
        wishes: Wishes,
        tell: Callable[[MediaEvent], None],
        take_hls: Callable[[HlsNews], None],
    ) -> None:
        self.index = 0 if place is None else place.index
        self.owners: dict[LegId, LegOwner] = {}
        self.udp_port = 0
        self.coming: list[LegOwner] = []
        """Legs that were asked for and have no answer yet."""
        self._settings = settings
        self._place = place
        self._command = command
        self._wishes = wishes
        self._tell = tell
        self._take_hls = take_hls
        self._runs: dict[str, HlsBegun] = {}
        self._seats: dict[tuple[str, Seat], SeatPublishing] = {}
        self._engine: EngineProcess | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._restarts = 0

    @property
    def pid(self) -> int | None:
        """The process; None while there is none."""
        return self._engine.pid if self._engine is not None else None

    @property
    def engine(self) -> EngineProcess | None:
        """The present life of the process."""
        return self._engine

    @property
    def latest(self) -> MediaHealth | None:
        """What it said of itself a second ago at most; None while there is no such word."""
        return None if self._engine is None else self._engine.latest

    @property
    def load(self) -> int:
        """How many legs it has, or is about to have."""
        return len(self.owners) + len(self.coming)

    @property
    def up(self) -> bool:
        """Whether it runs."""
        return self._engine is not None and self._engine.runs

    @property
    def fit(self) -> bool:
        """Whether it runs and owes no answer for long."""
        return self._engine is not None and self._engine.prompt

    async def start(self) -> None:
        """Begin; raises `MediaStartError`."""
        try:
            self._engine = await self._start_engine()
        except EngineDownError:
            raise MediaStartError(
                "media process", self._command[0], "it ended at once or never answered"
            ) from None
        self._keeper = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """End the process and stop keeping it. Idempotent."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.stop()
        self._forget_legs("ended")

    async def call(self, call: ipc.Body, limit_s: float = CALL_LIMIT_S) -> ipc.Body:
        """Make a call; raises `EngineDownError` if it is not answered in time."""
        if self._engine is None:
            raise EngineDownError
        return await self._engine.call(call, limit_s)

    async def count(self, call: ipc.Body) -> int:
        """Make a call that ends legs: a process that is down has none."""
        try:
            reply = await self.call(call)
        except EngineDownError:
            return 0
        return reply.legs if isinstance(reply, ipc.Count) else 0

    async def health(self) -> ProcessHealth:
        """Ask it."""
        try:
            reply = await self.call(ipc.AskHealth())
        except EngineDownError:
            reply = ipc.Failed()
        if isinstance(reply, MediaHealth):
            return ProcessHealth(
                ok=True,
                udp_port=reply.udp_port,
                publishers=reply.publishers,
                viewers=reply.viewers,
                restarts=self._restarts,
                egress_bps=reply.egress_bps,
            )
        return ProcessHealth(
            ok=False, udp_port=self.udp_port, publishers=0, viewers=0, restarts=self._restarts
        )

    async def _start_engine(self) -> EngineProcess:
        engine = await EngineProcess.spawn(self._command, self._notice)
        try:
            self.udp_port = await engine.open_port(self._settings, self._place)
            # A port that the system chose stays the same for whoever was told it.
            self._settings = replace(self._settings, udp_port=self.udp_port)
            await self._restore(engine)
        except BaseException:
            await engine.stop()
            raise
        return engine

    async def _restore(self, engine: EngineProcess) -> None:
        """Cut, put on air and record what should be, also what changes meanwhile."""
        await _repeat(engine, self._wishes.slates, ipc.SetSlate)
        recorded: dict[str, RecordingOrder] = {}
        while recorded != self._wishes.recording:
            for session_id in recorded.keys() | self._wishes.recording.keys():
                order = self._wishes.recording.get(session_id)
                if order != recorded.get(session_id):
                    await engine.call(ipc.SetRecording(session_id, order), CALL_LIMIT_S)
                    recorded.pop(session_id, None)
                    if order is not None:
                        recorded[session_id] = order
        await _repeat(engine, self._wishes.on_air, ipc.SetOnAir)

    async def _keep(self) -> None:
        """Watch the engine, and start another one whenever it is gone."""
        failures = 0
        while self._engine is not None:
            born = asyncio.get_running_loop().time()
            await self._engine.until_gone()
            lived_s = asyncio.get_running_loop().time() - born
            log.error("the media process is gone after %.0f s; starting it again", lived_s)
            self._forget_legs("engine_lost")
            self._tell(EngineLost(self.index))
            await self._engine.stop()
            self._engine = None
            self._forget_legs("engine_lost")  # a stuck one may have said something more
            failures = 0 if lived_s > STABLE_AFTER_S else failures + 1
            while self._engine is None:
                pause_s = BACKOFF_S[min(failures, len(BACKOFF_S) - 1)]
                await asyncio.sleep(pause_s * random.uniform(1, 1.2))  # noqa: S311 -- mere jitter
                try:
                    self._engine = await self._start_engine()
                except (EngineDownError, MediaStartError, OSError) as error:
                    log.warning("the media process did not start and is tried again: %s", error)
                    failures += 1
            self._restarts += 1
            self._tell(EngineBack(self.index))

    def _forget_legs(self, reason: FreedReason) -> None:
        self.owners.clear()
        held, self._seats = self._seats, {}
        for seat in held.values():
            self._tell(SeatFreed(seat.session_id, seat.seat, seat.participant_id, reason))
        runs, self._runs = self._runs, {}
        for run in runs.values():
            self._take_hls(HlsEnded(run.session_id, run.run))

    def _notice(self, notice: ipc.Body) -> None:
        match notice:
            case LegEnded():
                self.owners.pop(notice.leg_id, None)
            case ipc.LogLine():
                extra = {"session": notice.session} if notice.session is not None else None
                logger = logging.getLogger(notice.logger)
                logger.log(notice.level, "%s", notice.message, extra=extra)
            case SeatPublishing():
                self._seats[notice.session_id, notice.seat] = notice
                self._tell(notice)
            case SeatFreed():
                self._seats.pop((notice.session_id, notice.seat), None)
                self._tell(notice)
            case HlsBegun() | HlsHeader() | HlsPart() | HlsEnded():
                if isinstance(notice, HlsBegun):
                    self._runs[notice.session_id] = notice
                elif isinstance(notice, HlsEnded):
                    self._runs.pop(notice.session_id, None)
                self._take_hls(notice)
            case (
                SeatSilent()
                | SeatResumed()
                | SeatsSpeaking()
                | RecordingOpened()
                | RecordingClosed()
                | RecordingStopped()
            ):
                self._tell(notice)
            case _:
                log.error("unexpected notice %s", type(notice).__name__)


async def _repeat(
    engine: EngineProcess, sessions: set[str], call: Callable[[str, bool], ipc.Body]
) -> None:
    """Make a call for each of these sessions, and take it back for one that is no more of them."""
    told: set[str] = set()
    while told != sessions:
        for session_id in told ^ sessions:
            on = session_id in sessions
            await engine.call(call(session_id, on), CALL_LIMIT_S)
            told = told | {session_id} if on else told - {session_id}
