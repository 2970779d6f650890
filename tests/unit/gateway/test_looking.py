"""Who of the team looks at what: told to the team, to nobody else, and kept by nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from live.domain.ids import ParticipantId
from live.domain.people import Role
from live.domain.people_commands import ChangeParticipant
from live.domain.subject import Subject, SubjectKind
from live.gateway import looking
from live.gateway.crush import Pace
from live.gateway.hub import Hub, HubSettings
from live.room.crowd import Crowd
from live.room.feed import Present, decode_news, encode_news
from live.wire.codes import CloseCode
from tests.support.rooms import House, open_house, person
from tests.support.slow import all_that_can_happen
from tests.support.socket_fake import Client, FakeSocket

SEEN = {"kind": "question", "id": "q1"}
OTHER = {"kind": "message", "id": "m1"}


class Desk:
    """A room of two moderators and a viewer, and the hub in front of it."""

    def __init__(self, house: House, hub: Hub) -> None:
        self.house = house
        self.hub = hub
        self.asked = 0

    def come(self, name: str) -> FakeSocket:
        socket = FakeSocket(Client())
        self.hub.join(socket, ParticipantId(name), None, 0)
        return socket

    def looks(self, socket: FakeSocket, subject: Any) -> dict[str, Any]:
        """Say what somebody looks at; the answer."""
        self.asked += 1
        name = f"l{self.asked}"
        socket.say(id=name, type="moderation.look", data={"subject": subject})
        return socket.client.answers[name]

    async def told(self, socket: FakeSocket) -> list[tuple[str, str]] | None:
        """Who looks at what, as this client was told last; None where it was told nothing."""
        await all_that_can_happen()
        frames = [each["data"] for each in socket.client.frames if each["t"] == "looking"]
        if not frames:
            return None
        return [(each["by"]["display_name"], each["subject"]["id"]) for each in frames[-1]]


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(looking, "TELL_S", 0.0)
    house = await open_house()
    await house.admit(person("yann", Role.MODERATOR, display_name="Yann"))
    pace = Pace(house.clock.monotonic)
    settings = HubSettings(digest_key=b"k")
    hub = Hub(await house.room(), house.clock, settings, pace, lambda _: None)
    yield Desk(house, hub)
    hub.stop(CloseCode.RESTART)
    await house.rooms.close()


async def test_colleagues_are_told_what_one_looks_at_and_viewers_are_not(desk: Desk) -> None:
    mod, yann, ada = desk.come("mod"), desk.come("yann"), desk.come("ada")
    assert desk.looks(yann, SEEN) == {"t": "ack", "id": "l1", "seq": None, "data": {}}
    assert await desk.told(mod) == [("Yann", "q1")]
    desk.looks(yann, OTHER)
    desk.looks(mod, SEEN)
    assert await desk.told(mod) == [("Mod", "q1"), ("Yann", "m1")]
    latecomer = desk.come("host")
    assert await desk.told(latecomer) == [("Mod", "q1"), ("Yann", "m1")]
    desk.looks(mod, None)
    yann.disconnect()
    assert await desk.told(mod) == []
    assert await desk.told(ada) is None


async def test_only_the_team_looks_and_only_at_items(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "live.gateway.member")
    mod, ada = desk.come("mod"), desk.come("ada")
    assert desk.looks(ada, SEEN)["code"] == "forbidden"
    for wrong in ({"kind": "person", "id": "x"}, {"kind": "question", "id": "x" * 65}, "q1", {}):
        assert desk.looks(mod, wrong)["code"] == "invalid"
    noted = [(each.__dict__["by"], each.__dict__["code"]) for each in caplog.records]
    assert noted == [("mod", "invalid")] * 4, "what the team sends in vain is logged"
    assert await desk.told(mod) is None


async def test_who_belongs_to_the_team_no_more_is_told_of_no_more(desk: Desk) -> None:
    mod, yann = desk.come("mod"), desk.come("yann")
    desk.looks(yann, SEEN)
    assert await desk.told(mod) == [("Yann", "q1")]
    room = await desk.house.room()
    await room.act(ChangeParticipant(ParticipantId("yann"), role=Role.VIEWER))
    assert await desk.told(mod) == []
    before = len(yann.client.frames)
    desk.looks(mod, SEEN)
    await all_that_can_happen()
    assert "looking" not in {each["t"] for each in yann.client.frames[before:]}


async def test_eyes_that_run_through_a_queue_are_told_of_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    mod, yann = desk.come("mod"), desk.come("yann")
    desk.looks(yann, SEEN)
    await all_that_can_happen()
    monkeypatch.setattr(looking, "TELL_S", 3600.0)
    desk.hub.looking._told_at = asyncio.get_running_loop().time()
    for number in range(50):
        desk.looks(yann, {"kind": "question", "id": f"q{number}"})
    assert await desk.told(mod) == [("Yann", "q1")]
    desk.hub.looking._send()
    assert await desk.told(mod) == [("Yann", "q49")]
    assert sum(each["t"] == "looking" for each in mod.client.frames) == 2


def test_what_is_looked_at_crosses_nodes_and_goes_with_its_node() -> None:
    here, there, told = Crowd(), Crowd(), list[int]()
    yann, subject = ParticipantId("yann"), Subject(SubjectKind.QUESTION, "q1")
    there.looks.watch(lambda: told.append(len(there.looks.everyone())))
    here.look(yann, subject)
    assert here.looks.here == {}, "who is not connected looks at nothing"
    here.came(yann)
    here.look(yann, subject)
    changes = here.changes
    here.look(yann, subject)
    assert here.changes == changes
    news = decode_news(encode_news(Present("a", *here.told(), looks=dict(here.looks.here))))
    assert isinstance(news, Present)
    there.elsewhere(news.node, news.marks, news.typing, 1.0)
    there.looks.elsewhere(news.node, news.looks)
    there.looks.elsewhere(news.node, news.looks)
    assert there.looks.everyone() == {yann: subject}
    there.forget_silent(2.0)
    assert there.looks.everyone() == {}
    assert told == [1, 0]
