"""Whether somebody watches: said only where a basis was chosen for it, kept by nobody."""

from __future__ import annotations

import pytest

from live.domain.ids import ParticipantId
from live.gateway.crush import Pace
from live.gateway.hub import Hub, HubSettings
from live.room.crowd import Crowd, mark_of
from live.room.feed import Present, decode_news, encode_news
from live.wire.codes import CloseCode
from tests.support.rooms import House, open_house
from tests.support.socket_fake import Client, FakeSocket, Json


async def hub_of(house: House, *, attention: bool) -> tuple[Hub, Pace]:
    pace = Pace(house.clock.monotonic)
    settings = HubSettings(digest_key=b"k", attention=attention)
    return Hub(await house.room(), house.clock, settings, pace, lambda _: None), pace


def come(hub: Hub, name: str) -> FakeSocket:
    socket = FakeSocket(Client())
    hub.join(socket, ParticipantId(name), None, 0)
    return socket


def say(socket: FakeSocket, name: str, *, on: bool) -> Json:
    socket.say(id=name, type="attention.set", data={"on": on})
    return socket.client.answers[name]


@pytest.mark.parametrize("attention", [True, False])
async def test_a_person_watches_by_any_connection_until_the_last_that_does_is_gone(
    attention: bool,
) -> None:
    house = await open_house()
    hub, pace = await hub_of(house, attention=attention)
    crowd = (await house.room()).crowd
    phone, laptop, bob = come(hub, "ada"), come(hub, "ada"), come(hub, "bob")
    answer = say(phone, "a1", on=True)
    if attention:
        assert answer == {"t": "ack", "id": "a1", "seq": None, "data": {}}
        say(laptop, "a2", on=True)
        say(laptop, "a3", on=False)
        say(bob, "a4", on=True)
        assert crowd.attention.marks() == {mark_of(ParticipantId(each)) for each in ("ada", "bob")}
        phone.disconnect()
        assert crowd.attention.marks() == {mark_of(ParticipantId("bob"))}
        hub.evict(ParticipantId("bob"), CloseCode.BANNED, "")
    else:
        assert (answer["t"], answer["code"]) == ("refused", "wrong_state")
    assert not crowd.attention.marks()
    hub.stop(CloseCode.RESTART)
    pace.stop()
    await house.rooms.close()


def test_nodes_tell_each_other_and_forget_those_of_a_silent_one() -> None:
    here, there = Crowd(), Crowd()
    for name in ("ada", "bob"):
        there.came(ParticipantId(name))
    there.attend(ParticipantId("bob"), on=True)
    told = decode_news(
        encode_news(Present("there", *there.told(), attentive=there.attention.told()))
    )
    assert isinstance(told, Present)
    here.elsewhere(told.node, told.marks, told.typing, 5.0)
    here.attention.elsewhere(told.node, told.attentive)
    assert here.attention.marks() == {mark_of(ParticipantId("bob"))}
    here.forget_silent(6.0)
    assert not here.attention.marks()
