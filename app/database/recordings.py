"""What is known of the files of recordings, and whose replay is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from app.database.tables import recordings, replays
from live.adapters.sql.database import Database
from live.domain.ids import ParticipantId, SessionId


class FileState(StrEnum):
    """``WRITING``: a recorder has it, or had it when the server was cut off. ``CUT``: to be
    finished. ``EMPTY``: nothing in it can be played. ``DELETED``: the file is gone."""

    WRITING = "writing"
    CUT = "cut"
    READY = "ready"
    EMPTY = "empty"
    DELETED = "deleted"


UNFINISHED = (FileState.WRITING, FileState.CUT)


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """One file. ``started_us``: microseconds since 1970, when its first frame was taken."""

    id: str
    session_id: SessionId
    seat: str
    participant_id: ParticipantId
    name: str
    form: str
    state: FileState
    started_us: int
    duration_ms: int = 0
    size: int = 0
    lost: int = 0

    @property
    def started_at(self) -> datetime:
        return datetime.fromtimestamp(self.started_us / 1_000_000, UTC)


class RecordedFiles:
    """The rows. Every call raises ``StoreUnavailable`` while the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, file: RecordedFile) -> None:
        """Note a file, unless it is known already."""
        known = select(recordings.c.id).where(
            recordings.c.session_id == file.session_id, recordings.c.name == file.name
        )

        def write(connection: Connection) -> None:
            if connection.scalar(known) is None:
                connection.execute(insert(recordings).values(_row(file)))

        await self._database.write(write)

    async def close(
        self, session_id: SessionId, name: str, state: FileState, **figures: int
    ) -> None:
        """Note what became of a file: its state, and ``duration_ms``, ``size`` or ``lost``."""
        changed = (
            update(recordings)
            .where(recordings.c.session_id == session_id, recordings.c.name == name)
            .where(recordings.c.state != FileState.DELETED)
            .values(state=state, **figures)
        )
        await self._database.write(lambda connection: connection.execute(changed))

    async def of(self, session_id: SessionId) -> Sequence[RecordedFile]:
        """Every file of a session, in the order of time."""
        wanted = recordings.c.session_id == session_id
        return await self._read(select(recordings).where(wanted))

    async def find(self, session_id: SessionId, file_id: str) -> RecordedFile | None:
        wanted = select(recordings).where(
            recordings.c.session_id == session_id, recordings.c.id == file_id
        )
        return next(iter(await self._read(wanted)), None)

    async def unfinished(self) -> Sequence[RecordedFile]:
        return await self._read(select(recordings).where(recordings.c.state.in_(UNFINISHED)))

    async def older_than(self, moment: datetime) -> Sequence[RecordedFile]:
        """The ones that began before ``moment`` and are still there."""
        before = recordings.c.started_us < int(moment.timestamp() * 1_000_000)
        there = recordings.c.state != FileState.DELETED
        return await self._read(select(recordings).where(before, there))

    async def held_bytes(self) -> int:
        """How much the closed files hold together."""
        total = select(func.sum(recordings.c.size)).where(recordings.c.state != FileState.DELETED)
        return int(await self._database.read(lambda connection: connection.scalar(total)) or 0)

    async def is_published(self, session_id: SessionId) -> bool:
        """Whether who may enter may see the replay."""
        found = select(replays.c.published).where(replays.c.session_id == session_id)
        told = await self._database.read(lambda connection: connection.scalar(found))
        return True if told is None else bool(told)

    async def publish(self, session_id: SessionId, *, published: bool) -> None:
        def write(connection: Connection) -> None:
            connection.execute(delete(replays).where(replays.c.session_id == session_id))
            row = {"session_id": session_id, "published": published}
            connection.execute(insert(replays).values(row))

        await self._database.write(write)

    async def _read(self, query: Select[Any]) -> Sequence[RecordedFile]:
        ordered = query.order_by(recordings.c.started_us)
        found = await self._database.read(lambda connection: connection.execute(ordered).all())
        return [_file(row) for row in found]


def _row(file: RecordedFile) -> dict[str, object]:
    return {
        "id": file.id,
        "session_id": file.session_id,
        "seat": file.seat,
        "participant_id": file.participant_id,
        "name": file.name,
        "form": file.form,
        "state": file.state,
        "started_us": file.started_us,
        "duration_ms": file.duration_ms,
        "size": file.size,
        "lost": file.lost,
    }


def _file(row: Row[Any]) -> RecordedFile:
    return RecordedFile(
        id=row.id,
        session_id=SessionId(row.session_id),
        seat=row.seat,
        participant_id=ParticipantId(row.participant_id),
        name=row.name,
        form=row.form,
        state=FileState(row.state),
        started_us=row.started_us,
        duration_ms=row.duration_ms,
        size=row.size,
        lost=row.lost,
    )
