"""What is written between the team and one person: notes, letters, private answers, appeals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from live.domain.ids import ContentId, PaperId, ParticipantId


class PaperKind(StrEnum):
    """A ``note`` is about the person and for the team alone; all others both sides read."""

    NOTE = "note"
    LETTER = "letter"
    ANSWER = "answer"
    APPEAL = "appeal"


class PaperStatus(StrEnum):
    """``sent`` is final. An answer may be ``offered`` for publication, then ``shared`` or ``kept``;
    an appeal is ``waiting``, then ``accepted`` or ``declined``. ``removed``: its words are gone."""

    SENT = "sent"
    OFFERED = "offered"
    SHARED = "shared"
    KEPT = "kept"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper as it stands; ``participant_id`` is the person it is between the team and.

    ``about`` names the question of an answer, or the sanction of an appeal (``Sanction.name``).
    ``reply_id`` is the content of what the team said to an appeal, ``settled_by`` who did.
    """

    id: PaperId
    kind: PaperKind
    participant_id: ParticipantId
    author_id: ParticipantId
    content_id: ContentId
    at: datetime
    status: PaperStatus = PaperStatus.SENT
    about: str | None = None
    reply_id: ContentId | None = None
    settled_by: ParticipantId | None = None

    @property
    def for_both(self) -> bool:
        """Whether the person reads it too."""
        return self.kind is not PaperKind.NOTE
