"""Facts about people: who they are, what stands against them, what was written to them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from live.domain.fact import Event
from live.domain.ids import ContentId, PaperId, ParticipantId
from live.domain.paper import PaperKind, PaperStatus
from live.domain.people import Role
from live.domain.sanction import SanctionKind, Scope
from live.domain.subject import Subject
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class ParticipantChanged(Event):
    """Role, segment, language or name differ; the name lies in the participant's row.

    ``audience`` tells that role, segment or language changed: the person needs a new snapshot.
    """

    type: ClassVar[str] = "participant.changed"
    participant_id: ParticipantId
    role: Role
    segment: str
    language: str
    audience: bool
    erased: bool = False


@dataclass(frozen=True, slots=True)
class PersonMuted(Event):
    """For the muting person's own connections."""

    type: ClassVar[str] = "person.muted"
    by: ParticipantId
    participant_id: ParticipantId
    on: bool


@dataclass(frozen=True, slots=True)
class SanctionSet(Event):
    """``lifted``: it holds no more."""

    type: ClassVar[str] = "sanction.set"
    participant_id: ParticipantId
    kind: SanctionKind
    until: datetime | None
    by: ParticipantId | None
    lifted: bool = False
    reason_id: ContentId | None = None
    commitment: str | None = None
    scope: Scope = Scope.SESSION


@dataclass(frozen=True, slots=True)
class ReportFiled(Event):
    """Staff only."""

    type: ClassVar[str] = "report.filed"
    report_id: str
    subject: Subject
    by: ParticipantId
    content_id: ContentId
    commitment: str


@dataclass(frozen=True, slots=True)
class ReportSettled(Event):
    """Staff only. ``acted``: something came of it."""

    type: ClassVar[str] = "report.settled"
    report_id: str
    acted: bool
    by: ParticipantId


@dataclass(frozen=True, slots=True)
class PaperChanged(Event):
    """For the team and, but for notes, for whom it is about. The paper as it stands from now on;
    ``commitment`` comes with a new one, ``by`` is whose act this is."""

    type: ClassVar[str] = "paper.changed"
    paper_id: PaperId
    kind: PaperKind
    participant_id: ParticipantId
    author_id: ParticipantId
    content_id: ContentId
    status: PaperStatus
    commitment: str | None = None
    about: str | None = None
    reply_id: ContentId | None = None
    reply_commitment: str | None = None
    by: ParticipantId | None = None
