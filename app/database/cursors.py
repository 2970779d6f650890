"""How far the filter has heard of each session's decisions, in the database."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from app.database.tables import ear_cursors as table
from live.adapters.sql.database import Database
from live.domain.ids import SessionId


class SqlCursors:
    """``moderation.desk.ports.Cursors``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, session_id: SessionId) -> int:
        query = select(table.c.seq).where(table.c.session_id == session_id)
        found = await self._database.read(lambda connection: connection.scalar(query))
        return 0 if found is None else int(found)

    async def put(self, session_id: SessionId, seq: int) -> None:
        def write(connection: Connection) -> None:
            mine = table.c.session_id == session_id
            known = connection.scalar(select(table.c.seq).where(mine))
            if known is None:
                connection.execute(insert(table).values(session_id=session_id, seq=seq))
            elif known < seq:
                connection.execute(update(table).where(mine).values(seq=seq))

        await self._database.write(write)
