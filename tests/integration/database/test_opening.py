"""Opening an installation's database: what must hold, and how it is refused."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, make_url, text

from app.database import schema
from app.database.engine import database_url, migrate, opened_database, prepare_folder
from app.database.migrating import differences
from app.setting import SettingError
from live.adapters.sql.database import Database, UnsafeDatabase, read_engine, write_engine
from live.ports.store import StoreUnavailable
from tests.support.ports import free_tcp_port, free_udp_port
from tests.support.postgres import PostgresServer, postgres_server
from tests.support.processes import bare_environment, causerie_command, run_program


def test_a_new_data_folder_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    with opened_database(None, folder):
        assert folder.stat().st_mode & 0o777 == 0o700
        assert (folder / "causerie.sqlite").exists()


def test_a_data_folder_that_cannot_be_written_is_refused_in_a_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")

    with pytest.raises(SettingError) as caught:
        prepare_folder(blocked / "data")

    assert str(caught.value).startswith(f"CAUSERIE_DATA_DIR={blocked}/data: ")
    assert "cannot be written" in str(caught.value)


HOLD = """
import sys
from pathlib import Path
from app.database.engine import opened_database
with opened_database(None, Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "open\n"
        with (
            pytest.raises(SettingError, match="another process uses this database"),
            opened_database(None, tmp_path),
        ):
            pass
        first.kill()
        first.wait()
    with opened_database(None, tmp_path) as database:
        assert isinstance(database, Database)


async def test_sqlite_syncs_every_commit_and_keeps_references(tmp_path: Path) -> None:
    with opened_database(None, tmp_path) as database:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")

        values = await database.write(
            lambda connection: [
                connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in pragmas
            ]
        )

    assert values == ["wal", 2, 1, 5000, 1]  # 2 is FULL


def test_readers_cannot_write(tmp_path: Path) -> None:
    url = database_url(None, tmp_path)
    engine = read_engine(url)
    with (
        engine.connect() as connection,
        pytest.raises(Exception, match="readonly database"),
    ):
        connection.execute(text("CREATE TABLE t (x)"))
    engine.dispose()


@pytest.mark.parametrize("fixture", ["sqlite_url", "postgres_url"])
def test_the_migrations_make_exactly_the_tables(
    fixture: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = database_url(request.getfixturevalue(fixture), tmp_path)
    engine = write_engine(url)

    assert migrate(engine) == (None, schema.newest_revision())
    assert migrate(engine) == (schema.newest_revision(), schema.newest_revision())

    with engine.connect() as connection:
        assert differences(connection) == []
    engine.dispose()


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    engine = write_engine(database_url(None, tmp_path))
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(SettingError, match="revision 9999, which this version does not know"):
        migrate(engine)
    engine.dispose()


def test_a_database_in_memory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="in memory would be lost"):
        database_url("sqlite://", tmp_path)


def test_a_database_that_does_not_answer_is_told_without_its_password(tmp_path: Path) -> None:
    with socket.socket() as listener:  # bound and never listening: connections are refused
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        with (
            pytest.raises(SettingError) as caught,
            opened_database(f"postgresql://causerie:s3cret@127.0.0.1:{port}/live", tmp_path),
        ):
            pass

    sentence = str(caught.value)
    assert sentence.startswith(f"CAUSERIE_DATABASE_URL=postgresql://causerie:***@127.0.0.1:{port}")
    assert "does not answer" in sentence
    assert "s3cret" not in sentence
    assert "\n" not in sentence


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear reader, " * 100)

    with (
        pytest.raises(SettingError, match="it cannot be used"),
        opened_database(f"sqlite:///{letter}", tmp_path),
    ):
        pass

    assert letter.read_text() == "Dear reader, " * 100


def test_an_unknown_database_on_a_running_server_is_told(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    with (
        pytest.raises(SettingError, match='database "nowhere" does not exist'),
        opened_database(postgres.url("nowhere"), tmp_path),
    ):
        pass


FORGETFUL = ("synchronous_commit", "fsync", "full_page_writes")


async def test_a_postgresql_that_may_forget_is_refused_at_the_start_and_while_it_serves(
    tmp_path: Path,
) -> None:
    with (
        postgres_server() as server,
        server.fresh_database() as url,
        opened_database(url, tmp_path) as running,
    ):
        await running.probe()
        for setting in FORGETFUL:
            server.configure(setting, "off")
            refusal = f"runs with {setting}=off and may lose"
            with pytest.raises(SettingError, match=refusal), opened_database(url, tmp_path):
                pass
            with pytest.raises(UnsafeDatabase, match=refusal):
                read_engine(make_url(url)).connect()
            if setting == "synchronous_commit":  # a session's own: ours keeps what it was
                assert await running.write(synchronous_commit) == "on"
                await running.probe()
            else:
                with pytest.raises(StoreUnavailable, match=refusal):
                    await running.probe()
            server.configure(setting, "on")
        await running.probe()


def synchronous_commit(connection: Connection) -> str:
    return str(connection.execute(text("SHOW synchronous_commit")).scalar_one())


@pytest.mark.parametrize("command", ["serve", "doctor"])
def test_serve_and_doctor_refuse_a_postgresql_that_may_forget(
    command: str, postgres: PostgresServer, tmp_path: Path
) -> None:
    with postgres.fresh_database() as url:
        name = make_url(url).database
        postgres.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
        environment = bare_environment(
            tmp_path,
            CAUSERIE_DATABASE_URL=url,
            CAUSERIE_PORT=str(free_tcp_port()),
            CAUSERIE_UDP_PORT=str(free_udp_port()),
        )
        with run_program(causerie_command(command), env=environment) as program:
            code = program.wait(within_s=90)
            said = program.stdout + program.stderr

    assert code == {"serve": 2, "doctor": 1}[command]
    assert "runs with synchronous_commit=off and may lose what was acknowledged" in said
    assert "set synchronous_commit=on" in said


async def test_postgresql_serves_an_installation(postgres_url: str, tmp_path: Path) -> None:
    with opened_database(postgres_url, tmp_path) as database:
        await database.probe()
        assert make_url(postgres_url).database == database.url.database
