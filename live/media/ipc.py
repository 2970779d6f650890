"""What the server's process and the media process say to each other over a socket pair.

A message is a 4-byte length and a MessagePack `Parcel`; its body is one of the dataclasses in
`_KINDS`, checked field by field when it is read. Calls and their replies share an `id`; notices
have id 0.
"""

import asyncio
import struct
from dataclasses import dataclass
from typing import Final

import msgspec

from live.media.hls import news
from live.media.notices import LegEnded
from live.media.relay.place import Place
from live.media.settings import MediaSettings
from live.ports import media as port
from live.ports import media_events, media_figures, media_refusals, media_seats

MESSAGE_LIMIT_BYTES: Final = 1 << 20
"""Several times the largest SDP; a longer message means the stream is out of step."""

_LENGTH = struct.Struct("!I")


@dataclass(frozen=True, slots=True)
class Start:
    """First call: open the port."""

    settings: MediaSettings
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """The port is open."""

    udp_port: int


@dataclass(frozen=True, slots=True)
class CannotStart:
    """It cannot be; the fields of `MediaStartError`."""

    variable: str
    value: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Watch:
    """Call of `MediaEngine.watch`, with the best way to watch that there is room for."""

    request: port.WatchRequest
    most: str | None


@dataclass(frozen=True, slots=True)
class Trickle:
    """Call of `MediaEngine.trickle`."""

    leg_id: port.LegId
    etag: str | None
    fragment: str


@dataclass(frozen=True, slots=True)
class Adjust:
    """Call of `MediaEngine.adjust`."""

    leg_id: port.LegId
    wish: port.LayerWish


@dataclass(frozen=True, slots=True)
class Limit:
    """Call: there is room for no better way to watch than this for a viewer (None: for any)."""

    leg_id: port.LegId
    most: str | None


@dataclass(frozen=True, slots=True)
class HangUp:
    """Call of `MediaEngine.hang_up`."""

    leg_id: port.LegId


@dataclass(frozen=True, slots=True)
class Evict:
    """Call of `MediaEngine.evict`."""

    session_id: str
    participant_id: str


@dataclass(frozen=True, slots=True)
class SetOnAir:
    """Call of `MediaEngine.set_on_air`."""

    session_id: str
    on: bool


@dataclass(frozen=True, slots=True)
class SetSeats:
    """Call of `MediaEngine.set_seats`."""

    session_id: str
    orders: tuple[media_seats.SeatOrder, ...]


@dataclass(frozen=True, slots=True)
class SetSlate:
    """Call of `MediaEngine.set_slate`."""

    session_id: str
    on: bool


@dataclass(frozen=True, slots=True)
class SetRecording:
    """Call of `MediaEngine.set_recording`."""

    session_id: str
    order: port.RecordingOrder | None


@dataclass(frozen=True, slots=True)
class EndSession:
    """Call of `MediaEngine.end_session`."""

    session_id: str


@dataclass(frozen=True, slots=True)
class AskHealth:
    """Call of `MediaEngine.health`."""


@dataclass(frozen=True, slots=True)
class AskStats:
    """Call of `MediaEngine.stats`."""

    session_id: str


@dataclass(frozen=True, slots=True)
class Count:
    """Reply: how many legs a call ended."""

    legs: int


@dataclass(frozen=True, slots=True)
class Failed:
    """Reply: the call met a bug; the engine goes on."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """Notice: a log record of the media process, to appear among the server's own."""

    level: int
    logger: str
    message: str
    session: str | None


Body = (
    Start
    | Started
    | CannotStart
    | Trickle
    | Adjust
    | Limit
    | HangUp
    | Evict
    | SetOnAir
    | SetSeats
    | SetSlate
    | SetRecording
    | EndSession
    | AskHealth
    | AskStats
    | Count
    | Failed
    | LogLine
    | LegEnded
    | port.PublishRequest
    | Watch
    | port.Leg
    | media_refusals.MediaRefusal
    | port.Trickled
    | port.Restarted
    | port.Watched
    | media_figures.MediaHealth
    | media_figures.SessionStats
    | media_events.SeatPublishing
    | media_events.SeatSilent
    | media_events.SeatResumed
    | media_events.SeatFreed
    | media_events.SeatsSpeaking
    | media_events.RecordingOpened
    | media_events.RecordingClosed
    | media_events.RecordingStopped
    | news.HlsBegun
    | news.HlsHeader
    | news.HlsPart
    | news.HlsEnded
)

_KINDS: Final[dict[str, type[Body]]] = {kind.__name__: kind for kind in Body.__args__}


class Parcel(msgspec.Struct, frozen=True, array_like=True):
    """One message: whose reply it is, what it is, and its fields."""

    id: int
    kind: str
    body: msgspec.Raw


def pack(call_id: int, body: Body) -> bytes:
    """One message, ready to be written."""
    parcel = Parcel(call_id, type(body).__name__, msgspec.Raw(msgspec.msgpack.encode(body)))
    data = msgspec.msgpack.encode(parcel)
    return _LENGTH.pack(len(data)) + data


async def read(stream: asyncio.StreamReader) -> tuple[int, Body]:
    """The next message. Raises EOFError when the other side is gone, ValueError if it makes no
    sense.
    """
    try:
        (size,) = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))
        if size > MESSAGE_LIMIT_BYTES:
            raise ValueError(f"a message of {size} bytes")
        data = await stream.readexactly(size)
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise EOFError from error
    try:
        parcel = msgspec.msgpack.decode(data, type=Parcel)
        return parcel.id, msgspec.msgpack.decode(parcel.body, type=_KINDS[parcel.kind])
    except (msgspec.MsgspecError, KeyError) as error:
        raise ValueError("a message of no known kind") from error
