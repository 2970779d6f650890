"""Opens the database of an installation: folder, lock, schema, connections.

Everything that can be wrong with it is told in one sentence that names the setting
(``SettingError``), before anything is served.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from app.database import schema
from app.setting import SettingError
from live.adapters.sql.database import Database, UnsafeDatabase, write_engine
from live.adapters.sql.writer import summary

SQLITE_FILE: Final = "causerie.sqlite"
_URL_VARIABLE: Final = "CAUSERIE_DATABASE_URL"
_FOLDER_VARIABLE: Final = "CAUSERIE_DATA_DIR"


def prepare_folder(folder: Path) -> None:
    """Make the data folder, for its owner alone, and see that files can be written in it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise SettingError(
            _FOLDER_VARIABLE,
            str(folder),
            f"this folder cannot be written ({error.strerror}); give one that this user may write",
        ) from error


def database_url(url: str | None, data_dir: Path) -> URL:
    """The URL as the engines take it: with its driver, and SQLite in the data folder by default."""
    if url is None:
        return URL.create("sqlite+pysqlite", database=str(data_dir / SQLITE_FILE))
    made = make_url(url)
    if made.get_backend_name() == "postgresql":
        return made.set(drivername="postgresql+psycopg")
    if not made.database or made.database == ":memory:":
        raise SettingError(
            _URL_VARIABLE, url, "a database in memory would be lost; name a file, or leave it empty"
        )
    return made.set(drivername="sqlite+pysqlite")


@contextmanager
def opened_database(url: str | None, data_dir: Path) -> Iterator[Database]:
    """The installation's database, migrated and ready; closed at the end (which may take seconds).

    Blocks, also while it opens. Raises ``SettingError``.
    """
    with ExitStack() as stack:
        location = stack.enter_context(held_database(url, data_dir))
        engine = write_engine(location)
        try:
            migrate(engine)
        finally:
            engine.dispose()
        database = Database(location)
        stack.callback(database.close)
        yield database


@contextmanager
def held_database(url: str | None, data_dir: Path) -> Iterator[URL]:
    """Where the database is; if that is SQLite, no other process may hold it at the same time."""
    prepare_folder(data_dir)
    location = database_url(url, data_dir)
    if location.get_backend_name() != "sqlite" or location.database is None:
        yield location
        return
    with _locked(Path(location.database)):
        yield location


def migrate(engine: Engine) -> tuple[str | None, str | None]:
    """Bring the schema up to date; the revisions before and after. Raises ``SettingError``."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        return schema.upgrade(engine)
    except (UnsafeDatabase, schema.UnknownRevision) as error:
        raise SettingError(_URL_VARIABLE, _shown(engine.url), str(error)) from error
    except SQLAlchemyError as error:
        if engine.url.get_backend_name() == "sqlite":
            remedy = "it cannot be used ({}); name another file, or restore a backup"
        else:
            remedy = (
                "this database does not answer ({}); "
                "see that the server runs and that name, user and password are right"
            )
        raise SettingError(
            _URL_VARIABLE, _shown(engine.url), remedy.format(summary(error))
        ) from error


def is_served(connection: Connection) -> bool:
    """Whether another process of ours uses this PostgreSQL; SQLite's lock keeps others out."""
    if connection.dialect.name != "postgresql":
        return False
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = current_setting('application_name') AND pid <> pg_backend_pid()"
    )
    return bool(connection.execute(others).scalar())


def _shown(url: URL) -> str:
    """The URL as an operator writes it, without its password."""
    return url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Hold the lock beside an SQLite file; the system lets go of it when the process ends."""
    path = file.with_name(f"{file.name}.lock")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SettingError(
            _URL_VARIABLE,
            str(file),
            f"this file cannot be written ({error.strerror}); give a folder this user may write",
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise SettingError(
            _FOLDER_VARIABLE,
            str(file.parent),
            "another process uses this database, and SQLite serves one; "
            "stop that one, give another folder, or use PostgreSQL",
        ) from error
    try:
        yield
    finally:
        os.close(descriptor)
