"""One stream's way from packets to frames in time."""

import time
from typing import Final

from live.media.codecs import Codec
from live.media.recording.frames import Assembler, Frame
from live.media.recording.tap import Arrived
from live.media.recording.timeline import TrackClock

TRUST_S: Final = 10.0
"""A publisher's word on when a frame was taken counts as long as it is so near to its arrival: a
clock that was set, or a lie, would make a show of weeks.
"""


class Track:
    """Makes frames of what a tap hears, each with its moment: seconds since 1970."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._epoch: int | None = None
        self._assembler = Assembler(codec.name)
        self._clock = TrackClock(codec.clock_rate)
        self._lost = 0
        self._latest_at = 0.0

    @property
    def starved(self) -> bool:
        """Whether nothing can be shown before another keyframe."""
        return self._assembler.starved

    @property
    def reported(self) -> bool:
        """Whether moments are the publisher's own word, not a guess."""
        return self._clock.reported

    @property
    def lost(self) -> int:
        """Packets that never came."""
        return self._lost + self._assembler.lost

    def take(self, arrived: Arrived) -> list[tuple[float, Frame]]:
        """The frames that are whole with what arrived."""
        if self._epoch is None:
            self._epoch = arrived.epoch
        elif arrived.epoch != self._epoch:
            self._epoch = arrived.epoch
            self._lost += self._assembler.lost
            self._assembler = Assembler(self._codec.name)
            self._clock.begin_anew()
        if arrived.clock is not None:
            self._clock.note(*arrived.clock, reported=arrived.reported)
        if not self._clock.known:
            return []  # where it stood was among what was left out
        if arrived.blank is not None:
            frames = self._assembler.pass_over(arrived.blank, arrived.now)
        else:
            frames = self._assembler.take_all(arrived.packets, arrived.now)
        came_at = arrived.now + time.time() - time.monotonic()
        return [(self._at(frame, came_at), frame) for frame in frames]

    def _at(self, frame: Frame, came_at: float) -> float:
        """When it was taken. Never before the frame that came before it: where the numbering began
        anew, the clock may step back, and a decoder needs the frames in their order.
        """
        at = self._clock.at(frame.timestamp)
        if abs(at - came_at) > TRUST_S:
            at = came_at
        self._latest_at = max(self._latest_at, at)
        return self._latest_at
