"""Telling a publisher when each of its packets came, so that its own estimate of the link is right.

Transport-wide congestion control (draft-holmer-rmcat-transport-wide-cc-extensions-01): the sender
numbers all its packets together and knows when each left; we say which came, and when. It then
finds the link's capacity in seconds, where loss alone (`live.media.bandwidth`) needs half a minute.
"""

from collections.abc import Iterator
from struct import Struct
from typing import Final

TRANSPORT_SEQUENCE_URI: Final = (
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
)

FEEDBACK_INTERVAL_S: Final = 0.05
"""Between two reports: the shortest that libwebrtc's receivers use, for a quick start."""

PENDING_LIMIT: Final = 1_000
"""Arrivals kept for the next report; more in one interval is a flood, and its start is told."""

PACKETS_LIMIT: Final = 300
"""Arrivals in one RTCP packet, so that it fits a datagram whatever their times are."""

JUMP_LIMIT: Final = 4_000
"""Numbers that may be missing in a row; beyond, the numbering is taken as begun anew."""

SPAN_LIMIT: Final = 16_000
"""Numbers that one telling may cover, likewise: each hole is told too, however few packets came."""

_TICKS_PER_S: Final = 4_000
"""Times are counted in 250 µs."""

_TICKS_PER_REFERENCE: Final = 256
_LARGE: Final = 1 << 15
_RUN_LIMIT: Final = (1 << 13) - 1
_MISSING, _SMALL_STEP, _LARGE_STEP = 0, 1, 2

_HEAD = Struct("!BBHIIHHI")
_RTPFB: Final = 205
_TRANSPORT_FEEDBACK: Final = 15


class Arrivals:
    """What came since the last report, in the sender's transport-wide numbering."""

    def __init__(self) -> None:
        self._pending: dict[int, int] = {}
        self._next: int | None = None
        """The number after the highest that was told, unwrapped."""
        self._highest = 0
        self._reports = 0
        self._reported_at = float("-inf")

    def note(self, sequence: int, now: float) -> None:
        """A packet with this 16-bit number came at `now` (seconds)."""
        unwrapped = self._unwrapped(sequence)
        if len(self._pending) < PENDING_LIMIT:
            self._pending.setdefault(unwrapped, int(now * _TICKS_PER_S))

    @property
    def used(self) -> bool:
        """Whether the sender numbers its packets: then it judges by these reports."""
        return self._next is not None

    def due(self, now: float) -> bool:
        """Whether there is something to tell, and it is time; a True is taken as told."""
        if not self._pending or now - self._reported_at < FEEDBACK_INTERVAL_S:
            return False
        self._reported_at = now
        return True

    def reports(self, ssrc: int, media_ssrc: int) -> list[bytes]:
        """RTCP packets that tell each arrival once, and each hole below the highest."""
        packets = []
        while self._pending:
            packets.append(self._report(ssrc, media_ssrc))
        return packets

    def _unwrapped(self, sequence: int) -> int:
        if self._next is None:
            self._next = self._highest = sequence
            return sequence
        ahead = ((sequence - self._highest + 0x8000) & 0xFFFF) - 0x8000
        unwrapped = self._highest + ahead
        if abs(ahead) > JUMP_LIMIT or unwrapped - self._next > SPAN_LIMIT:
            self._pending.clear()
            self._next = self._highest = unwrapped
        elif ahead > 0:
            self._highest = unwrapped
        return unwrapped

    def _report(self, ssrc: int, media_ssrc: int) -> bytes:
        numbers = sorted(self._pending)[:PACKETS_LIMIT]
        base = numbers[0] if self._next is None else min(self._next, numbers[0])
        reference = self._pending[numbers[0]] // _TICKS_PER_REFERENCE
        before = reference * _TICKS_PER_REFERENCE
        symbols: list[int] = []
        steps = bytearray()
        for number in numbers:
            step = self._pending[number] - before
            if not -_LARGE <= step < _LARGE:
                break  # too far from the one before: it begins the next report
            symbols += [_MISSING] * (number - base - len(symbols))
            if 0 <= step <= 0xFF:
                symbols.append(_SMALL_STEP)
                steps.append(step)
            else:
                symbols.append(_LARGE_STEP)
                steps += step.to_bytes(2, "big", signed=True)
            before = self._pending.pop(number)
        self._next = max(self._next or 0, base + len(symbols))
        body = b"".join(_chunks(symbols)) + steps
        body += bytes(-len(body) % 4)
        head = _HEAD.pack(
            0x80 | _TRANSPORT_FEEDBACK,
            _RTPFB,
            (_HEAD.size + len(body)) // 4 - 1,
            ssrc,
            media_ssrc,
            base & 0xFFFF,
            len(symbols),
            (reference & 0xFFFFFF) << 8 | self._reports & 0xFF,
        )
        self._reports += 1
        return head + body


def _chunks(symbols: list[int]) -> Iterator[bytes]:
    """Runs of one status, or 14 statuses of one bit, or 7 of two bits: whichever says most."""
    at = 0
    while at < len(symbols):
        end = at + 1
        while end < len(symbols) and symbols[end] == symbols[at] and end - at < _RUN_LIMIT:
            end += 1
        ahead = symbols[at : at + 14]
        bits = 1 if _LARGE_STEP not in ahead else 2
        if end - at >= 14 // bits:
            yield (symbols[at] << 13 | end - at).to_bytes(2, "big")
            at = end
            continue
        word = 2 | (bits - 1)
        ahead = ahead[: 14 // bits]
        for symbol in ahead + [_MISSING] * (14 // bits - len(ahead)):
            word = word << bits | symbol
        yield word.to_bytes(2, "big")
        at += len(ahead)
