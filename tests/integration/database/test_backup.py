"""Backup and restore: online, whole, into either kind of database, with a new epoch."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import URL, Connection, insert, select, text

from app.database import schema
from app.database.backup import BackupProblem, back_up, restore
from app.database.tables import brand, metadata
from app.keys import Keys
from live.adapters.sql.database import Database, read_engine
from live.adapters.sql.directory import SqlDirectory
from live.adapters.sql.store import SqlStore
from live.domain.audit import BRAND, Doer, make_act
from live.domain.ids import ParticipantId
from live.domain.question import Ballot
from live.ports.store import Batch
from tests.support.databases import sqlite_database
from tests.support.records import (
    NOW,
    SESSION,
    content,
    credential,
    event,
    invite,
    participant,
    post,
    question,
    session,
)

LOGO = b"\x89PNG\r\n\x1a\n\x00\xff"


async def fill(url: URL) -> Database:
    """A database with something in most tables, left open as a running server has it."""
    database = Database(url)
    store, directory = SqlStore(database), SqlDirectory(database)
    await directory.add_session(session())
    await directory.add_invite(invite("i1"))
    await directory.add_participant(participant("ada"), credential("ada"))
    act = make_act("test", Doer(None, "owner"), NOW, lambda: b"salt", told={}, words={"a": "é"})
    await store.commit(replace(post(1), acts=[act]))
    await store.commit(
        Batch(
            SESSION,
            1,
            2,
            events=[event(2)],
            contents=[content("q1-text", "Où ça ? 👗")],
            questions=[question("q1", place=2)],
            ballots=[Ballot(question("q1").id, ParticipantId("ada"), up=True)],
            reactions={("heart", "general"): 3},
        )
    )
    values = {"id": "brand", "name": "Atelier", "description": "", "logo": LOGO}
    await database.write(lambda connection: connection.execute(insert(brand), values))
    return database


def contents_of(url: URL) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, but for the epochs, and the record that a restore leaves."""
    engine = read_engine(url)
    with engine.connect() as connection:
        found = {table.name: _rows(connection, table.name) for table in metadata.sorted_tables}
    engine.dispose()
    return found


def _rows(connection: Connection, name: str) -> list[tuple[object, ...]]:
    table = metadata.tables[name]
    columns = [column for column in table.columns if column.name != "epoch"]
    query = select(*columns)
    if "chain" in table.columns:
        query = query.where(table.c.chain != BRAND)
    return sorted((tuple(row) for row in connection.execute(query)), key=repr)


def epoch_of(url: URL) -> str:
    engine = read_engine(url)
    with engine.connect() as connection:
        epoch: str = connection.execute(text("SELECT epoch FROM sessions")).scalar_one()
    engine.dispose()
    return epoch


@pytest.mark.parametrize(
    ("origin", "goal"), [("sqlite", "postgresql"), ("postgresql", "sqlite"), ("sqlite", "sqlite")]
)
async def test_a_backup_of_a_running_server_is_restored_whole(
    origin: str, goal: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    old_url: URL = request.getfixturevalue(origin)
    new_url: URL = sqlite_database(tmp_path) if goal == "sqlite" else request.getfixturevalue(goal)
    old_folder, new_folder = tmp_path / "old", tmp_path / "new"
    old_folder.mkdir()
    new_folder.mkdir()
    keys = Keys.of(old_folder)
    learned = {"ear/learned": b"numbers", "ear/lessons": b"words", "ear/2/learned": b"others"}
    for name, kept in learned.items():
        (old_folder / name).parent.mkdir(parents=True, exist_ok=True)
        (old_folder / name).write_bytes(kept)
    (new_folder / "ear").mkdir()
    (new_folder / "ear" / "learned").write_bytes(b"of another server")
    running = await fill(old_url)

    saved = back_up(old_url, old_folder, tmp_path / "backup.zip", now=NOW)
    await running.commit(post(3))  # comes after the backup's moment
    running.close()
    restored = restore(
        new_url, new_folder, saved.file, replace=False, new_epoch=lambda: "a new epoch", now=NOW
    )

    assert restored.rows == saved.rows
    assert restored.at == NOW
    assert {chain: n for chain, (n, _) in restored.heads.items()} == {SESSION: 1, BRAND: 1}
    assert epoch_of(new_url) == "a new epoch"
    assert Keys.of(new_folder).derive("x") == keys.derive("x")
    assert {name: (new_folder / name).read_bytes() for name in learned} == learned
    store = SqlStore(opened := Database(new_url))
    record = await store.load_room(SESSION, recent_messages=10)
    assert record is not None
    assert record.session.head == 2
    await store.commit(post(3))
    opened.close()
    assert contents_of(new_url) == contents_of(old_url)


async def test_a_backup_is_its_owners_alone_and_never_overwrites(
    sqlite: URL, tmp_path: Path
) -> None:
    (await fill(sqlite)).close()
    saved = back_up(sqlite, tmp_path, tmp_path, now=NOW)

    assert saved.file.name == "causerie-20260504-183000.zip"
    assert saved.file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(BackupProblem, match="exists already"):
        back_up(sqlite, tmp_path, saved.file, now=NOW)


async def test_a_database_that_holds_anything_is_replaced_only_when_told(
    sqlite: URL, tmp_path: Path
) -> None:
    (await fill(sqlite)).close()
    saved = back_up(sqlite, tmp_path, tmp_path / "backup.zip", now=NOW)
    later = Database(sqlite)
    await later.commit(post(3))
    later.close()
    before = contents_of(sqlite)

    with pytest.raises(BackupProblem, match="is not empty"):
        restore(sqlite, tmp_path, saved.file, replace=False, new_epoch=lambda: "e2", now=NOW)
    assert contents_of(sqlite) == before
    restore(sqlite, tmp_path, saved.file, replace=True, new_epoch=lambda: "e2", now=NOW)

    assert len(contents_of(sqlite)["events"]) == 2


async def test_a_served_database_is_not_replaced(postgresql: URL, tmp_path: Path) -> None:
    server = await fill(postgresql)
    saved = back_up(postgresql, tmp_path, tmp_path / "backup.zip", now=NOW)

    with pytest.raises(BackupProblem, match="A server uses this database"):
        restore(postgresql, tmp_path, saved.file, replace=True, new_epoch=lambda: "e2", now=NOW)

    server.close()
    restore(postgresql, tmp_path, saved.file, replace=True, new_epoch=lambda: "e2", now=NOW)
    assert epoch_of(postgresql) == "e2"


async def test_a_damaged_backup_changes_nothing(sqlite: URL, tmp_path: Path) -> None:
    (await fill(sqlite)).close()
    saved = back_up(sqlite, tmp_path, tmp_path / "backup.zip", now=NOW)
    before = contents_of(sqlite)
    cut = tmp_path / "cut.zip"
    cut.write_bytes(saved.file.read_bytes()[:-200])
    short = tmp_path / "short.zip"
    with zipfile.ZipFile(saved.file) as old, zipfile.ZipFile(short, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            lines = data.splitlines(keepends=True)
            new.writestr(name, b"".join(lines[:-1]) if name == "tables/events.jsonl" else data)

    for broken in (cut, short, tmp_path / "absent.zip"):
        with pytest.raises(BackupProblem):
            restore(sqlite, tmp_path, broken, replace=True, new_epoch=lambda: "e2", now=NOW)

    assert contents_of(sqlite) == before


async def test_a_backup_of_an_unknown_version_is_refused(sqlite: URL, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.zip"
    with zipfile.ZipFile(foreign, "w") as archive:
        archive.writestr("manifest.json", json.dumps({"format": 1, "revision": "9999"}))

    with pytest.raises(BackupProblem, match="revision 9999, which this version does not know"):
        restore(sqlite, tmp_path, foreign, replace=False, new_epoch=lambda: "e2", now=NOW)


def test_a_database_that_does_not_exist_is_not_made_by_saving_it(tmp_path: Path) -> None:
    absent = URL.create("sqlite+pysqlite", database=str(tmp_path / "absent.sqlite"))

    with pytest.raises(BackupProblem, match="There is no database"):
        back_up(absent, tmp_path, tmp_path / "backup.zip", now=NOW)

    assert list(tmp_path.iterdir()) == []


def test_the_backup_knows_the_schema_it_was_made_with(sqlite: URL, tmp_path: Path) -> None:
    saved = back_up(sqlite, tmp_path, tmp_path / "backup.zip", now=NOW)

    with zipfile.ZipFile(saved.file) as archive:
        manifest = json.loads(archive.read("manifest.json"))

    assert manifest["revision"] == schema.newest_revision()
    # What is kept for two days at most outlives them in no copy.
    assert set(manifest["tables"]) == set(metadata.tables) - {"evasion_salts", "evasion_hints"}
