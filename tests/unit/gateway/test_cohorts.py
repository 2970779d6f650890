"""One announcement, a text for each cohort: what each is sent, and nothing of others'."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import product
from typing import Any

import msgspec
import pytest

from live.domain.announcement_commands import (
    CorrectAnnouncement,
    DraftVariant,
    SendAnnouncement,
    WithdrawAnnouncement,
)
from live.domain.ids import AnnouncementId, ParticipantId
from live.domain.message_commands import PostMessage
from live.domain.people import Role
from live.domain.people_commands import PlacePerson
from live.domain.state import RoomState
from live.gateway.crush import Pace
from live.gateway.hub import Hub, HubSettings
from live.gateway.projection import Projection
from live.gateway.snapshot import snapshot
from live.wire.codes import CloseCode
from tests.support.rooms import House, open_house, person
from tests.support.socket_fake import Client, FakeSocket

SEGMENTS = ("customer", "prospect", "general")
LANGUAGES = ("en", "fr")
COHORTS = list(product(SEGMENTS, LANGUAGES))


class Show:
    """Ten people of each cohort and a moderator, each with a connection."""

    def __init__(self, house: House, hub: Hub) -> None:
        self.house = house
        self.hub = hub
        self.clients: dict[str, Client] = {}

    def come(self, name: str) -> None:
        client = self.clients[name] = Client()
        self.hub.join(FakeSocket(client), ParticipantId(name), None, 0)

    def flush(self) -> None:
        self.hub._rounds._begin()
        while self.hub._rounds.under_way:
            self.hub._rounds._slice()

    async def send(self, *variants: DraftVariant) -> AnnouncementId:
        done = await self.house.do("mod", SendAnnouncement(variants))
        self.flush()
        assert done.result.announcement_id is not None
        return done.result.announcement_id

    def texts(self, name: str) -> list[str]:
        """The announcements that this person has on the screen."""
        state = self.clients[name].state
        assert state is not None
        return [each.get("text") for each in state["announcements"]]

    def told(self, name: str) -> str:
        """Everything that ever came over this connection."""
        return json.dumps(self.clients[name].frames, ensure_ascii=False)


def name_of(segment: str, language: str, number: int = 0) -> str:
    return f"{segment}-{language}-{number}"


@pytest.fixture
async def show() -> AsyncIterator[Show]:
    people = [
        person(name_of(segment, language, number), segment=segment, language=language)
        for (segment, language), number in product(COHORTS, range(10))
    ]
    house = await open_house(*people, person("mod", Role.MODERATOR))
    pace = Pace(house.clock.monotonic)
    hub = Hub(await house.room(), house.clock, HubSettings(digest_key=b"k"), pace, lambda _: None)
    here = Show(house, hub)
    for each in (*people, person("mod")):
        here.come(each.id)
    here.flush()
    yield here
    hub.stop(CloseCode.RESTART)
    await house.rooms.close()
    for client in here.clients.values():
        if client.failure is not None:
            raise client.failure


def text_for(segment: str, language: str) -> str:
    return f"words for {segment} in {language}"


def variants() -> list[DraftVariant]:
    return [DraftVariant(text_for(*cohort), *cohort) for cohort in COHORTS]


async def test_one_send_reaches_each_cohort_in_its_own_words_and_in_no_others(show: Show) -> None:
    await show.send(*variants())
    for cohort in COHORTS:
        for number in range(10):
            name = name_of(*cohort, number)
            assert show.texts(name) == [text_for(*cohort)]
            others = [text_for(*other) for other in COHORTS if other != cohort]
            assert not [text for text in others if text in show.told(name)]
    told = show.told("mod")
    assert all(text_for(*cohort) in told for cohort in COHORTS), "the team has them all"


async def test_it_is_composed_for_cohorts_and_not_for_people(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []

    def counted(state: RoomState, **of: Any) -> Projection:
        made.append(of)
        return Projection(state, **of)

    monkeypatch.setattr("live.gateway.news.Projection", counted)
    await show.send(*variants())
    assert len(made) == len(COHORTS) + 1  # and the team
    made.clear()
    await show.house.do("mod", PostMessage("To all"))
    show.flush()
    assert len(made) == 2, "what is the same for all is composed for all"


async def test_who_is_told_nothing_has_no_trace_of_it(show: Show) -> None:
    await show.send(DraftVariant("for customers", segment="customer"))
    assert show.texts(name_of("customer", "fr")) == ["for customers"]
    assert show.texts(name_of("general", "en")) == []
    assert "announcement" not in show.told(name_of("general", "en")).replace('"announcements"', "")


async def test_a_correction_changes_it_for_some_and_takes_it_from_others(show: Show) -> None:
    told = await show.send(DraftVariant("at eight"))
    await show.house.do(
        "mod", CorrectAnnouncement(told, 1, (DraftVariant("at nine", segment="customer"),))
    )
    show.flush()
    assert show.texts(name_of("customer", "en")) == ["at nine"]
    assert show.texts(name_of("prospect", "en")) == []
    assert "at nine" not in show.told(name_of("prospect", "en"))


async def test_withdrawn_it_leaves_every_screen_and_no_newcomer_reads_it(show: Show) -> None:
    told = await show.send(DraftVariant("too early"))
    await show.house.do("mod", WithdrawAnnouncement(told))
    show.flush()
    assert {tuple(show.texts(name)) for name in show.clients} == {()}
    show.come(name_of("general", "en", 9))
    assert "too early" not in show.told(name_of("general", "en", 9))


async def test_in_the_midst_of_many_one_changes_sides_and_has_those_of_the_new_side(
    show: Show,
) -> None:
    mover, moved_at = name_of("prospect", "en"), 0
    for number in range(100):
        cohorts = [
            DraftVariant(f"{segment} reads {number}.", segment=segment)
            for segment in ("customer", "prospect")
        ]
        sending = asyncio.ensure_future(show.send(*cohorts))
        if number == 50:
            await show.house.do("mod", PlacePerson(ParticipantId(mover), "customer"))
            moved_at = len(show.clients[mover].frames)
        await sending
        now = "prospect" if number < 50 else "customer"
        due = [f"{now} reads {each}." for each in range(number + 1)]
        assert sorted(show.texts(mover)) == sorted(due)
    after = json.dumps(show.clients[mover].frames[moved_at:])
    assert "prospect reads" not in after


async def test_a_newcomer_reads_what_those_who_were_there_were_sent(show: Show) -> None:
    for segment in SEGMENTS:
        await show.send(DraftVariant(f"only {segment}", segment=segment), DraftVariant("all"))
    state = (await show.house.room()).state
    for name in list(show.clients):
        sent = show.clients[name].state
        show.come(name)
        fresh = show.clients[name].state
        assert sent is not None
        assert fresh is not None
        assert fresh["announcements"] == sent["announcements"]
        whole = snapshot(state, reader=ParticipantId(name))
        assert fresh["announcements"] == json.loads(msgspec.json.encode(whole.announcements))
