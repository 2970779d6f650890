"""Parts of the run of show as rows and back; see ``rows``."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row

from live.adapters.sql.rows import Values, microseconds, moment
from live.domain.ids import ContentId, ParticipantId, PartId, SessionId
from live.domain.part import Part, PartStatus, Plan, Run


def part_row(session_id: SessionId, part: Part) -> Values:
    """The values in the order of the table's columns."""
    plan = part.plan
    runs = [
        [microseconds(run.since), None if run.until is None else microseconds(run.until)]
        for run in part.runs
    ]
    return (
        part.id,
        session_id,
        part.revision,
        part.by,
        part.status.value,
        plan.minutes,
        _json(plan.segments),
        plan.public,
        plan.content_id,
        plan.commitment,
        _json(runs),
    )


def part(row: Row[Any]) -> Part:
    """What ``part_row`` was made from."""
    return Part(
        id=PartId(row.id),
        revision=row.revision,
        by=ParticipantId(row.by_id),
        status=PartStatus(row.status),
        plan=Plan(
            minutes=row.minutes,
            segments=tuple(json.loads(row.segments)),
            public=row.public,
            content_id=None if row.content_id is None else ContentId(row.content_id),
            commitment=row.commitment,
        ),
        runs=tuple(
            Run(moment(since), None if until is None else moment(until))
            for since, until in json.loads(row.runs)
        ),
    )


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
