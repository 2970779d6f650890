"""The ear over its real process: it loads behind everyone's back, and dies without a word lost."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from moderation.ear import calls
from moderation.ear.child import EarAwayError, EarProcess
from moderation.ear.ear import EarStatus
from moderation.ear.hosted import HostedEar
from moderation.ear.ports import Asked, Example
from moderation.ear.process import NICE
from tests.integration.media.waiting import eventually
from tests.support.lines import ManualClock, line

MOST_S = 90


@asynccontextmanager
async def hosted(folder: Path, command: tuple[str, ...] | None = None) -> AsyncIterator[HostedEar]:
    ear = HostedEar(folder, ManualClock(), command=command)
    running = asyncio.create_task(ear.run())
    try:
        yield ear
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def until(ear: HostedEar, holds: Callable[[EarStatus], bool]) -> EarStatus:
    await eventually(lambda: holds(ear.status), within_s=MOST_S)
    return ear.status


def goes_second(pid: int) -> bool:
    """Whether a process leaves this one the larger part of a core, also where the system shares out
    its time by sessions."""
    ours, theirs = (os.getpriority(os.PRIO_PROCESS, each) for each in (0, pid))
    autogroup = Path(f"/proc/{pid}/autogroup")
    by_session = not autogroup.exists() or autogroup.read_text().split()[-1] == str(NICE)
    return theirs == min(ours + NICE, 19) and by_session


async def test_the_ear_through_its_life(tmp_path: Path) -> None:
    async with hosted(tmp_path) as ear:
        # While it loads, the phases decide.
        assert ear.status.models == "loading"
        early = await ear.review(line("espèce d'1d10t"))
        assert (early.outcome, early.heard) == ("hold", None)

        status = await until(ear, lambda status: status.models == "ready")
        assert status.rss_mb < 300
        heard = (await ear.review(line("c'est quand la sortie", "bob"))).heard
        assert heard is not None
        assert heard.hints.question > 0.5
        alike = await ear.similar(
            Asked("q1", "Delivery price?", "en"),
            [Asked("q2", "Prix de la livraison ?", "fr"), Asked("q3", "Quelle couleur ?", "fr")],
        )
        assert alike is not None
        assert [each.id for each in alike] == ["q2"]
        assert await ear.learn(Example("d1", "ada", "venez sur mon site", unwanted=True))

        # Killed, it is started again and knows what it knew; meanwhile the phases decide.
        pid = ear.pid
        assert pid is not None
        assert goes_second(pid)
        assert await ear.prototypes({"riders": ["my pony is ill", "I ride a horse"] * 10}, {})
        os.kill(pid, signal.SIGKILL)
        assert (await ear.review(line("espèce d'1d10t", "eve"))).outcome == "hold"
        await until(ear, lambda status: status.models == "restarting")
        status = await until(ear, lambda status: status.models == "ready")
        assert status.decisions == 1
        assert ear.pid != pid

        async def is_told() -> bool:
            hints = await ear.hints("my pony is ill")
            return hints is not None and hints.segment == "riders"

        await eventually(is_told, within_s=MOST_S)


@pytest.mark.parametrize(
    "program",
    [
        "raise SystemExit(3)",
        "import time; time.sleep(60)",
        "import socket, sys; socket.socket(fileno=int(sys.argv[1])).sendall(b'nonsense' * 999)",
    ],
    ids=["ends at once", "never answers", "talks nonsense"],
)
async def test_lines_are_judged_whatever_the_process_does(tmp_path: Path, program: str) -> None:
    async with hosted(tmp_path, (sys.executable, "-c", program)) as ear:
        for number in range(5):
            opinion = await ear.review(line(f"connard {number}", f"author-{number}"))
            assert opinion.outcome == "hold"
        assert await ear.learn(Example("d1", "ada", "venez", unwanted=True)) is None
        assert ear.status.models != "ready"


async def test_a_bounded_number_of_calls_waits_for_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.ear.child.MOST_WAITING", 1)
    silent = (sys.executable, "-c", "import time; time.sleep(60)")
    ear = await EarProcess.spawn(silent, tmp_path)
    first = asyncio.create_task(ear.call(calls.AskState(), 60))
    try:
        await asyncio.sleep(0)
        with pytest.raises(EarAwayError):
            await ear.call(calls.AskState(), 60)
    finally:
        first.cancel()
        os.kill(ear.pid, signal.SIGKILL)
        await ear.stop()
