"""Identifiers. Each is opaque, URL-safe text of at most 64 characters."""

from __future__ import annotations

from typing import NewType

SessionId = NewType("SessionId", str)
ParticipantId = NewType("ParticipantId", str)
PersonId = NewType("PersonId", str)
MessageId = NewType("MessageId", str)
QuestionId = NewType("QuestionId", str)
ContentId = NewType("ContentId", str)
PaperId = NewType("PaperId", str)
AnnouncementId = NewType("AnnouncementId", str)
PartId = NewType("PartId", str)
PollId = NewType("PollId", str)
CallId = NewType("CallId", str)
DecisionId = NewType("DecisionId", str)
Seq = NewType("Seq", int)
