"""Coming back all at once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from msgspec import UNSET

from app.api import people
from app.api.endpoint import Call
from app.api.people import Join
from app.problems import Problem
from live.domain.ids import ParticipantId
from live.gateway.crush import _LOOK_EVERY_S, BEHIND_S, RETURNS_PER_S, Pace, spread
from live.gateway.gateway import Gateway
from live.gateway.hub import Hub, HubSettings
from live.wire.codes import CloseCode
from live.wire.frames import Reconnect
from tests.support.rooms import OwnClock, open_house
from tests.support.slow import all_that_can_happen
from tests.support.socket_fake import Client, FakeSocket

ORDINARY = Reconnect(min_ms=500, max_ms=8_000)


def test_a_small_audience_comes_back_as_ever() -> None:
    assert spread(ORDINARY, 100) is ORDINARY


@pytest.mark.parametrize("audience", [RETURNS_PER_S, 10_000, 200_000])
def test_a_large_audience_comes_back_no_faster_than_it_is_taken_in(audience: int) -> None:
    told = spread(ORDINARY, audience)
    assert told.spread_ms is not UNSET
    assert audience / (told.spread_ms / 1_000) <= RETURNS_PER_S
    assert told.max_ms >= told.min_ms + told.spread_ms
    assert told.min_ms == ORDINARY.min_ms


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at_s = 100.0

    def now(self) -> float:
        return self.at_s


async def test_nobody_is_sent_away_by_a_loop_that_keeps_up() -> None:
    pace = Pace(Hands().now)
    assert pace.retry_after_s is None
    pace.look()
    assert pace.retry_after_s is None
    pace.stop()


async def test_newcomers_wait_while_the_loop_is_late() -> None:
    hands = Hands()
    pace = Pace(hands.now)
    pace.look()
    hands.at_s += _LOOK_EVERY_S + BEHIND_S + 0.5
    late = [pace.late_s]
    sent_away = [pace.retry_after_s is not None]
    for _ in range(2):
        pace._seen()
        late.append(pace.late_s)
        sent_away.append(pace.retry_after_s is not None)
        hands.at_s += _LOOK_EVERY_S
    assert late == [BEHIND_S + 0.5, BEHIND_S + 0.5, 0.0]
    assert sent_away == [True, True, False]
    pace.stop()


async def test_who_would_join_a_late_server_is_refused_before_anything_is_done_for_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gateway = Gateway(OwnClock(), HubSettings(digest_key=b"k"))
    monkeypatch.setattr(Pace, "late_s", BEHIND_S + 0.5)
    nothing_else = SimpleNamespace(gateway=gateway)
    with pytest.raises(Problem) as refused:
        await people._join(cast("Call[Join]", SimpleNamespace(services=nothing_else, body=None)))
    assert (refused.value.status, refused.value.code) == (503, "overloaded")
    assert refused.value.headers["Retry-After"] == "5"
    assert refused.value.more["retry_after_s"] == 5


async def test_a_server_that_is_late_refuses_what_the_audience_asks_but_not_the_team() -> None:
    house = await open_house()
    pace = Pace(house.clock.monotonic)
    settings = HubSettings(digest_key=b"k")
    hub = Hub(await house.room(), house.clock, settings, pace, lambda _: None)
    pace.look()
    here = {}
    for name in ("ada", "mod"):
        here[name] = FakeSocket(Client())
        hub.join(here[name], ParticipantId(name), None, 0)

    house.clock.pass_s(0.25 + BEHIND_S + 0.5)
    for name, socket in here.items():
        socket.say(id=f"{name}-1", type="message.post", data={"text": "Hello"})
    await all_that_can_happen()
    refused = here["ada"].client.answers["ada-1"]
    pace._seen()
    pace._seen()
    here["ada"].say(id="ada-1", type="message.post", data={"text": "Hello"})
    await all_that_can_happen()

    assert (refused["code"], refused["retry_after_s"]) == ("overloaded", 5.0)
    assert here["mod"].client.answers["mod-1"]["t"] == "ack"
    assert here["ada"].client.answers["ada-1"]["t"] == "ack"
    pace.stop()
    hub.stop(CloseCode.RESTART)
    await house.rooms.close()
