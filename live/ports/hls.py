"""HLS (RFC 8216 and its low-latency additions), as the server's routes ask for it.

A stage on air is cut into *pieces*, each under a name of its own that nobody can guess and that
never means anything else. A *playlist* names the newest ones; only who may watch gets it.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

from live.ports.media_refusals import MediaRefusal

HlsList = Literal["index", "video", "sound"]
"""Which playlist: of both ways to watch, of picture and sound, of sound alone."""

HlsLack = Literal["off", "not_publishing", "cut", "no_picture", "no_h264"]
"""Why there is nothing, or sound alone: the operator has not switched HLS on; nobody publishes on
air; the team has cut it; who publishes sends no picture, or none in H264.
"""


@dataclass(frozen=True, slots=True)
class HlsRequest:
    """A playlist is asked for. ``prefix`` goes before the name of a piece in it. ``segment`` and
    ``part``, where given, are waited for; ``parts`` False leaves parts out.
    """

    session_id: str
    participant_id: str
    which: HlsList
    prefix: str
    segment: int | None = None
    part: int | None = None
    parts: bool = True


@dataclass(frozen=True, slots=True)
class HlsStanding:
    """What a session has: ``picture`` with sound, or ``sound`` alone, and why not more. So many are
    ``watching``: they asked for a playlist within the last seconds. ``low_latency`` is false where
    players should ask for whole segments, since so many do.
    """

    picture: bool
    sound: bool
    lack: HlsLack | None
    watching: int = 0
    low_latency: bool = True


class HlsSource(Protocol):
    """Gives playlists and pieces. Idempotent; cancelling a call leaves nothing behind; every call
    answers within 6 s, and none raises for what was asked.
    """

    async def standing(self, session_id: str) -> HlsStanding:
        """Tell what a session has."""

    async def playlist(self, request: HlsRequest) -> str | MediaRefusal:
        """A playlist as text, for someone who may watch.

        Who asks for the first time is let in like a viewer, or refused: `full`. Also refused:
        `not_publishing`, `hls_unavailable`, `hls_ahead` (no player that follows asks for that),
        `overloaded`, `engine_down`.
        """

    async def piece(self, name: str) -> bytes | None:
        """A piece (`video/mp4`); the next one is waited for. None where there is none."""
