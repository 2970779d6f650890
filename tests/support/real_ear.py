"""A real server with its real ear, and one live session on it."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from moderation.ear.models import LearnedModels
from tests.integration.demo.conftest import children_of
from tests.integration.media.waiting import eventually
from tests.support.raw_client import Client, Http, Json
from tests.support.running import OWNER_TOKEN, Server

TRIES = 8
MANY = {
    "CAUSERIE_EAR": "on",
    "CAUSERIE_LIMIT_MESSAGES": "100000/10s",
    "CAUSERIE_LIMIT_QUESTIONS": "100000/10s",
}


@dataclass
class Show:
    """A live session, a moderator who is told everything, and whoever writes."""

    server: Server
    http: Http
    slug: str
    token: str
    """The moderator's."""
    moderator: Client
    writers: list[Client] = field(default_factory=list)

    async def ear(self) -> Json:
        """How the ear is, as the desk asks for it."""
        found: Json = await self.http.call("GET", f"/sessions/{self.slug}/ear", self.token)
        return found

    async def until_ear(self, holds: Callable[[Json], bool]) -> Json:
        """Ask until it is so."""
        now: Json = {}

        async def asked() -> bool:
            nonlocal now
            now = await self.ear()
            return holds(now)

        try:
            await eventually(asked)
        except TimeoutError:
            raise AssertionError(f"{now}\n{self.server.program.stderr[-3000:]}") from None
        return now

    async def writer(self, **body: str) -> Client:
        token = (await self.http.join(self.slug, **{"display_name": "Ana", **body}))["token"]
        self.writers.append(await Client(self.http.url, self.slug, token).open())
        return self.writers[-1]

    async def post(self, text: str, by: Client | None = None) -> Json:
        """A chat line, of somebody new unless ``by`` says whose, as the ack tells its author."""
        return await self._say("message.post", "message", by or await self.writer(), text)

    async def ask(self, text: str) -> Json:
        """A question of somebody new, as the ack tells its author."""
        return await self._say("question.ask", "question", await self.writer(), text)

    async def _say(self, command: str, kind: str, author: Client, text: str) -> Json:
        """Again where the machine had no time for any judgement: that is not what is tried."""
        for attempt in range(TRIES):
            said = await author.say(command, text=f"{text} {attempt}" if attempt else text)
            told: Json = said["data"][kind]
            if all(reason["code"] != "unreviewed" for reason in told.get("reasons", ())):
                return told
        raise AssertionError("nothing is judged in time")

    async def heard(self, say: Callable[[str], Awaitable[Json]], text: str) -> tuple[Json, Json]:
        """Say something until the models judged it, not the phases alone, as they do on a machine
        that has no time: the author's copy, and the desk's."""
        for attempt in range(TRIES):
            before = (await self.ear())["skipped"]
            own = await say(f"{text} {attempt}" if attempt else text)
            desk = await self._at_the_desk(own)
            if (await self.ear())["skipped"] == before:
                return own, desk
        raise AssertionError(f"the models judge nothing\n{await self.ear()}")

    async def _at_the_desk(self, item: Json) -> Json:
        """A line or a question as the moderator first got it."""

        def found(desk: Client) -> Json | None:
            for event in desk.events:
                for kind in ("message", "question"):
                    told: Json = event["data"].get(kind, {})
                    if told.get("id") == item["id"] and "text" in told:
                        return told
            return None

        told: Json = await self.moderator.until(found)
        return told

    async def decide(self, message: Json, verdict: str) -> str:
        """The decision's id."""
        subject = {"kind": "message", "id": message["id"]}
        await self.moderator.say(
            "moderation.decide", subject=subject, revision=message["revision"], verdict=verdict
        )

        def made(desk: Client) -> str | None:
            for event in desk.events:
                if event["type"] == "decision.made":
                    decision: Json = event["data"]["decision"]
                    if (decision["subject"], decision["verdict"]) == (subject, verdict):
                        return str(decision["id"])
            return None

        return str(await self.moderator.until(made))


@contextlib.asynccontextmanager
async def show_on(server: Server) -> AsyncIterator[Show]:
    """A session of its own on a server that runs."""
    http = Http(server.url, OWNER_TOKEN)
    made = await http.new_session(languages=["fr", "en"], review="after")
    slug = made["slug"]
    invite = made["invites"]["moderator"]["token"]
    token = (await http.join(slug, display_name="Lea", language="en", invite=invite))["token"]
    show = Show(server, http, slug, token, await Client(http.url, slug, token).open())
    try:
        yield show
    finally:
        for client in (show.moderator, *show.writers):
            await client.close()


def ear_of(server: Server) -> int:
    """The process that hears for a server."""
    for pid in children_of(server.program.process.pid):
        if b"moderation.ear.process" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    raise AssertionError("the server has no ear")


@dataclass
class SlowDisk:
    """The ear's memory comes out of a pipe: an ear that starts waits for it until ``deliver``."""

    folder: Path
    state: bytes = field(default_factory=lambda: LearnedModels().dump())

    @property
    def _learned(self) -> Path:
        return self.folder / "learned"

    def hold_back(self) -> None:
        """From the next start of the ear on."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._learned.is_file():
            self.state = self._learned.read_bytes()
            self._learned.unlink()
        if not self._learned.exists():
            os.mkfifo(self._learned)

    async def deliver(self) -> None:
        """Let the ear that waits have it."""
        await eventually(self._delivered)

    def _delivered(self) -> bool:
        try:
            pipe = os.open(self._learned, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno == errno.ENXIO:
                return False  # nobody reads yet
            raise
        with os.fdopen(pipe, "wb") as file:
            file.write(self.state)
        return True
