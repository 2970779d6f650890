"""People talk over real sockets: everyone is told everything, once and in order."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import AsyncExitStack
from typing import Any

import msgspec
import pytest

from live.domain.ids import ParticipantId
from live.domain.message_commands import PostMessage
from live.domain.mode import Review
from live.domain.people import Role
from live.domain.people_commands import ChangeParticipant
from live.domain.session_commands import SayToStaff, SetMode
from live.gateway.limits import Limits
from live.gateway.snapshot import snapshot
from live.room.settings import RoomSettings
from tests.support.reducer import differences
from tests.support.rooms import open_house, person
from tests.support.socket_client import Phone, phone
from tests.support.socket_fake import Client, Json
from tests.support.socket_server import Listening, listening


def seqs(client: Client) -> list[int]:
    return [e["seq"] for frame in client.frames if frame["t"] == "events" for e in frame["events"]]


def texts(client: Client) -> list[str]:
    return [
        event["data"]["message"]["text"]
        for frame in client.frames
        if frame["t"] == "events"
        for event in frame["events"]
        if event["type"] == "message.published"
    ]


async def fresh(server: Listening, name: str) -> Json:
    state = (await server.house.room()).state
    decoded: Json = msgspec.json.decode(
        msgspec.json.encode(snapshot(state, reader=ParticipantId(name)))
    )
    return decoded


async def arrives(server: Listening, *phones: Phone) -> None:
    """Everyone is at the head."""
    room = await server.house.room()
    for each in phones:
        await each.until(lambda client: client.position == room.head)


async def test_all_see_the_same_in_the_same_order() -> None:
    async with (
        listening() as server,
        phone(server.url, "ada") as ada,
        phone(server.url, "bob") as bob,
        phone(server.url, "mod", compression=None) as mod,
    ):

        async def talk(who: Phone, name: str) -> None:
            for number in range(50):
                await who.say("message.post", text=f"{name} {number}")

        await asyncio.gather(talk(ada, "ada"), talk(bob, "bob"))
        await arrives(server, ada, bob, mod)
        said = texts(ada.client)
        assert sorted(said) == sorted(f"{n} {i}" for n in ("ada", "bob") for i in range(50))
        assert texts(bob.client) == texts(mod.client) == said
        for each, name in ((ada, "ada"), (bob, "bob"), (mod, "mod")):
            assert not differences(each.client.state, await fresh(server, name))


@pytest.mark.parametrize("cut_at", [1, 77, 199])
async def test_a_cut_in_the_middle_of_200_events_loses_and_doubles_nothing(cut_at: int) -> None:
    async with listening() as server, phone(server.url, "ada") as ada:
        client = Client()

        async def talk() -> None:
            for number in range(200):
                await ada.say("message.post", text=f"Line {number}")

        async with phone(server.url, "bob", client) as bob:
            talking = asyncio.create_task(talk())
            await bob.until(lambda client: len(texts(client)) >= cut_at)
            bob.cut()
            await bob.closed()
        async with phone(server.url, "bob", client) as bob:
            await talking
            await arrives(server, bob)
        assert texts(client) == [f"Line {number}" for number in range(200)]
        assert seqs(client) == sorted(set(seqs(client)))
        assert client.snapshots == 1
        assert not differences(client.state, await fresh(server, "bob"))


@pytest.mark.parametrize(
    "query",
    [
        "epoch=other&since=1",
        "since=1",
        "epoch=e1",
        "epoch=e1&since=-1",
        "epoch=e1&since=x",
        "epoch=e1&since=99",
        "epoch=e1&since=1e3",
        "epoch=e1&since=%C2%B2",
        "epoch=e1&since=" + "9" * 30,
    ],
)
async def test_a_position_that_means_nothing_gets_a_snapshot(query: str) -> None:
    async with listening() as server:
        await server.house.do("ada", PostMessage("Hello"))
        async with phone(f"{server.url}?{query}", "bob") as bob:
            await bob.until(lambda client: client.position == 1)
            assert bob.client.snapshots == 1


async def test_resuming_at_the_head_gets_neither_snapshot_nor_events() -> None:
    async with listening() as server:
        client = Client()
        async with phone(server.url, "bob", client) as bob:
            await bob.until(lambda client: client.state is not None)
        async with phone(server.url, "bob", client) as bob:
            await bob.say("message.post", text="Hello")
            await bob.until(lambda client: client.position == 1)
        hellos = [frame for frame in client.frames if frame["t"] == "hello"]
        assert hellos[1]["snapshot"] is None
        assert client.snapshots == 1


async def test_the_same_command_five_times_has_one_effect_and_one_answer() -> None:
    async with listening(limits=Limits()) as server:
        client = Client()
        answers = []
        for _ in range(2):
            async with phone(server.url, "ada", client) as ada:
                answers += [await ada.say("message.post", id="once", text="Hi") for _ in range(3)]
                other = await ada.say("message.post", id="once", text="Bye")
                assert other["code"] == "id_reused"
                await arrives(server, ada)
        assert all(answer == answers[0] for answer in answers)
        assert answers[0]["seq"] == 1
        assert texts(client) == ["Hi"]


async def test_the_answer_is_the_same_long_after_and_after_a_restart() -> None:
    house = await open_house(settings=RoomSettings(window=1))
    async with listening(house) as server:
        async with phone(server.url, "ada") as ada:
            answer = await ada.say("message.post", id="once", text="Hi")
            for number in range(10):
                await ada.say("message.post", text=f"Line {number}")
        await house.reopen()
        assert answer["data"]["id"] not in (await house.room()).state.messages
        async with phone(server.url, "ada") as ada:
            assert await ada.say("message.post", id="once", text="Hi") == answer


async def test_a_refusal_is_not_remembered() -> None:
    async with listening() as server, phone(server.url, "ada") as ada:
        assert (await ada.say("message.post", id="c", text=" "))["code"] == "empty"
        assert (await ada.say("message.post", id="c", text="Hi"))["t"] == "ack"


async def test_what_one_may_not_see_is_passed_over_within_five_seconds() -> None:
    async with listening() as server, phone(server.url, "ada") as ada:
        await ada.until(lambda client: client.pulse is not None)
        await server.house.do("mod", SayToStaff("Between us"))
        await ada.until(lambda client: client.position == 1)
        assert seqs(ada.client) == []


async def test_what_is_held_goes_to_its_author_and_the_team_alone() -> None:
    async with (
        listening() as server,
        phone(server.url, "ada") as ada,
        phone(server.url, "ada") as tablet,
        phone(server.url, "bob") as bob,
        phone(server.url, "mod") as mod,
    ):
        await server.house.do("host", SetMode(review=Review.BEFORE))
        ack = await ada.say("question.ask", text="canary?")
        assert ack["data"]["status"] == "pending"
        assert ack["data"]["question"]["text"] == "canary?"
        await arrives(server, ada, tablet, mod, bob)
        for each in (ada, tablet):
            assert each.client.state is not None
            assert [mine["text"] for mine in each.client.state["you"]["mine"]] == ["canary?"]
        assert mod.client.state is not None
        assert mod.client.state["held"]["total"] == 1
        assert "canary" not in str(bob.client.frames)


async def test_a_change_of_role_replaces_everything_on_all_ones_sockets() -> None:
    async with (
        listening() as server,
        phone(server.url, "mod") as console,
        phone(server.url, "mod") as tablet,
    ):
        await server.house.do("host", SayToStaff("Between us"))
        await arrives(server, console, tablet)
        room = await server.house.room()
        await room.act(ChangeParticipant(ParticipantId("mod"), role=Role.VIEWER))
        for each in (console, tablet):
            await each.until(lambda client: client.snapshots == 2)
            frame = next(f for f in each.client.frames if f["t"] == "snapshot")
            assert frame["reason"] == "audience"
            assert frame["you"]["role"] == "viewer"
            assert "staff_says" not in frame["snapshot"]
            assert not differences(each.client.state, await fresh(server, "mod"))


async def test_who_changed_sides_while_away_gets_a_snapshot() -> None:
    async with listening() as server:
        client = Client()
        async with phone(server.url, "mod", client) as mod:
            await mod.until(lambda client: client.state is not None)
        room = await server.house.room()
        await room.act(ChangeParticipant(ParticipantId("mod"), segment="customer"))
        async with phone(server.url, "mod", client) as mod:
            await mod.until(lambda client: client.snapshots == 2)


async def test_the_pulse_counts_people_and_taps_exactly() -> None:
    def tapped(client: Client) -> Any:
        return client.pulse and client.pulse["reactions"]["heart"]

    async with (
        listening() as server,
        phone(server.url, "ada") as ada,
        phone(server.url, "ada"),
        phone(server.url, "bob") as bob,
    ):
        for _ in range(10):
            await asyncio.gather(
                ada.say("reaction.add", kind="heart", count=3),
                bob.say("reaction.add", kind="heart", count=2),
            )
        await bob.until(lambda client: tapped(client) == 50)
        assert bob.client.pulse is not None
        assert bob.client.pulse["present"] == 2
        assert (await ada.say("typing.set", on=True))["seq"] is None
        await bob.until(lambda client: client.pulse is not None and client.pulse["typing"] == 1)
        server.clock.skipped_s += 10
        await bob.until(lambda client: client.pulse is not None and client.pulse["typing"] == 0)


async def test_of_a_thousand_ballots_sent_at_once_the_last_of_each_person_counts() -> None:
    people = [f"p{number}" for number in range(20)]
    house = await open_house(*map(person, people), person("mod", Role.MODERATOR))
    async with listening(house) as server, AsyncExitStack() as stack:
        desk = await stack.enter_async_context(phone(server.url, "mod"))
        phones = [await stack.enter_async_context(phone(server.url, each)) for each in people]
        opened = await desk.say(
            "poll.open",
            poll={
                "kind": "single",
                "variants": [{"question": "Which?", "options": ["a", "b", "c"]}],
            },
        )
        poll_id = opened["data"]["id"]
        turns = [[str(1 + (at + turn) % 3) for turn in range(50)] for at in range(len(people))]
        for turn in range(50):
            for each, choices in zip(phones, turns, strict=True):
                data = {"poll_id": poll_id, "choices": [choices[turn]]}
                command = {"id": f"b{turn}", "type": "poll.answer", "data": data}
                await each.connection.send(json.dumps(command))
        for each in phones:
            await each.until(lambda client: len(client.answers) >= 50)
            assert {answer["t"] for answer in each.client.answers.values()} == {"ack"}
        closed = await desk.say("poll.close", poll_id=poll_id)
        last = Counter(choices[-1] for choices in turns)
        assert closed["data"]["poll"]["tally"]["counts"] == last
        await arrives(server, desk, *phones)
        for each in phones:
            assert each.client.state is not None
            (poll,) = each.client.state["polls"]
            assert poll["tally"] == {"answered": len(people), "counts": last}
        late = await phones[0].say("poll.answer", poll_id=poll_id, choices=["1"])
        assert late["code"] == "wrong_state"


async def test_ballots_that_nobody_may_cast_are_refused_and_the_counts_stay_exact() -> None:
    sides = {"ada": "prospect", "ben": "prospect", "cam": "customer"}
    people = [person(name, segment=side) for name, side in sides.items()]
    house = await open_house(*people, person("mod", Role.MODERATOR))
    async with listening(house) as server, AsyncExitStack() as stack:
        desk = await stack.enter_async_context(phone(server.url, "mod"))
        ada, ben, cam = [await stack.enter_async_context(phone(server.url, each)) for each in sides]
        asked = {"question": "Which?", "options": ["a", "b"], "segment": "prospect"}
        opened = await desk.say("poll.open", poll={"kind": "single", "variants": [asked]})
        ballot = {"poll_id": opened["data"]["id"]}
        for choices in (["1"], ["2"], ["2"]):
            assert (await ada.say("poll.answer", **ballot, choices=choices))["t"] == "ack"
        forged = await cam.say("profile.set", segment="influencer")
        refused = [
            (forged, "segment_closed"),
            (await cam.say("poll.answer", **ballot, choices=["1"]), "not_found"),
            (await desk.say("poll.answer", **ballot, choices=["1"]), "forbidden"),
            (await ben.say("poll.answer", **ballot, choices=["3"]), "invalid"),
            (await ben.say("poll.answer", **ballot, choices=["1", "2"]), "invalid"),
            (await ben.say("poll.answer", **ballot, choices=["1", "1"]), "invalid"),
            (await ben.say("poll.answer", **ballot, choices=[]), "empty"),
        ]
        assert [answer.get("code") for answer, _ in refused] == [code for _, code in refused]
        closed = await desk.say("poll.close", **ballot)
        tally = closed["data"]["poll"]["tally"]
        assert (tally["answered"], tally["counts"]) == (1, {"1": 0, "2": 1})
        late = await ben.say("poll.answer", **ballot, choices=["1"])
        assert late["code"] == "wrong_state"
        assert "Which?" not in json.dumps(cam.client.frames)


async def test_a_tap_moves_the_teams_curve_and_nobody_elses() -> None:
    def told(client: Client) -> list[Json]:
        pulses = [frame["data"] for frame in client.frames if frame["t"] == "pulse"]
        return [tick for pulse in pulses for tick in pulse.get("curve", ())]

    def taps(client: Client) -> int:
        latest = {tick["at"]: tick["all"]["counts"] for tick in told(client)}
        return sum(counts.get("heart", 0) for counts in latest.values())

    async with (
        listening() as server,
        phone(server.url, "ada") as ada,
        phone(server.url, "bob") as bob,
        phone(server.url, "mod") as mod,
    ):
        for _ in range(2):
            await asyncio.gather(
                ada.say("reaction.add", kind="heart", count=3),
                bob.say("reaction.add", kind="heart", count=2),
            )
        await mod.until(lambda client: taps(client) == 10)
        assert not told(ada.client)
        assert not told(bob.client)
