"""Who was erased, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, select

from live.adapters.sql.database import Database
from live.adapters.sql.tables import participants

AT_ONCE: Final = 500


class SqlErasures:
    """``moderation.desk.ports.Erasures``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def among(self, author_ids: Sequence[str]) -> Sequence[str]:
        """Those of ``author_ids`` that were erased."""

        def read(connection: Connection) -> list[str]:
            gone: list[str] = []
            for start in range(0, len(author_ids), AT_ONCE):
                some = participants.c.id.in_(author_ids[start : start + AT_ONCE])
                query = select(participants.c.id).where(some, participants.c.erased)
                gone += connection.scalars(query)
            return gone

        return await self._database.read(read)
