"""How far people got with announcements: each person once, in the cohort they were of at first."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Dialect, Insert, case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from app.database.tables import receipts as table
from live.adapters.sql.database import Database
from live.domain.ids import AnnouncementId, ParticipantId, SessionId
from live.domain.people import Participant
from live.domain.small_cells import Cell
from live.ports.store import StoreUnavailable

WAITING_MOST: Final = 20_000


class Stage(IntEnum):
    """Each holds what is before it: who followed a link has seen where it stood."""

    REACHED = 1
    SEEN = 2
    ACTED = 3


_Key = tuple[AnnouncementId, ParticipantId]


class TooManyWaitError(Exception):
    """More is told at once than can be written."""


@dataclass(slots=True)
class Receipts:
    """What is told while one transaction is under way goes into the next one, all of it."""

    database: Database
    _waiting: dict[_Key, dict[str, Any]] = field(default_factory=dict)
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def note(self, participant: Participant, stages: Mapping[AnnouncementId, Stage]) -> None:
        """They got that far, or had got farther before; on disk when this returns. Raises
        ``TooManyWaitError``."""
        if len(self._waiting) + len(stages) > WAITING_MOST:
            raise TooManyWaitError
        for announcement_id, stage in stages.items():
            key = (announcement_id, participant.id)
            known = self._waiting.get(key)
            if known is None or known["stage"] < stage:
                self._waiting[key] = {
                    "session_id": participant.session_id,
                    "announcement_id": announcement_id,
                    "participant_id": participant.id,
                    "segment": participant.segment,
                    "language": participant.language,
                    "stage": int(stage),
                }
        async with self._writing:
            # Whoever waited longest has written for all the others by now.
            taken, self._waiting = self._waiting, {}
            if not taken:
                return
            try:
                await self.database.write(lambda connection: _write(connection, taken))
            except StoreUnavailable:
                self._waiting = taken | self._waiting  # the next one tries for all again
                raise

    async def counts(
        self, session_id: SessionId, announcements: Sequence[AnnouncementId]
    ) -> dict[AnnouncementId, dict[Stage, dict[Cell, int]]]:
        """How many people of each (segment, language) got as far as each stage."""
        query = (
            select(
                table.c.announcement_id,
                table.c.segment,
                table.c.language,
                table.c.stage,
                func.count(),
            )
            .where(
                table.c.session_id == session_id,
                table.c.announcement_id.in_(announcements),
            )
            .group_by(table.c.announcement_id, table.c.segment, table.c.language, table.c.stage)
        )
        found = await self.database.read(lambda connection: connection.execute(query).all())
        counts: dict[AnnouncementId, dict[Stage, dict[Cell, int]]] = {
            each: {stage: defaultdict(int) for stage in Stage} for each in announcements
        }
        for announcement_id, segment, language, reached, people in found:
            for stage in Stage:
                if stage <= reached:
                    counts[announcement_id][stage][segment, language] += people
        return counts

    async def forget(self, participant_id: ParticipantId) -> None:
        """All that is known of this person's doing."""
        gone = delete(table).where(table.c.participant_id == participant_id)
        async with self._writing:
            await self.database.write(lambda connection: connection.execute(gone))


def _write(connection: Connection, taken: Mapping[_Key, Mapping[str, Any]]) -> None:
    connection.execute(_upsert(connection.dialect), list(taken.values()))


def _upsert(dialect: Dialect) -> Insert:
    """Nobody falls back behind where they were, nor moves to another cohort."""
    keys = ("session_id", "announcement_id", "participant_id")
    if dialect.name == "postgresql":
        new = postgresql.insert(table)
        return new.on_conflict_do_update(
            index_elements=keys, set_={"stage": _further(new.excluded.stage)}
        )
    same = sqlite.insert(table)
    return same.on_conflict_do_update(
        index_elements=keys, set_={"stage": _further(same.excluded.stage)}
    )


def _further(told: ColumnElement[int]) -> ColumnElement[int]:
    return case((told > table.c.stage, told), else_=table.c.stage)
