"""`causerie audit verify` finds whatever was done to the audit; erasing people does it no harm."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import URL, Connection, text

from app.audit.anchor import FILE, Anchor, note_restore
from app.audit.export import export_chains
from app.audit.verify import Verified, verify
from app.cli import main
from app.database.engine import SQLITE_FILE
from live.adapters.sql.audit import append
from live.adapters.sql.database import Database, write_engine
from live.adapters.sql.directory import SqlDirectory
from live.adapters.sql.store import SqlStore
from live.domain.audit import BRAND, Act, Doer, linked, make_act
from live.domain.decision import Verdict
from live.domain.decision_commands import Decide
from live.domain.ids import MessageId, ParticipantId
from live.domain.message_commands import EditMessage, PostMessage
from live.domain.people import Role
from live.domain.people_commands import EraseParticipant, PlacePerson
from live.domain.subject import Subject
from tests.support.databases import postgresql_database, sqlite_database
from tests.support.postgres import PostgresServer
from tests.support.rooms import NOW, SESSION, House, OwnClock, person, session_record


async def a_show(url: URL, anchor: Path) -> None:
    """Five acts of a moderator's, anchored after the fourth."""
    database = Database(url)
    store, directory = SqlStore(database), SqlDirectory(database)
    await directory.add_session(session_record())
    house = House(store, directory)
    for name, role in (("ada", Role.VIEWER), ("bob", Role.VIEWER), ("mod", Role.MODERATOR)):
        await house.admit(person(name, role))
    said = MessageId((await house.do("ada", PostMessage("Hello"))).result.message_id or "")
    await house.do("mod", EditMessage(said, 1, "Hallo"))
    await house.do("mod", PlacePerson(ParticipantId("ada"), "customer"))
    await house.do("mod", Decide(Subject.message(said), 2, Verdict.REMOVE, "It is rude."))
    await house.do("mod", Decide(Subject.message(said), 3, Verdict.RESTORE))
    await anchored(database, anchor)
    await house.do("mod", PlacePerson(ParticipantId("bob"), "customer"))
    await house.rooms.close()
    database.close()


async def anchored(database: Database, path: Path) -> None:
    anchor = Anchor(database, path, OwnClock())
    await anchor.renew()
    anchor.close()


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database and its anchor; to be copied, not changed."""
    folder = tmp_path_factory.mktemp("audit")
    made = sqlite_database(folder).database or ""
    Path(made).rename(folder / SQLITE_FILE)
    asyncio.run(a_show(url_in(folder), folder / FILE))
    return folder


@pytest.fixture
def folder(show: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(show, tmp_path / "copy"))


def url_in(folder: Path) -> URL:
    return URL.create("sqlite+pysqlite", database=str(folder / SQLITE_FILE))


def verified(folder: Path) -> tuple[Verified, list[str]]:
    said: list[str] = []
    found = verify(url_in(folder), folder / FILE, lambda broken: said.append(str(broken)))
    return found, said


def change(folder: Path, *statements: str) -> None:
    engine = write_engine(url_in(folder))
    with engine.begin() as connection:
        for statement in statements:
            assert connection.execute(text(statement)).rowcount > 0, statement
    engine.dispose()


def test_an_audit_that_nobody_touched_is_whole(folder: Path) -> None:
    found, said = verified(folder)
    assert said == []
    assert (found.chains, found.records, found.anchors) == (1, 5, 1)
    assert str(found) == "1 chains, 5 records, 1 anchors: whole."


FLIPPED = "UPDATE audit SET body = replace(body, '\"remove\"', '\"rewove\"') WHERE n = 3"
LOG = "UPDATE events SET data = replace(data, '\"mod\"', '\"bob\"') WHERE data LIKE '%remove%'"
SWAP = (
    "UPDATE audit SET n = 99 WHERE n = 2",
    "UPDATE audit SET n = 2 WHERE n = 3",
    "UPDATE audit SET n = 3 WHERE n = 99",
)
CUT = (
    "DELETE FROM audit WHERE n > 2",
    "DELETE FROM audit_words WHERE n > 2",
    "UPDATE audit_heads SET n = 2, hash = (SELECT hash FROM audit WHERE n = 2)",
)


@pytest.mark.parametrize(
    ("statements", "says"),
    [
        pytest.param((FLIPPED,), "record 3: it is not what was written", id="a byte"),
        pytest.param(("DELETE FROM audit WHERE n = 2",), "record 2: 2 is missing", id="a row"),
        pytest.param(SWAP, "record 2: it is not what was written", id="a pair"),
        pytest.param(CUT, "its end: 3 to 4 are cut off; it was there at", id="the tail"),
        pytest.param(("DELETE FROM audit WHERE n = 5",), "should be record 5", id="the last row"),
        pytest.param(
            ("UPDATE audit SET hash = x'00' WHERE n = 1",),
            "record 1: it is not what was written",
            id="a hash",
        ),
        pytest.param(
            ("UPDATE audit_words SET text = 'prospect' WHERE n = 5",),
            "record 5: its words “segment” are not what was written",
            id="words",
        ),
        pytest.param(
            ("DELETE FROM audit_words WHERE n = 5",), "“segment” are missing", id="words gone"
        ),
        pytest.param(
            ("UPDATE contents SET text = 'It is fine.' WHERE text = 'It is rude.'",),
            "record 3: the text i",
            id="a reason",
        ),
        pytest.param(
            (LOG,),
            "record 3: the events",
            id="the log",
        ),
    ],
)
def test_what_was_done_to_it_is_found(folder: Path, statements: tuple[str, ...], says: str) -> None:
    change(folder, *statements)
    found, said = verified(folder)
    assert found.broken == len(said) > 0
    assert any(says in each for each in said), said
    assert all(each.startswith("session spring: ") for each in said)


def test_a_history_that_was_written_anew_in_full_is_betrayed_by_the_anchor(folder: Path) -> None:
    engine = write_engine(url_in(folder))
    with engine.begin() as connection:
        connection.execute(text(FLIPPED))
        _link_again(connection)
    engine.dispose()
    _, said = verified(folder)
    assert said == ["session spring: record 4: it is another one than at 2026-05-04T18:30:00+00:00"]


def _link_again(connection: Connection) -> None:
    """What somebody would do who knows how, and has the database in hand."""
    previous = b""
    for n, body in connection.execute(text("SELECT n, body FROM audit ORDER BY n")).all():
        previous = linked(SESSION, previous, n, body).hash
        connection.execute(
            text("UPDATE audit SET hash = :hash WHERE n = :n"), {"hash": previous, "n": n}
        )
    connection.execute(text("UPDATE audit_heads SET hash = :hash"), {"hash": previous})


async def test_erasing_people_keeps_it_whole_and_takes_their_words(folder: Path) -> None:
    database = Database(url_in(folder))
    house = House(SqlStore(database), SqlDirectory(database))
    for name in ("ada", "bob", "mod"):
        await (await house.room()).act(EraseParticipant(ParticipantId(name)))
    await house.rooms.close()
    database.close()
    found, said = verified(folder)
    assert (said, found.records) == ([], 8)
    told = "".join(export_chains(url_in(folder), "spring"))
    assert "rude" not in told
    assert [each["words"] for each in map(json.loads, export_chains(url_in(folder), None))] == [
        {}
    ] * 8


async def test_a_restore_voids_what_was_anchored_after_its_backup_and_nothing_else(
    folder: Path,
) -> None:
    change(folder, *CUT)
    note_restore(folder / FILE, NOW, {SESSION: (2, b"")}, now=NOW + timedelta(hours=1))
    found, said = verified(folder)
    assert (said, found.given_up, found.anchors) == ([], 1, 0)
    database = Database(url_in(folder))
    await anchored(database, folder / FILE)
    database.close()
    change(folder, "DELETE FROM audit WHERE n = 2")
    assert "2 is cut off" in "\n".join(verified(folder)[1])


async def test_one_of_those_who_share_an_anchor_writes_it_and_another_takes_over(
    folder: Path,
) -> None:
    database = Database(url_in(folder))
    first, second = (Anchor(database, folder / FILE, OwnClock()) for _ in range(2))
    lines = len((folder / FILE).read_text().splitlines())
    await first.renew()
    await second.renew()
    await first.renew()
    assert len((folder / FILE).read_text().splitlines()) == lines + 1
    first.close()
    # A stop of the machine in the middle of a line does no harm to the next.
    with (folder / FILE).open("a") as file:
        file.write('{"at":"2026')
    await database.write(lambda connection: append(connection, BRAND, [an_act("later")]))
    await second.renew()
    second.close()
    database.close()
    found, said = verified(folder)
    assert (said, found.anchors) == ([], 3)


def test_the_command_tells_what_it_found_and_fails_where_something_is_broken(folder: Path) -> None:
    verify_here = ["audit", "verify", "--data-dir", str(folder)]
    whole = CliRunner().invoke(main, verify_here)
    assert (whole.exit_code, whole.stderr) == (0, "1 chains, 5 records, 1 anchors: whole.\n")
    exported = CliRunner().invoke(main, ["audit", "export", "--data-dir", str(folder)])
    lines = [json.loads(line) for line in exported.stdout.splitlines()]
    assert [line["n"] for line in lines] == [1, 2, 3, 4, 5]
    assert lines[4]["words"]["segment"]["text"] == "customer"
    change(folder, FLIPPED)
    broken = CliRunner().invoke(main, verify_here)
    assert broken.exit_code == 1
    assert "session spring: record 3: it is not what was written" in broken.stderr


def an_act(name: str) -> Act:
    return make_act(name, Doer(None, "owner"), NOW, lambda: b"salt", told={}, words={})


async def test_nodes_that_write_one_chain_at_once_follow_each_other(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    with postgresql_database(postgres) as url:
        nodes = [Database(url) for _ in range(2)]

        def appending(name: str) -> Callable[[Connection], None]:
            return lambda connection: append(connection, BRAND, [an_act(name)])

        await asyncio.gather(
            *(nodes[n % 2].write(appending(f"{n}")) for n in range(20)),
        )
        for node in nodes:
            node.close()
        said: list[str] = []
        found = verify(url, tmp_path / FILE, lambda broken: said.append(str(broken)))
        assert (said, found.records) == ([], 20)
