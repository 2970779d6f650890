"""Group commit: one thread, one transaction at a time, as many batches in each as are waiting.

While one transaction is being synced to disk, batches queue; together they are the next one. So an
idle store answers in the time of one sync, a busy one shares that time among all, and there is no
window to tune. A caller hears of its batch only after COMMIT returned.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from live.adapters.sql.batches import BatchWriter
from live.domain.ids import SessionId
from live.ports.store import Batch, StaleWriter, StoreUnavailable

logger = logging.getLogger(__name__)

T = TypeVar("T")
Work = Callable[[Connection], T]

MOST_JOBS_IN_A_GROUP = 1024
"""Bounds a transaction, and with it how long its first batch waits for its last."""


@dataclass(frozen=True, slots=True)
class WriterStats:
    """Counters since the start, and how many jobs wait now."""

    groups: int
    jobs: int
    failures: int
    waiting: int


@dataclass(eq=False, slots=True)
class _Job:
    """A batch of a room, or any other work in a transaction; and who waits for it."""

    task: Batch | Work[Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    queued_at: float
    value: Any = None
    error: Exception | None = None

    def deliver(self) -> None:
        if self.future.done():  # its caller was cancelled meanwhile; the commit stands
            return
        if self.error is None:
            self.future.set_result(self.value)
        else:
            self.future.set_exception(self.error)


@dataclass(slots=True)
class _Queue:
    """Jobs in the order of their arrival, handed over in groups."""

    limit: int
    jobs: deque[_Job] = field(default_factory=deque)
    ready: threading.Condition = field(default_factory=threading.Condition)
    closed: bool = False

    def put(self, job: _Job) -> None:
        with self.ready:
            if self.closed:
                raise StoreUnavailable("The store is closed.")
            if len(self.jobs) >= self.limit:
                raise StoreUnavailable(f"The store is {self.limit} writes behind.")
            self.jobs.append(job)
            self.ready.notify()

    def take(self) -> list[_Job]:
        """Wait for jobs and take them; nothing once the queue is closed and empty."""
        with self.ready:
            self.ready.wait_for(lambda: self.jobs or self.closed)
            count = min(len(self.jobs), MOST_JOBS_IN_A_GROUP)
            return [self.jobs.popleft() for _ in range(count)]

    def close(self) -> None:
        with self.ready:
            self.closed = True
            self.ready.notify()


class GroupWriter:
    """The only place that writes. Jobs run in the order in which they were submitted.

    At most ``queue_limit`` jobs wait, each at most ``patience_s`` before its transaction begins;
    beyond either they fail with ``StoreUnavailable`` and nothing of them happened. How long a
    transaction may take is bounded by the driver's own timeouts.
    """

    def __init__(self, engine: Engine, *, queue_limit: int = 4096, patience_s: float = 5.0) -> None:
        self._engine = engine
        self._patience_s = patience_s
        self._queue = _Queue(queue_limit)
        self._groups = self._jobs = self._failures = 0
        self._is_troubled = False
        self._thread = threading.Thread(target=self._serve, name="store-writer", daemon=True)
        self._thread.start()

    async def commit(self, batch: Batch) -> None:
        """Return once the batch is on disk."""
        await self._submit(batch)

    async def run(self, work: Work[T]) -> T:
        """Do ``work`` in a transaction and return what it returned, once that is on disk.

        It may be run a second time if its group failed, and shares its transaction with others: it
        neither commits nor has effects outside the database. What it raises is raised here, with
        nothing of it done.
        """
        value: T = await self._submit(work)
        return value

    def stats(self) -> WriterStats:
        return WriterStats(self._groups, self._jobs, self._failures, len(self._queue.jobs))

    @property
    def is_troubled(self) -> bool:
        """Whether the database did not take the last transaction."""
        return self._is_troubled

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def close(self, timeout_s: float = 10.0) -> None:
        """Finish what waits, then stop; blocks. Idempotent."""
        self._queue.close()
        self._thread.join(timeout_s)

    def _submit(self, task: Batch | Work[Any]) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        job = _Job(task, loop, loop.create_future(), time.monotonic())
        self._queue.put(job)
        return job.future

    # --- the thread ----------------------------------------------------------------------------

    def _serve(self) -> None:
        while jobs := self._queue.take():
            fresh = [job for job in jobs if not self._expired(job)]
            if fresh:
                self._commit_group(fresh)
            self._jobs += len(jobs)
            self._failures += sum(job.error is not None for job in jobs)
            _deliver(jobs)

    def _expired(self, job: _Job) -> bool:
        waited_s = time.monotonic() - job.queued_at
        if waited_s <= self._patience_s:
            return False
        job.error = StoreUnavailable(f"The store was {waited_s:.1f} s behind; nothing was written.")
        return True

    def _commit_group(self, jobs: Sequence[_Job]) -> None:
        """Commit all jobs together; if the transaction fails, each alone, so that one bad job does
        not sink its neighbours.
        """
        problem = self._transact(jobs)
        if problem is not None and _died_before_commit(problem):
            problem = self._transact(jobs)  # the server was restarted meanwhile, most likely
        if problem is None:
            return
        if len(jobs) == 1 or _is_lost(problem):
            _fail(jobs, problem)
            return
        failed: set[SessionId] = set()
        for job in jobs:
            session_id = job.task.session_id if isinstance(job.task, Batch) else None
            if session_id in failed:  # it was decided on top of the one that failed
                _fail([job], problem)
            elif (alone := self._transact([job])) is not None:
                _fail([job], alone)
            if session_id is not None and job.error is not None:
                failed.add(session_id)

    def _transact(self, jobs: Sequence[_Job]) -> Exception | None:
        """One transaction; what kept it from being committed, or None once it is."""
        for job in jobs:
            job.value = job.error = None
        self._groups += 1
        try:
            with self._engine.begin() as connection:
                _execute(connection, jobs)
        except Exception as problem:  # noqa: BLE001 - told to every caller; the thread must live on
            self._is_troubled = not isinstance(problem, IntegrityError)
            return problem
        self._is_troubled = False
        return None


def _execute(connection: Connection, jobs: Sequence[_Job]) -> None:
    """Do the jobs in order. A job's own refusal is noted in it; other failures end the group."""
    batches = BatchWriter(connection)
    taken: dict[int, _Job] = {}
    for job in jobs:
        if not isinstance(job.task, Batch):
            _flush(batches, taken)
            _work(connection, job, job.task)
            continue
        try:
            batches.add(job.task)
            taken[id(job.task)] = job
        except Exception as error:  # noqa: BLE001 - the job's own answer, raised where it is awaited
            job.error = error
    _flush(batches, taken)


def _flush(batches: BatchWriter, taken: dict[int, _Job]) -> None:
    for batch in batches.flush():
        why = f"session {batch.session_id} is at another place, or in other hands, by now"
        taken[id(batch)].error = StaleWriter(why)
    taken.clear()


def _work(connection: Connection, job: _Job, work: Work[Any]) -> None:
    try:
        with connection.begin_nested():
            job.value = work(connection)
    except Exception as error:
        if isinstance(error, DBAPIError) and not isinstance(error, IntegrityError):
            raise
        job.error = error


def _died_before_commit(problem: Exception) -> bool:
    """Whether the connection broke in a statement of the transaction: then nothing of it stands.

    A connection lost in COMMIT itself leaves that open; SQLAlchemy tells no statement then.
    """
    return (
        isinstance(problem, DBAPIError)
        and problem.connection_invalidated
        and problem.statement is not None
    )


def _is_lost(problem: Exception) -> bool:
    """Whether trying again at once is pointless: the connection is gone or cannot be made."""
    if isinstance(problem, DBAPIError):
        return problem.connection_invalidated or problem.statement is None
    return isinstance(problem, SQLAlchemyError | StoreUnavailable)


def _fail(jobs: Sequence[_Job], problem: Exception) -> None:
    """Tell each job, in the port's words, that nothing of it happened."""
    for job in jobs:
        job.value = None
        job.error = _in_words_of_the_port(job.task, problem)
    logger.warning("a write of %d jobs failed: %s", len(jobs), type(problem).__name__)


def _in_words_of_the_port(task: Batch | Work[Any], problem: Exception) -> Exception:
    error: Exception
    if isinstance(problem, IntegrityError) and isinstance(task, Batch):
        error = StaleWriter(f"session {task.session_id} is not what this writer remembers")
    elif isinstance(problem, SQLAlchemyError):
        error = StoreUnavailable(f"The database did not take it: {summary(problem)}")
    else:
        return problem
    error.__cause__ = problem
    return error


def summary(problem: SQLAlchemyError) -> str:
    """What the driver said, in one line, without statement or values (they may be personal)."""
    original = problem.orig if isinstance(problem, DBAPIError) else problem
    lines = str(original).strip().splitlines()
    return lines[0] if lines else type(original).__name__


def _deliver(jobs: Sequence[_Job]) -> None:
    """Wake the callers, one call into each event loop for the whole group."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in jobs:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, group in by_loop.items():
        try:
            loop.call_soon_threadsafe(_deliver_here, group)
        except RuntimeError:  # the loop was closed: nobody waits there any more
            logger.info("%d answers of the store had nobody to go to", len(group))


def _deliver_here(jobs: Sequence[_Job]) -> None:
    for job in jobs:
        job.deliver()
