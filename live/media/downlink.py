"""What a viewer's reports say of its link: whether it carries what is sent there.

A receiver's own estimate (REMB) grows slowly and only with what it gets, so a low one says nothing;
one that falls says that a queue grows, and what the link is worth. Loss says it where there is no
queue. Small loss is no sign: radio links lose a few percent at any rate, and repairs deal with it.
"""

from typing import Final

DIP: Final = 0.97
"""A receiver tells at once when its estimate falls by more than this (libwebrtc)."""

DEEP: Final = 0.6
"""An estimate that fell below this share of what is sent needs no second one to be believed."""

QUEUE_ALONE: Final = 0.4
SLOWED: Final = 0.7
"""Without any loss, an estimate above the first of these shares counts as no less than the second:
a busy viewer's measure falls as well, and a picture that is late is more than none.
"""

DIPS: Final = 3
DIPS_S: Final = 3.0
"""So many dips in this time are a queue that grows; fewer are a moment's jitter."""

LOSS_LIMIT: Final = 0.10
"""draft-ietf-rmcat-gcc-02 section 6; told twice in a row."""

HEAVY_LOSS: Final = 0.25
"""Believed at once."""

LOSS_PACKETS: Final = 50
LOSS_S: Final = 1.0
"""Loss is measured over so many packets and so long at least. A report may cover four packets: of
those a quarter is missing whenever one is.
"""

RATE_S: Final = 1.0


class Downlink:
    """The link to one viewer. Rates in bits/s, of all that goes there."""

    def __init__(self) -> None:
        self.sent_bps = 0.0
        self.estimate_bps: int | None = None
        """The viewer's latest; None until it told one."""
        self._carried: float | None = None
        self._dips: tuple[float, ...] = ()
        self._losses = 0
        self._mark: tuple[int, float] | None = None
        self._reports: dict[int, tuple[int, int, float]] = {}

    def note_sent(self, octets: int, now: float) -> None:
        """So many octets have been sent in all."""
        if self._mark is None:
            self._mark = (octets, now)
        before, at = self._mark
        if now - at >= RATE_S:
            self.sent_bps = (octets - before) * 8 / (now - at)
            self._mark = (octets, now)

    def note_estimate(self, bps: int, now: float) -> None:
        """The viewer's own estimate (REMB)."""
        before, self.estimate_bps = self.estimate_bps, bps
        if before is None or bps >= before * DIP:
            return
        self._dips = (*self._dips, now)[-DIPS:]
        grows = len(self._dips) == DIPS and now - self._dips[0] < DIPS_S
        if bps < self.sent_bps * (1 if grows else DEEP):
            carried = bps / self.sent_bps
            lossless = self._losses == 0 and carried > QUEUE_ALONE
            self._believe(max(carried, SLOWED) if lossless else carried)

    def note_report(self, ssrc: int, highest: int, lost: int, now: float) -> None:
        """What arrived of a picture, as RFC 3550 section 6.4.1 has it: the highest number (32
        bits), and how many are lost of all up to there.
        """
        highest_before, lost_before, at = self._reports.setdefault(ssrc, (highest, lost, now))
        packets = (highest - highest_before) & 0xFFFFFFFF
        if packets >= LOSS_PACKETS and now - at >= LOSS_S:
            self._reports[ssrc] = (highest, lost, now)
            self._note_loss(max(lost - lost_before, 0) / packets)

    def _note_loss(self, fraction: float) -> None:
        self._losses = self._losses + 1 if fraction > LOSS_LIMIT else 0
        if self._losses >= 2 or fraction > HEAVY_LOSS:
            self._believe(1 - fraction)

    def take_shortage(self) -> float | None:
        """The share of what is sent that the link was found to carry; None if nothing new says
        that it does not carry all.
        """
        carried, self._carried = self._carried, None
        return carried

    def _believe(self, carried: float) -> None:
        self._carried = carried if self._carried is None else min(carried, self._carried)
