"""What may be asked about who misbehaves: sanctions, appeals against them, reports."""

from __future__ import annotations

from datetime import datetime

from live.domain.ids import PaperId, ParticipantId
from live.domain.sanction import SanctionKind, Scope
from live.domain.subject import Subject
from live.domain.value import dataclass


@dataclass(frozen=True, slots=True)
class SetSanction:
    """``until`` None: until the session ends (a timeout: the usual length); in the past: lifted.
    ``reason`` is for the person."""

    participant_id: ParticipantId
    kind: SanctionKind
    until: datetime | None = None
    reason: str | None = None
    scope: Scope = Scope.SESSION


@dataclass(frozen=True, slots=True)
class Sanctioned:
    """The server: a ban of the brand is carried here, or lifted here since it was lifted elsewhere
    (``until`` in the past); or who just came resembles someone who was banned."""

    participant_id: ParticipantId
    kind: SanctionKind
    until: datetime | None = None
    scope: Scope = Scope.SESSION


@dataclass(frozen=True, slots=True)
class FileAppeal:
    """Against the sanction of this kind that stands."""

    kind: SanctionKind
    text: str


@dataclass(frozen=True, slots=True)
class SettleAppeal:
    """``text`` is for the person; needed where it is declined."""

    paper_id: PaperId
    accept: bool
    text: str | None = None


@dataclass(frozen=True, slots=True)
class FileReport:
    subject: Subject
    reason: str


@dataclass(frozen=True, slots=True)
class SettleReport:
    """``acted``: something came of it."""

    report_id: str
    acted: bool


SanctionCommand = SetSanction | FileAppeal | SettleAppeal | FileReport | SettleReport
