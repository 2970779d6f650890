"""Ctrl-C in a terminal, where it reaches every process, while the command is still starting."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.media.waiting import eventually
from tests.support.patience import PATIENCE_S
from tests.support.processes import Program

StartProgram = Callable[..., Program]


@pytest.mark.parametrize("command", ["serve", "demo"])
@pytest.mark.parametrize("sign", ["causerie.sqlite.lock", "causerie.sqlite-wal"])
async def test_ctrl_c_while_starting_ends_without_a_word(
    causerie: StartProgram, tmp_path: Path, command: str, sign: str
) -> None:
    """``sign`` is the file by which one sees how far the start has come."""
    program = causerie(command, CAUSERIE_PORT="0", CAUSERIE_UDP_PORT="0")
    await eventually((tmp_path / "data" / sign).exists)
    os.killpg(program.process.pid, signal.SIGINT)
    assert program.wait(within_s=PATIENCE_S) == 0
    assert program.stderr == ""
