"""All of a media process's connections to the others, as its engine uses them."""

import asyncio
from collections.abc import Callable

from live.media.publisher import Publisher
from live.media.relay.home import Home
from live.media.relay.place import Place
from live.media.relay.tap import Relayed, Tap
from live.media.stage import Stage


class Relays:
    """Feeds this process's publishers to the others, and theirs to this one. Alone (`place` None)
    it does nothing.
    """

    def __init__(
        self,
        place: Place | None,
        *,
        changed: Callable[[Relayed], None],
        vanished: Callable[[Relayed], None],
    ) -> None:
        self._place = place
        self._changed = changed
        self._vanished = vanished
        self._home = Home()
        self._taps: list[Tap] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen for the others, and begin to connect to them."""
        place = self._place
        if place is None:
            return
        loop = asyncio.get_running_loop()
        # A socket that a killed predecessor left behind is replaced.
        self._server = await loop.create_unix_server(self._home.link, str(place.path(place.index)))
        self._taps = [
            Tap(place.path(index), self._changed, self._vanished)
            for index in range(place.count)
            if index != place.index
        ]
        self._tasks = [asyncio.create_task(tap.run()) for tap in self._taps]

    async def close(self) -> None:
        """End all connections."""
        if self._server is not None:
            self._server.close()
        self._home.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def announce(self, publisher: Publisher) -> None:
        """One of this process's publishers has begun."""
        if self._place is not None:
            self._home.announce(publisher)

    def withdraw(self, publisher: Publisher) -> None:
        """One of this process's publishers is gone."""
        self._home.withdraw(publisher.leg_id)

    def tell(self, stage: Stage) -> None:
        """Who is on air, or who leads, may have changed."""
        self._home.tell(stage.session_id, stage.speakers.lead)

    def settle(self, stage: Stage) -> None:
        """Have the streams of other processes sent here while someone here watches them."""
        for relayed in stage.relayed.values():
            relayed.want(on=relayed.shown and bool(stage.viewers))

    def tick(self, now: float) -> None:
        """Pass on wishes for keyframes, and clocks."""
        self._home.tick(now)
        for tap in self._taps:
            tap.tick(now)
