"""Who speaks: from the audio levels that publishers write beside their packets (RFC 6464), and who
of them a player with one picture is shown.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from live.ports.media_seats import SEATS, Seat

AUDIO_LEVEL_URI: Final = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"

LOUD_DBOV: Final = -50.0
"""A voice at a microphone is at −40 to −15, a quiet room below −60."""

SILENT_DBOV: Final = -127.0
RISE: Final = 0.3
"""Share of the way to a louder packet's level; a click of one packet (20 ms) does not get there."""

FALL: Final = 0.1
HOLD_S: Final = 1.0
"""Who was loud within this time still speaks: words have pauses."""

TELL_S: Final = 0.5
"""Between two tellings of one session."""

TAKE_OVER_S: Final = 1.0
"""Who speaks alone for this long is shown to players with one picture."""


BACK_AFTER_S: Final = 5.0
"""After so long without a voice the picture is the host's again."""


class Loudness:
    """How loud one publisher is."""

    def __init__(self) -> None:
        self._level_dbov = SILENT_DBOV
        self._loud_at = float("-inf")

    def note(self, level: int, now: float) -> None:
        """Take a packet's level: 0 (loudest) to 127 (silence), in −dBov."""
        change = -level - self._level_dbov
        self._level_dbov += change * (RISE if change > 0 else FALL)
        if self._level_dbov >= LOUD_DBOV:
            self._loud_at = now

    def speaks(self, now: float) -> bool:
        """Whether it is loud, or was a moment ago."""
        return now - self._loud_at <= HOLD_S


class Speakers:
    """Who speaks on one stage: ``seats``, in their order, and ``lead``, who is shown where one
    picture must do.

    The host (whoever has the first seat that is taken) is shown when speaking, and once nobody has
    for a while; a guest who has spoken alone for a second, until the host or another guest does.
    """

    def __init__(self) -> None:
        self.seats: tuple[Seat, ...] = ()
        self.lead: Seat | None = None
        self._told: tuple[Seat, ...] = ()
        self._told_at = float("-inf")
        self._alone: tuple[Seat, float] | None = None
        self._heard_at = float("-inf")

    def listen(self, heard: Mapping[Seat, Loudness], now: float) -> bool:
        """Find out again, of those who are ``heard`` now; whether `lead` is another one."""
        self.seats = tuple(seat for seat in SEATS if seat in heard and heard[seat].speaks(now))
        former, self.lead = self.lead, self._lead(tuple(s for s in SEATS if s in heard), now)
        return self.lead is not former

    def news(self, now: float) -> tuple[Seat, ...] | None:
        """Who speaks, if that is to be told now; None if it was told, or something was just now."""
        if self.seats == self._told or now - self._told_at < TELL_S:
            return None
        self._told, self._told_at = self.seats, now
        return self.seats

    def _lead(self, present: Sequence[Seat], now: float) -> Seat | None:
        if not present:
            return None
        if self.seats:
            self._heard_at = now
        host = present[0]
        if host in self.seats or now - self._heard_at > BACK_AFTER_S:
            self._alone = None
            return host
        shown = self.lead if self.lead in present else host
        if shown in self.seats or not self.seats:
            self._alone = None
            return shown
        speaker = self.seats[0]
        if self._alone is None or self._alone[0] != speaker:
            self._alone = (speaker, now)
        return speaker if now - self._alone[1] >= TAKE_OVER_S else shown
