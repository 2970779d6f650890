"""The database says who was erased."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from app.database import erasures
from app.database.erasures import SqlErasures
from live.adapters.sql.database import Database
from live.adapters.sql.directory import SqlDirectory
from live.adapters.sql.tables import participants
from tests.support.databases import sqlite_database
from tests.support.records import credential, participant, session


async def test_of_many_authors_those_that_were_erased(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasures, "AT_ONCE", 2)
    database = Database(sqlite_database(tmp_path))
    directory = SqlDirectory(database)
    await directory.add_session(session())
    people = ["ada", "bob", "cem", "dua", "eve"]
    for name in people:
        await directory.add_participant(participant(name), credential(name))
    gone = update(participants).where(participants.c.id.in_(["ada", "eve"])).values(erased=True)
    await database.write(lambda connection: connection.execute(gone))

    assert set(await SqlErasures(database).among([*people, "nobody"])) == {"ada", "eve"}
    assert await SqlErasures(database).among([]) == []
    database.close()
