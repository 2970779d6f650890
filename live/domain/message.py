"""A chat line and its life: pending → published → removed, or pending → refused."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from live.domain.ids import ContentId, MessageId, ParticipantId, Seq
from live.domain.judgement import NO_HINTS, Hints
from live.domain.value import dataclass


class MessageStatus(StrEnum):
    PENDING = "pending"
    PUBLISHED = "published"
    REFUSED = "refused"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the gate or a person decided so: stable ``code``, a sentence, what in the text showed it
    (``evidence`` is personal text: it is kept with the content and goes with it). ``by`` tells a
    rule, which anyone could check, from a model that was taught. What is ``noted`` held nothing and
    is for the team alone."""

    code: str
    text: str
    evidence: str | None = None
    by: Literal["rule", "model"] = "rule"
    noted: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What lies with a text: why it was held, and what it suggests to the team."""

    reasons: tuple[Reason, ...] = ()
    hints: Hints = NO_HINTS


@dataclass(frozen=True, slots=True)
class Message:
    """The current state of a chat line; its text is the content that ``content_id`` names.

    ``place`` is the sequence number of its first publication. ``withdrawn`` means that its author
    took it back or that it was erased: no restore brings it back. ``labels`` and ``assignee`` are
    the team's own marks.
    """

    id: MessageId
    author_id: ParticipantId
    content_id: ContentId
    language: str
    status: MessageStatus
    revision: int
    at: datetime
    reply_to: MessageId | None = None
    place: Seq | None = None
    edited: bool = False
    withdrawn: bool = False
    reasons: tuple[Reason, ...] = ()
    score: float | None = None
    hints: Hints = NO_HINTS
    labels: tuple[str, ...] = ()
    assignee: ParticipantId | None = None
