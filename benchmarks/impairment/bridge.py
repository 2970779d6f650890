"""A bad network in user space: carries IP packets between two TUN devices, late, few or not at all.

python -m benchmarks.impairment.bridge FD FD: each line of JSON on standard input is the `Way` from
now on; a line comes back once it holds. Ends with its input.
"""

import heapq
import json
import os
import random
import select
import sys
import time
from dataclasses import asdict, dataclass
from typing import Final

PACKET_LIMIT: Final = 4_096
QUEUE_S: Final = 0.3
"""What a link of a given rate holds back at most; beyond it packets are lost, as in a router."""


@dataclass(frozen=True, slots=True)
class Way:
    """How it is, in both directions. `loss` is a fraction of 1; `jitter_ms` comes on top of the
    delay, at random, without changing the order unless `reorders`.
    """

    loss: float = 0.0
    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    rate_kbps: float | None = None
    dark: bool = False
    reorders: bool = False
    walled: bool = False
    """No datagram of UDP gets through."""

    def line(self) -> bytes:
        """As the bridge reads it."""
        return json.dumps(asdict(self)).encode() + b"\n"


class Direction:
    """Packets on their way to one side."""

    def __init__(self, to: int, chance: random.Random) -> None:
        self._to = to
        self._chance = chance
        self._waiting: list[tuple[float, int, bytes]] = []
        self._count = 0
        self._free_at = self._last_due = 0.0

    def take(self, packet: bytes, way: Way, now: float) -> None:
        """Send a packet on its way, or lose it."""
        if way.dark or (way.walled and _is_udp(packet)):
            return
        if self._chance.random() < way.loss:
            return
        ready = now
        if way.rate_kbps is not None:
            self._free_at = max(self._free_at, now)
            if self._free_at - now > QUEUE_S:
                return
            self._free_at += len(packet) * 8 / (way.rate_kbps * 1_000)
            ready = self._free_at
        due = ready + (way.delay_ms + self._chance.random() * way.jitter_ms) / 1_000
        if not way.reorders:
            due = self._last_due = max(due, self._last_due)
        self._count += 1
        heapq.heappush(self._waiting, (due, self._count, packet))

    def deliver(self, now: float) -> float | None:
        """Hand over what is due; when the next one is."""
        while self._waiting and self._waiting[0][0] <= now:
            os.write(self._to, heapq.heappop(self._waiting)[2])
        return self._waiting[0][0] if self._waiting else None


def _is_udp(packet: bytes) -> bool:
    """Whether an IP packet's protocol (version 4) or next header (version 6) is UDP."""
    return packet[9 if packet[0] >> 4 == 4 else 6] == 17


def carry(one: int, other: int, seed: int) -> None:
    """Carry packets until standard input ends."""
    chance = random.Random(seed)  # noqa: S311 -- the same losses in every run
    there, back = Direction(other, chance), Direction(one, chance)
    way = Way()
    for fd in (one, other):
        os.set_blocking(fd, False)
    while True:
        dues = [due for due in (d.deliver(time.monotonic()) for d in (there, back)) if due]
        wait = max(0.0, min(dues) - time.monotonic()) if dues else None
        ready, _, _ = select.select([one, other, sys.stdin], [], [], wait)
        now = time.monotonic()
        if sys.stdin in ready:
            line = sys.stdin.readline()
            if not line:
                return
            way = Way(**json.loads(line))
            sys.stdout.write("set\n")
            sys.stdout.flush()
        for fd, direction in ((one, there), (other, back)):
            if fd in ready:
                for packet in _waiting_at(fd):
                    direction.take(packet, way, now)


def _waiting_at(fd: int) -> list[bytes]:
    packets: list[bytes] = []
    while len(packets) < 64:
        try:
            packets.append(os.read(fd, PACKET_LIMIT))
        except BlockingIOError:
            break
    return packets


if __name__ == "__main__":
    carry(int(sys.argv[1]), int(sys.argv[2]), seed=int(sys.argv[3]))
