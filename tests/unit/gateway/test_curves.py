"""What of the curves the team is told: what moved, and no group of fewer than five."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from live.domain.cue_commands import CountCrowd
from live.domain.message_commands import PostMessage
from live.domain.pulse import Tick
from live.domain.session_commands import AddReaction, ReactionKind
from live.domain.small_cells import LEAST
from live.gateway.crush import Pace
from live.gateway.curves import Curves, curve
from live.gateway.hub import Hub, HubSettings
from live.wire.codes import CloseCode
from tests.support.rooms import open_house
from tests.support.socket_fake import Client, FakeSocket

SEGMENTS = ("customer", "prospect", "general", "ambassador")
LANGUAGES = ("en", "fr")

cells = st.dictionaries(
    st.tuples(st.sampled_from(SEGMENTS), st.sampled_from(LANGUAGES)), st.integers(0, 9)
)


def sums(here: dict[tuple[str, str], int], axis: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for cell, people in here.items():
        found[cell[axis]] = found.get(cell[axis], 0) + people
    return found


def left_out(told: set[str], here: dict[tuple[str, str], int], axis: int) -> Iterator[int]:
    yield from (people for name, people in sums(here, axis).items() if name not in told)


@given(here=cells, signal=st.sampled_from(("heart", "message")))
def test_no_group_of_one_to_four_is_told_nor_found_by_subtraction(
    here: dict[tuple[str, str], int], signal: str
) -> None:
    counts = {(*cell, signal): 2 for cell, people in here.items() if people}
    (told,) = curve([Tick(7, counts, here)])
    assert told.all.present == sum(here.values())
    assert told.all.counts.get(signal, 0) == sum(counts.values())
    for axis, parts in enumerate((told.segments, told.languages)):
        everyone = sums(here, axis)
        assert all(everyone[name] == 0 or everyone[name] >= LEAST for name in parts)
        hidden = [people for people in left_out(set(parts), here, axis) if people]
        assert not hidden or len(hidden) > 1 or len(parts) == sum(n == 0 for n in everyone.values())
        if parts and any(everyone[name] for name in parts):
            assert not hidden or sum(hidden) >= LEAST


@given(here=cells, data=st.data())
def test_neither_those_who_watch_nor_those_who_do_not_are_found_to_be_one_to_four(
    here: dict[tuple[str, str], int], data: st.DataObject
) -> None:
    watching = {cell: data.draw(st.integers(0, people)) for cell, people in here.items()}
    (told,) = curve([Tick(7, {}, here, None, watching)])
    assert "attentive" not in json.dumps(msgspec.to_builtins(curve([Tick(7, {}, here)])))
    for axis, parts in enumerate((told.segments, told.languages)):
        inside, everyone = sums(watching, axis), sums(here, axis)
        outside = {name: people - inside[name] for name, people in everyone.items()}
        known = {name for name, part in parts.items() if part.attentive is not UNSET}
        for figures in (inside, outside):
            assert all(not 0 < figures[name] < LEAST for name in known)
            if told.all.attentive is not UNSET:
                rest = sum(people for name, people in figures.items() if name not in known)
                assert not 0 < rest < LEAST
    if told.all.attentive is not UNSET:
        assert told.all.attentive == sum(watching.values())


def test_who_watches_is_told_on_until_it_is_counted_anew() -> None:
    here, watching = {("prospect", "en"): 20}, {("prospect", "en"): 8}
    ticks = [Tick(1, {}, here, None, watching), Tick(2, {("prospect", "en", "heart"): 1})]
    ticks.append(Tick(3, {}, here))
    told = curve(ticks)
    assert [each.all.attentive for each in told] == [8, 8, UNSET]
    assert [each.segments["prospect"].attentive for each in told] == [8, 8, UNSET]


def test_a_group_that_shrinks_below_five_is_told_no_more_and_its_past_is() -> None:
    large, small = {("prospect", "en"): 6, ("customer", "en"): 30}, {("prospect", "en"): 3}
    ticks = [Tick(1, {}, large), Tick(2, {("prospect", "en", "left"): 3}, large | small)]
    ticks += [Tick(3, {("prospect", "en", "heart"): 1}), Tick(4, {("", "en", "heart"): 5})]
    told = curve(ticks)
    assert ["prospect" in each.segments for each in told] == [True, True, False, False]
    assert [each.all.counts.get("heart", 0) for each in told] == [0, 0, 1, 5]
    assert "" not in told[3].segments, "the team is in totals alone"


@pytest.mark.parametrize("who", ["mod", "ada"])
async def test_the_team_hears_once_of_what_moved_and_viewers_never(who: str) -> None:
    house = await open_house()
    room = await house.room()
    pace = Pace(house.clock.monotonic)
    hub = Hub(room, house.clock, HubSettings(digest_key=b"key"), pace, lambda _: None)
    socket = FakeSocket(Client())
    hub.join(socket, next(each for each in room.state.participants if each == who), None, 0)
    await house.do("ada", AddReaction(ReactionKind.HEART, 3))
    await house.do("bob", PostMessage("Hello"))
    await room.act(CountCrowd(here=(("general", "en", 2),)))
    for _ in range(3):
        hub._tell_curve()
    curves = [
        frame["data"]["curve"]
        for frame in socket.client.frames
        if frame["t"] == "pulse" and "curve" in frame["data"]
    ]
    if who == "ada":
        assert not curves
        assert "curve" not in json.dumps(socket.client.frames)
    else:
        ((tick,),) = curves
        assert tick["all"] == {"present": 2, "counts": {"heart": 3, "message": 1}}
        assert tick["segments"] == {}
    hub.stop(CloseCode.RESTART)
    pace.stop()
    await house.rooms.close()


async def test_news_are_the_ticks_that_differ_from_those_told() -> None:
    house = await open_house()
    room = await house.room()
    curves = Curves(room.state, house.clock.now)
    await house.do("ada", AddReaction(ReactionKind.HEART, 1))
    assert [each.all.counts for each in curves.news()] == [{"heart": 1}]
    assert not curves.news()
    house.clock.pass_s(2)
    await house.do("ada", AddReaction(ReactionKind.HEART, 2))
    (news,) = curves.news()
    assert news.all.counts == {"heart": 2}
    assert len(msgspec.json.encode(news)) < 200
    await house.rooms.close()
