"""Two nodes serve one session: what happens on either is true on both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.nodes import Nodes, two_nodes
from tests.support.postgres import PostgresServer
from tests.support.raw_client import Client, Http, Json, RefusedByServer
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


async def test_questions_votes_and_taps_are_counted_over_both_nodes(nodes: Nodes) -> None:
    first, second = nodes.http
    session = await first.new_session()
    ada = await entered(first, first, session, "Ada")
    bob = await entered(first, second, session, "Bob")

    asked = await ada.say("question.ask", text="Does it rain?")
    question = asked["data"]["question"]["id"]
    await bob.until(lambda c: any(e["type"] == "question.published" for e in c.events))
    for client in (ada, bob):
        await client.say("question.vote", question_id=question, up=True)
        await client.say("reaction.add", kind="heart", count=7)

    for client in (ada, bob):
        await client.until(lambda c: tallied(c, question) == 2)
        await client.until(lambda c: c.pulse["reactions"]["heart"] == 14)
        await client.close()


async def test_limits_hold_for_a_person_over_all_nodes(nodes: Nodes) -> None:
    first, second = nodes.http
    session = await first.new_session()
    here = await entered(first, first, session, "Ada")
    there = await Client(second.url, here.slug, here.token).open()

    for number in range(5):
        await (here, there)[number % 2].say("message.post", text=f"line {number}")

    for client in (here, there):
        with pytest.raises(RefusedByServer) as refused:
            await client.say("message.post", text="one too many")
        assert refused.value.code == "rate_limited"
        await client.until(lambda c: c.pulse["present"] == 1)
        await client.close()


async def test_a_ban_on_one_node_closes_the_sockets_of_the_other(nodes: Nodes) -> None:
    first, second = nodes.http
    session = await first.new_session()
    moderator = await entered(first, second, session, "Mo", invite=token_of(session, "moderator"))
    troll = await entered(first, first, session, "Troll")
    banned = troll.hello["you"]["id"]

    await moderator.say("sanction.set", participant_id=banned, kind="ban")

    await troll.until(lambda c: c.closed_with == 4403, timeout_s=5)
    await moderator.close()


async def test_an_invite_taken_back_on_one_node_closes_what_it_let_in_on_the_other(
    nodes: Nodes,
) -> None:
    first, second = nodes.http
    session = await first.new_session()
    path = f"/sessions/{session['slug']}/invites"
    invite = await first.as_owner("POST", path, role="moderator")
    moderator = await entered(first, first, session, "Mo", invite=invite["token"])

    await second.as_owner("DELETE", f"{path}/{invite['id']}")

    await moderator.until(lambda c: c.closed_with == 4403, timeout_s=5)


async def test_a_change_of_segment_on_one_node_brings_a_snapshot_on_the_other(
    nodes: Nodes,
) -> None:
    first, second = nodes.http
    session = await first.new_session()
    here = await entered(first, first, session, "Ada")
    there = await Client(second.url, here.slug, here.token).open()

    await there.say("profile.set", segment="prospect")

    for client in (here, there):
        await client.until(lambda c: c.snapshot["you"]["segment"] == "prospect")
        await client.close()


def tallied(client: Client, question: str) -> int:
    """The votes that a client was last told of."""
    votes = [
        event["data"]["votes"]
        for event in client.events
        if event["type"] == "vote.tallied" and event["data"]["question_id"] == question
    ]
    return votes[-1] if votes else 0


def token_of(session: Json, role: str) -> str:
    token: str = session["invites"][role]["token"]
    return token
