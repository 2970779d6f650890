"""One act of moderation, and who has what in hand meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from live.domain.ids import ContentId, DecisionId, ParticipantId
from live.domain.subject import Subject


class Verdict(StrEnum):
    """What a decision says; ``undo`` is what an undone one is superseded with, ``ask`` made a
    question of a chat line."""

    PUBLISH = "publish"
    REFUSE = "refuse"
    REMOVE = "remove"
    RESTORE = "restore"
    PICK = "pick"
    ANSWERING = "answering"
    ANSWERED = "answered"
    DISMISS = "dismiss"
    UNDO = "undo"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided what on which subject; never edited, only superseded.

    ``before`` and ``after`` are the subject's statuses, ``revision`` the one it was decided on.
    ``reason_id`` names the content that holds the words of the decider, if any. Decisions that were
    made at once bear the same ``group``.
    """

    id: DecisionId
    subject: Subject
    verdict: Verdict
    by: ParticipantId | None
    at: datetime
    revision: int
    before: str
    after: str
    reason_id: ContentId | None = None
    supersedes: DecisionId | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Someone of the team has this in hand until ``until``."""

    subject: Subject
    by: ParticipantId
    until: datetime
