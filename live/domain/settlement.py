"""What the team said to something that was written: a reply, a promise, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from live.domain.ids import ContentId, ParticipantId


@dataclass(frozen=True, slots=True)
class Said:
    """A text of the team's, under the brand's name; ``by`` is for the team and the audit alone."""

    content_id: ContentId
    commitment: str
    by: ParticipantId
    at: datetime


@dataclass(frozen=True, slots=True)
class Promise:
    """Somebody will answer until ``due``; the content holds the name of who."""

    owner_id: ContentId
    commitment: str
    due: datetime
    by: ParticipantId
    at: datetime


@dataclass(frozen=True, slots=True)
class Settlement:
    """All that was said to one subject. A promise stays when it was kept; ``let_go`` is why
    there will be none."""

    reply: Said | None = None
    promise: Promise | None = None
    let_go: Said | None = None

    @property
    def contents(self) -> tuple[ContentId, ...]:
        """The texts that this refers to."""
        said = tuple(each.content_id for each in (self.reply, self.let_go) if each is not None)
        return said if self.promise is None else (*said, self.promise.owner_id)


UNSETTLED = Settlement()
