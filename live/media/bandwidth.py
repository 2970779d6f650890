"""How much a publisher is told that it may send."""

from typing import Final


class BandwidthEstimate:
    """How much a publisher may send, told to it as REMB: grows while little is lost, shrinks with
    loss.

    Additive to the sender's own control, so it never holds a healthy one back: aiortc's estimator
    kept Chromium at 442 kb/s where this lets it reach its own cap. The thresholds are those of
    draft-ietf-rmcat-gcc-02 section 6.
    """

    START_BPS: Final = 4_000_000
    FLOOR_BPS: Final = 150_000
    CEILING_BPS: Final = 10_000_000

    def __init__(self) -> None:
        self.bps = float(self.START_BPS)

    def update(self, loss: float, received_bps: float) -> int:
        """The estimate after another second with this loss (a fraction of 1) and this bitrate."""
        if loss > 0.10:
            basis = min(self.bps, max(received_bps, self.FLOOR_BPS) * 1.2)
            self.bps = basis * (1 - 0.5 * loss)
        elif loss < 0.02:
            self.bps *= 1.08
        self.bps = min(max(self.bps, self.FLOOR_BPS), self.CEILING_BPS)
        return int(self.bps)
