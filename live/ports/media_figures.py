"""How the media port is, and how much it carries: health, figures of a session, capacity."""

from dataclasses import dataclass, field
from typing import Literal

from live.ports.media_seats import Seat, VideoCodec


@dataclass(frozen=True, slots=True)
class WatchRate:
    """One way to watch a session: a picture of this height (None: not known), and so many bits a
    second with its sound. `name` stays the same while rates change.
    """

    name: str
    height: int | None
    bitrate_bps: int


@dataclass(frozen=True, slots=True)
class ProcessHealth:
    """As `MediaHealth`, of one of the engine's processes."""

    ok: bool
    udp_port: int
    publishers: int
    viewers: int
    restarts: int
    egress_bps: int = 0


@dataclass(frozen=True, slots=True)
class MediaHealth:
    """Whether the engine answers, and on which UDP port (the true one, also when 0 was asked
    for; the first of several). `viewers` counts those who are still connecting. `egress_bps` is
    what was sent over the last second, headers included.
    """

    ok: bool
    udp_port: int
    publishers: int
    viewers: int
    restarts: int
    egress_bps: int = 0
    session_rates: dict[str, tuple[WatchRate, ...]] = field(default_factory=dict)
    """What one viewer of each session is sent, from the cheapest way to watch to the best."""
    processes: tuple[ProcessHealth, ...] = ()
    """Its processes; it answers while one of them does."""
    trouble: str = ""
    """What is wrong where another server has picture and sound."""


@dataclass(frozen=True, slots=True)
class SeatStats:
    """What comes in from one seat, over the last second; `loss` is a fraction of 1 before
    repair.
    """

    seat: Seat
    participant_id: str
    video_codec: VideoCodec | None
    bitrate_bps: int
    loss: float
    packets: int
    silent: bool


@dataclass(frozen=True, slots=True)
class SessionStats:
    """What a session's media does now; `packets_sent` and `packets_dropped` count since the
    session began.
    """

    session_id: str
    on_air: bool
    seats: tuple[SeatStats, ...]
    viewers: int
    packets_sent: int
    packets_dropped: int


@dataclass(frozen=True, slots=True)
class LayerCapacity:
    """So many viewers if each is sent this."""

    viewers: int
    height: int | None
    bitrate_bps: int


CapacityBound = Literal["processor", "link", "setting"]


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many people a session may have in all: who see the picture in each way there is, from
    the best to the cheapest (`layers`), or who only listen (`listeners`); and what bounds the
    first of these: the machine's cores, `CAUSERIE_EGRESS_MBIT` or `CAUSERIE_MAX_VIEWERS`. Rates
    are `measured`, or those of a usual picture; `watching` are there.
    """

    layers: tuple[LayerCapacity, ...]
    listeners: int
    bound: CapacityBound
    measured: bool
    watching: int
