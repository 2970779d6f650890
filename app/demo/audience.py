"""The audience: each person talks, asks, votes and reacts in a rhythm of their own."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.demo.client import Connection, Frame, Gone, Refused
from app.demo.lines import QUESTIONS, REPLIES, SPAM, Person, chat_lines

log = logging.getLogger("causerie.demo")

VOTABLE = frozenset({"published", "picked"})
KINDS = ("heart", "heart", "heart", "applause", "laugh", "surprise", "confused")


@dataclass(slots=True)
class Tempo:
    """How lively the room is: mean seconds between two acts of one person, and what share of acts
    are what. A *wave* is a moment that makes everyone react at once."""

    mean_s: float = 16.0
    first_s: float = 6.0
    wave_every_s: float = 35.0


Chance = Callable[[str], random.Random]
"""A source of chance for each purpose. What depends on the moment (how many react, who has been
heard) draws from its own, so that it never moves what a seed fixes: when people act and what they
say."""


class Member:
    """One person of the audience, driving one connection."""

    def __init__(self, person: Person, connection: Connection, chance: Chance) -> None:
        self.person = person
        self.connection = connection
        self._rhythm = chance("rhythm")
        self._moment = chance("moment")
        self._lines = _shuffled(chat_lines(person), chance("lines"))
        self._spam = _shuffled(SPAM, chance("spam"))
        self._heard: list[str] = []
        self._questions: dict[str, str] = {}
        self._voted: set[str] = set()
        connection.on_event = self._hear

    def _hear(self, kind: str, data: Frame) -> None:
        if kind == "message.published" and "text" in data["message"]:
            message = data["message"]
            if message["author"]["id"] != self.connection.seat.participant_id:
                self._heard = [*self._heard[-9:], message["id"]]
        if kind.startswith("question."):
            question = data["into" if kind == "question.merged" else "question"]
            self._questions[question["id"]] = question["status"]

    async def live(self, tempo: Tempo) -> None:
        """Act for as long as the show runs and this person is in it."""
        await asyncio.sleep(self._rhythm.uniform(0.5, tempo.first_s))
        while not self.connection.gone:
            try:
                await self._act()
            except Refused as refused:
                log.debug("%s was refused: %s", self.person.name, refused)
                await asyncio.sleep(refused.retry_after_s or 1.0)
            except Gone:
                return
            pause_s = self._rhythm.expovariate(1 / tempo.mean_s)
            await asyncio.sleep(min(pause_s, 4 * tempo.mean_s))

    async def _act(self) -> None:
        draw = self._rhythm.random()
        if self.person.spams and draw < 0.6:
            await self._post(next(self._spam))
        elif draw < 0.45:
            await self._post(next(self._lines))
        elif draw < 0.55 and self._heard:
            reply = self._moment.choice(REPLIES[self.person.language])
            await self._post(reply, reply_to=self._moment.choice(self._heard))
        elif draw < 0.8:
            await self._vote()
        else:
            await self.react(self._moment.choice(KINDS))

    async def _post(self, text: str, *, reply_to: str | None = None) -> None:
        data: Frame = {"text": text}
        if reply_to is not None:
            data["reply_to"] = reply_to
        await self.connection.say("message.post", data)

    async def greet(self) -> None:
        """Say something as one comes."""
        await self._post(next(self._spam if self.person.spams else self._lines))

    async def ask(self, text: str) -> None:
        await self.connection.say("question.ask", {"text": text})

    async def _vote(self) -> None:
        for question in self.connection.snapshot.get("questions", {}).get("items", ()):
            self._questions.setdefault(question["id"], question["status"])
        open_ones = [
            question_id
            for question_id, status in self._questions.items()
            if status in VOTABLE and question_id not in self._voted
        ]
        if not open_ones:
            await self.react("heart")
            return
        choice = self._moment.choice(open_ones)
        self._voted.add(choice)
        await self.connection.say("question.vote", {"question_id": choice, "up": True})

    async def react(self, kind: str) -> None:
        count = self._moment.randint(1, 4)
        await self.connection.say("reaction.add", {"kind": kind, "count": count})


def _shuffled(lines: tuple[str, ...], rng: random.Random) -> Iterator[str]:
    """The lines in an order of one's own, again and again."""
    while True:
        yield from rng.sample(lines, len(lines))


async def ask_in_turn(members: list[Member], rng: random.Random, every_s: float) -> None:
    """Have the questions asked, some again in other words or in the other language.

    Once all were asked, only latecomers ask again.
    """
    pace_s = every_s
    while True:
        for wordings in rng.sample(QUESTIONS, len(QUESTIONS)):
            language = rng.choice(("fr", "en"))
            other = "en" if language == "fr" else "fr"
            texts = [(language, text) for text in wordings[language]]
            if rng.random() < 0.6:
                texts.append((other, wordings[other][0]))
            for spoken, text in texts:
                asker = rng.choice([m for m in members if m.person.language == spoken])
                try:
                    await asker.ask(text)
                except (Refused, Gone) as reason:
                    log.debug("%s did not ask: %s", asker.person.name, reason)
                await asyncio.sleep(rng.uniform(0.3, 1.0) * pace_s)
        pace_s = 10 * every_s


async def waves(members: list[Member], rng: random.Random, tempo: Tempo) -> None:
    """Now and then something on screen moves several people at once."""
    while True:
        await asyncio.sleep(rng.expovariate(1 / tempo.wave_every_s))
        kind = rng.choice(("heart", "applause", "confused", "surprise"))
        moved = rng.sample(members, k=rng.randint(len(members) // 3, len(members)))
        for member in moved:
            try:
                await member.react(kind)
            except (Refused, Gone) as reason:
                log.debug("%s did not react: %s", member.person.name, reason)
            await asyncio.sleep(rng.uniform(0.05, 0.4))
