"""People are counted every two seconds, each once, and nobody's restart is a wave."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from live.domain.cue_commands import NoteStep
from live.domain.funnel import STEPS, Reached, counted
from live.domain.ids import ParticipantId
from live.domain.message_commands import PostMessage
from live.domain.people import Role
from live.domain.people_commands import SetProfile
from live.domain.pulse import ARRIVED, KEPT_TICKS, LEFT, TICK_S, Tick, tick_at, total
from live.domain.question_commands import AskQuestion
from live.domain.session_commands import AddReaction, ReactionKind
from live.room.counting import CrowdCounter
from live.room.crowd import mark_of
from live.room.settings import RoomSettings
from tests.support.rooms import House, open_house, person

NAMES = tuple(f"p{n}" for n in range(10))


@dataclass
class Show:
    house: House
    moods: dict[str, tuple[float, int]] = field(default_factory=dict)
    attention: bool = False

    def __post_init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self.counter = CrowdCounter(
            self.house.rooms, self.house.clock, lambda _: self.moods, attention=self.attention
        )

    async def come(self, *names: str) -> None:
        room = await self.house.room()
        for name in names:
            room.crowd.came(ParticipantId(name))

    async def leave(self, *names: str) -> None:
        room = await self.house.room()
        for name in names:
            room.crowd.left(ParticipantId(name))

    async def count(self) -> None:
        self.house.clock.pass_s(TICK_S)
        await self.counter.look()

    async def ticks(self) -> list[Tick]:
        return sorted((await self.house.room()).state.ticks.values(), key=lambda each: each.at)

    async def restart(self) -> None:
        await self.house.reopen()
        self._start()


@pytest.fixture
async def show() -> AsyncIterator[Show]:
    people = [
        person(name, segment="customer" if n < 4 else "prospect") for n, name in enumerate(NAMES)
    ]
    house = await open_house(*people, person("host", Role.HOST), settings=RoomSettings(gather_s=0))
    yield Show(house)
    await house.rooms.close()


async def test_arrivals_and_departures_are_counted_by_cohort_and_the_team_is_not(
    show: Show,
) -> None:
    await show.come(*NAMES, "host")
    await show.count()
    await show.leave("p0", "p9")
    await show.count()
    await show.count()
    ticks = await show.ticks()
    assert len(ticks) == 2, "nothing is written where nothing happens"
    assert ticks[0].here == {("customer", "en"): 4, ("prospect", "en"): 6}
    assert ticks[1].here == {("customer", "en"): 3, ("prospect", "en"): 5}
    assert (total(ticks, ARRIVED), total(ticks, ARRIVED, "prospect")) == (10, 6)
    assert (total(ticks, LEFT), total(ticks, LEFT, "customer")) == (2, 1)


async def test_who_changes_segment_is_counted_there_and_neither_came_nor_left(show: Show) -> None:
    await show.come(*NAMES)
    await show.count()
    await show.house.do("p0", SetProfile(segment="prospect"))
    await show.count()
    ticks = await show.ticks()
    assert ticks[-1].here == {("customer", "en"): 3, ("prospect", "en"): 7}
    assert (total(ticks, ARRIVED), total(ticks, LEFT)) == (10, 0)


async def test_after_a_restart_those_who_were_here_come_back_and_the_others_arrive(
    show: Show,
) -> None:
    await show.come(*NAMES[:9])
    await show.count()
    await show.restart()
    await show.come(*NAMES)
    await show.count()
    ticks = await show.ticks()
    assert total(ticks, ARRIVED) == 10
    assert ticks[-1].here == {("customer", "en"): 4, ("prospect", "en"): 6}


async def test_someone_of_another_node_is_counted_once_with_all_their_connections(
    show: Show,
) -> None:
    room = await show.house.room()
    await show.come("p0")
    marks = mark_of(ParticipantId("p0")) + mark_of(ParticipantId("p5"))
    room.crowd.elsewhere("other", marks, 0, 0.0)
    await show.count()
    assert (await show.ticks())[-1].here == {("customer", "en"): 1, ("prospect", "en"): 1}


async def test_moods_are_kept_as_they_change(show: Show) -> None:
    await show.come(*NAMES)
    show.moods = {"prospect": (-0.25, 6)}
    await show.count()
    await show.count()
    (tick,) = await show.ticks()
    assert tick.moods == {"prospect": (-250, 6)}


async def test_who_watches_is_counted_by_cohort_where_that_is_wanted_and_by_no_one_else(
    show: Show,
) -> None:
    await show.come(*NAMES, "host")
    room = await show.house.room()
    room.crowd.attend(ParticipantId("p1"), on=True)
    await show.count()
    assert (await show.ticks())[-1].attentive is None, "nobody has chosen a basis for it"
    show.attention = True
    await show.restart()
    await show.come(*NAMES, "host")
    room = await show.house.room()
    for name in ("p1", "p2", "p7", "host"):
        room.crowd.attend(ParticipantId(name), on=True)
    room.crowd.attend(ParticipantId("not-here"), on=True)
    room.crowd.attention.elsewhere(
        "other", mark_of(ParticipantId("p7")) + mark_of(ParticipantId("p8"))
    )
    await show.count()
    assert (await show.ticks())[-1].attentive == {("customer", "en"): 2, ("prospect", "en"): 2}
    room.crowd.attend(ParticipantId("p1"), on=False)
    await show.leave("p2")
    room.crowd.attention.elsewhere("other", b"")
    await show.count()
    assert (await show.ticks())[-1].attentive == {("prospect", "en"): 1}


async def test_one_who_taps_on_and_on_has_begun_once_a_minute(show: Show) -> None:
    for _ in range(40):
        await show.house.do("p5", AddReaction(ReactionKind.CONFUSED, 2))
        show.house.clock.pass_s(TICK_S)
    await show.house.do("p6", AddReaction(ReactionKind.CONFUSED, 1))
    ticks = await show.ticks()
    assert total(ticks, "confused", "prospect") == 81
    assert total(ticks, "began_confused") == 2, "tapping without a rest is one beginning"
    show.house.clock.pass_s(60)
    await show.house.do("p5", AddReaction(ReactionKind.CONFUSED, 1))
    assert total(await show.ticks(), "began_confused") == 3


async def test_the_funnel_counts_everyone_once_in_their_segment(show: Show) -> None:
    house = show.house
    await show.come(*NAMES, "host")
    await show.count()
    room = await house.room()
    for name in NAMES[:8]:
        await room.act(NoteStep(ParticipantId(name), Reached.WATCHING))
    for name in (*NAMES[2:8], "p2", "host"):
        await house.do(name, AddReaction(ReactionKind.HEART, 3))
    for name in ("p3", "p4", "p4"):
        await house.do(name, PostMessage(f"Hello, {house.sent}"))
    await house.do("p4", AskQuestion("How much?"))
    await room.act(NoteStep(ParticipantId("p4"), Reached.ACTING))
    await show.restart()
    state = (await house.room()).state
    people = dict(state.participants.items())
    assert counted(state.reached.items(), people) == {
        "customer": [4, 4, 2, 1, 0, 0],
        "prospect": [6, 4, 4, 1, 1, 1],
    }
    await house.do("p9", SetProfile(segment="customer"))
    moved = dict((await house.room()).state.participants.items())
    assert counted(state.reached.items(), moved)["customer"][0] == 5
    assert len(STEPS) == 6


async def test_memory_holds_a_quarter_of_an_hour_and_the_store_all(show: Show) -> None:
    house = show.house
    for _ in range(KEPT_TICKS + 60):
        await house.do("p0", AddReaction(ReactionKind.HEART, 1))
        house.clock.pass_s(TICK_S)
    room = await house.room()
    assert KEPT_TICKS <= len(room.state.ticks) < KEPT_TICKS * 1.1
    stored = await house.store.ticks(room.id, first=0, last=tick_at(house.clock.now()))
    assert total(stored, "heart") == KEPT_TICKS + 60
    await show.restart()
    assert len((await house.room()).state.ticks) == KEPT_TICKS
