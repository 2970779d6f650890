"""Many connections read together, over real sockets."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator

import pytest

from live.gateway.connection import Connection
from live.gateway.framing import FrameReader
from live.gateway.intake import Intake
from live.room.crowd import FEW
from live.wire.codes import CloseCode
from tests.support.patience import PATIENCE_S

CLOSE, GOODBYE = b"\x88\x82\0\0\0\0\x03\xe8", b"\x88\x02\x03\xe8"


def said(text: str) -> bytes:
    """A short text as a client sends it, under a mask of nothing."""
    return bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text.encode()


class Owner:
    """Who a connection belongs to; what it says goes through the intake."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.lost_it = asyncio.Event()

    def text(self, payload: bytes) -> None:
        self.house.intake.take(lambda: self.house.hear(payload.decode()))

    def binary(self, payload: bytes) -> None:
        raise AssertionError(payload)

    def heard(self) -> None:
        """Nobody counts here."""

    def paused(self) -> None:
        raise AssertionError("little is written here")

    def drained(self) -> None:
        raise AssertionError("little is written here")

    def lost(self) -> None:
        self.lost_it.set()


class House:
    """Connections that are read together, and what was heard, in waves."""

    def __init__(self) -> None:
        self.intake = Intake(lambda: self.audience, session="show")
        self.audience = FEW
        self.heard: list[str] = []
        self.news = asyncio.Event()
        self.lines: list[tuple[Connection, socket.socket]] = []

    def hear(self, text: str) -> None:
        if text == "wrong":
            raise ValueError(text)
        self.heard.append(text)
        self.news.set()

    async def comes(self) -> tuple[Connection, Owner, socket.socket]:
        near, far = socket.socketpair()
        near.setblocking(False)
        far.settimeout(PATIENCE_S)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_connection(asyncio.Protocol, sock=near)
        framing = FrameReader(16_384, inflates=False)
        line, owner = Connection(transport, framing, set(), compresses=False), Owner(self)
        line.attach(owner)
        line.heed(self.intake.listening)
        self.lines.append((line, far))
        return line, owner, far

    async def hears(self, *texts: str) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while self.heard != [*texts]:
                self.news.clear()
                await self.news.wait()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """An intake that ends with the test."""
    house = House()
    yield house
    for line, far in house.lines:
        line.abort()
        far.close()
    house.intake.stop()
    await asyncio.sleep(0)


async def test_who_speaks_after_a_silence_is_heard_at_once_and_who_follows_together(
    house: House,
) -> None:
    _, _, ada = await house.comes()
    _, _, bob = await house.comes()
    for number in range(3):
        ada.sendall(said(f"first {number}"))
        await house.hears(*(f"first {each}" for each in range(number + 1)))
    house.heard.clear()
    house.audience = 1_000_000  # for whom the wave is as far away as it gets
    house.intake.open()
    for text in ("a", "b"):
        ada.sendall(said(text))
    bob.sendall(said("c"))
    house.intake.open()
    assert sorted(house.heard) == ["a", "b", "c"]
    assert house.heard.index("a") < house.heard.index("b")


async def test_what_is_held_is_not_read_until_it_is_released(house: House) -> None:
    held, _, ada = await house.comes()
    _, _, bob = await house.comes()
    held.hold()
    ada.sendall(said("later"))
    bob.sendall(said("now"))
    await house.hears("now")
    house.intake.open()
    assert house.heard == ["now"]
    held.release()
    await house.hears("now", "later")


async def test_one_who_leaves_the_others_is_read_alone_again(house: House) -> None:
    line, _, ada = await house.comes()
    line.heed(None)
    house.audience = 1
    ada.sendall(said("alone"))
    await house.hears("alone")


@pytest.mark.parametrize("how", ["half", "reset", "goodbye"])
async def test_the_end_of_a_connection_is_noticed(house: House, how: str) -> None:
    line, owner, far = await house.comes()
    _, _, ada = await house.comes()
    if how == "half":
        far.shutdown(socket.SHUT_WR)
    elif how == "reset":
        far.close()
    else:
        far.sendall(CLOSE)
        assert await asyncio.to_thread(far.recv, 4) == GOODBYE
    async with asyncio.timeout(PATIENCE_S):
        await owner.lost_it.wait()
    assert line.disconnected
    ada.sendall(said("still here"))
    await house.hears("still here")


async def test_a_connection_that_we_end_hears_the_answer_and_nothing_else(house: House) -> None:
    line, owner, far = await house.comes()
    line.close(CloseCode.BANNED, "")
    far.sendall(said("too late") + CLOSE)
    async with asyncio.timeout(PATIENCE_S):
        await owner.lost_it.wait()
    assert house.heard == []


async def test_a_fault_in_one_is_told_and_the_others_are_heard(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    _, _, ada = await house.comes()
    _, _, bob = await house.comes()
    with caplog.at_level(logging.ERROR):
        ada.sendall(said("wrong"))
        bob.sendall(said("right"))
        await house.hears("right")
    assert "a frame could not be heard" in caplog.text
