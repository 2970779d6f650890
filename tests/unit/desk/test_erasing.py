"""Every ear forgets who was erased, also what it learned while the session was its node's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest

from live.ports.store import StoreUnavailable
from moderation.desk import erasing
from moderation.ear.ports import Example
from tests.support.listening import ScriptedEar


class Register:
    """Who was erased; ``is_up`` False: the store does not say."""

    def __init__(self) -> None:
        self.erased: set[str] = set()
        self.is_up = True

    async def among(self, author_ids: Sequence[str]) -> Sequence[str]:
        if not self.is_up:
            raise StoreUnavailable("gone")
        return [each for each in author_ids if each in self.erased]


async def test_an_ear_finds_out_by_itself_whom_to_forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "LOOK_EVERY_S", 0.001)
    monkeypatch.setattr(erasing, "RETRY_S", 0.001)
    ear, register = ScriptedEar(answers=False), Register()
    for author in ("ada", "bob"):
        ear.learned[f"on-{author}"] = Example(f"on-{author}", author, "win", unwanted=True)
    looking = asyncio.create_task(erasing.forget_the_erased(ear, register))

    async def some_looks() -> None:
        for _ in range(20):
            await asyncio.sleep(0.001)

    register.erased, register.is_up = {"ada"}, False
    ear.answers = True
    await some_looks()
    assert len(ear.learned) == 2
    register.is_up = True
    async with asyncio.timeout(30):
        while "on-ada" in ear.learned:
            await some_looks()
    assert list(ear.learned) == ["on-bob"]
    looking.cancel()
    with suppress(asyncio.CancelledError):
        await looking
