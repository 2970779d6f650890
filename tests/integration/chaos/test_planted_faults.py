"""The checker is no mere formality: faults planted in the server are caught, each by its name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.integration.chaos.checker import Faults
from tests.integration.chaos.play import Scenario, play
from tests.integration.chaos.site import Kill, one_node

# What dies has to start again on a machine that may be busy.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def faults_of(folder: Path, *planted: str, kills: tuple[Kill, ...] = ()) -> Faults:
    """What is found where these faults are."""
    launcher = (sys.executable, "-m", "tests.integration.chaos.faulty", *planted, "--")
    scenario = Scenario(
        people=20, posts_per_s=100, kills=kills, pause_s=5.0, down_s=0.0, settle_s=8.0
    )
    with one_node(folder / "data", before=launcher) as stage:
        return (await play(stage, scenario, folder)).findings.faults


async def test_events_dropped_doubled_and_swapped_on_their_way_are_caught(tmp_path: Path) -> None:
    faults = await faults_of(tmp_path, "dropped", "doubled", "swapped")

    assert set(faults.counts) == {"lost", "doubled", "swapped"}, faults.sentences


async def test_what_is_acknowledged_before_its_commit_is_caught(tmp_path: Path) -> None:
    faults = await faults_of(tmp_path, "acked early", kills=("node",))

    assert faults.counts["acked, not stored"] > 0, faults.sentences
