"""Posts through rooms alone, without a socket: gate, decision, group commit, ack.

    python -m benchmarks.durability.rooms URL [--seconds 4]

Prints one line of JSON. It is what the socket's figure is compared with, to see what the write path
costs and what the way to it does; it is never the figure that counts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from app.database.engine import opened_database
from app.system import SystemClock, SystemEntropy
from live.adapters.sql.database import Database
from live.adapters.sql.directory import SqlDirectory
from live.adapters.sql.store import SqlStore
from live.domain.ids import ParticipantId, SessionId
from live.domain.message_commands import PostMessage
from live.domain.people import Participant, Role
from live.ports.store import CredentialRecord, SessionRecord
from live.room.keys import Done
from live.room.rooms import Rooms
from live.room.settings import RoomSettings
from live.room.step import Outcome
from live.room.surface import AnyRoom
from live.room.surroundings import Surroundings
from moderation.adapters.language import FastTextLanguages
from moderation.policy.gate import PolicyGate, rules_alone
from moderation.policy.names import skeleton

ROOMS = 50
PEOPLE = 20
"""In each room; everyone waits for an ack before writing again."""

WORDS = (
    "the",
    "coat",
    "green",
    "size",
    "when",
    "ship",
    "today",
    "linen",
    "which",
    "shoes",
    "match",
)


@dataclass(slots=True)
class Poured:
    """What was acknowledged, in which time."""

    acked: int = 0
    refused: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0
    p50_ms: float = 0.0
    p99_ms: float = 0.0


def session_of(number: int, now: datetime) -> SessionRecord:
    """A live session."""
    session = SessionId(f"session-{number}")
    return SessionRecord(session, session, "Pouring", "live", "e", now)


def people_of(session: SessionRecord, now: datetime) -> list[tuple[Participant, CredentialRecord]]:
    """Those who talk there."""
    names = [f"{session.id}-{person}" for person in range(PEOPLE)]
    return [
        (
            Participant(
                id=ParticipantId(name),
                session_id=session.id,
                person_id=None,
                role=Role.VIEWER,
                segment="general",
                language="en",
                display_name=f"Viewer {person}",
                joined_at=now,
            ),
            CredentialRecord(name.encode(), session.id, ParticipantId(name), now),
        )
        for person, name in enumerate(names)
    ]


async def opened(database: Database, rooms: Rooms) -> list[AnyRoom]:
    """Live sessions with people in them."""
    directory, now, made = SqlDirectory(database), datetime.now(UTC), []
    for number in range(ROOMS):
        session = session_of(number, now)
        await directory.add_session(session)
        room = await rooms.get(session.id)
        assert room is not None
        for participant, credential in people_of(session, now):
            await directory.add_participant(participant, credential)
            room.admit(participant)
        made.append(room)
    return made


async def pour(database: Database, seconds: float) -> Poured:
    """Everyone posts, one message after another, for that long."""
    settings = RoomSettings(skeleton=skeleton)
    clock = SystemClock()
    gate = PolicyGate(clock, rules_alone(FastTextLanguages()))
    rooms = Rooms(Surroundings(SqlStore(database), gate, clock, SystemEntropy(), settings))
    made = await opened(database, rooms)
    poured, waits = Poured(), list[float]()
    started, used = time.monotonic(), time.process_time()

    async def person(room: AnyRoom, author: ParticipantId, seed: int) -> None:
        number, heard = 0, asyncio.Event()

        def told(outcome: Outcome) -> None:
            poured.refused += not isinstance(outcome, Done)
            poured.acked += isinstance(outcome, Done)
            heard.set()

        while (before := time.monotonic()) < started + seconds:
            number += 1
            dice = (seed * 7919 + number) * 2_654_435_761
            picked = " ".join(WORDS[(dice >> shift) % len(WORDS)] for shift in range(3, 30, 3))
            command = PostMessage(f"{picked} no {number}")
            name = f"p{number}"
            heard.clear()
            if not room.take(author, name, name.encode(), command, told):
                told(await room.execute(author, name, name.encode(), command))
            await heard.wait()
            waits.append(time.monotonic() - before)

    async with asyncio.TaskGroup() as group:
        everyone = [(room, author) for room in made for author in list(room.state.participants)]
        for seed, (room, author) in enumerate(everyone):
            group.create_task(person(room, author, seed))
    poured.seconds = time.monotonic() - started
    poured.cpu_s = time.process_time() - used
    waits.sort()
    poured.p50_ms = waits[len(waits) // 2] * 1_000
    poured.p99_ms = waits[len(waits) * 99 // 100] * 1_000
    await rooms.close()
    return poured


def main() -> None:
    """Pour into the database of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("url", help="SQLAlchemy URL; empty: SQLite in a temporary folder")
    parser.add_argument("--seconds", type=float, default=4.0)
    given = parser.parse_args()
    with (
        TemporaryDirectory(prefix="causerie-bench-") as folder,
        opened_database(given.url or None, Path(folder)) as database,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        print(json.dumps(asdict(runner.run(pour(database, given.seconds)))))


if __name__ == "__main__":
    main()
