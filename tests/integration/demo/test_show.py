"""What `causerie demo` shows: links, a session that is live, a picture, people who talk."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from tests.integration.demo.conftest import WORDS, Demo
from tests.integration.media.peers import install_players, play
from tests.support.raw_client import Client, Json


def shown(client: Client, kind: str) -> Iterator[Json]:
    """Everything of one kind that the client was shown, whether in the snapshot or since."""
    snapshot = client.snapshot
    yield from snapshot["messages"] if kind == "message" else snapshot["questions"]["items"]
    for event in client.events:
        if event["type"] in (f"{kind}.published", f"{kind}.changed"):
            yield event["data"][kind]


def languages(items: Iterator[Json]) -> set[str]:
    return {item["language"] for item in items if "text" in item}


def test_each_link_has_a_line_and_a_word_of_its_own(running_demo: Demo) -> None:
    assert tuple(running_demo.links()) == WORDS


async def test_a_viewer_finds_a_live_session_with_people_who_talk_in_two_languages(
    running_demo: Demo,
) -> None:
    viewer, joined = await running_demo.enter("viewer")
    try:
        assert joined["participant"]["role"] == "viewer"
        assert viewer.snapshot["session"]["state"] == "live"
        await viewer.until(lambda c: c.pulse.get("present", 0) > 8)
        await viewer.until(lambda c: languages(shown(c, "message")) == {"fr", "en"})
        await viewer.until(lambda c: any(shown(c, "question")))
        await viewer.until(lambda c: sum(c.pulse.get("reactions", {}).values()) > 0)
        segments = {message["author"].get("segment") for message in shown(viewer, "message")}
        assert segments == {None}, "a viewer learns nobody's segment"
    finally:
        await viewer.close()


async def test_a_moderator_has_real_work(running_demo: Demo) -> None:
    moderator, joined = await running_demo.enter("moderator", display_name="Ines")
    try:
        assert joined["participant"]["role"] == "moderator"

        def held(client: Client) -> list[Json]:
            live = [e["data"] for e in client.events if e["type"].endswith(".held")]
            return [*client.snapshot["held"]["items"], *live]

        await moderator.until(held)
    finally:
        await moderator.close()


async def test_whoever_is_banned_leaves_and_the_others_go_on(running_demo: Demo) -> None:
    moderator, _ = await running_demo.enter("moderator", display_name="Ines")
    viewer, _ = await running_demo.enter("viewer")
    try:
        await viewer.until(lambda c: any(shown(c, "message")))
        banned = next(shown(viewer, "message"))["author"]["id"]
        await moderator.say("sanction.set", participant_id=banned, kind="ban")
        heard = len(viewer.events)

        def others(client: Client) -> bool:
            said = [e["data"] for e in client.events[heard:] if e["type"] == "message.published"]
            return any(each["message"]["author"]["id"] != banned for each in said)

        await viewer.until(others)
        await viewer.until(lambda c: c.snapshot["stage"]["seats"])
    finally:
        await moderator.close()
        await viewer.close()


async def test_the_owners_link_signs_in_and_shows_four_segments_and_two_languages(
    running_demo: Demo,
) -> None:
    async with httpx.AsyncClient(trust_env=False) as owner:
        assert (await owner.get(running_demo.links()["owner"])).is_redirect
        export = await owner.get(f"{running_demo.http.url}/api/v1/sessions/demo/export")
    people = [p for p in export.json()["participants"] if p["role"] == "viewer"]
    assert len(people) >= 8
    assert {p["segment"] for p in people} >= {"customer", "prospect", "ambassador", "influencer"}
    assert {p["language"] for p in people} >= {"fr", "en"}


async def test_a_player_that_is_not_ours_sees_and_hears_the_host(running_demo: Demo) -> None:
    await install_players()
    joined = await running_demo.http.join("demo")
    url = f"{running_demo.http.url}/api/v1/sessions/demo/whep"
    report = await play("play-libwebrtc.mjs", url, 5, 20_000, token=joined["token"])
    assert report["pictures"] >= 5, report
    assert report["loudest"] > 0.05, report
