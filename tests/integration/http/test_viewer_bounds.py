"""What the operator says that machine and link carry is kept; newcomers beyond it are told so."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
from aiortc import RTCConfiguration, RTCPeerConnection

from tests.integration.media.peers import ffmpeg_publishes
from tests.support.raw_client import Http, Json
from tests.support.running import OWNER_TOKEN, Server, running

TURN = {
    "CAUSERIE_TURN_URLS": "turn:turn.example.org:3478?transport=tcp",
    "CAUSERIE_TURN_SECRET": "5ec2e7" * 8,
}


async def offer_to_watch(*kinds: str) -> str:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    for kind in kinds or ("video",):
        peer.addTransceiver(kind, direction="recvonly")
    await peer.setLocalDescription(await peer.createOffer())
    sdp = peer.localDescription.sdp
    await peer.close()
    return sdp


async def watch(server: Server, session: Json, *kinds: str) -> httpx.Response:
    """Ask for these (the picture) as a new viewer; asks again while nobody publishes yet."""
    token = (await Http(server.url, OWNER_TOKEN).join(session["slug"]))["token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
    sdp = await offer_to_watch(*kinds)
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        while True:
            answer = await client.post(
                f"/api/v1/sessions/{session['slug']}/whep", content=sdp, headers=headers
            )
            if answer.status_code != 409:
                return answer
            await asyncio.sleep(0.2)


async def call(server: Server, token: str, path: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        return await client.get(path, headers=headers)


async def publishing(server: Server) -> tuple[Json, str, str]:
    http = Http(server.url, OWNER_TOKEN)
    session = await http.new_session()
    host = await http.join(session["slug"], invite=session["invites"]["host"]["token"])
    return session, f"{server.url}/api/v1/sessions/{session['slug']}/whip", host["token"]


async def test_viewers_beyond_the_number_are_told_and_the_first_keep_watching(
    tmp_path: Path,
) -> None:
    with running(tmp_path / "data", CAUSERIE_MAX_VIEWERS="1", **TURN) as server:
        session, whip, token = await publishing(server)
        async with ffmpeg_publishes(whip, tmp_path, token):
            first = await watch(server, session)
            refused = await watch(server, session)
            await _choices_are_ones_own(server, session, first)
    assert first.status_code == 201
    assert refused.status_code == 503
    assert refused.json()["code"] == "full"
    assert int(refused.headers["Retry-After"]) > 0
    # What opens the relay is for those alone who watch.
    relays = [link for link in first.headers.get_list("Link") if 'rel="ice-server"' in link]
    assert len(relays) == 1
    assert relays[0].startswith(f"<{TURN['CAUSERIE_TURN_URLS']}>; ")
    assert "Link" not in refused.headers


async def _choices_are_ones_own(server: Server, session: Json, watched: httpx.Response) -> None:
    """What comes of the picture is chosen by whose leg it is, and by nobody else."""
    layer = watched.links["urn:ietf:params:whep:ext:core:layer"]["url"]
    mine = {"Authorization": watched.request.headers["Authorization"]}
    stranger = await Http(server.url, OWNER_TOKEN).join(session["slug"])
    other = {"Authorization": f"Bearer {stranger['token']}"}
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        chosen = await client.post(layer, json={"quality": "audio"}, headers=mine)
        assert (chosen.status_code, chosen.json()["picture"]) == (200, False)
        shown = await client.post(layer, json={"max_height": 240}, headers=mine)
        assert shown.json()["quality"] == "audio"
        assert (await client.get(layer, headers=mine)).json() == shown.json()
        for wrong in ({"quality": "best"}, {"max_height": -1}, {"bitrate": 1}):
            answer = await client.post(layer, json=wrong, headers=mine)
            assert answer.json()["code"] == "invalid"
        for method in ("GET", "POST"):
            answer = await client.request(method, layer, json={"quality": "low"}, headers=other)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_link_that_is_full_of_pictures_takes_sound_alone_and_the_team_reads_it(
    tmp_path: Path,
) -> None:
    with running(tmp_path / "data", CAUSERIE_EGRESS_MBIT="2") as server:
        session, whip, token = await publishing(server)
        async with ffmpeg_publishes(whip, tmp_path, token):
            answers = [await watch(server, session)]
            while answers[-1].status_code == 201 and len(answers) < 40:
                answers.append(await watch(server, session))
            heard = await watch(server, session, "audio")
            capacity = await call(server, token, f"/api/v1/sessions/{session['slug']}/capacity")
            metrics = await call(server, OWNER_TOKEN, "/metrics")
    assert answers[0].status_code == 201
    assert (answers[-1].status_code, answers[-1].json()["code"]) == (503, "full")
    assert answers[-1].json()["sound_fits"]
    assert heard.status_code == 201
    told = capacity.json()
    assert (told["bound"], told["watching"]) == ("link", len(answers))
    assert told["layers"][0]["viewers"] < told["listeners"]
    assert "causerie_media_egress_bits_per_second" in metrics.text
