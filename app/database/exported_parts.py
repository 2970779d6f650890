"""The parts of an exported session: what was planned of each, and when it really was on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from live.adapters.sql import parts as rows
from live.adapters.sql.tables import contents, parts
from live.domain.ids import PartId, SessionId
from live.domain.part import Part, PartStatus, Run
from live.room.codec import decode_document


@dataclass(frozen=True, slots=True)
class ExportedRun:
    """Once that a part was on; ``until`` is absent while it is."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ExportedPart:
    """A part of the show; its words are absent once erased."""

    id: str
    status: str
    titles: dict[str, str]
    minutes: int | None
    goal: str
    segments: list[str]
    script: str
    public: bool
    runs: list[ExportedRun]


def exported_parts(
    connection: Connection, session_id: SessionId, document: str
) -> list[ExportedPart]:
    """In the order of the show; removed ones are left out."""
    query = (
        select(parts, contents.c.text)
        .outerjoin(contents, contents.c.id == parts.c.content_id)
        .where(parts.c.session_id == session_id, parts.c.status != PartStatus.REMOVED.value)
    )
    found = {PartId(row.id): (rows.part(row), row.text) for row in connection.execute(query)}
    order = decode_document(document.encode()).runshow.order
    return [_exported(*found[each]) for each in order]


def _exported(part: Part, text: str | None) -> ExportedPart:
    said = {} if text is None else json.loads(text)
    return ExportedPart(
        id=part.id,
        status=part.status.value,
        titles=said.get("titles", {}),
        minutes=part.plan.minutes,
        goal=said.get("goal", ""),
        segments=list(part.plan.segments),
        script=said.get("script", ""),
        public=part.plan.public,
        runs=[_run(run) for run in part.runs],
    )


def _run(run: Run) -> ExportedRun:
    return ExportedRun(run.since, run.until)
