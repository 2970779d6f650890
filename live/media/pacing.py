"""Newcomers catch up with what is live, each at a pace its link bears and all within one bound.

A newcomer begins with the latest keyframe and all since: up to 200 KB, which at once would overflow
the queue of its own link, and for an audience that comes together the machine's. So it is sent as
what comes live is, only somewhat faster; what comes meanwhile waits its turn behind it.
"""

import asyncio
from collections import deque
from typing import Final, Protocol

from live.media.packets import Packet, Runs, group
from live.media.source import Source

STEP_S: Final = 0.005

HURRY: Final = 4.0
"""Times the rate of what comes live: a keyframe is there within a tenth of a second, and a group
1.5 s old within half a second. Browsers' own senders pace at 2.5.
"""

RATE_BPS: Final = 4_000_000
"""The least, also while nothing is known of the rate."""

BURST_BYTES: Final = 12_000
"""Sent at once; ten packets, as TCP does (RFC 6928)."""

LATE_S: Final = 0.05
"""A loop that was busy for so long makes up for it, for more not."""

TOGETHER_BPS: Final = 200_000_000
"""For all newcomers of an engine, so that those who watch already do not wait for them."""

TOGETHER_SHARE: Final = 0.25
"""Of the machine's link, where it is known."""

BEHIND_LIMIT: Final = 1_024
"""Packets that may wait for a newcomer; with more it begins anew, from the next keyframe."""


class Newcomer(Protocol):
    """A stream that begins."""

    def send(self, packets: list[Packet], runs: Runs, now: float) -> None:
        """Forward packets; see `Sink`."""


def together_bps(egress_mbit: int | None) -> float:
    """What all newcomers get together, of a link of this many Mb/s (None: unknown)."""
    return TOGETHER_BPS if egress_mbit is None else egress_mbit * 1e6 * TOGETHER_SHARE


class CatchUp:
    """One newcomer's way to what is live; in its source's `sinks` in place of the newcomer."""

    def __init__(self, stream: Newcomer, source: Source, packets: list[Packet], now: float) -> None:
        self.over = False
        self._stream = stream
        self._source = source
        self._epoch = source.epoch
        self._waiting = deque(packets)
        self._allowance = float(BURST_BYTES)
        self._at = now
        source.sinks[self] = None

    def send(self, packets: list[Packet], runs: Runs, now: float) -> None:
        """Put what comes live behind the rest; see `Sink`."""
        if self._source.epoch == self._epoch and len(self._waiting) < BEHIND_LIMIT:
            self._waiting.extend(packets)
            return
        self._hand_over()
        self._stream.send(packets, runs, now)

    def advance(self, limit: float, now: float) -> int:
        """Send what is due, about `limit` bytes at the most; how many were sent."""
        rate = max(RATE_BPS, HURRY * self._source.origin.meter.rates_bps()[-1]) / 8
        most = max(BURST_BYTES, rate * LATE_S)
        self._allowance = min(self._allowance + rate * (now - self._at), most)
        self._at = now
        due: list[Packet] = []
        sent = 0
        while self._waiting and sent < min(self._allowance, limit):
            due.append(self._waiting.popleft())
            sent += len(due[-1].payload)
        self._allowance -= sent
        if due:
            self._stream.send(due, group(due, pad=False), now)
        if not self._waiting:
            self._hand_over()
        return sent

    def close(self) -> None:
        """Send no more of it. Idempotent."""
        self.over = True
        self._waiting.clear()
        self._source.sinks.pop(self, None)

    def _hand_over(self) -> None:
        if not self.over:
            self.close()
            self._source.sinks[self._stream] = None


class Pacer:
    """All who catch up; in turns, where they are more than the bound allows at once."""

    def __init__(self, limit_bps: float) -> None:
        self._limit = limit_bps / 8
        self._newcomers: dict[CatchUp, None] = {}
        self._loop = asyncio.get_running_loop()
        self._at = self._loop.time()
        self._left = self._limit * STEP_S
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, newcomer: CatchUp, now: float) -> None:
        """Let one catch up; it begins at once if there is room."""
        self._refill(now)
        self._let(newcomer, now)
        if self._newcomers and self._timer is None:
            self._timer = self._loop.call_later(STEP_S, self._step)

    def close(self) -> None:
        """Let nobody catch up any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _step(self) -> None:
        self._timer = None
        now = self._loop.time()
        self._refill(now)
        for newcomer in tuple(self._newcomers):
            if self._left <= 0:
                break
            # Whoever had a turn comes last the next time.
            del self._newcomers[newcomer]
            self._let(newcomer, now)
        if self._newcomers:
            self._timer = self._loop.call_at(now + STEP_S, self._step)

    def _let(self, newcomer: CatchUp, now: float) -> None:
        if self._left > 0 and not newcomer.over:
            self._left -= newcomer.advance(self._left, now)
        if not newcomer.over:
            self._newcomers[newcomer] = None

    def _refill(self, now: float) -> None:
        most = self._limit * LATE_S
        self._left = min(self._left + self._limit * (now - self._at), most)
        self._at = now
