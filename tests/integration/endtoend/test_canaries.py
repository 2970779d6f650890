"""What one role may not know is planted as canaries, and everything that any other role's client
receives is searched for them: frames, HTTP answers, pages, logs; also after a resume, after a
change of role or segment, and in what the server writes to its log."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.raw_client import Client, Http, Json, reopen
from tests.support.running import OWNER_TOKEN, Server, running


def canary(what: str) -> str:
    return f"canary-{what}-{uuid.uuid4().hex[:12]}"


@dataclass
class Room:
    """One live session in which everything is reviewed before it is published."""

    server: Server
    http: Http
    slug: str
    moderator: Client
    moderator_name: str
    author: Client
    bystander: Client
    tokens: dict[str, str]

    async def everything_over_http(self, token: str) -> str:
        """Every answer that a participant can get by asking."""
        found = []
        paths = (
            f"/api/v1/sessions/{self.slug}",
            f"/api/v1/sessions/{self.slug}/messages",
            f"/api/v1/sessions/{self.slug}/messages?status=pending",
            f"/api/v1/sessions/{self.slug}/messages?status=refused",
            f"/api/v1/sessions/{self.slug}/messages?status=removed",
            f"/api/v1/sessions/{self.slug}/questions",
            f"/api/v1/sessions/{self.slug}/questions?status=pending",
            f"/api/v1/sessions/{self.slug}/questions?status=dismissed",
            f"/api/v1/sessions/{self.slug}/events?since=0&limit=1000",
            f"/api/v1/sessions/{self.slug}/export?format=json",
            f"/api/v1/sessions/{self.slug}/invites",
            f"/s/{self.slug}",
            f"/s/{self.slug}/moderate",
            f"/s/{self.slug}/host",
            "/",
            "/metrics",
        )
        async with httpx.AsyncClient(base_url=self.server.url, trust_env=False) as http:
            for path in paths:
                answer = await http.get(path, headers={"Authorization": f"Bearer {token}"})
                found.append(f"{path} {answer.status_code} {answer.headers} {answer.text}")
        return "\n".join(found)


async def invited(http: Http, session: Json, role: str, name: str) -> tuple[Client, str]:
    joined = await http.join(
        session["slug"], display_name=name, language="en", invite=session["invites"][role]["token"]
    )
    client = await Client(http.url, session["slug"], joined["token"]).open()
    return client, joined["token"]


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    with running(tmp_path / "data") as server:
        http = Http(server.url, OWNER_TOKEN)
        session = await http.new_session(review="before")
        name = canary("moderator")
        moderator, moderator_token = await invited(http, session, "moderator", name)
        author, author_token = await invited(http, session, "viewer", "Author")
        bystander, bystander_token = await invited(http, session, "viewer", "Bystander")
        tokens = {"moderator": moderator_token, "author": author_token}
        tokens["bystander"] = bystander_token
        room = Room(
            server, http, session["slug"], moderator, name, author, bystander, tokens=tokens
        )
        yield room
        for client in (moderator, author, bystander):
            await client.close()


async def decide(room: Room, kind: str, subject: Json, verdict: str, reason: str) -> Json:
    frame = await room.moderator.say(
        "moderation.decide",
        subject={"kind": kind, "id": subject["id"]},
        revision=subject["revision"],
        verdict=verdict,
        reason=reason,
    )
    data: Json = frame["data"]
    return data


async def search(room: Room, canaries: dict[str, str], client: Client, role: str) -> None:
    """Nothing that this client received, or can ask for, holds a canary."""
    found = "\n".join(client.texts) + await room.everything_over_http(room.tokens[role])
    for what, text in canaries.items():
        assert text not in found, f"{role} received {what}"


async def test_no_other_role_receives_what_is_held_noted_or_decided(room: Room) -> None:
    canaries = {
        "a held message": canary("held-message"),
        "a held question": canary("held-question"),
        "a refused message": canary("refused"),
        "a dismissed question": canary("dismissed"),
        "a note among staff": canary("backstage"),
        "the moderator's name": room.moderator_name,
        "a decision's reason": canary("reason"),
    }
    await room.author.say("message.post", text=canaries["a held message"])
    await room.author.say("question.ask", text=canaries["a held question"])
    refused = await room.author.say("message.post", text=canaries["a refused message"])
    dismissed = await room.author.say("question.ask", text=canaries["a dismissed question"])
    await room.moderator.say("staff.say", text=canaries["a note among staff"])
    open_one = await room.author.say("message.post", text="published by the team")
    why = canaries["a decision's reason"]
    await decide(room, "message", refused["data"]["message"], "refuse", "plain words")
    await decide(room, "question", dismissed["data"]["question"], "dismiss", "plain words")
    await decide(room, "message", open_one["data"]["message"], "publish", why)

    published = open_one["data"]["message"]["id"]
    await room.bystander.until(lambda c: published in "".join(c.texts))
    await search(room, canaries, room.bystander, "bystander")
    for_author = {
        what: canaries[what]
        for what in ("a note among staff", "the moderator's name", "a decision's reason")
    }
    await search(room, for_author, room.author, "author")

    await room.bystander.cut()
    await reopen(room.bystander)
    late = await Client(room.server.url, room.slug, room.tokens["bystander"]).open()
    await room.bystander.say("profile.set", segment="prospect", language="fr")
    await room.bystander.until(lambda c: c.snapshot["you"]["segment"] == "prospect")
    await search(room, canaries, room.bystander, "bystander")
    await search(room, canaries, late, "bystander")
    await late.close()


async def test_a_removed_text_never_comes_back_by_resume_snapshot_or_page(room: Room) -> None:
    secret = canary("removed")
    posted = await room.author.say("message.post", text=secret)
    shown = await decide(room, "message", posted["data"]["message"], "publish", "fine")
    before = room.bystander.position
    await room.bystander.until(lambda c: secret in "".join(c.texts))
    await decide(room, "message", shown["message"], "remove", "not fine")
    message_id = shown["message"]["id"]
    await room.bystander.until(lambda c: any(e["type"] == "message.removed" for e in c.events))
    again = Client(room.server.url, room.slug, room.tokens["bystander"])
    again.epoch, again.position = room.bystander.epoch, before
    await again.open()
    await again.until(lambda c: any(e["type"] == "message.removed" for e in c.events))
    tombstones = [e["data"]["message"] for e in again.events if "message" in e["data"]]
    assert {"id": message_id, "status": "removed"} in tombstones
    fresh = await Client(room.server.url, room.slug, room.tokens["bystander"]).open()
    await search(room, {"a removed message": secret}, again, "bystander")
    await search(room, {"a removed message": secret}, fresh, "bystander")
    await again.close()
    await fresh.close()


async def test_the_servers_log_holds_no_text_no_name_and_no_token(room: Room) -> None:
    text = canary("text")
    await room.author.say("message.post", text=text)
    await room.moderator.say("staff.say", text=canary("note"))
    await room.everything_over_http(room.tokens["author"])
    log = room.server.said
    assert text not in log
    assert room.moderator_name not in log
    assert OWNER_TOKEN not in log
    for token in room.tokens.values():
        assert token not in log
