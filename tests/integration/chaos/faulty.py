"""`python -m tests.integration.chaos.faulty FAULT… -- causerie serve`: with planted faults.

Each fault strikes at one seam of the server as shipped, where no client could notice by itself:
frames stay contiguous, sequence numbers grow. Only the log and the store together can tell.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from typing import Final
from unittest.mock import patch

from msgspec.structs import replace

from app.__main__ import main
from live.adapters.sql.store import SqlStore
from live.domain.events import Recorded
from live.gateway.projection import Projection
from live.ports.store import Batch
from live.wire.frames import WireEvent

SPARED: Final = 6
"""So many frames of two events or more are true, then one is spoilt."""
COMMIT_LATE_BY_S: Final = 0.5

Spoil = Callable[[list[WireEvent]], list[WireEvent]]


def dropped(events: list[WireEvent]) -> list[WireEvent]:
    """The first one is left out."""
    return events[1:]


def doubled(events: list[WireEvent]) -> list[WireEvent]:
    """The first one comes twice."""
    return [events[0], *events]


def swapped(events: list[WireEvent]) -> list[WireEvent]:
    """The last two come in each other's place, under each other's number."""
    *others, one, other = events
    return [*others, replace(other, seq=one.seq), replace(one, seq=other.seq)]


DELIVERY: Final[dict[str, Spoil]] = {"dropped": dropped, "doubled": doubled, "swapped": swapped}


def _spoilt_frames(spoils: list[Spoil]) -> AbstractContextManager[object]:
    """Some frames lie, each kind of lie in its turn."""
    true = Projection.project
    frames = 0

    def project(self: Projection, recorded: Iterable[Recorded]) -> list[WireEvent]:
        nonlocal frames
        seen = true(self, recorded)
        if len(seen) < 2:
            return seen
        frames += 1
        turn, spared = divmod(frames, SPARED)
        return seen if spared else spoils[turn % len(spoils)](seen)

    return patch.object(Projection, "project", project)


def _early_acks() -> AbstractContextManager[object]:
    """A commit is told before it happens; what is killed meanwhile has been acknowledged."""
    true = SqlStore.commit
    pending: set[asyncio.Task[None]] = set()

    async def late(store: SqlStore, batch: Batch, earlier: set[asyncio.Task[None]]) -> None:
        if earlier:
            await asyncio.wait(earlier)
        await asyncio.sleep(COMMIT_LATE_BY_S)
        await true(store, batch)

    async def commit(self: SqlStore, batch: Batch) -> None:
        task = asyncio.create_task(late(self, batch, set(pending)))
        pending.add(task)
        task.add_done_callback(pending.discard)

    return patch.object(SqlStore, "commit", commit)


def run(faults: list[str]) -> None:
    """Run the `causerie` command with these faults."""
    with ExitStack() as planted:
        if spoils := [DELIVERY[fault] for fault in faults if fault in DELIVERY]:
            planted.enter_context(_spoilt_frames(spoils))
        if "acked early" in faults:
            planted.enter_context(_early_acks())
        main()


if __name__ == "__main__":
    end = sys.argv.index("--")
    named, sys.argv = sys.argv[1:end], sys.argv[end + 1 :]
    run(named)
