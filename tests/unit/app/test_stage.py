"""The stage that a session shows is the one the media engine sees."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest

from app.stage import StageManager
from live.domain.commands import ChangeState
from live.domain.ids import ParticipantId
from live.domain.session import SessionState
from live.ports.media import SeatFreed, SeatPublishing, SeatResumed, SeatSilent
from live.room.surface import AnyRoom
from tests.support.engine import SilentEngine
from tests.support.rooms import SESSION, House, open_house

HOST = ParticipantId("host")
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


@pytest.mark.parametrize(("taken", "free"), [((), "guest-1"), (("guest-1",), "guest-2")])
async def test_a_guest_gets_the_first_free_seat_and_keeps_it(
    taken: tuple[str, ...], free: str
) -> None:
    async with scene("live") as s:
        for seat in taken:
            assert seat == "guest-1"
            s.engine.say(
                SeatPublishing(
                    SESSION, "guest-1", "bob", has_audio=True, has_video=False, video_codec=None
                )
            )
        assert s.stage.guest_seat(s.room, ParticipantId("ada")) == free
        if taken:
            assert s.stage.guest_seat(s.room, ParticipantId("bob")) == "guest-1"
