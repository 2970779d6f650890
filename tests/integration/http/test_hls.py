"""HLS from a real publisher over a real server: who gets it, what is in it, and when it is gone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urljoin

import httpx
import numpy as np
import pytest

from tests.integration.deploy.proxies import Certificate, pieces_cache
from tests.integration.media.peers import ffmpeg_publishes
from tests.support.patience import PATIENCE_S
from tests.support.pieces import shown
from tests.support.ports import free_tcp_port
from tests.support.raw_client import Client, Http, Json
from tests.support.running import OWNER_TOKEN, Server, running


class Player:
    """A player that asks with a bearer token."""

    def __init__(self, server: Server, slug: str, token: str | None) -> None:
        self.path = f"/api/v1/sessions/{slug}/hls"
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._http = httpx.AsyncClient(
            base_url=server.url, headers=headers, trust_env=False, timeout=PATIENCE_S
        )

    async def get(self, path: str) -> httpx.Response:
        return await self._http.get(urljoin(f"{self.path}/", path))

    async def refused(self, path: str) -> str:
        """The code of a refusal."""
        answer = await self.get(path)
        assert answer.status_code >= 400, answer.text
        return str(answer.json()["code"])

    async def standing(self) -> Json:
        found: Json = (await self.get(self.path)).json()
        return found

    async def list_of(self, name: str, what: str = "#EXTINF", count: int = 1) -> str:
        """A playlist, once so many of its lines have something: segments, if nothing is said."""
        text = ""
        async with asyncio.timeout(PATIENCE_S):
            while text.count(what) < count:
                answer = await self.get(name)
                text = answer.text if answer.is_success else ""
                if not text:
                    await asyncio.sleep(0.1)
        return text

    async def plays(self, text: str) -> bytes:
        """All that a playlist names, one behind the other, the header first."""
        header = re.findall(r'#EXT-X-MAP:URI="([^"]+)"', text)[-1]
        names = [line for line in text.splitlines() if line and not line.startswith("#")]
        answers = [await self.get(name) for name in (header, *names)]
        for answer in answers:
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "video/mp4"
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert answer.headers["access-control-allow-origin"] == "*"
        return b"".join(answer.content for answer in answers)

    async def close(self) -> None:
        await self._http.aclose()


@asynccontextmanager
async def watched(server: Server, session: Json, **wishes: str) -> AsyncIterator[Player]:
    joined = await Http(server.url, OWNER_TOKEN).join(session["slug"], **wishes)
    player = Player(server, session["slug"], joined["token"])
    try:
        yield player
    finally:
        await player.close()


async def test_picture_and_sound_come_in_pieces_to_who_may_watch_until_they_are_cut(
    tmp_path: Path,
) -> None:
    with running(tmp_path / "data", CAUSERIE_HLS="on", CAUSERIE_MEDIA_WORKERS="2") as server:
        http = Http(server.url, OWNER_TOKEN)
        session = await http.new_session(visibility="private")
        slug, invite = session["slug"], session["invites"]["viewer"]["token"]
        outsider = Player(server, slug, None)
        async with watched(server, session, invite=invite) as player:
            assert (await player.standing())["lack"] == "not_publishing"
            assert await player.refused("index.m3u8") == "not_publishing"
            whip = f"{server.url}/api/v1/sessions/{slug}/whip"
            async with ffmpeg_publishes(whip, tmp_path, OWNER_TOKEN):
                await _plays(player)
                assert await outsider.refused("video.m3u8") == "not_found"
                assert await player.refused("/api/v1/hls/guessed.m4s") == "not_found"
                await _is_cached(server, player, tmp_path)
                await _is_banned(server, session)
                await _is_cut(server, session, player)
                await _is_shown_out(server, session, player, outsider)
            assert await outsider.refused("index.m3u8") == "not_found"
        await outsider.close()


async def _plays(player: Player) -> None:
    index = await player.list_of("index.m3u8", "video.m3u8")
    assert re.search(r'CODECS="avc1\.42\w{4},mp4a\.40\.2",RESOLUTION=320x240', index)
    seen = shown(await player.plays(await player.list_of("video.m3u8", count=2)))
    assert len(seen.times) >= 30
    steps = np.diff(seen.times)
    assert 0.03 < steps.min() <= steps.max() < 0.2
    assert seen.tone_hz == pytest.approx(440, abs=2)
    heard = shown(await player.plays(await player.list_of("sound.m3u8")))
    assert (heard.times, round(heard.tone_hz)) == ([], 440)
    standing = await player.standing()
    assert (standing["picture"], standing["lack"], standing["watching"]) == (True, None, 1)
    # What comes next is waited for, not asked for again and again.
    text = await player.list_of("video.m3u8")
    first = int(re.findall(r"#EXT-X-MEDIA-SEQUENCE:(\d+)", text)[0])
    coming = first + text.count("#EXTINF")
    later = await player.get(f"video.m3u8?_HLS_msn={coming}&_HLS_part=0")
    hint = re.findall(r'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="([^"]+)"', text)[0]
    assert hint in later.text
    assert await player.refused("video.m3u8?_HLS_msn=99999") == "hls_ahead"
    for garbage in ("-1", "1e3", "", "%00", "9" * 16, "1&_HLS_part=x"):
        assert await player.refused(f"video.m3u8?_HLS_msn={garbage}") == "invalid"
    for name in ("video.m3u9", "..%2fwhep", "%00", "a" * 3_000):
        assert await player.refused(name) == "not_found"


async def _is_cached(server: Server, player: Player, folder: Path) -> None:
    """The nginx of `deploy/` in front asks for a piece once, and has no playlists."""
    certificate, port = Certificate.make(folder), free_tcp_port()
    text = await player.list_of("video.m3u8")
    names = re.findall(r"/api/v1/hls/[\w.-]+", text)
    whole, hint = names[-2], names[-1]
    with pieces_cache(folder, port=port, origin=server.port, certificate=certificate):
        async with httpx.AsyncClient(
            base_url=f"https://localhost:{port}", verify=certificate.trusting(), trust_env=False
        ) as http:
            bearer = {"Authorization": "Bearer a guess"}  # it is not passed on, or it would be 401
            first = await http.get(whole, headers=bearer)
            again = await http.get(f"{whole}?busting=1")
            assert (first.status_code, first.headers["x-cache"]) == (200, "MISS")
            assert (again.status_code, again.headers["x-cache"]) == (200, "HIT")
            assert again.content == first.content
            for name, value in first.headers.items():
                if name in {"cache-control", "access-control-allow-origin", "content-type"}:
                    assert again.headers[name] == value
            assert first.headers["cache-control"] == "public, max-age=31536000, immutable"
            waiting = await asyncio.gather(*(http.get(hint) for _ in range(5)))
            assert {answer.content for answer in waiting} == {waiting[0].content}
            assert sorted(each.headers["x-cache"] for each in waiting) == ["HIT"] * 4 + ["MISS"]
            for _ in range(2):
                guessed = await http.get("/api/v1/hls/guessed.m4s")
                assert (guessed.status_code, guessed.headers["x-cache"]) == (404, "MISS")
            for name in ("index.m3u8", "video.m3u8", ""):
                assert (await http.get(f"{player.path}/{name}")).status_code == 404
    answer = await player.get("video.m3u8")
    assert answer.headers["cache-control"] == "no-store"


async def _is_banned(server: Server, session: Json) -> None:
    """Someone who watches, and then may not any more."""
    invite = session["invites"]["viewer"]["token"]
    joined = await Http(server.url, OWNER_TOKEN).join(session["slug"], invite=invite)
    troll = Player(server, session["slug"], joined["token"])
    await troll.list_of("video.m3u8")
    assert (await troll.standing())["watching"] == 2
    owner = await Client(server.url, session["slug"], OWNER_TOKEN).open()
    await owner.say("sanction.set", participant_id=joined["participant"]["id"], kind="ban")
    await owner.close()
    for path in ("video.m3u8", "video.m3u8?parts=0", "sound.m3u8", "index.m3u8", troll.path):
        assert await troll.refused(path) == "banned"
    await troll.close()


async def _is_cut(server: Server, session: Json, player: Player) -> None:
    text = await player.list_of("video.m3u8")
    names = re.findall(r"/api/v1/hls/[\w.-]+", text)
    owner = await Client(server.url, session["slug"], OWNER_TOKEN).open()
    await owner.say("slate.set", on=True)
    async with asyncio.timeout(PATIENCE_S):
        standing = await player.standing()
        while standing["lack"] != "cut":
            standing = await player.standing()
    assert {await player.refused(name) for name in names} == {"not_found"}
    assert await player.refused("video.m3u8") == "not_publishing"
    await owner.say("slate.set", on=False)
    await owner.close()
    again = await player.list_of("video.m3u8")
    assert not set(names) & set(re.findall(r"/api/v1/hls/[\w.-]+", again))
    assert shown(await player.plays(again)).times


async def _is_shown_out(server: Server, session: Json, player: Player, outsider: Player) -> None:
    http = Http(server.url, OWNER_TOKEN)
    slug, invite = session["slug"], session["invites"]["viewer"]
    text = await player.list_of("sound.m3u8")
    await http.as_owner("DELETE", f"/sessions/{slug}/invites/{invite['id']}")
    assert await player.refused("sound.m3u8") == "not_found"
    await http.as_owner("POST", f"/sessions/{slug}/state", state="ended")
    names = re.findall(r"/api/v1/hls/[\w.-]+", text)
    assert {await outsider.refused(name) for name in names} == {"not_found"}


async def test_where_it_is_switched_off_it_says_so(server: Server, http: Http) -> None:
    session = await http.new_session()
    async with watched(server, session) as player:
        standing = await player.standing()
        assert (standing["picture"], standing["sound"], standing["lack"]) == (False, False, "off")
        carried = await http.as_owner("GET", f"/sessions/{session['slug']}/capacity")
        assert carried["hls_lack"] == "off"
        assert await player.refused("index.m3u8") == "hls_unavailable"
        assert await player.refused("other.m3u8") == "not_found"
