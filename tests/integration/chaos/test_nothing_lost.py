"""People talk while nodes and databases die by kill -9: nothing acknowledged is lost."""

from __future__ import annotations

from pathlib import Path

from tests.integration.chaos.play import Scenario, play
from tests.integration.chaos.site import Kill, Site, site
from tests.support.postgres import postgres_server

PEOPLE = 60


async def nothing_is_lost(stage: Site, folder: Path, *kills: Kill) -> None:
    scenario = Scenario(PEOPLE, posts_per_s=40, kills=kills, pause_s=2.5, down_s=0.2)
    findings = (await play(stage, scenario, folder)).findings

    assert not findings.faults.counts, "\n".join(findings.faults.sentences)
    assert findings.clients == PEOPLE
    assert findings.posts > 100, "the crowd hardly talked"
    assert findings.resumed >= PEOPLE, "nobody lost their connection"


async def test_one_node_over_sqlite_loses_nothing_by_kill_nine(tmp_path: Path) -> None:
    with site(tmp_path / "data") as stage:
        await nothing_is_lost(stage, tmp_path, "node", "node")


async def test_a_node_over_postgresql_loses_nothing_when_either_is_killed(tmp_path: Path) -> None:
    with (
        postgres_server() as postgres,
        postgres.fresh_database() as url,
        site(tmp_path / "data", postgres=postgres, database_url=url) as stage,
    ):
        await nothing_is_lost(stage, tmp_path, "database", "node", "database")
