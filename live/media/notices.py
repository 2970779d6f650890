"""What an engine says of itself: the port's events, and which legs are no more.

Apart from the engine, so that the server's own process need not load the WebRTC stack to hear it.
"""

from dataclasses import dataclass

from live.media.hls.news import HlsNews
from live.ports.media import LegId
from live.ports.media_events import (
    RecordingClosed,
    RecordingOpened,
    RecordingStopped,
    SeatFreed,
    SeatPublishing,
    SeatResumed,
    SeatSilent,
    SeatsSpeaking,
)


@dataclass(frozen=True, slots=True)
class LegEnded:
    """A leg is gone, for whatever reason; a seat that was announced is freed by its own event."""

    leg_id: LegId


RecordingNotice = RecordingOpened | RecordingClosed | RecordingStopped
SeatNotice = SeatPublishing | SeatSilent | SeatResumed | SeatFreed | SeatsSpeaking
Notice = SeatNotice | LegEnded | RecordingNotice | HlsNews
