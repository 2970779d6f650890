"""When a frame was taken: the publisher's timestamps, placed on the server's clock.

Sound and picture of one publisher count with clocks of their own. Their sender reports tell which
count belongs to which moment, for both on one clock; so what was taken together is shown together,
however differently it travelled.
"""

from typing import Final

STEP_S: Final = 0.02
"""Reports differ by their rounding; only a step of this size is the clock's own."""

_NTP_EPOCH: Final = 2_208_988_800


class TrackClock:
    """The timestamps of one stream as seconds since 1970, on the server's clock."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._last: int | None = None
        self._offset_s: float | None = None
        self.reported = False
        """Whether the publisher itself said which moment is which; a guess by arrival before."""

    @property
    def known(self) -> bool:
        """Whether a moment can be told."""
        return self._offset_s is not None

    def note(self, ntp: int, timestamp: int, *, reported: bool) -> None:
        """At our NTP time ``ntp`` (32.32 bits) the stream stood at ``timestamp``."""
        offset_s = ntp / (1 << 32) - _NTP_EPOCH - self._whole(timestamp) / self._rate
        first = self._offset_s is None or reported > self.reported
        if first or (reported and abs(offset_s - (self._offset_s or 0.0)) > STEP_S):
            self._offset_s = offset_s
        self.reported = self.reported or reported

    def at(self, timestamp: int) -> float:
        """The moment of a frame; ``note`` was called before."""
        if self._offset_s is None:
            raise LookupError("no moment is known yet")
        return self._offset_s + self._whole(timestamp) / self._rate

    def begin_anew(self) -> None:
        """The stream counts from somewhere else now."""
        self._last, self._offset_s, self.reported = None, None, False

    def _whole(self, timestamp: int) -> int:
        """The 32-bit count without its wrapping around, every 13 hours of picture."""
        if self._last is None:
            # Far from zero, so that what came just before the first one is not negative.
            self._last = timestamp + (1 << 32)
        ahead = ((timestamp - self._last + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)
        self._last += ahead
        return self._last
