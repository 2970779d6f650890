"""A show is recorded, everything is killed, and what was on air is seen again with its words."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.browser.show.people import OpenShow, Show
from tests.integration.demo.conftest import children_of
from tests.support.patience import PATIENCE_S
from tests.support.raw_client import Http, Json
from tests.support.recorded import publish, seen_in
from tests.support.running import OWNER_TOKEN, Server

LOST_MOST_S = 5
# A crowded machine's page plays its tones late; python -m benchmarks.sync holds sound to 60 ms.
APART_MOST_S = 0.25


async def ready(http: Http, slug: str) -> Json:
    """The replay, once all of its files can be played."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        replay: Json = await http.as_owner("GET", f"/sessions/{slug}/replay")
        if replay["tracks"] and not replay["unfinished"]:
            return replay
        assert time.monotonic() < deadline, replay
        await asyncio.sleep(0.2)


async def recorded_for(http: Http, slug: str, seconds: float) -> None:
    """Return once a file was begun so long ago."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        page = await http.as_owner("GET", f"/sessions/{slug}/recordings")
        begun = [datetime.fromisoformat(each["started_at"]).timestamp() for each in page["items"]]
        if begun and time.time() - min(begun) > seconds:
            return
        assert time.monotonic() < deadline, page
        await asyncio.sleep(0.1)


async def seek(page: Page, at_s: float) -> None:
    await page.locator("video").evaluate(
        """(video, at) => new Promise((there) => {
            video.addEventListener('seeked', there, { once: true });
            video.currentTime = at;
        })""",
        at_s,
    )


async def status(http: Http, path: str, token: str | None = None, **headers: str) -> int:
    if token:
        headers["Authorization"] = f"Bearer {token}"
    async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False) as client:
        return (await client.get(f"{http.url}{path}", headers=headers)).status_code


async def test_a_killed_shows_recording_plays_and_seeking_shows_the_chat_of_that_moment(
    open_show: OpenShow, server: Server, tmp_path: Path
) -> None:
    show = await open_show(state="lobby")
    http, slug = show.http, show.slug
    api = f"/sessions/{slug}"
    ben = await show.writer("Ben")
    with pytest.raises(httpx.HTTPStatusError, match="403"):
        await http.call("PUT", f"{api}/recording", ben.token, on=True)
    await http.as_owner("PUT", f"{api}/recording", on=True)
    await http.as_owner("POST", f"{api}/state", state="live")
    ana = await show.viewer("Ana")
    await expect(ana.page.get_by_text("Recorded", exact=True)).to_be_visible()

    publisher = await show.page(f"{http.url}/s/{slug}")
    # Without a gesture a page makes no sound.
    await publisher.page.get_by_role("heading", level=1).click()
    await publish(publisher.page, f"{http.url}/api/v1{api}/whip", OWNER_TOKEN)
    await recorded_for(http, slug, 1.0)
    await ben.say("message.post", text="Said at the beginning")
    asked = await ben.say("question.ask", text="Is it warm?")
    gone = await ben.say("message.post", text="Better never said")
    await ben.say("message.withdraw", message_id=gone["data"]["id"])
    moderator = await show.moderator_client("Mo")
    await recorded_for(http, slug, 4.0)
    question = asked["data"]
    subject = {"kind": "question", "id": question["id"]}
    for verdict in ("pick", "answering", "answered"):
        done = await moderator.say(
            "moderation.decide", subject=subject, revision=question["revision"], verdict=verdict
        )
        question = done["data"].get("question", done["data"])
        question = {**question, "revision": question.get("revision", 0)}
    await ben.say("message.post", text="Said at the end")
    await recorded_for(http, slug, 7.0)

    killed_at = time.time()
    for child in children_of(server.program.process.pid):
        os.kill(child, signal.SIGKILL)
    server.kill()
    await publisher.page.close()
    server.start()
    await http.as_owner("POST", f"{api}/state", state="ended")
    replay = await ready(http, slug)
    (track,) = replay["tracks"]
    started = await plays(http, track, killed_at, tmp_path / "track.webm")

    moments: Any = await http.call("GET", f"{api}/replay/moments")
    assert "Better never said" not in str(moments)
    (chapter,) = replay["chapters"]
    assert chapter["track"] == track["id"]
    exported = await http.as_owner("GET", f"{api}/export")
    (answer,) = exported["recordings"][0]["answers"]
    assert answer["question_id"] == chapter["question"]["id"]
    assert abs(answer["offset_s"] - chapter["offset_s"]) < 0.01
    said = {each["data"].get("message", {}).get("text"): each["at"] for each in moments["events"]}
    beginning, end = (
        datetime.fromisoformat(said[text]).timestamp() - started
        for text in ("Said at the beginning", "Said at the end")
    )
    await watch_again(show, beginning, end, chapter)
    await who_may_not(http, slug, track["url"])


async def plays(http: Http, track: Json, killed_at: float, file: Path) -> float:
    """Hold the file against what was sent; the moment of its beginning."""
    async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False) as client:
        whole = (await client.get(http.url + track["url"])).content
    await asyncio.to_thread(file.write_bytes, whole)
    seen = await asyncio.to_thread(seen_in, file, killed_at)
    started = datetime.fromisoformat(track["started_at"]).timestamp()
    assert killed_at - (seen.first_moment + seen.duration_s) < LOST_MOST_S
    assert [moment for _, moment in seen.pictures] == sorted(moment for _, moment in seen.pictures)
    assert len(seen.tones) >= 2
    assert abs(seen.sound_late_s) <= APART_MOST_S
    assert abs(started - seen.first_moment) < 0.5
    assert await status(http, track["url"], Range="bytes=0-99") == 206
    return started


async def watch_again(show: Show, beginning: float, end: float, chapter: Json) -> None:
    watcher = await show.page(f"{show.http.url}/s/{show.slug}/replay")
    page = watcher.page
    first, last = page.get_by_text("Said at the beginning"), page.get_by_text("Said at the end")
    await expect(page.get_by_role("button", name="Is it warm?")).to_be_visible()
    await page.wait_for_function("() => document.querySelector('video')?.readyState > 0")
    await seek(page, max(0.0, beginning - 0.6))
    await expect(first).to_be_hidden()
    await seek(page, beginning + 0.3)
    await expect(first).to_be_visible()
    await expect(last).to_be_hidden()
    await seek(page, end + 0.1)
    await expect(last).to_be_visible()
    await seek(page, 0)
    await expect(last).to_be_hidden()
    await page.get_by_role("button", name="Is it warm?").press("Enter")
    await page.wait_for_function(
        "(at) => Math.abs(document.querySelector('video').currentTime - at) < 3",
        arg=chapter["offset_s"],
    )
    # The link that the asker gets.
    question = chapter["question"]["id"]
    await page.goto(f"{show.http.url}/s/{show.slug}/replay?question={question}")
    await page.wait_for_function(
        "(at) => Math.abs((document.querySelector('video')?.currentTime ?? -9) - at) < 0.5",
        arg=chapter["offset_s"],
    )


async def who_may_not(http: Http, slug: str, media: str) -> None:
    """Taken back, it is the team's alone; private, it is nobody's outside; deleted, it is gone."""
    api = f"/api/v1/sessions/{slug}"
    ways = (f"{api}/replay", f"{api}/replay/moments", media)

    async def answers(token: str | None = None) -> set[int]:
        return {await status(http, way, token) for way in ways}

    await http.as_owner("PUT", f"/sessions/{slug}/replay", published=False)
    assert await answers() == {404}
    assert await answers(OWNER_TOKEN) == {200}
    await http.as_owner("PUT", f"/sessions/{slug}/replay", published=True)
    assert await answers() == {200}
    await http.as_owner("PATCH", f"/sessions/{slug}", visibility="private")
    assert await answers() == {404}
    assert await status(http, f"/s/{slug}/replay") == 404
    await http.as_owner("PATCH", f"/sessions/{slug}", visibility="public")
    await http.as_owner("DELETE", f"/sessions/{slug}/recordings")
    assert await answers() == {410}
