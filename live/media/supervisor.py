"""The media port for the rest of the server: an engine in one or several processes of its own, kept
running.

All publishers of a session are in one process, its *home*. Viewers are spread over all processes,
which feed each other (`live.media.relay`): what the home's death takes along is its publishers and
the viewers it had itself.
"""

import asyncio
import contextlib
import itertools
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from live.media import ipc
from live.media.absence import engine_down, no_stats
from live.media.admission import Admission, Traffic, wants_picture
from live.media.balance import keep_balance
from live.media.child import CALL_LIMIT_S, EngineDownError
from live.media.hls.desk import HlsDesk
from live.media.listeners import Listeners
from live.media.relay.place import Place
from live.media.settings import MediaSettings
from live.media.worker import Wishes, Worker
from live.ports.media import (
    LayerWish,
    Leg,
    LegId,
    LegOwner,
    MediaStartError,
    PublishRequest,
    RecordingOrder,
    Restarted,
    Trickled,
    Watched,
    WatchRequest,
)
from live.ports.media_events import MediaListener
from live.ports.media_figures import Capacity, MediaHealth, SessionStats
from live.ports.media_refusals import MediaRefusal, RefusalCode
from live.ports.media_seats import SeatOrder

BEGINNING_LIMIT_S: Final = 3.0
"""Whoever wants a leg before the first start has ended waits for it so long at most."""

ANOTHER_AFTER_S: Final = 2.0
"""A process that leaves a newcomer without an answer for so long is passed over for another one."""

_ASK_ANOTHER: Final[frozenset[RefusalCode]] = frozenset(
    {"engine_down", "overloaded", "not_publishing"}
)
"""What another process may not refuse: each has room of its own, and hears of a publisher a moment
after its home.
"""


class MediaSupervisor:
    """`MediaEngine` over child processes; see there for what each call promises.

    `command` replaces how a process is run (the number of the inherited socket is appended); for
    tests.
    """

    def __init__(self, settings: MediaSettings, *, command: Sequence[str] | None = None) -> None:
        self._settings = settings
        self._command = tuple(command or (sys.executable, "-m", "live.media.process"))
        self._listeners = Listeners()
        self._wishes = Wishes()
        self._admission = Admission(settings, cores=len(os.sched_getaffinity(0)))
        self.hls = HlsDesk(settings, self._admitted, time.monotonic)
        self._homes: dict[str, Worker] = {}
        self._folder: str | None = None
        self._workers: tuple[Worker, ...] = ()
        self._balance: asyncio.Task[None] | None = None
        self._begun = asyncio.Event()

    @property
    def udp_port(self) -> int:
        """The port of the first process; 0 before `start`."""
        return self._workers[0].udp_port if self._workers else 0

    @property
    def pid(self) -> int | None:
        """The first media process; None while there is none."""
        return self._workers[0].pid if self._workers else None

    @property
    def pids(self) -> tuple[int | None, ...]:
        """Every media process; None for one that is being started again."""
        return tuple(worker.pid for worker in self._workers)

    async def start(self) -> None:
        """See `MediaEngine.start`."""
        self._settings.check()
        count = self._settings.workers
        if count > 1:
            self._folder = _private_folder(count)
        self._workers = tuple(self._worker(index, count) for index in range(count))
        outcomes = await asyncio.gather(
            *(worker.start() for worker in self._workers), return_exceptions=True
        )
        for outcome in outcomes:
            if outcome is not None:
                await self.close()
                raise outcome
        if self._settings.egress_mbit is not None:
            egress_bps = self._settings.egress_mbit * 1_000_000
            keeping = keep_balance(egress_bps, self._viewers, self._traffic, self._limit)
            self._balance = asyncio.create_task(keeping)
        self._begun.set()

    async def close(self) -> None:
        """See `MediaEngine.close`."""
        self._begun.set()
        balance, self._balance = self._balance, None
        if balance is not None:
            balance.cancel()
            await asyncio.gather(balance, return_exceptions=True)
        await asyncio.gather(*(worker.close() for worker in self._workers))
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    async def publish(self, request: PublishRequest) -> Leg | MediaRefusal:
        """See `MediaEngine.publish`."""
        await self._beginning()
        owner = LegOwner(request.session_id, request.participant_id, "publisher", request.seat)
        home = self._homes.get(request.session_id)
        if home is None or not home.up:
            home = next(self._by_load(), home)
        if home is None:
            return engine_down()
        self._homes[request.session_id] = home
        return await self._new_leg(home, request, owner)

    async def watch(self, request: WatchRequest) -> Leg | MediaRefusal:
        """See `MediaEngine.watch`."""
        await self._beginning()
        owner = LegOwner(
            request.session_id,
            request.participant_id,
            "viewer",
            None,
            picture=wants_picture(request.offer_sdp),
        )
        admitted = self._admitted(owner)
        if isinstance(admitted, MediaRefusal):
            # Of the two, HLS brings more: who is told of it is not told of the sound.
            if self.hls.offers(request.session_id):
                return replace(admitted, hls_fits=True, sound_fits=False)
            return admitted
        outcome: Leg | MediaRefusal = engine_down()
        tried: list[Worker] = []
        for _ in range(2):
            untried = (worker for worker in self._by_load() if worker not in tried)
            worker = next(untried, None)
            if tried and isinstance(outcome, MediaRefusal) and outcome.code == "not_publishing":
                worker = self._homes.get(request.session_id)
            if worker is None or worker in tried:
                break
            tried.append(worker)
            limit_s = CALL_LIMIT_S if len(tried) == len(self._workers) else ANOTHER_AFTER_S
            call = ipc.Watch(request, admitted.most)
            outcome = await self._new_leg(worker, call, admitted, limit_s)
            if isinstance(outcome, Leg) or outcome.code not in _ASK_ANOTHER:
                break
        return outcome

    async def trickle(
        self, leg_id: LegId, etag: str | None, fragment: str
    ) -> Trickled | Restarted | MediaRefusal:
        """See `MediaEngine.trickle`."""
        reply = await self._ask_holder(leg_id, ipc.Trickle(leg_id, etag, fragment))
        return reply if isinstance(reply, Trickled | Restarted | MediaRefusal) else engine_down()

    async def adjust(self, leg_id: LegId, wish: LayerWish) -> Watched | MediaRefusal:
        """See `MediaEngine.adjust`."""
        reply = await self._ask_holder(leg_id, ipc.Adjust(leg_id, wish))
        return reply if isinstance(reply, Watched | MediaRefusal) else engine_down()

    async def owner_of(self, leg_id: LegId) -> LegOwner | None:
        """See `MediaEngine.owner_of`."""
        worker = self._holder(leg_id)
        return None if worker is None else worker.owners.get(leg_id)

    async def hang_up(self, leg_id: LegId) -> bool:
        """See `MediaEngine.hang_up`."""
        worker = self._holder(leg_id)
        return worker is not None and await worker.count(ipc.HangUp(leg_id)) > 0

    async def evict(self, session_id: str, participant_id: str) -> int:
        """See `MediaEngine.evict`."""
        self.hls.forget(session_id, participant_id)
        return await self._all(ipc.Evict(session_id, participant_id))

    async def set_on_air(self, session_id: str, *, on: bool) -> None:
        """See `MediaEngine.set_on_air`."""
        if on:
            self._wishes.on_air.add(session_id)
        else:
            self._wishes.on_air.discard(session_id)
            self.hls.forget(session_id)
        await self._all(ipc.SetOnAir(session_id, on))

    async def set_seats(self, session_id: str, orders: tuple[SeatOrder, ...]) -> None:
        """See `MediaEngine.set_seats`."""
        await self._all(ipc.SetSeats(session_id, orders))

    async def set_slate(self, session_id: str, *, on: bool) -> None:
        """See `MediaEngine.set_slate`."""
        if on:
            self._wishes.slates.add(session_id)
        else:
            self._wishes.slates.discard(session_id)
        self.hls.cut(session_id, on=on)
        await self._all(ipc.SetSlate(session_id, on))

    async def set_recording(self, session_id: str, order: RecordingOrder | None) -> None:
        """See `MediaEngine.set_recording`."""
        if order is None:
            self._wishes.recording.pop(session_id, None)
        else:
            self._wishes.recording[session_id] = order
        await self._all(ipc.SetRecording(session_id, order))

    async def end_session(self, session_id: str) -> None:
        """See `MediaEngine.end_session`."""
        self._wishes.on_air.discard(session_id)
        self._wishes.slates.discard(session_id)
        self._wishes.recording.pop(session_id, None)
        self.hls.forget(session_id)
        await self._all(ipc.EndSession(session_id))
        self._homes.pop(session_id, None)

    def subscribe(self, listener: MediaListener) -> Callable[[], None]:
        """See `MediaEngine.subscribe`."""
        return self._listeners.add(listener)

    async def health(self) -> MediaHealth:
        """See `MediaEngine.health`."""
        each = tuple(await asyncio.gather(*(worker.health() for worker in self._workers)))
        return MediaHealth(
            ok=any(one.ok for one in each),
            udp_port=self.udp_port,
            publishers=sum(one.publishers for one in each),
            viewers=sum(one.viewers for one in each),
            restarts=sum(one.restarts for one in each),
            egress_bps=sum(one.egress_bps for one in each),
            processes=each,
        )

    async def capacity(self, session_id: str) -> Capacity:
        """See `MediaEngine.capacity`."""
        return self._admission.capacity(session_id, self._watching(), self._traffic())

    async def stats(self, session_id: str) -> SessionStats:
        """See `MediaEngine.stats`."""
        parts = [part for part in await self._ask_all(ipc.AskStats(session_id)) if part is not None]
        whole = no_stats(session_id)
        for part in parts:
            if isinstance(part, SessionStats):
                whole = replace(
                    whole,
                    on_air=whole.on_air or part.on_air,
                    seats=whole.seats + part.seats,
                    viewers=whole.viewers + part.viewers,
                    packets_sent=whole.packets_sent + part.packets_sent,
                    packets_dropped=whole.packets_dropped + part.packets_dropped,
                )
        return whole

    async def _beginning(self) -> None:
        """Have who comes while the processes are started wait for them, so long at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BEGINNING_LIMIT_S):
                await self._begun.wait()

    def _worker(self, index: int, count: int) -> Worker:
        place = None if self._folder is None else Place(self._folder, index, count)
        udp, tcp = self._settings.udp_port, self._settings.tcp_port
        settings = replace(
            self._settings,
            udp_port=udp + index if udp else 0,
            tcp_port=tcp + index if tcp else tcp,
            workers=1,
        )
        tell, take = self._listeners.tell, self.hls.take
        return Worker(settings, place, self._command, self._wishes, tell, take)

    def _admitted(self, newcomer: LegOwner) -> LegOwner | MediaRefusal:
        return self._admission.admit(newcomer, self._watching(), self._traffic())

    def _watching(self) -> Iterator[LegOwner]:
        """Every viewer, those who were asked for included."""
        yield from self.hls.viewers()
        for worker in self._workers:
            for owner in itertools.chain(worker.owners.values(), worker.coming):
                if owner.kind == "viewer":
                    yield owner

    def _viewers(self) -> dict[LegId, LegOwner]:
        """Every viewer with a leg."""
        owners = itertools.chain.from_iterable(w.owners.items() for w in self._workers)
        return {leg_id: owner for leg_id, owner in owners if owner.kind == "viewer"}

    async def _limit(self, leg_id: LegId, owner: LegOwner) -> None:
        worker = self._holder(leg_id)
        if worker is not None:
            worker.owners[leg_id] = owner
            await _asked(worker, ipc.Limit(leg_id, owner.most))

    def _traffic(self) -> Traffic:
        latest = [worker.latest for worker in self._workers if worker.latest is not None]
        # A session's publishers are all in one process.
        rates = {name: them for each in latest for name, them in each.session_rates.items() if them}
        return Traffic(sum(each.egress_bps for each in latest), rates)

    def _by_load(self) -> Iterator[Worker]:
        """The processes that can take a leg, the one with the fewest first."""
        return iter(sorted((w for w in self._workers if w.fit), key=lambda worker: worker.load))

    def _holder(self, leg_id: LegId) -> Worker | None:
        return next((worker for worker in self._workers if leg_id in worker.owners), None)

    async def _ask_holder(self, leg_id: LegId, call: ipc.Body) -> ipc.Body | None:
        # Any process can say that it does not know a leg which none knows.
        worker = self._holder(leg_id) or next(self._by_load(), None)
        return None if worker is None else await _asked(worker, call)

    async def _new_leg(
        self,
        worker: Worker,
        call: PublishRequest | ipc.Watch,
        owner: LegOwner,
        limit_s: float = CALL_LIMIT_S,
    ) -> Leg | MediaRefusal:
        engine = worker.engine
        worker.coming.append(owner)
        try:
            reply = await worker.call(call, limit_s)
        except EngineDownError:
            return engine_down()
        finally:
            worker.coming.remove(owner)
        leg = reply if isinstance(reply, Leg | MediaRefusal) else engine_down()
        if isinstance(leg, Leg) and engine is not None and engine.may_live(leg.leg_id):
            worker.owners[leg.leg_id] = owner
        return leg

    async def _all(self, call: ipc.Body) -> int:
        """Make a call that ends legs to every process; how many ended."""
        return sum(await asyncio.gather(*(worker.count(call) for worker in self._workers)))

    async def _ask_all(self, call: ipc.Body) -> list[ipc.Body | None]:
        return await asyncio.gather(*(_asked(worker, call) for worker in self._workers))


def _private_folder(count: int) -> str:
    """Where the processes' sockets are; nobody else can enter it."""
    try:
        return tempfile.mkdtemp(prefix="causerie-media-")
    except OSError as error:
        remedy = f"their sockets need a folder for temporary files ({error}); name one by TMPDIR"
        raise MediaStartError("CAUSERIE_MEDIA_WORKERS", str(count), remedy) from error


async def _asked(worker: Worker, call: ipc.Body) -> ipc.Body | None:
    """What it answers; None if it does not."""
    try:
        return await worker.call(call)
    except EngineDownError:
        return None
