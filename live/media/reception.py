"""What came of one incoming stream: loss, jitter, what to ask for again, the receiver report."""

from collections import deque
from typing import Final

from aiortc.rtp import RtcpReceiverInfo, clamp_packets_lost

from live.media.packets import signed_distance

REORDERING_S: Final = 0.015
"""How long a hole may be mere reordering before it is asked for."""

RETRY_S: Final = 0.08
"""Between two requests for one packet: about a round trip to a publisher far away."""

TRIES_LIMIT: Final = 8
MISSING_LIMIT: Final = 256
"""Holes kept; a burst longer than this is not repaired but healed by a keyframe."""

JUMP_LIMIT: Final = 2_000
"""Numbers a stream may jump by; beyond, it is taken as begun anew (RFC 3550 appendix A.1)."""

BEGINNINGS: Final = 4
BEGINNINGS_S: Final = 4.0
"""So many beginnings in this time: each costs every viewer a keyframe, so more are not taken."""


class _Missing:
    __slots__ = ("next_ask", "tries")

    def __init__(self, next_ask: float) -> None:
        self.next_ask = next_ask
        self.tries = 0


class Reception:
    """One incoming RTP stream's bookkeeping (RFC 3550 section 6.4.1 and appendix A)."""

    def __init__(self, ssrc: int, clock_rate: int, *, repairs: bool) -> None:
        self.ssrc = ssrc
        self.packets = 0
        self.octets = 0
        self._clock_rate = clock_rate
        self._repairs = repairs
        self._base: int | None = None
        self._begun: deque[float] = deque(maxlen=BEGINNINGS)
        self._highest = 0
        self._cycles = 0
        self._jitter = 0.0
        self._transit: float | None = None
        self._missing: dict[int, _Missing] = {}
        self._reported_expected = 0
        self._reported_packets = 0
        self._last_report: tuple[int, float] | None = None

    def fits(self, sequence: int, now: float) -> bool:
        """Whether a packet of this number may be taken: one that goes on, or that begins anew
        where that was not often of late.
        """
        if abs(signed_distance(sequence, self._highest)) <= JUMP_LIMIT:
            return True
        return len(self._begun) < BEGINNINGS or now - self._begun[0] >= BEGINNINGS_S

    def take(self, sequence: int, timestamp: int, size: int, now: float) -> bool:
        """Count a packet that `fits`; True if the stream begins (anew) with it."""
        self.packets += 1
        self.octets += size
        self._note_jitter(timestamp, now)
        if self._base is None:
            self._begin(sequence, now)
            return True
        ahead = signed_distance(sequence, self._highest)
        if abs(ahead) > JUMP_LIMIT:
            self._begin(sequence, now)
            return True
        if ahead <= 0:
            self._missing.pop(sequence, None)
            return False
        if ahead > 1 and self._repairs:
            self._note_holes(ahead, now)
        if sequence < self._highest:
            self._cycles += 1 << 16
        self._highest = sequence
        return False

    def repaired(self, sequence: int) -> bool:
        """Note that a retransmission (RTX) came; False if it fills no hole that was asked for.

        Loss is counted before repair.
        """
        return self._missing.pop(sequence, None) is not None

    def holes_to_ask_for(self, now: float) -> list[int]:
        """The numbers to put into a NACK now, the smallest first, also where they begin anew in
        between: that is how one is written.
        """
        ask = []
        for sequence, hole in list(self._missing.items()):
            if hole.next_ask > now:
                continue
            if hole.tries >= TRIES_LIMIT:
                del self._missing[sequence]
                continue
            hole.tries += 1
            hole.next_ask = now + RETRY_S
            ask.append(sequence)
        return sorted(ask)

    def note_sender_report(self, ntp_timestamp: int, now: float) -> None:
        """Remember when the publisher's latest report came, to let it measure the round trip."""
        self._last_report = ((ntp_timestamp >> 16) & 0xFFFFFFFF, now)

    def report(self, now: float) -> tuple[RtcpReceiverInfo, float]:
        """The report block for the time since the last one, and the loss in it as a fraction of
        1.
        """
        expected = self._cycles + self._highest - (self._base or 0) + 1
        lost_in_all = expected - self.packets
        interval_expected = expected - self._reported_expected
        interval_lost = interval_expected - (self.packets - self._reported_packets)
        self._reported_expected = expected
        self._reported_packets = self.packets
        fraction = max(0.0, interval_lost / interval_expected) if interval_expected > 0 else 0.0
        middle, came_at = self._last_report or (0, now)
        block = RtcpReceiverInfo(
            ssrc=self.ssrc,
            fraction_lost=min(255, int(fraction * 256)),
            packets_lost=clamp_packets_lost(lost_in_all),
            highest_sequence=(self._cycles + self._highest) & 0xFFFFFFFF,
            jitter=int(self._jitter) & 0xFFFFFFFF,
            lsr=middle,
            dlsr=int((now - came_at) * 65_536) & 0xFFFFFFFF,
        )
        return block, fraction

    def _begin(self, sequence: int, now: float) -> None:
        self._begun.append(now)
        self._base = self._highest = sequence
        self._cycles = 0
        self._missing.clear()
        self.packets = 1
        self._reported_expected = self._reported_packets = 0

    def _note_holes(self, ahead: int, now: float) -> None:
        if ahead - 1 + len(self._missing) > MISSING_LIMIT:
            self._missing.clear()
            return
        for step in range(1, ahead):
            self._missing[(self._highest + step) & 0xFFFF] = _Missing(now + REORDERING_S)

    def _note_jitter(self, timestamp: int, now: float) -> None:
        transit = now * self._clock_rate - timestamp
        if self._transit is not None:
            # Timestamps wrap at 2³²; a difference beyond half of that is such a wrap.
            change = abs(transit - self._transit)
            if change < 1 << 31:
                self._jitter += (change - self._jitter) / 16
        self._transit = transit
