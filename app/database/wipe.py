"""A session is taken out of the database, with everything that was ever written of it."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from app.database.tables import metadata
from live.adapters.sql import tables
from live.domain.audit import chain_of
from live.domain.ids import SessionId


def wipe(connection: Connection, session_id: SessionId) -> None:
    """Every row that belongs to it, in every table, in the caller's transaction. Idempotent.

    A table belongs by its ``session_id``, by the ``chain`` of the audit, or by a participant.
    """
    people = select(tables.participants.c.id).where(tables.participants.c.session_id == session_id)
    hints = tables.evasion_hints
    connection.execute(delete(hints).where(hints.c.participant_id.in_(people)))
    for table in reversed(metadata.sorted_tables):
        if "session_id" in table.c:
            connection.execute(delete(table).where(table.c.session_id == session_id))
        elif "chain" in table.c:
            connection.execute(delete(table).where(table.c.chain == chain_of(session_id)))
    connection.execute(delete(tables.sessions).where(tables.sessions.c.id == session_id))
