"""Fifty people talk while the server dies by kill -9 again and again."""

from __future__ import annotations

import asyncio
import os
import random
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from websockets.exceptions import ConnectionClosed

from tests.support.raw_client import Client, Http, RefusedByServer, reopen
from tests.support.running import OWNER_TOKEN, Server, running

PEOPLE = 50
# The two minutes by CAUSERIE_SOAK_S=120; every run of the suite plays a shorter one.
SOAK_S = float(os.environ.get("CAUSERIE_SOAK_S", "24"))
KILLS = 3


@dataclass
class Talker:
    """One participant: posts, keeps what was acknowledged, comes back after each death."""

    client: Client
    rng: random.Random
    acked: dict[str, str] = field(default_factory=dict)
    snapshots: int = 0

    async def talk(self, until: float) -> None:
        loop = asyncio.get_running_loop()
        count = 0
        while loop.time() < until:
            await asyncio.sleep(self.rng.uniform(2.0, 5.0))
            count += 1
            await self._post(f"{self.rng.getrandbits(64):016x} line {count}")

    async def _post(self, text: str) -> None:
        """Send until acknowledged, always under the same id."""
        command_id = uuid.uuid4().hex
        while True:
            try:
                ack = await self.client.say("message.post", command_id, text=text)
            except (ConnectionClosed, TimeoutError):
                await self._come_back()
            except RefusedByServer as refused:
                if refused.code not in ("overloaded", "rate_limited"):
                    raise
                await asyncio.sleep(refused.frame.get("retry_after_s", 1.0))
            else:
                self.acked[ack["data"]["message"]["id"]] = text
                return

    async def _come_back(self) -> None:
        await reopen(self.client)
        if self.client.hello["snapshot"] is not None:
            self.snapshots += 1

    async def catch_up(self, head: int) -> None:
        """Be connected, and hold everything up to `head`."""
        while (self.client.position or 0) < head:
            try:
                await self.client.until(
                    lambda client: client.closed_with is not None or client.position >= head
                )
            except TimeoutError as error:
                raise AssertionError(f"stuck at {self.client.position} of {head}") from error
            if self.client.closed_with is not None:
                await self._come_back()

    @property
    def heard(self) -> list[str]:
        return [
            event["data"]["message"]["id"]
            for event in self.client.events
            if event["type"] == "message.published"
        ]


async def test_nothing_acknowledged_is_lost_doubled_or_reordered_by_kill_nine(
    tmp_path: Path,
) -> None:
    with running(tmp_path / "data") as server:
        http = Http(server.url, OWNER_TOKEN)
        session = await http.new_session(review="after")
        talkers = [await enter(http, session["slug"], number) for number in range(PEOPLE)]
        until = asyncio.get_running_loop().time() + SOAK_S
        async with asyncio.TaskGroup() as group:
            for talker in talkers:
                group.create_task(talker.talk(until))
            group.create_task(kill_now_and_then(server, until))

        acked = {message: text for talker in talkers for message, text in talker.acked.items()}
        probe = Talker((await enter(http, session["slug"], PEOPLE)).client, random.Random(0))
        head = probe.client.hello["head"]
        async with asyncio.TaskGroup() as group:
            for talker in talkers:
                group.create_task(talker.catch_up(head))

        order = talkers[0].heard
        assert len(order) == len(set(order)), "a message arrived twice"
        assert set(acked) <= set(order), "an acknowledged message is missing"
        for talker in talkers:
            assert talker.snapshots == 0, "history was there: a resume needs no snapshot"
            assert talker.heard == order, "another order, or another set"
        texts = [
            event["data"]["message"]["text"]
            for event in talkers[0].client.events
            if event["type"] == "message.published"
        ]
        assert len(texts) == len(set(texts)), "one command took effect twice"
        for talker in [*talkers, probe]:
            await talker.client.close()


async def enter(http: Http, slug: str, number: int) -> Talker:
    joined = await http.join(slug, display_name=f"person {number}", language="en")
    client = await Client(http.url, slug, joined["token"]).open()
    return Talker(client, random.Random(number))


async def kill_now_and_then(server: Server, until: float) -> None:
    loop = asyncio.get_running_loop()
    pause_s = (until - loop.time()) / (KILLS + 1)
    for _ in range(KILLS):
        await asyncio.sleep(pause_s)
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
