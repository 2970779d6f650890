"""A session's recordings for its export: when each file was on, who was answered where in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from app.database.tables import recordings
from live.adapters.sql.rows import moment
from live.adapters.sql.tables import questions
from live.domain.ids import SessionId


@dataclass(frozen=True, slots=True)
class ExportedAnswer:
    """An answer begins ``offset_s`` after the file."""

    question_id: str
    offset_s: float


@dataclass(frozen=True, slots=True)
class ExportedRecording:
    """One file; ``state`` "deleted" where it is gone."""

    seat: str
    name: str
    state: str
    started_at: datetime
    duration_s: float
    size: int
    answers: list[ExportedAnswer]


def exported_recordings(connection: Connection, session_id: SessionId) -> list[ExportedRecording]:
    """In the order of time."""
    asked = select(questions.c.id, questions.c.answering_us, questions.c.answered_us).where(
        questions.c.session_id == session_id, questions.c.answered_us.is_not(None)
    )
    answered = [
        (row.id, row.answered_us if row.answering_us is None else row.answering_us)
        for row in connection.execute(asked)
    ]
    files = (
        select(recordings)
        .where(recordings.c.session_id == session_id)
        .order_by(recordings.c.started_us)
    )
    return [
        ExportedRecording(
            seat=row.seat,
            name=row.name,
            state=row.state,
            started_at=moment(row.started_us),
            duration_s=row.duration_ms / 1000,
            size=row.size,
            answers=[
                ExportedAnswer(question_id, (at_us - row.started_us) / 1_000_000)
                for question_id, at_us in sorted(answered, key=lambda each: each[1])
                if 0 <= at_us - row.started_us <= row.duration_ms * 1000
            ],
        )
        for row in connection.execute(files)
    ]
