"""A rehearsal: the show's own copy, played for its host alone, wiped without a trace."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing

import httpx
import pytest

from tests.integration.http.conftest import Cast
from tests.support.raw_client import Client, Http, Json
from tests.support.reducer import fold
from tests.support.running import Server

PASTED = "# Opening (5 min)\nfr: Ouverture\n\nGood evening.\n\n# Fitting\n"


def rows(server: Server) -> Counter[str]:
    """How many there are in each table of the database."""
    with closing(sqlite3.connect(server.folder / "causerie.sqlite")) as connection:
        inserts = (line for line in connection.iterdump() if line.startswith("INSERT"))
        return Counter(line.split('"')[1] for line in inserts)


def traces(server: Server, of: str) -> list[str]:
    """The rows in which this text stands."""
    with closing(sqlite3.connect(server.folder / "causerie.sqlite")) as connection:
        return [line for line in connection.iterdump() if of in line]


async def test_it_is_played_for_its_host_alone_and_leaves_nothing(
    http: Http, cast: Cast, server: Server
) -> None:
    host, copy = cast.tokens["host"], f"rehearsal--{cast.slug}"
    path = f"/sessions/{cast.slug}"
    async with httpx.AsyncClient(base_url=f"{http.url}/api/v1", trust_env=False) as client:
        pasted = await client.post(
            f"{path}/runshow",
            content=PASTED,
            headers={"Authorization": f"Bearer {host}", "Content-Type": "text/plain"},
        )
        assert pasted.status_code == 201
        before = rows(server)
        made = await http.call("POST", f"{path}/rehearsal", host)
        joined = await http.join(copy, invite=made["token"], display_name="Host again")
        token = joined["token"]
        # Nobody else comes in: not the show's own people, not by an invite that was used.
        for someone in ("nobody", "viewer", "moderator"):
            with pytest.raises(httpx.HTTPStatusError, match="404"):
                await http.call("POST", f"/sessions/{copy}/join", cast.tokens[someone])
        with pytest.raises(httpx.HTTPStatusError, match="410"):
            await http.join(copy, invite=made["token"])
        for role in ("viewer", "guest"):
            with pytest.raises(httpx.HTTPStatusError, match="403"):
                await http.call("POST", f"/sessions/{copy}/invites", token, role=role)
        listed = (await http.as_owner("GET", "/sessions"))["sessions"]
        assert copy not in [each["slug"] for each in listed]
        with pytest.raises(httpx.HTTPStatusError, match="422"):
            await http.new_session(slug="rehearsal--mine")

    seen = await Client(server.url, copy, token or "").open()
    await http.call("POST", f"/sessions/{copy}/state", token, state="live")
    titles = [part["titles"]["en"] for part in seen.snapshot["parts"]]
    assert titles == ["Opening", "Fitting"]
    await seen.until(_is_played)
    ended = await http.call("DELETE", f"{path}/rehearsal", host)
    codes = {each["code"] for each in ended["unready"]}
    assert {"camera_not_tried", "part_without_minutes", "no_question_answered"} <= codes
    untitled = [each for each in ended["unready"] if each["code"] == "part_without_title"]
    assert [(each["title"], each["language"]) for each in untitled] == [("Fitting", "fr")]
    assert all(each["path"].startswith(f"/s/{cast.slug}/") for each in ended["unready"])

    await seen.until(lambda client: client.closed_with is not None)
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        await http.call("GET", f"/sessions/{copy}", token)
    after = rows(server)
    # That somebody rehearsed is in the audit of the show itself.
    assert after - before == {"audit": 2}
    assert before - after == {}
    assert traces(server, copy) == []
    assert traces(server, joined["participant"]["id"]) == []
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        await http.call("DELETE", f"{path}/rehearsal", host)


def _is_played(client: Client) -> bool:
    """People of both languages talk, one advertises, and one segment is lost."""
    state = fold(client.snapshot, client.events)
    messages: list[Json] = [each for each in state["messages"] if "text" in each]
    held: list[Json] = state["held"]["items"]
    spoken = {each["language"] for each in messages}
    names = {each["author"]["display_name"] for each in [*messages, *held]}
    confused = client.pulse.get("reactions", {}).get("confused", 0)
    return {"en", "fr"} <= spoken and "jo_les_bons_plans" in names and confused > 0
