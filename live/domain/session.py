"""One live show and the steps of its life."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from live.domain.ids import SessionId
from live.domain.people import GRANTED_SEGMENTS, OPEN_SEGMENTS
from live.domain.recording import Recording
from live.domain.segment import Segment


class SessionState(StrEnum):
    DRAFT = "draft"
    LOBBY = "lobby"
    LIVE = "live"
    ENDED = "ended"


STEPS: frozenset[tuple[SessionState, SessionState]] = frozenset(
    {
        (SessionState.DRAFT, SessionState.LOBBY),
        (SessionState.DRAFT, SessionState.LIVE),
        (SessionState.LOBBY, SessionState.LIVE),
        (SessionState.LOBBY, SessionState.DRAFT),
        (SessionState.LIVE, SessionState.ENDED),
    }
)
"""Every step there is; to stay where one is, is none."""


@dataclass(frozen=True, slots=True)
class Session:
    """What is known of a show besides what happens in it. ``segments`` are those of its own; the
    built-in ones are always there."""

    id: SessionId
    slug: str
    title: str
    state: SessionState
    epoch: str
    created_at: datetime
    starts_at: datetime | None = None
    languages: tuple[str, ...] = ("en", "fr")
    segments: tuple[Segment, ...] = ()
    visibility: str = "public"
    description: str = ""
    recording: Recording = Recording.OFF
    live_since: datetime | None = None
    ended_at: datetime | None = None

    @property
    def chat_runs(self) -> bool:
        return self.state in (SessionState.LOBBY, SessionState.LIVE)

    def segment_is_open(self, segment: str) -> bool | None:
        """True: anyone may choose it; False: it takes a grant; None: there is no such segment."""
        if segment in OPEN_SEGMENTS:
            return True
        if segment in GRANTED_SEGMENTS:
            return False
        return next((each.open for each in self.segments if each.id == segment), None)
