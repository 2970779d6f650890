"""What becomes of a real picture when the team acts: it is cut for everyone, or ends for one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiortc.rtp import RtcpRrPacket

from tests.integration.http.conftest import Cast
from tests.integration.http.test_audit import records
from tests.integration.media.scripted import VP8_KEYFRAME, Peer, ScriptedPublisher, shown
from tests.integration.media.waiting import eventually
from tests.support.raw_client import Client, Http, RefusedByServer, reopen
from tests.support.running import Server

BANNED = 403
CUT = b"what nobody may see"


@pytest.fixture
async def mod(http: Http, cast: Cast) -> AsyncIterator[Client]:
    client = await Client(http.url, cast.slug, str(cast.tokens["moderator"])).open()
    yield client
    await client.close()


def legs(http: Http, cast: Cast, kind: str) -> str:
    return f"{http.url}/api/v1/sessions/{cast.slug}/{kind}"


async def publishes(http: Http, cast: Cast, role: str) -> ScriptedPublisher:
    publisher = ScriptedPublisher()
    assert await publisher.connect(legs(http, cast, "whip"), cast.tokens[role]) == 201
    await publisher.frame(keyframe=True)
    return publisher


async def watches(http: Http, cast: Cast) -> Peer:
    viewer = Peer("recvonly")
    assert await viewer.connect(legs(http, cast, "whep"), cast.tokens["viewer"]) == 201
    return viewer


def on_stage(client: Client) -> bool:
    return bool(client.snapshot["stage"]["seats"]) or any(
        each["type"] == "stage.changed" and each["data"]["stage"]["seats"] for each in client.events
    )


async def test_one_act_of_a_moderator_cuts_what_viewers_get_and_another_gives_it_back(
    server: Server, http: Http, cast: Cast, mod: Client
) -> None:
    publisher = await publishes(http, cast, "host")
    await mod.until(on_stage)
    ana = await Client(http.url, cast.slug, str(cast.tokens["viewer"])).open()
    with pytest.raises(RefusedByServer, match="forbidden"):
        await ana.say("slate.set", on=True)
    viewer = await watches(http, cast)
    await shown(publisher, viewer)

    await mod.say("slate.set", on=True)
    slate = await ana.until(told_slate)
    assert set(slate) == {"since"}
    # The engine is told beside the audience: a moment later nothing comes any more.
    await nothing_comes(publisher, viewer)
    await publisher.send(publisher.packet(VP8_KEYFRAME + CUT, marker=True))
    publisher.sequence = publisher.sequence + 1 & 0xFFFF
    late = await Client(http.url, cast.slug, str(cast.tokens["viewer"])).open()
    assert late.hello["snapshot"]["stage"]["slate"] == slate
    assert (await mod.until(told_slate))["by"]["id"] == cast.ids["moderator"]

    await mod.say("slate.set", on=False)
    viewer.rtp = [packet for packet in viewer.rtp if CUT in packet.payload]
    await shown(publisher, viewer)
    assert not any(CUT in packet.payload for packet in viewer.rtp)
    acts = [each for each in records(server) if each["action"] == "set_slate"]
    assert [(each["by"], each["asked"]["on"]) for each in acts[-2:]] == [
        (cast.ids["moderator"], True),
        (cast.ids["moderator"], False),
    ]
    for client in (ana, late):
        await client.close()
    for peer in (viewer, publisher):
        await peer.close()


async def test_what_is_cut_stays_cut_when_the_server_is_killed_and_started_again(
    server: Server, http: Http, cast: Cast, mod: Client
) -> None:
    await mod.say("slate.set", on=True)
    await mod.until(told_slate)
    server.kill()
    await asyncio.to_thread(server.start)
    await reopen(mod)
    late = await Client(http.url, cast.slug, str(cast.tokens["viewer"])).open()
    assert late.hello["snapshot"]["stage"]["slate"] is not None
    publisher = await publishes(http, cast, "host")
    await mod.until(on_stage)
    viewer = await watches(http, cast)
    await publisher.send(publisher.packet(VP8_KEYFRAME + CUT, marker=True))
    cut, publisher.sequence = publisher.sequence, publisher.sequence + 1 & 0xFFFF
    await eventually(lambda: cut in reported(publisher))
    await mod.say("slate.set", on=False)
    await shown(publisher, viewer)
    assert not any(CUT in packet.payload for packet in viewer.rtp)
    await late.close()
    for peer in (viewer, publisher):
        await peer.close()


def told_slate(client: Client) -> dict[str, object] | None:
    changes = [e["data"]["stage"] for e in client.events if e["type"] == "stage.changed"]
    found: dict[str, object] | None = changes[-1]["slate"] if changes else None
    return found


async def nothing_comes(publisher: ScriptedPublisher, viewer: Peer) -> None:
    """Until frames that the engine has taken reach the viewer no more."""

    async def is_cut() -> bool:
        before = len(viewer.rtp)
        await publisher.frame(keyframe=True)
        last = publisher.sequence - 1 & 0xFFFF
        await eventually(lambda: last in reported(publisher))
        await asyncio.sleep(0.05)
        return len(viewer.rtp) == before

    await eventually(is_cut)


def reported(publisher: ScriptedPublisher) -> set[int]:
    """The numbers up to which the engine said that it has what was sent."""
    told = [each for each in publisher.rtcp if isinstance(each, RtcpRrPacket)]
    return {report.highest_sequence & 0xFFFF for each in told for report in each.reports}


async def test_a_banned_guests_picture_ends_and_cannot_be_opened_again(
    http: Http, cast: Cast, mod: Client
) -> None:
    guest = await publishes(http, cast, "guest")
    await mod.until(on_stage)
    await mod.say("sanction.set", participant_id=cast.ids["guest"], kind="ban")
    await eventually(lambda: guest.connection.connectionState == "closed")
    again = ScriptedPublisher()
    assert await again.connect(legs(http, cast, "whip"), cast.tokens["guest"]) == BANNED
    await mod.until(lambda c: c.events[-1:] and not seats_now(c))


def seats_now(client: Client) -> list[object]:
    changes = [e["data"]["stage"]["seats"] for e in client.events if e["type"] == "stage.changed"]
    found: list[object] = changes[-1] if changes else client.snapshot["stage"]["seats"]
    return found


async def test_a_banned_viewer_is_shown_out_of_the_picture_and_cannot_come_back(
    http: Http, cast: Cast, mod: Client
) -> None:
    publisher = await publishes(http, cast, "host")
    await mod.until(on_stage)
    viewer = await watches(http, cast)
    await shown(publisher, viewer)
    await mod.say("sanction.set", participant_id=cast.ids["viewer"], kind="ban")
    await eventually(lambda: viewer.connection.connectionState == "closed")
    again = Peer("recvonly")
    assert await again.connect(legs(http, cast, "whep"), cast.tokens["viewer"]) == BANNED
    await publisher.close()
