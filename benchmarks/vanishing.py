"""Over a real Janus: how soon it is told that a host is silent, and that a viewer's page is gone.

    python -m benchmarks.vanishing

Peers that send and keep packets by themselves, so that they vanish without a word. A viewer that
has no page must stay.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from live.media.handoff.strays import LOOK_S
from tests.integration.media.scripted import AnnouncedPublisher, Peer
from tests.integration.media.waiting import eventually
from tests.support.janus import ADMIN_KEY, SECRET, running_janus
from tests.support.raw_client import Client, Http
from tests.support.running import OWNER_TOKEN, Server, running

SLUG: Final = "vanishing"
TIMES: Final = 5
PICTURE_S: Final = 0.1
GIVEN_UP_S: Final = 120.0


async def _sending(publisher: AnnouncedPublisher) -> None:
    while True:
        await publisher.frame(keyframe=True)
        await asyncio.sleep(PICTURE_S)


async def _watched(url: str, token: str) -> Peer:
    """A viewer, as soon as there is something to watch."""
    while True:
        viewer = Peer("recvonly")
        if await viewer.connect(f"{url}/whep", token) == 201:
            return viewer
        await asyncio.sleep(0.2)


def _silent(event: dict[str, Any]) -> bool:
    if event["type"] != "stage.changed":
        return False
    return any(seat["state"] == "silent" for seat in event["data"]["stage"]["seats"])


async def _silences(owner: Client, publisher: AnnouncedPublisher) -> list[float]:
    found = []
    for _ in range(TIMES):
        sending = asyncio.create_task(_sending(publisher))
        await asyncio.sleep(2)
        sending.cancel()
        before, began = len(owner.events), time.monotonic()
        await owner.until(lambda client, start=before: any(map(_silent, client.events[start:])))
        found.append(time.monotonic() - began)
    return found


async def _measure(server: Server) -> None:
    http, url = Http(server.url, OWNER_TOKEN), f"{server.url}/api/v1/sessions/{SLUG}"
    session = await http.new_session(slug=SLUG)
    host = await http.join(SLUG, invite=session["invites"]["host"]["token"])
    publisher = AnnouncedPublisher()
    if await publisher.connect(f"{url}/whip", host["token"]) != 201:
        raise RuntimeError("Janus takes no publisher")
    sending = asyncio.create_task(_sending(publisher))
    tokens = [(await http.join(SLUG, display_name=name))["token"] for name in ("page", "player")]
    with_page, without = [await _watched(url, token) for token in tokens]
    page = await Client(server.url, SLUG, tokens[0]).open()
    await asyncio.sleep(LOOK_S + 1)
    await page.close()
    began = time.monotonic()
    gone = with_page.connection
    await eventually(lambda: gone.connectionState == "closed", within_s=GIVEN_UP_S)
    print(f"a viewer whose page is gone ends after {time.monotonic() - began:.1f} s")
    print(f"one without a page: {without.connection.connectionState}")
    sending.cancel()
    owner = await Client(server.url, SLUG, OWNER_TOKEN).open()
    silences = ", ".join(f"{each:.1f}" for each in await _silences(owner, publisher))
    print(f"a host's silence is told after {silences} s")
    await owner.close()
    for peer in (publisher, with_page, without):
        await peer.close()


def main() -> None:
    """Measure and print."""
    with TemporaryDirectory(prefix="causerie-bench-") as made:
        folder = Path(made)
        with (
            running_janus(folder / "janus") as janus,
            running(
                folder / "data",
                CAUSERIE_MEDIA_URL=f"janus+{janus.url}",
                CAUSERIE_MEDIA_TOKEN=SECRET,
                CAUSERIE_MEDIA_ADMIN_KEY=ADMIN_KEY,
            ) as server,
        ):
            asyncio.run(_measure(server))


if __name__ == "__main__":
    main()
