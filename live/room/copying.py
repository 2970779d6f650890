"""Keeps a ledger at what another node commits: by its pages, by the store where one is missed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from live.domain.counting import forget_old
from live.domain.events import Recorded
from live.domain.state import RoomState
from live.ports.store import StoreUnavailable
from live.room.codec import recorded
from live.room.feed import Page, put_tallies, turn
from live.room.ledger import Ledger
from live.room.loading import load_spoken_of, load_state
from live.room.records import trim
from live.room.surroundings import Surroundings

logger = logging.getLogger(__name__)

HEAL_PAUSE_S: Final = 0.25
"""The store is read again for one session at most this often."""

HEAL_EASE: Final = 4.0
HEAL_PAUSE_MOST_S: Final = 1.5
"""Or after a pause so many times as long as reading took, up to this: while the bus is away each
look brings the whole window, and most of the time has to stay for everything else."""

CATCH_UP_S: Final = 4.0
"""Someone who comes back waits so long at most."""

_AT_ONCE: Final = 5_000
MOST_WAITING: Final = 2_000
_RECENT: Final = 10_000


class Copy:
    """``ended`` is called when the session's epoch changed: this copy is of something else then.

    While this node writes the session itself the copy rests (``rest``, ``wake``): what the store
    gives is older by then than what the writer has in memory, and must not take its place.
    """

    def __init__(self, ledger: Ledger, world: Surroundings, ended: Callable[[], None]) -> None:
        self._ledger = ledger
        self._world = world
        self._ended = ended
        self._term = 0
        # The page that was taken last; None: what is true came from the store.
        self._number: int | None = None
        self._waiting: list[Page] | None = None
        self._reading = asyncio.Lock()
        self._healing: asyncio.Task[None] | None = None
        self._moved = asyncio.Event()
        self._seen = 0
        self._rests = False
        # The last page whose news this copy is sure to have, or to be reading.
        self._sure = (0, 0)

    def rest(self) -> None:
        """Leave the state to this node's own writer, from this loop step on."""
        self._rests = True
        self._waiting = None
        if self._healing is not None:
            self._healing.cancel()

    def wake(self) -> None:
        """Another node writes from now on, or soon: be at what the store has."""
        self._rests = False
        self._number = None
        self.heal()

    def take(self, page: Page) -> None:
        """Take what the writer told."""
        if self._waiting is not None:
            self._waiting.append(page)
            del self._waiting[:-MOST_WAITING]
            return
        if page.term < self._term:
            return
        if page.term > self._term:
            self._term, self._number = page.term, None
        follows = self._number is None or page.number == self._number + 1
        state = self._ledger.state
        if not follows or page.after > state.head or page.after < state.head < page.upto:
            self._heal_after_this()
            return
        if page.upto <= state.head and page.after < state.head:
            put_tallies(state, page)
            self._tell(page, [])
            return
        try:
            events = turn(state, page)
        except Exception:
            logger.exception("a page could not be taken", extra={"session": state.session.slug})
            self._heal_after_this()
            return
        self._tell(page, events)
        trim(state, self._world.settings.window)
        forget_old(state)

    def _tell(self, page: Page, events: list[Recorded]) -> None:
        self._number = page.number
        self._sure = max(self._sure, (page.term, page.number))
        self._ledger.tell(events, tallies=page.tallies)
        self._has_moved()

    # --- the store

    def stand(self, head: int, *, certain: bool) -> None:
        """The database says how far the session is. A page may be on its way: what was missed is
        read when it is still missing the next time, or at once if ``certain``."""
        if self._ledger.told < (head if certain else min(head, self._seen)):
            self.heal()
        self._seen = head

    def told(self, term: int, number: int) -> None:
        """The writer says which page was its last, after that page: taps leave no trace in the
        head, so that a lost page of theirs is noticed here alone."""
        if (term, number) > self._sure and self.heal():
            self._sure = (term, number)

    def heal(self) -> bool:
        """Read what is true from the store, as soon as may be; whether that begins only now."""
        if self._rests or (self._healing is not None and not self._healing.done()):
            return False
        self._waiting = self._waiting or []
        self._healing = asyncio.create_task(self._heal(), name="heal")
        return True

    def _heal_after_this(self) -> None:
        """Heal; if that is under way already it began too early, and is done once more."""
        if not self.heal():
            self._waiting = self._waiting or []

    async def catch_up(self, seq: int) -> None:
        """Be at ``seq``, if the store has it. Raises ``StoreUnavailable`` where that takes
        long: one who was told of it must not be told less."""
        if not await self._world.store.events(self._ledger.id, after=seq - 1, limit=1):
            return
        try:
            async with asyncio.timeout(CATCH_UP_S):
                while self._ledger.head < seq:
                    self.heal()  # or, after the pause of one that began too early, the next time
                    await asyncio.sleep(HEAL_PAUSE_S / 4)
        except TimeoutError:
            raise StoreUnavailable("this node is behind the store") from None

    async def _heal(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began_s = loop.time()
            try:
                await self.read_again()
            except StoreUnavailable:
                await asyncio.sleep(self._world.settings.retry_after_s)
            else:
                break
        pause_s = min(HEAL_EASE * (loop.time() - began_s), HEAL_PAUSE_MOST_S)
        await asyncio.sleep(max(HEAL_PAUSE_S, pause_s))
        if self._waiting is not None:  # a page that came meanwhile does not follow either
            self._healing = None
            self.heal()

    async def read_again(self) -> None:
        """Be at what the store has. Raises ``StoreUnavailable``."""
        async with self._reading:
            if self._rests:
                return
            self._waiting = self._waiting or []
            try:
                found = await self._read()
            except StoreUnavailable:
                self.heal()  # until then pages wait
                raise
            if found is None:
                self._ended()
                return
            self._ledger.replace(*found)
            self._number = None
            waiting, self._waiting = self._waiting, None
            self._has_moved()
            for page in waiting:
                self.take(page)

    async def _read(self) -> tuple[RoomState, list[Recorded]] | None:
        """What is true, and the events that lead there; None if the session begins anew."""
        ledger, store = self._ledger, self._world.store
        fresh = await load_state(self._world, ledger.id)
        if fresh is None or fresh.session.epoch != ledger.state.session.epoch:
            return None
        missed: list[Recorded] = []
        after = ledger.told
        while after < fresh.head:
            found = await store.events(ledger.id, after=after, limit=_AT_ONCE)
            missed += [recorded(each) for each in found if each.seq <= fresh.head]
            after = found[-1].seq if found else fresh.head
        # Hubs may not have sent yet what they were told a moment ago: it is composed from this too.
        await load_spoken_of(self._world, fresh, [*ledger.latest(_RECENT), *missed])
        return fresh, missed

    # --- being as far as someone was told

    async def reach(self, term: int, number: int, head: int) -> None:
        """Return when this copy holds what that page brings, or after a while all the same."""
        try:
            async with asyncio.timeout(self._world.settings.retry_after_s):
                while not self._has(term, number, head):
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            self.heal()

    def _has(self, term: int, number: int, head: int) -> bool:
        if self._waiting is not None or self._ledger.head < head:
            return False
        return self._term != term or self._number is None or self._number >= number

    def _has_moved(self) -> None:
        self._moved.set()

    def close(self) -> None:
        """Read no more."""
        if self._healing is not None:
            self._healing.cancel()
