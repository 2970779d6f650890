"""`causerie serve --workers 2`: two processes on one port, kept running by a third."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from tests.support.patience import PATIENCE_S
from tests.support.postgres import PostgresServer
from tests.support.processes import Program
from tests.support.raw_client import Client, Http, reopen
from tests.support.running import OWNER_TOKEN, running
from tests.support.valkey import valkey_server


def workers_of(program: Program) -> set[int]:
    """The processes that the parent has now."""
    pid = program.process.pid
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


async def until_two(program: Program, *, without: int = 0) -> set[int]:
    for _ in range(400):
        found = workers_of(program)
        if len(found) == 2 and without not in found:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"not two workers\n{program.report()}")


async def test_workers_share_a_port_are_started_again_and_end_together(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    with (
        valkey_server() as valkey,
        postgres.fresh_database() as url,
        running(
            tmp_path,
            CAUSERIE_DATABASE_URL=url,
            CAUSERIE_BUS_URL=valkey.url,
            CAUSERIE_WORKERS="2",
        ) as server,
    ):
        http = Http(server.url, OWNER_TOKEN)
        session = await http.new_session()
        joined = await http.join(session["slug"], display_name="Ada")
        ada = await Client(server.url, session["slug"], joined["token"]).open()
        await ada.say("message.post", text="before")

        victim = min(await until_two(server.program))
        os.kill(victim, signal.SIGKILL)
        await until_two(server.program, without=victim)
        await reopen(ada)
        assert ada.hello["snapshot"] is None
        await ada.close()

        server.program.send(signal.SIGTERM)
        assert server.program.wait(within_s=PATIENCE_S) == 0
        assert server.program.stdout.count("home") == 1
