"""Migrated databases for tests: SQLite files, and copies of one template in a real PostgreSQL."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import URL, make_url

from app.database import schema
from live.adapters.sql.database import write_engine
from tests.support.postgres import PostgresServer

_numbers = itertools.count(1)


def migrate(url: URL) -> None:
    engine = write_engine(url)
    schema.upgrade(engine)
    engine.dispose()


@cache
def _template(server: PostgresServer) -> str:
    """The name of a migrated database, which copies are made of in some hundredths of a second."""
    name = "causerie_template"
    migrate(make_url(server.create_database(name)))
    return name


@contextmanager
def postgresql_database(server: PostgresServer) -> Iterator[URL]:
    """A fresh, migrated database, dropped at the end."""
    with server.fresh_database(_template(server)) as url:
        yield make_url(url)


@cache
def _migrated_file() -> bytes:
    """What a migrated SQLite file holds: the migrations take a hundred times as long as a copy."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "template.sqlite"
        migrate(URL.create("sqlite+pysqlite", database=str(file)))
        return file.read_bytes()


def sqlite_database(folder: Path) -> URL:
    """A fresh, migrated SQLite file in ``folder``."""
    file = folder / f"test-{next(_numbers)}.sqlite"
    file.write_bytes(_migrated_file())
    return URL.create("sqlite+pysqlite", database=str(file))
