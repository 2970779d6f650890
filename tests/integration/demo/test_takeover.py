"""The synthetic host makes room for a person, and comes back when the person has left."""

from __future__ import annotations

import asyncio
from pathlib import Path

from app.demo.host import RETRY_S
from tests.integration.demo.conftest import Demo
from tests.integration.media.peers import ffmpeg_publishes
from tests.support.raw_client import Client


def stages(client: Client) -> list[list[str]]:
    """Who was on stage, from the snapshot on."""
    told = [client.snapshot["stage"]]
    told += [e["data"]["stage"] for e in client.events if e["type"] == "stage.changed"]
    return [[seat["participant_id"] for seat in stage["seats"]] for stage in told]


async def test_a_person_takes_the_seat_and_the_synthetic_host_waits_until_it_is_free(
    running_demo: Demo, tmp_path: Path
) -> None:
    person, joined = await running_demo.enter("host", display_name="Ana")
    me = joined["participant"]["id"]
    await person.until(lambda c: stages(c)[-1])
    synthetic = stages(person)[-1][0]
    assert synthetic != me

    url = f"{running_demo.http.url}/api/v1/sessions/demo/whip?takeover=1"
    async with ffmpeg_publishes(url, tmp_path, joined["token"]):
        await person.until(lambda c: stages(c)[-1] == [me])
        taken = len(stages(person))
        # Longer than a host that did not see the person would wait before it tries again.
        await asyncio.sleep(RETRY_S + 1)
        assert all(stage == [me] for stage in stages(person)[taken - 1 :])
    await person.until(lambda c: stages(c)[-1] == [synthetic])
    await person.close()
