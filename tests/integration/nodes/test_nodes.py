"""Two nodes serve one session: what happens on either is true on both, also when one dies.

The tests share their nodes; the last one kills the first of them.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.http.test_hls import Player
from tests.integration.http.test_viewer_bounds import offer_to_watch
from tests.integration.media.peers import ffmpeg_publishes
from tests.integration.media.scripted import Peer
from tests.integration.media.waiting import eventually
from tests.support.nodes import Nodes, two_nodes
from tests.support.patience import PATIENCE_S
from tests.support.pieces import shown
from tests.support.postgres import PostgresServer
from tests.support.raw_client import Client, Http, Json, RefusedByServer, reopen
from tests.support.running import Server
from tests.support.valkey import valkey_server


@pytest.fixture(scope="module")
def nodes(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    folder: Path = tmp_path_factory.mktemp("nodes")
    with (
        valkey_server() as valkey,
        postgres.fresh_database() as url,
        two_nodes(folder, url, valkey, CAUSERIE_HLS="on") as running,
    ):
        yield running


async def entered(http: Http, at: Http, session: Json, name: str, **body: str) -> Client:
    """Someone who joined over one node and has a socket at another."""
    joined = await http.join(session["slug"], display_name=name, language="en", **body)
    return await Client(at.url, session["slug"], joined["token"]).open()


async def leave(*clients: Client) -> None:
    """All go once all have seen what they waited for: who stays is told that others went."""
    for client in clients:
        await client.close()


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
    await leave(ada, bob, eve)


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
    await leave(ada, bob)


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
    await leave(here, there)


async def test_a_ban_on_one_node_closes_the_sockets_of_the_other(nodes: Nodes) -> None:
    first, second = nodes.http
    session = await first.new_session()
    moderator = await entered(first, second, session, "Mo", invite=token_of(session, "moderator"))
    troll = await entered(first, first, session, "Troll")
    banned = troll.hello["you"]["id"]

    await moderator.say("sanction.set", participant_id=banned, kind="ban")

    await troll.until(lambda c: c.closed_with == 4403)
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

    await moderator.until(lambda c: c.closed_with == 4403)


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
    await leave(here, there)


async def test_what_is_scheduled_goes_out_once_and_its_receipts_count_people_over_both_nodes(
    nodes: Nodes,
) -> None:
    first, second = nodes.http
    session = await first.new_session()
    readers = [
        await entered(first, at, session, f"Reader {number}")
        for number, at in enumerate((first, second, first, second, first))
    ]
    lise = await entered(
        second, second, session, "Lise", invite=session["invites"]["moderator"]["token"]
    )
    link = {"url": "https://shop.example/coat", "label": "To the shop"}
    variants = [{"text": "Last call", "link": link}]
    saved = await lise.say("announce.save", variants=variants, after_s=1)
    told = saved["data"]["id"]
    path = f"/sessions/{session['slug']}"

    for reader in readers:
        await reader.until(lambda c: "announcement.sent" in [e["type"] for e in c.events])
        for node in (first, second):
            await node.call("POST", f"{path}/receipts", reader.token, seen=[told])
            headers = {"Authorization": f"Bearer {reader.token}"}
            async with httpx.AsyncClient(headers=headers, trust_env=False) as browser:
                led = await browser.get(f"{node.url}/api/v1{path}/go/{told}")
            assert led.headers["location"] == link["url"]
    for node in (first, second):
        [counted] = (await node.as_owner("GET", f"{path}/announcements/deliveries"))["deliveries"]
        steps = [counted[step]["total"] for step in ("reached", "seen", "acted")]
        assert steps == [5, 5, 5]
    for reader in readers:
        sent = [event for event in reader.events if event["type"] == "announcement.sent"]
        assert [event["data"]["announcement"]["id"] for event in sent] == [told]
    await leave(lise, *readers)


async def test_a_picture_published_on_one_node_is_watched_over_the_other(
    nodes: Nodes, tmp_path: Path
) -> None:
    first, second = nodes.http
    session = await first.new_session()
    host = await first.join(session["slug"], invite=token_of(session, "host"))
    viewer = await first.join(session["slug"])
    whip = f"{first.url}/api/v1/sessions/{session['slug']}/whip"
    sdp = await offer_to_watch()

    async with (
        ffmpeg_publishes(whip, tmp_path, host["token"]),
        httpx.AsyncClient(base_url=second.url, trust_env=False, timeout=PATIENCE_S) as http,
    ):
        http.headers["Authorization"] = f"Bearer {viewer['token']}"
        watching = await until_watched(http, session["slug"], sdp)
        there = watching.headers["Location"]
        unmatched = await http.patch(
            there, content="", headers={"Content-Type": "application/trickle-ice-sdpfrag"}
        )
        ended = await http.delete(there)
        again = await http.delete(there)
        player = Player(nodes.second, session["slug"], viewer["token"])
        seen = shown(await player.plays(await player.list_of("video.m3u8")))
        assert (await player.standing())["watching"] == 1
        # Cut at the first node, it is gone at the second one, which has fetched it already.
        names = re.findall(r"/api/v1/hls/[\w.-]+", await player.list_of("video.m3u8"))
        moderator = await entered(
            first, first, session, "Mo", invite=token_of(session, "moderator")
        )
        await moderator.say("slate.set", on=True)
        await until_cut(player, names)
        await leave(moderator)
        await player.close()

    assert f" {nodes.first.udp_port} typ host" in watching.text, "packets go to the other node"
    assert seen.times
    assert seen.tone_hz == pytest.approx(440, abs=2)
    assert unmatched.status_code == 428
    assert (ended.status_code, again.status_code) == (204, 404)


async def test_what_a_banned_person_watches_ends_and_stays_away_wherever_the_ban_was_set(
    nodes: Nodes, tmp_path: Path
) -> None:
    """The picture is on the first node, its viewer came by the second, as did the moderator; the
    viewer has a second connection, as the same person, on the first."""
    first, second = nodes.http
    session = await first.new_session()
    slug = session["slug"]
    host = await first.join(slug, invite=token_of(session, "host"))
    moderator = await entered(first, second, session, "Mo", invite=token_of(session, "moderator"))
    viewer = await entered(first, first, session, "Troll")
    peer = Peer("recvonly", ("video",))
    async with (
        ffmpeg_publishes(f"{first.url}/api/v1/sessions/{slug}/whip", tmp_path, host["token"]),
        httpx.AsyncClient(base_url=second.url, trust_env=False, timeout=PATIENCE_S) as http,
    ):
        http.headers["Authorization"] = f"Bearer {viewer.token}"
        watching = await until_watched(http, slug, await peer.offer())
        await peer.accept(watching.text)
        await eventually(lambda: len(peer.rtp) > 50)

        await moderator.say("sanction.set", participant_id=viewer.hello["you"]["id"], kind="ban")
        await viewer.until(lambda c: c.closed_with == 4403)

        assert await ceased(peer), "packets still come"
        sdp = {"Content-Type": "application/sdp"}
        again = await http.post(f"/api/v1/sessions/{slug}/whep", content="v=0", headers=sdp)
        gone = await http.delete(watching.headers["Location"])
    assert (again.status_code, again.json()["code"]) == (403, "banned")
    assert gone.status_code == 404
    await peer.close()
    await moderator.close()


async def ceased(peer: Peer) -> bool:
    """Whether half a second comes in which no packet does, of a picture of many a second."""
    for _ in range(20):
        before = len(peer.rtp)
        await asyncio.sleep(0.5)
        if len(peer.rtp) == before:
            return True
    return False


async def until_cut(player: Player, pieces: list[str]) -> None:
    """The node that has the picture says so, and the player's has heard of it too."""

    async def is_cut() -> bool:
        answers = [await player.get(path) for path in ("video.m3u8", *pieces)]
        return [answer.status_code for answer in answers] == [409] + [404] * len(pieces)

    await eventually(is_cut, every_s=0.2)


async def until_watched(http: httpx.AsyncClient, slug: str, sdp: str) -> httpx.Response:
    """Ask for the picture until somebody publishes."""
    answers: list[httpx.Response] = []

    async def is_answered() -> bool:
        path, kind = f"/api/v1/sessions/{slug}/whep", {"Content-Type": "application/sdp"}
        answers.append(await http.post(path, content=sdp, headers=kind))
        return answers[-1].status_code != 409

    await eventually(is_answered, every_s=0.2)
    assert answers[-1].status_code == 201, answers[-1].text
    return answers[-1]


async def test_without_the_bus_the_writer_goes_on_and_the_other_node_reads(nodes: Nodes) -> None:
    first, second = nodes.http
    session = await first.new_session()
    ada = await entered(first, first, session, "Ada")
    bob = await entered(first, second, session, "Bob")
    await bob.say("message.post", text="with the bus")

    nodes.valkey.kill()
    await ada.insist("message.post", text="without the bus")
    await bob.until(lambda c: texts(c) == ["with the bus", "without the bus"])
    with pytest.raises(RefusedByServer) as refused:
        await bob.say("message.post", "again", text="said once")
    assert refused.value.code == "overloaded"
    unready = await readiness(nodes.second)
    assert unready.status_code == 503
    assert "bus failed" in unready.text

    nodes.valkey.start()
    await until_ready(nodes.first)
    await until_ready(nodes.second)
    await bob.say("message.post", "again", text="said once")
    for client in (ada, bob):
        await client.until(lambda c: texts(c)[2:] == ["said once"])
    await leave(ada, bob)


async def test_the_other_node_takes_over_when_the_writing_one_is_killed(nodes: Nodes) -> None:
    first, second = nodes.http
    session = await first.new_session()  # which opens it there: the first node writes
    ada = await entered(first, first, session, "Ada")
    bob = await entered(first, second, session, "Bob")
    await ada.say("message.post", text="before, from the first")
    await bob.say("message.post", text="before, from the second")

    nodes.first.kill()
    await bob.insist("message.post", text="after, from the second")
    ada.url = second.url
    await reopen(ada)
    assert ada.hello["snapshot"] is None, "it resumes: its history is there"
    await ada.insist("message.post", text="after, from the other node")

    told = [
        "before, from the first",
        "before, from the second",
        "after, from the second",
        "after, from the other node",
    ]
    for client in (ada, bob):
        await client.until(lambda c: texts(c) == told)
        await client.until(lambda c: c.pulse["present"] == 2)
    await leave(ada, bob)


async def readiness(server: Server) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as http:
        return await http.get(f"{server.url}/readyz")


async def until_ready(server: Server) -> None:
    async def is_ready() -> bool:
        return (await readiness(server)).is_success

    await eventually(is_ready, every_s=0.2)


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
