"""The stage that a session shows is the one the media engine sees."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

from app.stage import Place, StageManager
from live.domain.call import AcceptCall, AskForStage, MuteGuest, PutOnAir, RemoveGuest
from live.domain.ids import ParticipantId
from live.domain.outcome import Refusal
from live.domain.session import SessionState
from live.domain.session_commands import ChangeState
from live.ports.media_events import (
    SeatFreed,
    SeatPublishing,
    SeatResumed,
    SeatSilent,
    SeatsSpeaking,
)
from live.ports.media_seats import SeatOrder
from live.room.surface import AnyRoom
from tests.support.engine import SilentEngine
from tests.support.rooms import SESSION, House, open_house

HOST, ADA = ParticipantId("host"), ParticipantId("ada")
PUBLISHING = SeatPublishing(
    SESSION, "host", HOST, has_audio=True, has_video=True, video_codec="VP8"
)


@dataclass
class Scene:
    house: House
    engine: SilentEngine
    stage: StageManager
    room: AnyRoom

    @property
    def seats(self) -> list[tuple[str, str]]:
        return [(seat.seat, seat.state.value) for seat in self.room.state.seats]

    async def until(self, holds: Callable[[], object]) -> None:
        for _ in range(2_000):
            if holds():
                return
            await asyncio.sleep(0)
        raise AssertionError(f"it did not come to that: {self.seats}")


@contextlib.asynccontextmanager
async def scene(state: str) -> AsyncIterator[Scene]:
    house = await open_house(state=state)
    engine = SilentEngine()
    stage = StageManager(house.directory, house.rooms, engine, house.clock)
    running = asyncio.create_task(stage.run())
    made = Scene(house, engine, stage, await house.room())
    await made.until(lambda: engine.listeners)
    yield made
    running.cancel()
    await asyncio.wait([running])
    assert not engine.listeners
    await house.rooms.close()


async def test_a_publisher_in_the_lobby_is_a_preview_and_on_air_once_live() -> None:
    async with scene("lobby") as s:
        s.engine.say(PUBLISHING)
        await s.until(lambda: s.seats == [("host", "preview")])
        await s.room.act(ChangeState(SessionState.LIVE))
        await s.stage.follow(SESSION, SessionState.LIVE)
        await s.until(lambda: s.seats == [("host", "on_air")])
        assert s.engine.on_air == {SESSION: True}


async def test_silence_is_told_and_so_is_its_end() -> None:
    async with scene("live") as s:
        s.engine.say(PUBLISHING)
        s.engine.say(SeatSilent(SESSION, "host", HOST))
        await s.until(lambda: s.seats == [("host", "silent")])
        s.engine.say(SeatResumed(SESSION, "host", HOST))
        await s.until(lambda: s.seats == [("host", "on_air")])
        s.engine.say(SeatFreed(SESSION, "host", HOST, "engine_lost"))
        await s.until(lambda: s.seats == [])


async def test_a_session_that_was_live_is_on_air_again_after_a_start_with_an_empty_stage() -> None:
    async with scene("live") as s:
        s.engine.say(PUBLISHING)
        await s.until(lambda: s.seats == [("host", "on_air")])
        engine = SilentEngine()
        again = StageManager(s.house.directory, s.house.rooms, engine, s.house.clock)
        running = asyncio.create_task(again.run())
        await s.until(lambda: s.seats == [])
        assert engine.on_air == {SESSION: True}
        running.cancel()
        await asyncio.wait([running])


async def test_the_end_of_a_session_ends_its_legs() -> None:
    async with scene("live") as s:
        await s.room.act(ChangeState(SessionState.ENDED))
        await s.stage.follow(SESSION, SessionState.ENDED)
        assert s.engine.ended == [SESSION]


async def test_a_guest_has_a_seat_and_the_engine_is_told_what_the_team_decides_of_it() -> None:
    async with scene("live") as s:
        await s.house.do("ada", AskForStage("I wear them"))
        call = s.room.state.calling.calls[0]
        refusal = await s.stage.place(s.room, ADA)
        assert isinstance(refusal, Refusal)
        await s.house.do("mod", AcceptCall(call.id))
        assert await s.stage.place(s.room, ADA) == Place("guest-1", on_air=False, muted=False)
        empty = (SeatOrder("guest-2", None), SeatOrder("guest-3", None))
        await s.until(lambda: s.engine.seats[SESSION] == (SeatOrder("guest-1", ADA), *empty))
        await s.house.do("mod", PutOnAir(call.id, on=True))
        await s.house.do("mod", MuteGuest(call.id, on=True))
        order = SeatOrder("guest-1", ADA, on_air=True, muted=True)
        await s.until(lambda: s.engine.seats[SESSION] == (order, *empty))
        await s.house.do("mod", RemoveGuest(call.id))
        await s.until(lambda: s.engine.seats[SESSION] == (SeatOrder("guest-1", None), *empty))


async def test_who_speaks_is_known_where_people_are_and_forgotten_with_the_second_seat() -> None:
    async with scene("live") as s:
        s.engine.say(PUBLISHING)
        s.engine.say(replace(PUBLISHING, seat="guest-1", participant_id="bob"))
        s.engine.say(SeatsSpeaking(SESSION, ("guest-1",)))
        assert s.room.crowd.speaking == ("guest-1",)
        s.engine.say(SeatFreed(SESSION, "guest-1", "bob", "hung_up"))
        await s.until(lambda: s.room.crowd.speaking is None)
