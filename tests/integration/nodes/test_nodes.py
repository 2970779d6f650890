"""Two nodes serve one session: what happens on either is true on both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.nodes import Nodes, two_nodes
from tests.support.postgres import PostgresServer
from tests.support.raw_client import Client, Http, Json
from tests.support.valkey import valkey_server


@pytest.fixture(scope="module")
def nodes(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    folder: Path = tmp_path_factory.mktemp("nodes")
    with (
        valkey_server() as valkey,
        postgres.fresh_database() as url,
        two_nodes(folder, url, valkey) as running,
    ):
        yield running


async def entered(http: Http, at: Http, session: Json, name: str, **body: str) -> Client:
    """Someone who joined over one node and has a socket at another."""
    joined = await http.join(session["slug"], display_name=name, language="en", **body)
    return await Client(at.url, session["slug"], joined["token"]).open()


def texts(client: Client) -> list[str]:
    return [
        event["data"]["message"]["text"]
        for event in client.events
        if event["type"] == "message.published"
    ]


async def test_what_is_posted_on_either_node_is_seen_on_both_in_one_order(nodes: Nodes) -> None:
    first, second = nodes.http
    session = await first.new_session()
    ada = await entered(first, first, session, "Ada")
    bob = await entered(second, second, session, "Bob")
    eve = await entered(first, second, session, "Eve")

    for number in range(3):
        for client in (ada, bob, eve):
            await client.say("message.post", text=f"line {number} of {client.token[:6]}")

    for client in (ada, bob, eve):
        await client.until(lambda c: len(texts(c)) == 9)
    assert texts(ada) == texts(bob) == texts(eve)
    for client in (ada, bob, eve):
        await client.until(lambda c: c.pulse["present"] == 3)
        await client.close()
