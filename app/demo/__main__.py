"""Run the demo's people against a running server: ``python -m app.demo --url http://…``.

The owner's token comes from ``CAUSERIE_DEMO_OWNER_TOKEN``. Standard output gets one JSON object a
line, ``{"link": word, "url": url}``, then ``{"ready": true}``; standard error the log.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import logging
import os
import random
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.demo.audience import Member, Tempo, ask_in_turn, waves
from app.demo.client import Api, Connection, Frame, Gone, Refused, Seat
from app.demo.host import Publisher, SyntheticHost, reach_loopback
from app.demo.lines import BRAND, PEOPLE, SLUG, TITLE, Person

log = logging.getLogger("causerie.demo")

MIN_AUDIENCE, MAX_AUDIENCE = 8, len(PEOPLE)
TAKEN = 409
STAFF = ("host", "moderator", "viewer")


@dataclass(frozen=True, slots=True)
class Options:
    """``audience`` people, all acts drawn from ``seed``; ``quiet`` people watch and hardly talk;
    the host ``returns_after_s`` without a person on its seat; ``memory`` is the file by which they
    come back as themselves at the next start; an ``attached`` demo ends with its standard input,
    and so with the process that holds the other end."""

    url: str
    audience: int
    seed: int
    quiet: bool
    returns_after_s: float
    memory: Path | None
    attached: bool


def read_options(arguments: list[str]) -> Options:
    """The command line as options; says what is wrong and exits with 2."""
    parser = argparse.ArgumentParser(prog="python -m app.demo", description=__doc__)
    parser.add_argument("--url", default=os.environ.get("CAUSERIE_DEMO_URL"), help="the server")
    parser.add_argument("--audience", type=int, default=14, help="how many people, 8 to 20")
    parser.add_argument("--seed", type=int, default=1, help="fixes what they do")
    parser.add_argument("--quiet", action="store_true", help="they watch and hardly talk")
    parser.add_argument("--returns-after", type=float, default=12.0, help="the host, in seconds")
    parser.add_argument("--memory", type=Path, help="a file to remember the people by")
    parser.add_argument("--attached", action="store_true", help="end when standard input does")
    found = parser.parse_args(arguments)
    if not found.url:
        parser.error("--url or CAUSERIE_DEMO_URL is needed")
    if not MIN_AUDIENCE <= found.audience <= MAX_AUDIENCE:
        parser.error(f"--audience {found.audience}: {MIN_AUDIENCE} to {MAX_AUDIENCE} people")
    return Options(
        url=found.url,
        audience=found.audience,
        seed=found.seed,
        quiet=found.quiet,
        returns_after_s=found.returns_after,
        memory=found.memory,
        attached=found.attached,
    )


class Memory:
    """Who was here before: seats by name, kept in a file that only this user may read."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._tokens: dict[str, str] = {}
        if path is not None and path.exists():
            self._tokens = json.loads(path.read_text())

    def token_of(self, name: str) -> str | None:
        return self._tokens.get(name)

    def keep(self, name: str, seat: Seat) -> None:
        self._tokens[name] = seat.token
        if self._path is not None:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump(self._tokens, file)


class Show:
    """Sets the session up as an owner would, then lets the people in."""

    def __init__(self, api: Api, options: Options) -> None:
        self._api = api
        self._options = options
        self._memory = Memory(options.memory)
        self.slug = SLUG

    def rng(self, name: str) -> random.Random:
        """Chance for one purpose, the same at each run with the same seed."""
        return random.Random(f"{self._options.seed}/{name}")

    async def set_up(self) -> None:
        """Create the session, or find the one of an earlier run, and put it live. Those that
        someone has ended stay as they are: the next number is taken."""
        await self._api.as_owner("PATCH", "/brand", {"name": BRAND})
        for number in itertools.count(1):
            self.slug = SLUG if number == 1 else f"{SLUG}-{number}"
            made = await self._api.as_owner(
                "POST", "/sessions", {"title": TITLE, "slug": self.slug, "review": "before"}
            )
            if made.status_code != TAKEN:
                made.raise_for_status()
            live = await self._api.as_owner(
                "POST", f"/sessions/{self.slug}/state", {"state": "live"}
            )
            if live.status_code != TAKEN:
                live.raise_for_status()
                return

    async def invite(self, role: str, segment: str | None = None) -> Frame:
        body: Frame = {"role": role}
        if segment is not None:
            body["segment"] = segment
        made = await self._api.as_owner("POST", f"/sessions/{self.slug}/invites", body)
        made.raise_for_status()
        found: Frame = made.json()
        return found

    async def enter(self, name: str, body: Frame, invite_for: tuple[str, str | None]) -> Connection:
        """Come back as oneself, or come in by an invite where role or segment need one."""
        seat: Seat | None = None
        token = self._memory.token_of(name)
        if token is not None:
            back = await self._api.http.post(
                f"/sessions/{self.slug}/join", json={}, headers={"Authorization": f"Bearer {token}"}
            )
            if back.is_success:
                seat = Seat(back.json()["participant"]["id"], token)
        if seat is None:
            role, segment = invite_for
            if role != "viewer" or segment is not None:
                body = {**body, "invite": (await self.invite(role, segment))["token"]}
            seat = await self._api.join(self.slug, body)
            self._memory.keep(name, seat)
        return Connection(self._api, self.slug, seat, self.rng(f"{name}/connection"))

    async def enter_viewer(self, person: Person) -> Member:
        granted = person.segment in ("ambassador", "influencer")
        body: Frame = {"display_name": person.name, "language": person.language}
        if not granted:
            body["segment"] = person.segment
        invite_for = ("viewer", person.segment if granted else None)
        connection = await self.enter(person.name, body, invite_for)
        return Member(person, connection, lambda what: self.rng(f"{person.name}/{what}"))

    async def enter_host(self) -> SyntheticHost:
        body: Frame = {"display_name": f"{BRAND} (démo)", "language": "fr"}
        connection = await self.enter("host", body, ("host", None))
        publisher = Publisher(self._api, self.slug, connection.seat, title=TITLE, brand=BRAND)
        return SyntheticHost(
            connection,
            publisher,
            self.rng("host"),
            pace_s=40.0,
            returns_after_s=self._options.returns_after_s,
        )


async def open_desk(host: SyntheticHost, members: list[Member], rng: random.Random) -> None:
    """The first minute: a few questions are held for the team, then chat flows freely."""
    for member, text in zip(
        members,
        (
            "J’ai reçu mon manteau avec un bouton en moins, je fais comment ?",
            "Do you ship to Belgium before Christmas?",
            "Livrez-vous en Belgique avant Noël ?",
            "Is there a student discount?",
        ),
        strict=False,
    ):
        try:
            await member.ask(text)
        except (Refused, Gone) as reason:
            log.debug("%s did not ask: %s", member.person.name, reason)
        await asyncio.sleep(rng.uniform(0.1, 0.4))
    await host.connection.say("mode.set", {"review": "after"})


async def run(options: Options) -> None:
    """Run until cancelled."""
    api = Api(options.url, os.environ["CAUSERIE_DEMO_OWNER_TOKEN"])
    try:
        show = Show(api, options)
        await show.set_up()
        host = await show.enter_host()
        members = [await show.enter_viewer(person) for person in PEOPLE[: options.audience]]
        for word in STAFF:
            announce({"link": word, "url": (await show.invite(word))["url"]})
        announce({"ready": True})
        tempo = Tempo(mean_s=90.0, wave_every_s=240.0) if options.quiet else Tempo()
        async with asyncio.TaskGroup() as group:
            group.create_task(host.connection.run())
            group.create_task(host.stay_on_air())
            for member in members:
                group.create_task(member.connection.run())
            await open_desk(host, members, show.rng("desk"))
            group.create_task(host.take_questions())
            for member in members:
                group.create_task(member.live(tempo))
            every_s = 60.0 if options.quiet else 12.0
            group.create_task(ask_in_turn(members, show.rng("questions"), every_s=every_s))
            group.create_task(waves(members, show.rng("waves"), tempo))
    finally:
        await api.close()


def announce(line: Frame) -> None:
    """Tell the parent process."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


async def until_left_alone(stop: Callable[[], object]) -> None:
    """Call ``stop`` when standard input ends: who started us is gone, perhaps without a word."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while await reader.read(1024):
        pass
    stop()


async def main() -> int:
    """Run until a signal, or with ``--attached`` the end of standard input; the exit code."""
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    log.setLevel(os.environ.get("CAUSERIE_DEMO_LOG", "WARNING"))
    reach_loopback()
    options = read_options(sys.argv[1:])
    running = asyncio.create_task(run(options))
    watching = asyncio.create_task(until_left_alone(running.cancel)) if options.attached else None
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await running
    if watching is not None:
        watching.cancel()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
