"""What a client may ask about who misbehaves: sanctions, appeals against them, reports."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from live.wire.base import Command, Id, Moment
from live.wire.desk_shapes import ReportOutcome, SanctionKind, SanctionScope
from live.wire.shapes import Subject


class SetSanction(Command, frozen=True):
    """Bar a participant from writing, or from the session; ``until`` absent: to its end (of a
    timeout: the usual 5 min; it lasts 10 s to 24 h), past: lifted. A ban may hold for the
    ``brand``: in every session, for good unless ``until`` is given. ``reason`` is told to the
    person. Under ``review`` what they write waits for the team."""

    participant_id: Id
    kind: SanctionKind
    until: Moment | None = None
    reason: Annotated[str, Meta(max_length=500)] | UnsetType = UNSET
    scope: SanctionScope = "session"


class FileAppeal(Command, frozen=True):
    """Ask the team to think again about what stands against oneself; once for each sanction."""

    kind: SanctionKind
    text: str


class SettleAppeal(Command, frozen=True):
    """Accept an appeal, which lifts the sanction, or decline it with a sentence, as staff."""

    paper_id: Id
    accept: bool
    text: Annotated[str, Meta(max_length=500)] | UnsetType = UNSET


class FileReport(Command, frozen=True):
    """Tell the team about something that was written."""

    subject: Subject
    reason: Annotated[str, Meta(max_length=500)]


class SettleReport(Command, frozen=True):
    """Say what came of a report, as staff."""

    report_id: Id
    outcome: ReportOutcome
