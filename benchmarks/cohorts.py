"""What six texts cost that one text would not: announcements to a large audience.

    python -m benchmarks.cohorts [--people 2000] [--announcements 50]

A room over a memory store and its hub send to that many connections (socket pairs; what arrives is
read outside the measured time), in turn one common text and one for each of six cohorts. Measured
is the processor time of this process from the command until everyone was sent it. At five a second,
five times the median is the share of a core.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import resource
import socket
import time
from collections.abc import Callable
from itertools import product
from statistics import median
from typing import Final

import uvloop

from live.domain.announcement_commands import (
    DraftVariant,
    SendAnnouncement,
    WithdrawAnnouncement,
)
from live.domain.ids import AnnouncementId, ParticipantId
from live.domain.people import Role
from live.gateway.crush import Pace
from live.gateway.hub import Hub, HubSettings
from live.gateway.line import Peer
from live.gateway.listening import Listening
from live.gateway.packets import Packet
from live.wire.codes import CloseCode
from tests.support.rooms import House, open_house, person

COHORTS: Final = tuple(product(("customer", "prospect", "general"), ("en", "fr")))
TEXT: Final = "Ten per cent off everything that you have seen, until the end of the show"
A_SECOND: Final = 5


class Wire:
    """One connection: what is sent goes into a socket, and out of it by ``drain``."""

    def __init__(self, sent: Callable[[], None]) -> None:
        self.closing = False
        self.disconnected = False
        self.compresses = False
        self.descriptor = -1
        self._sent = sent
        self._near, self._far = socket.socketpair()
        for end in (self._near, self._far):
            end.settimeout(0)

    def attach(self, peer: Peer) -> None:
        """Nobody answers here."""

    def emit(self, packet: Packet) -> None:
        self._near.send(packet.plain)
        self._sent()

    def took(self, _data: bytes, _size_bytes: int) -> None:
        """Nobody writes past this."""

    def drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                self._far.recv(1 << 20)

    def ping(self) -> None:
        """Nobody sleeps here."""

    def expect(self, size_bytes: int) -> None:
        """Everything is read at once."""

    def heed(self, listening: Listening | None) -> None:
        """Nobody speaks here."""

    def hold(self) -> None:
        """Nothing is said here."""

    def release(self) -> None:
        """Nothing is said here."""

    def close(self, _code: CloseCode, _reason: str = "") -> None:
        self.closing = True

    def abort(self) -> None:
        self.disconnected = True


class Show:
    """An audience of six cohorts in equal parts, and who announces."""

    def __init__(self, house: House, hub: Hub, people: int) -> None:
        self._house = house
        self._missing = 0
        self._everyone = asyncio.Event()
        self.wires: list[Wire] = []
        for number in range(people):
            wire = Wire(self._count)
            self.wires.append(wire)
            hub.join(wire, ParticipantId(f"p{number}"), None, 0)
            wire.drain()

    async def send(self, variants: tuple[DraftVariant, ...]) -> float:
        """Processor seconds until everyone was sent it; it is gone again afterwards."""
        self._begin()
        began = time.process_time()
        done = await self._house.do("mod", SendAnnouncement(variants))
        await self._everyone.wait()
        took = time.process_time() - began
        self._drain()
        told = done.result.announcement_id or AnnouncementId("")
        self._begin()
        await self._house.do("mod", WithdrawAnnouncement(told))
        await self._everyone.wait()
        self._drain()
        return took

    def _begin(self) -> None:
        self._missing = len(self.wires)
        self._everyone.clear()

    def _count(self) -> None:
        self._missing -= 1
        if self._missing == 0:
            self._everyone.set()

    def _drain(self) -> None:
        for wire in self.wires:
            wire.drain()


async def measure(people: int, announcements: int) -> tuple[float, float]:
    """The medians of one common text and of one for each cohort, in processor seconds."""
    audience = [
        person(f"p{number}", segment=segment, language=language)
        for number in range(people)
        for segment, language in (COHORTS[number % len(COHORTS)],)
    ]
    house = await open_house(*audience, person("mod", Role.MODERATOR))
    pace = Pace(house.clock.monotonic)
    hub = Hub(await house.room(), house.clock, HubSettings(digest_key=b"k"), pace, lambda _: None)
    show = Show(house, hub, people)
    common = (DraftVariant(TEXT),)
    own = tuple(DraftVariant(f"{TEXT}, {' '.join(each)}", *each) for each in COHORTS)
    took: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(announcements):
        for by_cohort, variants in ((False, common), (True, own)):
            took[by_cohort].append(await show.send(variants))
    hub.stop(CloseCode.RESTART)
    await house.rooms.close()
    return median(took[False]), median(took[True])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--announcements", type=int, default=50)
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        common_s, own_s = runner.run(measure(asked.people, asked.announcements))
    print(
        f"{asked.people} people, {asked.announcements} announcements each way, "
        f"load average {os.getloadavg()[0]:.1f}\n"
        f"one common text: {common_s * 1000:.1f} ms, {common_s * A_SECOND:.0%} of a core at 5/s\n"
        f"one for each of {len(COHORTS)} cohorts: {own_s * 1000:.1f} ms, "
        f"{own_s * A_SECOND:.0%} of a core at 5/s\n"
        f"ratio {own_s / common_s:.2f}"
    )


if __name__ == "__main__":
    main()
