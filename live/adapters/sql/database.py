"""One database and the threads that speak to it: a writer, and a few readers.

SQLite: one process (whoever opens it sees to that), WAL, every commit synced before it counts.
PostgreSQL: psycopg; a server that may forget what it acknowledged is refused.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from live.adapters.sql.audit import current_recording
from live.adapters.sql.searching import teach_sqlite
from live.adapters.sql.writer import GroupWriter, WriterStats, summary
from live.ports.store import Batch, StoreUnavailable

logger = logging.getLogger(__name__)

T = TypeVar("T")

READERS: Final = 4
PROBE_S: Final = 2.0
"""A database that takes longer is not ready, though it may well take what it is given."""
_BUSY_TIMEOUT_MS: Final = 5000
_POSTGRESQL_ARGUMENTS: Final[dict[str, object]] = {
    "application_name": "causerie",
    "connect_timeout": 5,
    # A peer that vanished without a word is given up after some seconds, not after hours.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    "options": (
        "-c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=60s"
    ),
}


class UnsafeDatabase(StoreUnavailable):
    """The server may lose what it acknowledged. The message names the setting and its cure."""


class Database:
    """Runs work in transactions, off the event loop.

    ``write`` goes through the group writer, ``read`` through a pool of ``READERS`` threads, each
    read on one snapshot that holds everything committed before. Both fail with
    ``StoreUnavailable`` when the database does not answer, and recover when it does again.
    """

    def __init__(self, url: URL, *, read_timeout_s: float = 10.0, most_reads: int = 512) -> None:
        self.url = url
        self._read_timeout_s = read_timeout_s
        self._reads_left = most_reads
        self._write_engine = write_engine(url)
        self._read_engine = read_engine(url)
        self._writer = GroupWriter(self._write_engine)
        self._probing: asyncio.Task[None] | None = None
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")

    async def commit(self, batch: Batch) -> None:
        """Commit a room's batch; see ``Store.commit``."""
        await self._writer.commit(batch)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Do ``work`` in a transaction; return its value once that is on disk.

        ``work`` may run twice and shares its transaction: it must neither commit nor do anything
        outside the database. Whatever it raises undoes it alone and is raised here. Inside
        ``recording`` the first write takes its act along.
        """
        recording = current_recording()
        if recording is None:
            return await self._writer.run(work)
        value = await self._writer.run(recording.beside(work))
        recording.is_written = True
        return value

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do ``work`` on a read-only snapshot and return its value."""
        if self._reads_left <= 0:
            raise StoreUnavailable("Too many reads wait for the database.")
        self._reads_left -= 1
        future = asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)
        future.add_done_callback(self._count_back)
        try:
            async with asyncio.timeout(self._read_timeout_s):
                return await asyncio.shield(future)
        except TimeoutError as error:
            raise StoreUnavailable("The database takes too long to answer.") from error
        except SQLAlchemyError as error:
            raise StoreUnavailable(f"The database did not answer: {summary(error)}") from error

    async def probe(self) -> None:
        """Ask both sides for an answer; ``StoreUnavailable`` says what is wrong, also when it takes
        longer than ``PROBE_S``. However many ask, the database is asked once at a time.
        """
        if self._probing is None or self._probing.done():
            self._probing = asyncio.create_task(self._probe(), name="database-probe")
            self._probing.add_done_callback(_take_note)
        try:
            async with asyncio.timeout(PROBE_S):
                await asyncio.shield(self._probing)
        except TimeoutError as error:
            raise StoreUnavailable(f"The database takes longer than {PROBE_S:g} s.") from error

    async def _probe(self) -> None:
        if not self._writer.is_alive():
            raise StoreUnavailable("The store's writer has stopped.")
        await self.read(_ask)
        # A full disk still answers; where the last write failed, only another one tells.
        await self.write(_write_something if self._writer.is_troubled else _ask_and_trust)

    async def fold_log(self) -> None:
        """Bring SQLite's log into its file and empty it, so that what was erased is nowhere any
        more. Where readers are in the way, as much as can be. Nothing to do on PostgreSQL.
        """
        if self.url.get_backend_name() == "sqlite":
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._readers, self._fold_log)

    def stats(self) -> WriterStats:
        return self._writer.stats()

    def close(self) -> None:
        """Finish the writes that wait, then let go of everything; blocks. Idempotent."""
        self._writer.close()
        self._readers.shutdown(wait=True, cancel_futures=True)
        self._read_engine.dispose()
        self._write_engine.dispose()  # the last one out folds SQLite's log into its file

    def _read(self, work: Callable[[Connection], T]) -> T:
        with self._read_engine.connect() as connection:
            return work(connection)

    def _fold_log(self) -> None:
        connection = self._write_engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            connection.close()

    def _count_back(self, future: asyncio.Future[Any]) -> None:
        self._reads_left += 1
        _take_note(future)


def _take_note(future: asyncio.Future[Any]) -> None:
    """What went wrong is told to the caller, if it still waits."""
    if not future.cancelled():
        future.exception()


def _ask(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))


def _ask_and_trust(connection: Connection) -> None:
    """A server's settings may change under a connection that was checked when it was made."""
    if connection.dialect.name == "postgresql":
        _refuse_forgetful(connection.exec_driver_sql(_WHAT_IT_MAY_FORGET).one())
    else:
        _ask(connection)


def _write_something(connection: Connection) -> None:
    """Have something go to disk that means nothing."""
    if connection.dialect.name == "postgresql":
        _ask_and_trust(connection)
        connection.execute(
            text("UPDATE sessions SET head = head WHERE id = (SELECT min(id) FROM sessions)")
        )
    else:  # SQLite writes no row that stays the same, but always this number, which is ours
        number = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        connection.exec_driver_sql(f"PRAGMA user_version = {1 - number}")


# --- engines ---------------------------------------------------------------------------------


def write_engine(url: URL) -> Engine:
    """An engine whose transactions take the write lock at once and are on disk when committed."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, begin="BEGIN IMMEDIATE", query_only=False)
    engine = create_engine(url, connect_args=_POSTGRESQL_ARGUMENTS, pool_size=2)
    event.listen(engine, "connect", _trust)
    return engine


def read_engine(url: URL) -> Engine:
    """An engine whose transactions see one snapshot and cannot write."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, begin="BEGIN", query_only=True)
    engine = create_engine(
        url,
        connect_args=_POSTGRESQL_ARGUMENTS,
        isolation_level="REPEATABLE READ",
        pool_size=READERS,
        pool_pre_ping=True,
    )
    event.listen(engine, "connect", _trust)
    return engine.execution_options(postgresql_readonly=True)


def _sqlite_engine(url: URL, *, begin: str, query_only: bool) -> Engine:
    engine = create_engine(
        url, connect_args={"check_same_thread": False, "timeout": _BUSY_TIMEOUT_MS / 1000}
    )

    def configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # The driver must not begin transactions by itself; `begin` below does.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA secure_delete = ON")  # erased text leaves no bytes behind
        cursor.execute("PRAGMA cache_size = -65536")  # 64 MiB
        cursor.execute("PRAGMA journal_size_limit = 67108864")
        if query_only:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()
        teach_sqlite(connection)

    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", configure)
    event.listen(engine, "begin", begin_transaction)
    return engine


_MUST_BE_ON: Final = ("fsync", "full_page_writes", "synchronous_commit")
_WHAT_IT_MAY_FORGET: Final = "SELECT " + ", ".join(
    f"current_setting('{setting}')" for setting in _MUST_BE_ON
)


def _trust(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Checked on each connection: a server may come back with another configuration. What a session
    may choose for itself is then fixed, so that no later reload changes it.
    """
    cursor = connection.cursor()
    cursor.execute(_WHAT_IT_MAY_FORGET)
    row = cursor.fetchone()
    if row is not None:
        _refuse_forgetful(row)
    cursor.execute(
        "SELECT set_config(name, setting, false) FROM pg_settings WHERE name = %s",
        ("synchronous_commit",),
    )
    cursor.close()
    connection.commit()


def _refuse_forgetful(values: Sequence[str]) -> None:
    for setting, value in zip(_MUST_BE_ON, values, strict=True):
        if value == "off":
            raise UnsafeDatabase(
                f"This PostgreSQL runs with {setting}=off and may lose what was acknowledged; "
                f"set {setting}=on."
            )
