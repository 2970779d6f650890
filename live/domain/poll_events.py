"""The durable facts of polls; see ``live.domain.events``."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from live.domain.fact import Event
from live.domain.ids import ContentId, ParticipantId, PollId
from live.domain.poll import Plan, PollStatus, Tally, Verdict
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class PollPrepared(Event):
    """Staff only. A draft as it stands; the first such event of a poll begins it."""

    type: ClassVar[str] = "poll.prepared"
    poll_id: PollId
    revision: int
    author_id: ParticipantId
    plan: Plan


@dataclass(frozen=True, slots=True)
class PollOpened(Event):
    """Those whom it reaches are asked from now on, at most ``until``."""

    type: ClassVar[str] = "poll.opened"
    poll_id: PollId
    revision: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PollAnswered(Event):
    """One person's ballot as it stands now; for that person's own connections. ``choices`` are
    identifiers of options: words lie in the content."""

    type: ClassVar[str] = "poll.answered"
    poll_id: PollId
    participant_id: ParticipantId
    choices: tuple[str, ...]
    segment: str
    language: str
    content_id: ContentId | None = None
    commitment: str | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class PollTallied(Event):
    """What is shown from now on."""

    type: ClassVar[str] = "poll.tallied"
    poll_id: PollId
    tally: Tally


@dataclass(frozen=True, slots=True)
class PollClosed(Event):
    """No ballot is taken any more."""

    type: ClassVar[str] = "poll.closed"
    poll_id: PollId
    revision: int


@dataclass(frozen=True, slots=True)
class PollChanged(Event):
    """Revealed, kept on the pages or put away, withdrawn, a word judged: all as it stands."""

    type: ClassVar[str] = "poll.changed"
    poll_id: PollId
    revision: int
    status: PollStatus
    revealed: bool
    shown: bool
    verdicts: tuple[Verdict, ...] = ()


POLL_EVENTS: dict[str, type[Event]] = {
    kind.type: kind
    for kind in (PollPrepared, PollOpened, PollAnswered, PollTallied, PollClosed, PollChanged)
}
