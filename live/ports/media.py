"""The media port: how pictures and sound get in from publishers and out to viewers.

The rest of the server speaks to the video path only through `MediaEngine`. It knows sessions and
participants as opaque strings, so that neither side depends on the other's model. SDP goes through
as text (RFC 8866); what an HTTP route needs besides (status, `ETag`, `Retry-After`) is in the
answers.

Words: a *leg* is one WebRTC transport, a publisher's or a viewer's. A *seat* is a place on stage
(`host`, `guest-1` … `guest-3`), held by at most one publisher. A session is *on air* while viewers
may receive; before that a publisher may connect for a preview that nobody gets.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, NewType, Protocol

from live.ports.media_events import MediaListener
from live.ports.media_figures import Capacity, MediaHealth, SessionStats
from live.ports.media_refusals import MediaRefusal
from live.ports.media_seats import Seat, SeatOrder

LegId = NewType("LegId", str)
"""Names a leg in its resource URL; unguessable (128 bits), made of `A–Z a–z 0–9 _ -`."""

SDP_LIMIT_BYTES: Final = 65_536
SDP_LINES_LIMIT: Final = 4_000
"""Browsers' longest have 800; each is read in turn, while everyone's packets wait."""


@dataclass(frozen=True, slots=True)
class PublishRequest:
    """Someone offers to send. `offer_sdp` is the body of the WHIP request, at most
    `SDP_LIMIT_BYTES`.
    """

    session_id: str
    participant_id: str
    seat: Seat
    offer_sdp: str
    takeover: bool = False
    on_air: bool = True
    """Whether it may be seen and heard at once; a guest backstage may not."""
    muted: bool = False


@dataclass(frozen=True, slots=True)
class WatchRequest:
    """Someone offers to receive. `offer_sdp` is the body of the WHEP request, at most
    `SDP_LIMIT_BYTES`.
    """

    session_id: str
    participant_id: str
    offer_sdp: str


@dataclass(frozen=True, slots=True)
class Leg:
    """An accepted leg: 201 with `answer_sdp` as body and `etag` (quotes included) as `ETag`."""

    leg_id: LegId
    etag: str
    answer_sdp: str
    links: tuple[str, ...] = ()
    """`Link` values that go with it, such as relays of a service that has picture and sound."""


Quality = Literal["auto", "high", "low", "audio"]
"""What a viewer asks for: what fits its link and its player, the best that its link carries, the
smallest picture, or no picture.
"""


@dataclass(frozen=True, slots=True)
class LayerWish:
    """How a viewer wants its pictures; what is None stays as it was. `max_height` is how high its
    player shows them, in pixels of the screen; 0: as high as they come.
    """

    quality: Quality | None = None
    max_height: int | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """What a viewer's leg gets. `picture` is false where it gets sound alone: because it wished so,
    or because its link carries no more (`short_link`), or because nobody sends any. `height` is in
    pixels, None if it is not known.
    """

    quality: Quality
    picture: bool
    height: int | None
    bitrate_bps: int
    short_link: bool


@dataclass(frozen=True, slots=True)
class Trickled:
    """The fragment was taken note of: 204."""


@dataclass(frozen=True, slots=True)
class Restarted:
    """ICE begins anew: 200 with `fragment` (`application/trickle-ice-sdpfrag`) and the new
    `etag`.
    """

    etag: str
    fragment: str


@dataclass(frozen=True, slots=True)
class LegOwner:
    """Whose leg it is; only this participant may change or end it."""

    session_id: str
    participant_id: str
    kind: Literal["publisher", "viewer"]
    seat: Seat | None
    picture: bool = True
    """False for a viewer who asked for sound alone."""

    most: str | None = None
    """The best way to watch that there is room for (`WatchRate.name`, or `-` for the sound alone);
    None: any.
    """


@dataclass(frozen=True, slots=True)
class RecordingOrder:
    """Record every seat of a session into ``folder``, while it is on air. Not more than
    ``most_bytes``, and never so much that less than ``spare_bytes`` are free on the disk.
    """

    folder: str
    most_bytes: int
    spare_bytes: int


class MediaStartError(Exception):
    """The engine cannot start with this setting: `str()` is one sentence with variable, value
    and remedy.
    """

    def __init__(self, variable: str, value: str, remedy: str) -> None:
        super().__init__(f"{variable}={value}: {remedy}")
        self.variable = variable
        self.value = value
        self.remedy = remedy


class MediaEngine(Protocol):
    """Takes in publishers and forwards their packets to viewers, never decoding them.

    Ordering: calls for one session take effect in the order in which they were made. Events of a
    session reach each listener in the order in which they happened; a seat's are `SeatPublishing`,
    then any alternation of `SeatSilent` and `SeatResumed`, then one `SeatFreed`. Cancellation:
    cancelling a call may leave its effect done; a leg whose answer nobody took times out by itself.
    Errors: a call never raises for what a client sent or because the engine is down, it returns
    `MediaRefusal`; only `start` raises (`MediaStartError`). Every call answers within 6 s.
    """

    async def start(self) -> None:
        """Begin to take legs. Once it returns the UDP port is open; raises `MediaStartError` if
        it cannot be.
        """

    async def close(self) -> None:
        """End all legs and free the port, within 2 s. Idempotent; afterwards every call is
        refused.
        """

    async def publish(self, request: PublishRequest) -> Leg | MediaRefusal:
        """Give a seat to a publisher.

        A taken seat is `seat_taken` unless `takeover`, which ends the former leg (`SeatFreed`,
        `replaced`) and keeps the viewers; a seat whose leg has been silent for 3 s may be taken
        again by its own participant. Not idempotent: each call is a new leg. Also refused: `codec`,
        `malformed_sdp`, `overloaded`, `engine_down`.
        """

    async def watch(self, request: WatchRequest) -> Leg | MediaRefusal:
        """Give a viewer what is on stage.

        `not_publishing` (with `retry_after_s`) until the session is on air and some seat is
        publishing; `codec` if it and the viewer share none. A leg outlives its publisher: it goes
        on with the next one if the codec fits. An offer to receive one picture and one sound gets
        the host or who speaks; one to receive several gets the seats in the order of `SEATS`, the
        n-th picture and the n-th sound being the n-th seat's, whoever comes and goes there. Beyond
        the operator's bounds `full` (with `retry_after_s`). Also refused: `malformed_sdp`,
        `overloaded`, `engine_down`.
        """

    async def trickle(
        self, leg_id: LegId, etag: str | None, fragment: str
    ) -> Trickled | Restarted | MediaRefusal:
        """Take a PATCH body: candidates, or new ICE credentials (RFC 9725 section 4.3, RFC 8840).

        `etag` is the `If-Match` header as it came, `*` included, or None without one. A repeated
        fragment has no second effect. Refused: `not_found`, `etag_required`, `etag_mismatch`,
        `malformed_sdp`, `engine_down`.
        """

    async def adjust(self, leg_id: LegId, wish: LayerWish) -> Watched | MediaRefusal:
        """Take a viewer's wish, and tell what it gets; an empty wish only asks. Idempotent.

        Refused: `not_found` (also for a publisher's leg), `engine_down`.
        """

    async def owner_of(self, leg_id: LegId) -> LegOwner | None:
        """Tell whose leg this is; None once it has ended or if there never was one."""

    async def hang_up(self, leg_id: LegId) -> bool:
        """End a leg; the peer is told at once. False if there is none (so a second call does
        nothing).
        """

    async def evict(self, session_id: str, participant_id: str) -> int:
        """End every leg of a participant in a session; how many there were. Idempotent."""

    async def set_on_air(self, session_id: str, *, on: bool) -> None:
        """Begin or stop forwarding. Off ends the viewers' legs and keeps the publishers' (preview).

        Idempotent. Remembered across a loss of the engine; a session begins off air.
        """

    async def set_seats(self, session_id: str, orders: tuple[SeatOrder, ...]) -> None:
        """Say who has which seat. A publisher who is not who has the seat is ended (`evicted`); of
        a seat that is not named nothing changes. Nobody else's leg is touched.

        Idempotent. Not remembered across a loss of the engine: publishers come anew, each with
        what its `PublishRequest` says.
        """

    async def set_slate(self, session_id: str, *, on: bool) -> None:
        """Cut every picture and sound of a session, or give them back.

        While it is on, what arrives from publishers is thrown away: no viewer and no file gets it,
        neither then nor later, and what came shortly before is not repeated. Legs stay; afterwards
        each stream goes on with a keyframe that is younger than the slate. Idempotent. Remembered
        across a loss of the engine; a session begins without it.
        """

    async def set_recording(self, session_id: str, order: RecordingOrder | None) -> None:
        """Begin or stop recording what is on air; None stops. Never stands in the way of viewers.

        Idempotent: an order like the former one changes nothing. Remembered across a loss of the
        engine. A file ends with its seat's publisher, with the air and with the session; a
        publisher who comes back begins another one. What comes of it is told by
        `RecordingOpened`, then `RecordingClosed` (not across a loss of the engine), and
        `RecordingStopped` where the disk is in the way.
        """

    async def end_session(self, session_id: str) -> None:
        """End every leg of a session and forget it. Idempotent."""

    def subscribe(self, listener: MediaListener) -> Callable[[], None]:
        """Hear events from now on; returns the way to stop. Listeners run in the caller's loop,
        must not block.
        """

    async def health(self) -> MediaHealth:
        """Tell whether the engine answers; asks it, so that a stuck engine is seen."""

    async def capacity(self, session_id: str) -> Capacity:
        """Tell how many viewers of this session the machine carries."""

    async def stats(self, session_id: str) -> SessionStats:
        """Tell what a session's media does; zeros for an unknown session or while the engine is
        down.
        """
