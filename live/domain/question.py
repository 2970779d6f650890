"""A question, its ballots, and its way to an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from live.domain.ids import ContentId, MessageId, ParticipantId, QuestionId, Seq
from live.domain.judgement import NO_HINTS, Hints
from live.domain.message import Reason


class QuestionStatus(StrEnum):
    PENDING = "pending"
    PUBLISHED = "published"
    PICKED = "picked"
    ANSWERING = "answering"
    ANSWERED = "answered"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Question:
    """The current state of a question; its text is the content that ``content_id`` names.

    Ballots are separate (``Ballot``): they stay where they were cast, the root of a merge counts
    distinct people. ``place`` is the sequence number of its first publication, ``from_message`` the
    chat line that it was.
    """

    id: QuestionId
    author_id: ParticipantId
    content_id: ContentId
    language: str
    status: QuestionStatus
    revision: int
    at: datetime
    place: Seq | None = None
    merged_into: QuestionId | None = None
    tallied: int = 0
    edited: bool = False
    withdrawn: bool = False
    picked_at: datetime | None = None
    answering_at: datetime | None = None
    answered_at: datetime | None = None
    reasons: tuple[Reason, ...] = ()
    score: float | None = None
    hints: Hints = NO_HINTS
    from_message: MessageId | None = None
    labels: tuple[str, ...] = ()
    assignee: ParticipantId | None = None


@dataclass(frozen=True, slots=True)
class Ballot:
    """One participant's vote as it stands: ``up`` False is a vote taken back."""

    question_id: QuestionId
    participant_id: ParticipantId
    up: bool
