"""What two media processes say to each other about a publisher's streams.

The process that has the publisher is the *home*; one that has viewers of it *taps*. A tap opens a
connection to every other process. On it the home names its publishers (`Appeared`, `Vanished`), the
tap says which it needs (`Want`), and packets follow (`Flow`). A publisher is a number that the home
chose, a stream its place among the publisher's.
"""

from typing import Final

import msgspec

from live.media.codecs import Codec
from live.ports.media_seats import Seat


class _Word(msgspec.Struct, frozen=True, array_like=True, tag=True):
    publisher: int


class Appeared(_Word, frozen=True):
    """Home: someone publishes from a seat, these streams."""

    session_id: str
    seat: Seat
    participant_id: str
    streams: tuple[tuple[Codec, str], ...]
    """Each with its RID."""
    on_air: bool
    leads: bool


class Standing(_Word, frozen=True):
    """Home: whether viewers may see this one now, and whether a player with one picture does."""

    on_air: bool
    leads: bool


class Vanished(_Word, frozen=True):
    """Home: that one publishes no more."""


class Flow(_Word, frozen=True):
    """Home: packets as they came, each `(sequence, timestamp, ends a frame, payload)`; they were
    received ``age_s`` ago.
    """

    stream: int
    age_s: float
    packets: list[tuple[int, int, bool, bytes]]


class Anew(_Word, frozen=True):
    """Home: the stream's numbers have nothing to do with the former ones from now on."""

    stream: int


class ClockTold(_Word, frozen=True):
    """Home: the publisher's word on which timestamp belongs to which time (our NTP time), at a
    moment of the machine's monotonic clock.
    """

    stream: int
    ntp: int
    timestamp: int
    at: float


class Want(_Word, frozen=True):
    """Tap: send the streams of this publisher, or no more."""

    on: bool


class KeyframeWanted(_Word, frozen=True):
    """Tap: someone waits for a keyframe of this stream."""

    stream: int


HomeWord = Appeared | Standing | Vanished | Flow | Anew | ClockTold
TapWord = Want | KeyframeWanted
Word = HomeWord | TapWord

HOME_WORDS: Final = msgspec.msgpack.Decoder(HomeWord)
TAP_WORDS: Final = msgspec.msgpack.Decoder(TapWord)
ENCODER: Final = msgspec.msgpack.Encoder()
