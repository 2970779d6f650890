"""The history of decisions, replies kept ready, and the audit as its readers get it."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.integration.http.conftest import Cast
from tests.support.raw_client import Client, Http


async def test_the_history_is_paged_filtered_searched_and_tells_what_stands(
    http: Http, cast: Cast
) -> None:
    moderator = await Client(http.url, cast.slug, cast.tokens["moderator"] or "").open()
    viewer = await Client(http.url, cast.slug, cast.tokens["viewer"] or "").open()
    said = [
        (await viewer.say("message.post", text=text))["data"]["message"]
        for text in ("Où est-ce FABRIQUÉ ?", "Spam", "Spam again")
    ]
    subjects = [{"kind": "message", "id": each["id"]} for each in said]
    first = await moderator.say(
        "moderation.decide", subject=subjects[0], revision=1, verdict="remove", reason="Off topic"
    )
    await moderator.say("moderation.decide", subject=subjects[0], revision=2, verdict="restore")
    sweep = [{"subject": each, "revision": 1} for each in subjects[1:]]
    await moderator.say("moderation.decide_many", subjects=sweep, verdict="remove")
    undone = await moderator.say("moderation.undo", decision_id=first["data"]["id"], over=True)
    assert undone["data"]["status"] == "published"

    async def rows(**query: Any) -> list[dict[str, Any]]:
        params = "&".join(f"{name}={value}" for name, value in query.items())
        path = f"/sessions/{cast.slug}/decisions?{params}"
        return list((await http.call("GET", path, cast.tokens["moderator"]))["items"])

    every = await rows()
    assert [each["verdict"] for each in every] == ["undo", "remove", "restore", "remove"]
    undo, swept, restored, removed = every
    assert [each["undone"] for each in restored["decisions"] + removed["decisions"]] == [True] * 2
    assert (len(swept["decisions"]), swept["group"] is None) == (2, False)
    assert (undo["by"]["id"], removed["reason"]) == (cast.ids["moderator"], "Off topic")
    assert [each["seq"] for each in await rows(q="fabriqué")] == [
        each["seq"] for each in (undo, restored, removed)
    ]
    assert [each["verdict"] for each in await rows(q="off%20topic")] == ["remove"]
    assert await rows(by=cast.ids["host"]) == []
    assert [each["seq"] for each in await rows(verdict="restore")] == [restored["seq"]]
    page = await rows(limit=1, before=swept["seq"])
    assert [each["seq"] for each in page] == [restored["seq"]]
    with pytest.raises(httpx.HTTPStatusError):
        await rows(verdict="nonsense")
    await moderator.close()
    await viewer.close()


async def test_replies_are_kept_for_the_brand_and_bounded(http: Http, cast: Cast) -> None:
    path, token = f"/sessions/{cast.slug}/replies", cast.tokens["moderator"]
    made = await http.call("POST", path, token, language="fr", title="Merci", text="Merci {name}.")
    changed = {"language": "fr", "title": "Merci", "text": "Merci beaucoup {name}."}
    await http.call("PUT", f"{path}/{made['id']}", token, **changed)
    elsewhere = (await http.new_session())["slug"]
    listed = (await http.as_owner("GET", f"/sessions/{elsewhere}/replies"))["replies"]
    assert {"id": made["id"], **changed} in listed
    for bad in (
        {"language": "fr", "title": "x", "text": "y" * 501},
        {"language": "no language", "title": "x", "text": "y"},
        {"language": "fr", "title": " ", "text": "y"},
        {"language": "fr", "title": "x", "text": "y", "more": "z"},
    ):
        with pytest.raises(httpx.HTTPStatusError):
            await http.call("POST", path, token, **bad)
    await http.call("DELETE", f"{path}/{made['id']}", token)
    with pytest.raises(httpx.HTTPStatusError):
        await http.call("DELETE", f"{path}/{made['id']}", token)
    async with httpx.AsyncClient(base_url=http.url, trust_env=False) as client:
        told = await client.get(
            f"/api/v1/sessions/{cast.slug}/audit",
            headers={"Authorization": f"Bearer {cast.tokens['host']}"},
        )
    actions = [json.loads(line)["record"]["action"] for line in told.text.splitlines()]
    assert [each for each in actions if "replies" in each] == [
        "POST /sessions/{slug}/replies",
        "PUT /sessions/{slug}/replies/{reply_id}",
        "DELETE /sessions/{slug}/replies/{reply_id}",
    ]
