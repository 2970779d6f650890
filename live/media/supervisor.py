"""The media port for the rest of the server: an engine in a process of its own, kept running."""

import asyncio
import contextlib
import logging
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from live.media import ipc
from live.media.absence import engine_down, no_stats
from live.media.child import CALL_LIMIT_S, EngineDownError, EngineProcess
from live.media.listeners import Listeners
from live.media.notices import LegEnded
from live.media.settings import MediaSettings
from live.ports.media import (
    EngineBack,
    EngineLost,
    FreedReason,
    LayerWish,
    Leg,
    LegId,
    LegOwner,
    MediaHealth,
    MediaListener,
    MediaRefusal,
    MediaStartError,
    PublishRequest,
    RecordingClosed,
    RecordingOpened,
    RecordingOrder,
    RecordingStopped,
    Restarted,
    Seat,
    SeatFreed,
    SeatOrder,
    SeatPublishing,
    SeatResumed,
    SeatSilent,
    SeatsSpeaking,
    SessionStats,
    Trickled,
    Watched,
    WatchRequest,
)

log = logging.getLogger(__name__)

BACKOFF_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Between starts that fail or engines that die young, with up to a fifth of jitter."""

STABLE_AFTER_S: Final = 30.0
"""An engine that lived this long was not a failed start."""


class MediaSupervisor:
    """`MediaEngine` over a child process; see there for what each call promises.

    `command` replaces how the process is run (the number of the inherited socket is appended); for
    tests.
    """

    def __init__(self, settings: MediaSettings, *, command: Sequence[str] | None = None) -> None:
        self._settings = settings
        self._command = tuple(command or (sys.executable, "-m", "live.media.process"))
        self._listeners = Listeners()
        self._owners: dict[LegId, LegOwner] = {}
        self._seats: dict[tuple[str, Seat], SeatPublishing] = {}
        self._on_air: set[str] = set()
        self._slates: set[str] = set()
        self._recording: dict[str, RecordingOrder] = {}
        self._engine: EngineProcess | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._restarts = 0
        self._udp_port = 0

    @property
    def udp_port(self) -> int:
        """The port that all legs use; 0 before `start`."""
        return self._udp_port

    @property
    def pid(self) -> int | None:
        """The media process; None while there is none."""
        return self._engine.pid if self._engine is not None else None

    async def start(self) -> None:
        """See `MediaEngine.start`."""
        self._settings.check()
        try:
            self._engine = await self._start_engine()
        except EngineDownError:
            raise MediaStartError(
                "media process", self._command[0], "it ended at once or never answered"
            ) from None
        self._keeper = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """See `MediaEngine.close`."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.stop()
        self._forget_legs("ended")

    async def publish(self, request: PublishRequest) -> Leg | MediaRefusal:
        """See `MediaEngine.publish`."""
        owner = LegOwner(request.session_id, request.participant_id, "publisher", request.seat)
        return await self._new_leg(request, owner)

    async def watch(self, request: WatchRequest) -> Leg | MediaRefusal:
        """See `MediaEngine.watch`."""
        owner = LegOwner(request.session_id, request.participant_id, "viewer", None)
        return await self._new_leg(request, owner)

    async def trickle(
        self, leg_id: LegId, etag: str | None, fragment: str
    ) -> Trickled | Restarted | MediaRefusal:
        """See `MediaEngine.trickle`."""
        try:
            reply = await self._call(ipc.Trickle(leg_id, etag, fragment))
        except EngineDownError:
            return engine_down()
        if isinstance(reply, Trickled | Restarted | MediaRefusal):
            return reply
        return engine_down()

    async def adjust(self, leg_id: LegId, wish: LayerWish) -> Watched | MediaRefusal:
        """See `MediaEngine.adjust`."""
        try:
            reply = await self._call(ipc.Adjust(leg_id, wish))
        except EngineDownError:
            return engine_down()
        return reply if isinstance(reply, Watched | MediaRefusal) else engine_down()

    async def owner_of(self, leg_id: LegId) -> LegOwner | None:
        """See `MediaEngine.owner_of`."""
        return self._owners.get(leg_id)

    async def hang_up(self, leg_id: LegId) -> bool:
        """See `MediaEngine.hang_up`."""
        return await self._count(ipc.HangUp(leg_id)) > 0

    async def evict(self, session_id: str, participant_id: str) -> int:
        """See `MediaEngine.evict`."""
        return await self._count(ipc.Evict(session_id, participant_id))

    async def set_on_air(self, session_id: str, *, on: bool) -> None:
        """See `MediaEngine.set_on_air`."""
        if on:
            self._on_air.add(session_id)
        else:
            self._on_air.discard(session_id)
        await self._count(ipc.SetOnAir(session_id, on))

    async def set_seats(self, session_id: str, orders: tuple[SeatOrder, ...]) -> None:
        """See `MediaEngine.set_seats`."""
        await self._count(ipc.SetSeats(session_id, orders))

    async def set_slate(self, session_id: str, *, on: bool) -> None:
        """See `MediaEngine.set_slate`."""
        if on:
            self._slates.add(session_id)
        else:
            self._slates.discard(session_id)
        await self._count(ipc.SetSlate(session_id, on))

    async def set_recording(self, session_id: str, order: RecordingOrder | None) -> None:
        """See `MediaEngine.set_recording`."""
        if order is None:
            self._recording.pop(session_id, None)
        else:
            self._recording[session_id] = order
        await self._count(ipc.SetRecording(session_id, order))

    async def end_session(self, session_id: str) -> None:
        """See `MediaEngine.end_session`."""
        self._on_air.discard(session_id)
        self._slates.discard(session_id)
        self._recording.pop(session_id, None)
        await self._count(ipc.EndSession(session_id))

    def subscribe(self, listener: MediaListener) -> Callable[[], None]:
        """See `MediaEngine.subscribe`."""
        return self._listeners.add(listener)

    async def health(self) -> MediaHealth:
        """See `MediaEngine.health`."""
        try:
            reply = await self._call(ipc.AskHealth())
        except EngineDownError:
            reply = ipc.Failed()
        down = MediaHealth(
            ok=False, udp_port=self._udp_port, publishers=0, viewers=0, restarts=self._restarts
        )
        if not isinstance(reply, MediaHealth):
            return down
        return replace(reply, restarts=self._restarts)

    async def stats(self, session_id: str) -> SessionStats:
        """See `MediaEngine.stats`."""
        try:
            reply = await self._call(ipc.AskStats(session_id))
        except EngineDownError:
            reply = ipc.Failed()
        if isinstance(reply, SessionStats):
            return reply
        return no_stats(session_id)

    async def _new_leg(
        self, request: PublishRequest | WatchRequest, owner: LegOwner
    ) -> Leg | MediaRefusal:
        engine = self._engine
        try:
            reply = await self._call(request)
        except EngineDownError:
            return engine_down()
        leg = reply if isinstance(reply, Leg | MediaRefusal) else engine_down()
        if isinstance(leg, Leg) and engine is not None and engine.may_live(leg.leg_id):
            self._owners[leg.leg_id] = owner
        return leg

    async def _count(self, call: ipc.Body) -> int:
        """Make a call that ends legs: an engine that is down has none."""
        try:
            reply = await self._call(call)
        except EngineDownError:
            return 0
        return reply.legs if isinstance(reply, ipc.Count) else 0

    async def _call(self, call: ipc.Body) -> ipc.Body:
        if self._engine is None:
            raise EngineDownError
        return await self._engine.call(call, CALL_LIMIT_S)

    async def _start_engine(self) -> EngineProcess:
        engine = await EngineProcess.spawn(self._command, self._notice)
        try:
            self._udp_port = await engine.open_port(self._settings)
            # A port that the system chose stays the same for whoever was told it.
            self._settings = replace(self._settings, udp_port=self._udp_port)
            await self._restore(engine)
        except BaseException:
            await engine.stop()
            raise
        return engine

    async def _restore(self, engine: EngineProcess) -> None:
        """Cut, put on air and record what should be, also what changes meanwhile."""
        cut: set[str] = set()
        while cut != self._slates:
            for session_id in cut ^ self._slates:
                on = session_id in self._slates
                await engine.call(ipc.SetSlate(session_id, on), CALL_LIMIT_S)
                cut = cut | {session_id} if on else cut - {session_id}
        recorded: dict[str, RecordingOrder] = {}
        while recorded != self._recording:
            for session_id in recorded.keys() | self._recording.keys():
                order = self._recording.get(session_id)
                if order != recorded.get(session_id):
                    await engine.call(ipc.SetRecording(session_id, order), CALL_LIMIT_S)
                    recorded.pop(session_id, None)
                    if order is not None:
                        recorded[session_id] = order
        told: set[str] = set()
        while told != self._on_air:
            for session_id in told ^ self._on_air:
                on = session_id in self._on_air
                await engine.call(ipc.SetOnAir(session_id, on), CALL_LIMIT_S)
                told = told | {session_id} if on else told - {session_id}

    async def _keep(self) -> None:
        """Watch the engine, and start another one whenever it is gone."""
        failures = 0
        while self._engine is not None:
            born = asyncio.get_running_loop().time()
            await self._engine.until_gone()
            lived_s = asyncio.get_running_loop().time() - born
            log.error("the media process is gone after %.0f s; starting it again", lived_s)
            await self._engine.stop()
            self._engine = None
            self._forget_legs("engine_lost")
            self._listeners.tell(EngineLost())
            failures = 0 if lived_s > STABLE_AFTER_S else failures + 1
            while self._engine is None:
                pause_s = BACKOFF_S[min(failures, len(BACKOFF_S) - 1)]
                await asyncio.sleep(pause_s * random.uniform(1, 1.2))  # noqa: S311 -- mere jitter
                try:
                    self._engine = await self._start_engine()
                except (EngineDownError, MediaStartError, OSError) as error:
                    log.error("the media process did not start: %s", error)  # noqa: TRY400
                    failures += 1
            self._restarts += 1
            self._listeners.tell(EngineBack())

    def _forget_legs(self, reason: FreedReason) -> None:
        self._owners.clear()
        held, self._seats = self._seats, {}
        for seat in held.values():
            freed = SeatFreed(seat.session_id, seat.seat, seat.participant_id, reason)
            self._listeners.tell(freed)

    def _notice(self, notice: ipc.Body) -> None:
        match notice:
            case LegEnded():
                self._owners.pop(notice.leg_id, None)
            case ipc.LogLine():
                extra = {"session": notice.session} if notice.session is not None else None
                logger = logging.getLogger(notice.logger)
                logger.log(notice.level, "%s", notice.message, extra=extra)
            case SeatPublishing():
                self._seats[notice.session_id, notice.seat] = notice
                self._listeners.tell(notice)
            case SeatFreed():
                self._seats.pop((notice.session_id, notice.seat), None)
                self._listeners.tell(notice)
            case (
                SeatSilent()
                | SeatResumed()
                | SeatsSpeaking()
                | RecordingOpened()
                | RecordingClosed()
                | RecordingStopped()
            ):
                self._listeners.tell(notice)
            case _:
                log.error("unexpected notice %s", type(notice).__name__)
