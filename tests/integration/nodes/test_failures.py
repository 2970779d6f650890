"""A node dies, the bus dies: what was acknowledged stays, people go on."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.nodes.test_nodes import entered, texts
from tests.support.nodes import Nodes, two_nodes
from tests.support.postgres import PostgresServer
from tests.support.raw_client import Client, RefusedByServer, reopen
from tests.support.running import Server
from tests.support.valkey import valkey_server


@pytest.fixture
def nodes(postgres: PostgresServer, tmp_path: Path) -> Iterator[Nodes]:
    with (
        valkey_server() as valkey,
        postgres.fresh_database() as url,
        two_nodes(tmp_path, url, valkey) as running,
    ):
        yield running


async def until_posted(client: Client, text: str) -> None:
    """Send as the pages do: the same id again until there is an answer."""
    command_id = uuid.uuid4().hex
    async with asyncio.timeout(20):
        while True:
            try:
                await client.say("message.post", command_id, text=text)
            except RefusedByServer as refused:
                assert refused.code == "overloaded"
                await asyncio.sleep(refused.frame["retry_after_s"])
            else:
                return


def says_ready(server: Server) -> httpx.Response:
    return httpx.get(f"{server.url}/readyz", trust_env=False, timeout=15)


async def test_the_other_node_takes_over_when_the_writing_one_is_killed(nodes: Nodes) -> None:
    first, second = nodes.http
    session = await first.new_session()  # which opens it there: the first node writes
    ada = await entered(first, first, session, "Ada")
    bob = await entered(first, second, session, "Bob")
    await ada.say("message.post", text="before, from the first")
    await bob.say("message.post", text="before, from the second")

    nodes.first.kill()
    await until_posted(bob, "after, from the second")
    ada.url = second.url
    await reopen(ada)
    assert ada.hello["snapshot"] is None, "it resumes: its history is there"
    await until_posted(ada, "after, from the other node")

    told = [
        "before, from the first",
        "before, from the second",
        "after, from the second",
        "after, from the other node",
    ]
    for client in (ada, bob):
        await client.until(lambda c: texts(c) == told)
        await client.until(lambda c: c.pulse["present"] == 2, timeout_s=10)
        await client.close()


async def test_without_the_bus_the_writer_goes_on_and_the_other_node_reads(nodes: Nodes) -> None:
    first, second = nodes.http
    session = await first.new_session()
    ada = await entered(first, first, session, "Ada")
    bob = await entered(first, second, session, "Bob")
    await bob.say("message.post", text="with the bus")

    nodes.valkey.kill()
    await until_posted(ada, "without the bus")
    await bob.until(lambda c: texts(c) == ["with the bus", "without the bus"])
    with pytest.raises(RefusedByServer) as refused:
        await bob.say("message.post", "again", text="said once")
    assert refused.value.code == "overloaded"
    unready = await asyncio.to_thread(says_ready, nodes.second)
    assert unready.status_code == 503
    assert "bus failed" in unready.text

    nodes.valkey.start()
    async with asyncio.timeout(20):
        while (await asyncio.to_thread(says_ready, nodes.second)).status_code != 200:
            await asyncio.sleep(0.2)
    await bob.say("message.post", "again", text="said once")
    for client in (ada, bob):
        await client.until(lambda c: texts(c)[2:] == ["said once"])
        await client.close()
