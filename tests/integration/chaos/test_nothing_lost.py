"""People talk while nodes, database and bus die by kill -9: nothing acknowledged is lost.

A minute's worth of `make soak`, which plays the same with more people, for longer.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.chaos.play import Scenario, play
from tests.integration.chaos.site import Kill, Site, one_node, two_nodes

PEOPLE = 40

# What dies has to start again, several times over, on a machine that may be busy.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def nothing_is_lost(stage: Site, folder: Path, *kills: Kill) -> None:
    scenario = Scenario(PEOPLE, posts_per_s=30, kills=kills, pause_s=2.0, down_s=0.5)
    findings = (await play(stage, scenario, folder)).findings

    assert not findings.faults.counts, "\n".join(findings.faults.sentences)
    assert findings.clients == PEOPLE
    assert findings.posts > 100, "the crowd hardly talked"
    assert findings.resumed >= PEOPLE / 2, "hardly anyone lost their connection"


async def test_one_node_over_sqlite_loses_nothing_by_kill_nine(tmp_path: Path) -> None:
    with one_node(tmp_path / "data") as stage:
        await nothing_is_lost(stage, tmp_path, "node")


async def test_two_nodes_lose_nothing_whichever_part_is_killed(tmp_path: Path) -> None:
    with two_nodes(tmp_path / "data") as stage:
        await nothing_is_lost(stage, tmp_path, "node", "database", "bus", "all nodes")
