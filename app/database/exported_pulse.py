"""The pulse of an exported session: its ticks as the team saw them, and who took part how far."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, select

from live.adapters.sql import rows, tables, ticks
from live.domain.funnel import Reached
from live.domain.ids import ParticipantId, SessionId
from live.gateway.curves import curve
from live.gateway.funnel import funnel
from live.wire.pulse import CurveTick, Funnel

_LAST: Final = 2**40


def exported_ticks(connection: Connection, session_id: SessionId) -> list[CurveTick]:
    """All that was counted, two seconds at a time, oldest first; no small group is told."""
    return curve(ticks.between(connection, session_id, 0, _LAST))


def exported_funnel(connection: Connection, session_id: SessionId) -> Funnel:
    """How many people came how far, by segment."""
    people = select(tables.participants).where(tables.participants.c.session_id == session_id)
    participants = [rows.participant(row) for row in connection.execute(people)]
    steps = select(tables.reached).where(tables.reached.c.session_id == session_id)
    reached = [
        (ParticipantId(row.participant_id), Reached(row.steps)) for row in connection.execute(steps)
    ]
    return funnel(reached, {each.id: each for each in participants})
