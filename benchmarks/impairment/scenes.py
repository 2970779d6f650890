"""What is done to the picture, and what a viewer saw of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from benchmarks.impairment.bridge import Way
from benchmarks.impairment.network import Network

Seen = list[tuple[float, float]]
"""For each picture: when it was shown, and when it was taken; seconds since 1970."""

STEADY_S: Final = 60.0
SETTLE_S: Final = 4.0
"""Before anything is done to it, a picture plays undisturbed for so long."""

PATIENCE_S: Final = 30.0
FRESH_S: Final = 3.0
"""A picture that was taken longer ago is not the present one."""


class Show(Protocol):
    """A viewer's page on the far side of a network, and the publisher it watches."""

    network: Network

    async def seen(self) -> Seen:
        """The pictures since it was asked last."""

    def kill_publisher(self) -> None:
        """At once and without a farewell."""

    def start_publisher(self) -> None:
        """The same seat, the same token; returns when it begins to ask for it."""

    async def says_it_is_gone(self) -> float:
        """When the page said so."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Seconds that are to be few, and what is asked of them."""

    what: str
    seconds: float
    bound_s: float


def longest_freeze(seen: Seen, until: float) -> float:
    """The longest time without a new picture."""
    shown = [at for at, _ in seen]
    return max(
        (later - at for at, later in zip(shown, [*shown[1:], until], strict=True)), default=until
    )


async def back(show: Show, since: float) -> float:
    """How long after `since` a picture of the present was shown."""
    while True:
        fresh = [at for at, taken in await show.seen() if at > since and taken > since - FRESH_S]
        # One picture may be a straggler; three in a row are a film.
        if len(fresh) >= 3:
            return fresh[0] - since
        if time.time() - since > PATIENCE_S:
            return PATIENCE_S
        await asyncio.sleep(0.2)


async def steady(show: Show, way: Way, bound_s: float, what: str) -> list[Outcome]:
    """A minute on a way like this."""
    show.network.become(way)
    await asyncio.sleep(SETTLE_S)
    await show.seen()
    began = time.time()
    await asyncio.sleep(STEADY_S)
    seen = [(began, began), *await show.seen()]
    show.network.become(Way())
    return [Outcome(what, longest_freeze(seen, time.time()), bound_s)]


async def five_percent(show: Show) -> list[Outcome]:
    """5 % of the packets and 100 ms, each way."""
    way = Way(loss=0.05, delay_ms=100)
    return await steady(show, way, 1.0, "longest freeze, 5 % loss and 100 ms each way, 60 s")


async def two_percent(show: Show) -> list[Outcome]:
    """2 % of the packets."""
    way = Way(loss=0.02, delay_ms=20, jitter_ms=10)
    return await steady(show, way, 0.5, "longest freeze, 2 % loss, 20 ms and jitter, 60 s")


async def blackout(show: Show, lasts_s: float, bound_s: float) -> list[Outcome]:
    """Nothing gets through for a while."""
    show.network.become(Way(dark=True))
    await asyncio.sleep(lasts_s)
    show.network.become(Way())
    since = time.time()
    return [Outcome(f"picture after a blackout of {lasts_s:g} s", await back(show, since), bound_s)]


async def address(show: Show) -> list[Outcome]:
    """The viewer's address changes, as from Wi-Fi to mobile."""
    show.network.move()
    return [Outcome("picture after a change of address", await back(show, time.time()), 8.0)]


async def death(show: Show) -> list[Outcome]:
    """The publisher is killed, and comes back with the same token."""
    show.kill_publisher()
    since = time.time()
    told = await show.says_it_is_gone()
    show.start_publisher()
    returned = time.time()
    return [
        Outcome("publisher's death shown", told - since, 3.0),
        Outcome("its return seen", await back(show, returned), 5.0),
    ]


SCENES: Final[dict[str, Callable[[Show], Awaitable[list[Outcome]]]]] = {
    "loss5": five_percent,
    "loss2": two_percent,
    "blackout3": lambda show: blackout(show, 3, 2.0),
    "blackout12": lambda show: blackout(show, 12, 5.0),
    "blackout40": lambda show: blackout(show, 40, 5.0),
    "address": address,
    "death": death,
}
