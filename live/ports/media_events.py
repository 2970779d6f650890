"""What the media port tells of by itself: seats, recordings, its own processes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from live.ports.media_seats import Seat, VideoCodec


@dataclass(frozen=True, slots=True)
class SeatPublishing:
    """A seat's publisher is connected and its first packet has come. `video_codec` is None
    without video.
    """

    session_id: str
    seat: Seat
    participant_id: str
    has_audio: bool
    has_video: bool
    video_codec: VideoCodec | None


@dataclass(frozen=True, slots=True)
class SeatSilent:
    """Nothing has come from a publishing seat for 3 s."""

    session_id: str
    seat: Seat
    participant_id: str


@dataclass(frozen=True, slots=True)
class SeatResumed:
    """Media comes again from a seat that was silent."""

    session_id: str
    seat: Seat
    participant_id: str


FreedReason = Literal["hung_up", "replaced", "lost", "evicted", "ended", "engine_lost"]


@dataclass(frozen=True, slots=True)
class SeatFreed:
    """A seat that was announced by `SeatPublishing` has no publisher any more."""

    session_id: str
    seat: Seat
    participant_id: str
    reason: FreedReason


@dataclass(frozen=True, slots=True)
class SeatsSpeaking:
    """These seats speak now, of two or more on air; told when it changes, at most twice a
    second.
    """

    session_id: str
    seats: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class EngineLost:
    """A process of the engine is gone and is being started again; its legs are lost, each seat it
    had was freed before this. Those of other processes go on.
    """

    process: int = 0
    """Counted from 0."""


@dataclass(frozen=True, slots=True)
class EngineBack:
    """The process takes legs again; what is on air was restored, publishers and viewers must
    connect anew.
    """

    process: int = 0


RecordingForm = Literal["webm", "mp4"]
RecordingTrouble = Literal["disk_full", "quota_full", "unwritable"]


@dataclass(frozen=True, slots=True)
class RecordingOpened:
    """A file was begun in the order's folder. Its first frame was taken at ``started_us``,
    microseconds since 1970 on the server's clock.
    """

    session_id: str
    seat: Seat
    participant_id: str
    name: str
    form: RecordingForm
    started_us: int


@dataclass(frozen=True, slots=True)
class RecordingClosed:
    """A file is whole. ``lost`` counts packets that never came, or that the disk was too slow
    for.
    """

    session_id: str
    name: str
    duration_ms: int
    size: int
    lost: int


@dataclass(frozen=True, slots=True)
class RecordingStopped:
    """A seat is recorded no more, for a reason of the disk's; what was written is kept."""

    session_id: str
    seat: Seat
    trouble: RecordingTrouble


MediaEvent = (
    SeatPublishing
    | SeatSilent
    | SeatResumed
    | SeatFreed
    | SeatsSpeaking
    | EngineLost
    | EngineBack
    | RecordingOpened
    | RecordingClosed
    | RecordingStopped
)
MediaListener = Callable[[MediaEvent], None]
