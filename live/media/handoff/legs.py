"""Legs as Janus has them: a publisher in a room, a viewer at a mountpoint."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from live.media.codecs import Codec, Kind
from live.media.handoff.link import Said
from live.ports.media import LegId
from live.ports.media_events import MediaEvent, SeatPublishing, SeatResumed, SeatSilent
from live.ports.media_seats import SEATS, Seat, VideoCodec

SILENT_S: Final = 0.5
"""Janus looks once a second, and says that a stream stopped one to two seconds after its last
packet; the port's silence is 3 s.
"""

LOST_S: Final = 13.0
"""Silent for so much longer, a publisher is gone: Janus 1.1 does not notice a peer that vanished
without a word.
"""


class Profile(NamedTuple):
    """What a mountpoint sends: viewers who offer the same watch the same one."""

    video: str
    """The codec's name and its profile, if it has any."""
    video_type: int
    audio_type: int
    parameters: str
    """Of the picture's codec (`a=fmtp`), as the publisher offers it."""

    @property
    def codec(self) -> str:
        """As Janus calls the picture's codec."""
        return self.video.partition(" ")[0].lower()


@dataclass(eq=False, slots=True)
class Watcher:
    """A viewer's leg."""

    leg_id: LegId
    profile: Profile
    ufrag: str
    pictures: tuple[str, ...]
    """What its pictures are called in the mountpoint."""
    picture: bool = True
    """Whether they are sent."""
    handle: int = 0
    connected: bool = False


@dataclass(eq=False, slots=True)
class Feed:
    """A publisher's leg; `tell` hears of its silences, `lose` when they last too long."""

    leg_id: LegId
    session_id: str
    participant_id: str
    seat: Seat
    mids: dict[Kind, str]
    video: Codec | None
    layered: bool
    on_air: bool
    muted: bool
    ufrag: str
    tell: Callable[[MediaEvent], None]
    lose: Callable[[LegId], object]
    silent_s: float = SILENT_S
    lost_s: float = LOST_S
    handle: int = 0
    id: int = 0
    """What the room calls it."""
    connected: bool = False
    publishing: bool = False
    silent: bool = False
    _receiving: set[str] = field(default_factory=set)
    _timer: asyncio.TimerHandle | None = None

    def hear(self, said: Said) -> bool:
        """Take note of what Janus tells of it; whether it publishes from now on."""
        if said.janus == "webrtcup":
            self.connected = True
        elif said.janus == "media":
            (self._receiving.add if said.receiving else self._receiving.discard)(said.mid)
        begins = self.connected and bool(self._receiving) and not self.publishing
        if begins:
            self.publishing = True
            self.tell(self.published)
        self._look_at_silence()
        return begins

    def rest(self) -> None:
        """It ended: nothing is told of it any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def published(self) -> SeatPublishing:
        """What is told once its first packet came."""
        return SeatPublishing(
            self.session_id,
            self.seat,
            self.participant_id,
            has_audio="audio" in self.mids,
            has_video="video" in self.mids,
            video_codec=video_name(self.video),
        )

    def _look_at_silence(self) -> None:
        if self._receiving:
            self.rest()
            if self.silent:
                self.silent = False
                self.tell(SeatResumed(self.session_id, self.seat, self.participant_id))
        elif self.publishing and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self.silent_s, self._fall_silent)

    def _fall_silent(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self.lost_s, lambda: self.lose(self.leg_id))
        self.silent = True
        self.tell(SeatSilent(self.session_id, self.seat, self.participant_id))


def stream_name(kind: Kind, seat: Seat) -> str:
    """What a seat's picture or sound is called in a mountpoint."""
    return f"{kind[0]}{SEATS.index(seat)}"


def codec_name(codec: Codec) -> str:
    """The codec and its profile, if it has any."""
    return codec.name if codec.profile is None else f"{codec.name} {codec.profile}"


def video_name(codec: Codec | None) -> VideoCodec | None:
    """What a picture comes in, as the port calls it."""
    return None if codec is None or codec.name == "opus" else codec.name
