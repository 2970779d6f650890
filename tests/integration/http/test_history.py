"""What the team did and plans: decisions, replies, the run of show; and the audit of it."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.integration.http.conftest import Cast
from tests.support.raw_client import Client, Http, RefusedByServer


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


PASTED = "# Opening (5 min)\nfr: Ouverture\n\nGood evening.\n\n# Fitting\nfor: customer\n"


async def test_the_run_of_show_is_pasted_given_back_bent_and_kept(http: Http, cast: Cast) -> None:
    base = f"{http.url}/api/v1/sessions/{cast.slug}"
    async with httpx.AsyncClient(base_url=base, trust_env=False) as client:
        client.headers["Authorization"] = f"Bearer {cast.tokens['moderator']}"

        async def post(text: str | bytes, query: str = "") -> httpx.Response:
            headers = {"Content-Type": "text/plain"}
            return await client.post(f"/runshow{query}", content=text, headers=headers)

        assert (await post(PASTED)).status_code == 201
        assert (await client.get("/runshow?format=text")).text.split() == PASTED.split()
        table = (await client.get("/runshow?format=csv")).text
        assert table.splitlines()[1] == "Opening,Ouverture,5,,,yes,Good evening."
        assert (await client.get("/runshow?format=pdf")).json()["code"] == "invalid"

        moderator = await Client(http.url, cast.slug, cast.tokens["moderator"] or "").open()
        host = await Client(http.url, cast.slug, cast.tokens["host"] or "").open()
        opening = (await post("Guests", "?replace=1&revision=1")).json()["parts"][0]
        for text, query, code in (
            (b"\xff\xfe", "", "invalid"),
            (" \n ", "", "empty"),
            ("# Opening\nsv: Hej", "", "invalid"),
            ("x" * 121, "", "too_long"),
            ("Again", "?replace=1&revision=1", "stale"),
            ("Again", "?replace=1&revision=soon", "invalid"),
            ("A\n" * 101, "", "overloaded"),
        ):
            assert (await post(text, query)).json()["code"] == code

        await moderator.say("part.stretch", part_id=opening["id"], by_min=7)
        with pytest.raises(RefusedByServer) as late:
            await host.say("part.skip", part_id=opening["id"], revision=1, on=True)
        told = late.value.frame
        assert (told["code"], told["by"]["id"]) == ("stale", cast.ids["moderator"])
        viewer = await Client(http.url, cast.slug, cast.tokens["viewer"] or "").open()
        for kind, data in (
            ("part.add", {"part": {"titles": {"en": "Mine"}}}),
            ("part.stretch", {"part_id": opening["id"], "by_min": 1}),
            ("runshow.go", {"part_id": opening["id"], "from": None}),
            ("runshow.show", {"on": True}),
        ):
            with pytest.raises(RefusedByServer, match="forbidden"):
                await viewer.say(kind, **data)
        client.headers["Authorization"] = f"Bearer {cast.tokens['host']}"
        export = (await client.get("/export?format=json")).json()
        assert [(each["titles"], each["minutes"]) for each in export["parts"]] == [
            ({"en": "Guests"}, 7)
        ]
        audit = (await client.get("/audit")).text.splitlines()
        acts = [json.loads(line)["record"]["action"] for line in audit]
        assert [each for each in acts if "part" in each] == [
            "import_parts",
            "import_parts",
            "stretch_part",
        ]
    for each in (moderator, host, viewer):
        await each.close()
