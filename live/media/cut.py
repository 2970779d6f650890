"""A stream that is cut: nothing of it gets through, and nothing of that time comes late either."""

from typing import Final

from live.media.packets import signed_distance

LATE_S: Final = 5.0
"""A packet that was lost while the stream was cut may be repaired for so long afterwards, and is
then still one of that time; past it, numbers may have come round.
"""


class Cut:
    """Holds back the packets of one stream from now until `end`, and their repeats after it."""

    def __init__(self) -> None:
        self._newest: int | None = None
        self._ended_at: float | None = None

    def begin_anew(self) -> None:
        """The stream's numbers have nothing to do with the former ones."""
        self._newest = None

    def end(self, now: float) -> None:
        """Let through what is sent from now on."""
        self._ended_at = now

    def over(self, now: float) -> bool:
        """Whether it has been over for so long that nothing of its time can come."""
        return self._ended_at is not None and now - self._ended_at > LATE_S

    def holds_back(self, sequence: int) -> bool:
        """Whether this packet is one that nobody may get."""
        newest = self._newest
        if self._ended_at is not None:
            return newest is not None and signed_distance(sequence, newest) <= 0
        if newest is None or signed_distance(sequence, newest) > 0:
            self._newest = sequence
        return True
