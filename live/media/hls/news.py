"""What a packager says of a session's pieces; the media process sends it to the server's.

A *rendition* is one way to watch: picture and sound, or sound alone. A *part* is about half a
second of one, a *segment* some parts from one place where a player may start to the next. A *run*
is one packager's life: what belongs to a former one is not shown any more.
"""

from dataclasses import dataclass
from typing import Final, Literal

Rendition = Literal["video", "sound"]
RENDITIONS: Final[tuple[Rendition, ...]] = ("video", "sound")

Lack = Literal["no_picture", "no_h264"]
"""Why there is sound alone: nobody sends a picture, or none that browsers play from pieces."""

PART_BYTES_MOST: Final = 900_000
"""Of one part, so that it fits into a message between processes."""


@dataclass(frozen=True, slots=True)
class HlsBegun:
    """A run begins; ``lack`` says why it will have no picture."""

    session_id: str
    run: str
    lack: Lack | None


@dataclass(frozen=True, slots=True)
class HlsHeader:
    """What a player reads before the parts that follow; in the middle of a run they have nothing to
    do with the former ones.
    """

    session_id: str
    run: str
    rendition: Rendition
    data: bytes
    codecs: str
    """As a playlist tells them (RFC 6381)."""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class HlsPart:
    """The next part. ``start_s`` is when it was taken, in seconds since 1970; ``independent`` says
    that a player may start there, ``ends`` that its segment is whole with it.
    """

    session_id: str
    run: str
    rendition: Rendition
    data: bytes
    start_s: float
    duration_s: float
    independent: bool
    ends: bool


@dataclass(frozen=True, slots=True)
class HlsEnded:
    """Nothing more comes of this run."""

    session_id: str
    run: str


HlsNews = HlsBegun | HlsHeader | HlsPart | HlsEnded
