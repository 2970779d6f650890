"""Reading transport-wide feedback, written from the draft and apart from what writes it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Feedback:
    """One report: which numbers it covers, and when those came that did (seconds)."""

    base: int
    count: int
    number: int
    arrivals: dict[int, float]


def read_feedback(packet: bytes) -> Feedback:
    """Raises ``AssertionError`` for anything that the draft does not allow."""
    assert packet[0] == 0x8F
    assert packet[1] == 205
    assert len(packet) == 4 * (int.from_bytes(packet[2:4], "big") + 1)
    base = int.from_bytes(packet[12:14], "big")
    count = int.from_bytes(packet[14:16], "big")
    at_s = int.from_bytes(packet[16:19], "big", signed=True) * 0.064
    statuses, at = _statuses(packet, 20, count)
    arrivals = {}
    for offset, status in enumerate(statuses[:count]):
        assert status in {0, 1, 2}
        if status:
            at_s += int.from_bytes(packet[at : at + status], "big", signed=status == 2) * 0.00025
            at += status
            arrivals[(base + offset) & 0xFFFF] = at_s
    assert len(packet) - at < 4
    assert not any(packet[at:])
    return Feedback(base, count, packet[19], arrivals)


def _statuses(packet: bytes, at: int, count: int) -> tuple[list[int], int]:
    statuses: list[int] = []
    while len(statuses) < count:
        chunk = int.from_bytes(packet[at : at + 2], "big")
        at += 2
        if chunk >> 15 == 0:
            statuses += [chunk >> 13 & 3] * (chunk & 0x1FFF)
        elif chunk >> 14 & 1:
            statuses += [chunk >> shift & 3 for shift in range(12, -1, -2)]
        else:
            statuses += [chunk >> shift & 1 for shift in range(13, -1, -1)]
    return statuses, at
