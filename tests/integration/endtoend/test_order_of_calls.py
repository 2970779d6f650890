"""Write, sync, tell: the order of a served SQLite's system calls, for every batch."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.support.raw_client import Client, Http
from tests.support.running import OWNER_TOKEN, Server
from tests.support.traces import WAL, steps, told_too_early, tracing

PEOPLE = 6
ROUNDS = 8


def marker(person: int, round_: int) -> str:
    return f"mark-{person:02}-{round_:02}-of-a-batch"


async def talk(client: Client, person: int) -> None:
    """One post after the other, each with its marker in text and id."""
    for round_ in range(ROUNDS):
        mark = marker(person, round_)
        await client.say("message.post", mark, text=f"{mark} said by {person}")


async def test_every_batch_is_written_then_synced_and_only_then_told(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    server = Server(
        tmp_path / "data", {"CAUSERIE_LIMIT_MESSAGES": "100/10s"}, before=tracing(trace)
    )
    try:
        await asyncio.to_thread(server.start)
        http = Http(server.url, OWNER_TOKEN)
        session = await http.new_session()
        clients = []
        for person in range(PEOPLE):
            joined = await http.join(session["slug"], display_name=f"person {person}")
            clients.append(await Client(http.url, session["slug"], joined["token"]).open())
        async with asyncio.TaskGroup() as group:
            for person, client in enumerate(clients):
                group.create_task(talk(client, person))
        for client in clients:
            await client.close()
    finally:
        await asyncio.to_thread(server.stop)

    seen = trace.read_text()
    markers = [marker(person, round_) for person in range(PEOPLE) for round_ in range(ROUNDS)]
    assert told_too_early(seen, markers) == []
    batches = sum(step.act == "sync" for step in steps(seen))
    assert batches >= ROUNDS, "posts of one round may share a batch, rounds may not"


GOOD = f"""\
11 pwrite64(7</data/{WAL}>, "...mark-a...", 4096, 32) = 4096
11 fdatasync(7</data/{WAL}> <unfinished ...>
10 sendto(9<socket:[77]>, "other", 5, 0, NULL, 0) = 5
11 <... fdatasync resumed>) = 0
10 write(9<TCP:[127.0.0.1:80->127.0.0.1:81]>, "...mark-a...", 12) = 12
"""


def test_the_check_sees_what_is_told_before_or_without_its_sync() -> None:
    lines = GOOD.splitlines()
    early = "\n".join([*lines[:2], lines[4], lines[3]])
    unsynced = "\n".join([lines[0], lines[4]])
    synced_before = "\n".join([*lines[1:4], lines[0], lines[4]])
    failed = GOOD.replace("= 0\n", "= -1 EIO (Input/output error)\n")
    untold = "\n".join(lines[:4])

    assert told_too_early(GOOD, ["mark-a"]) == []
    for wrong in (early, unsynced, synced_before, failed, untold):
        assert told_too_early(wrong, ["mark-a"]) != []
