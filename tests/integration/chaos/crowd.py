"""The people of a run, in a process of their own: `python -m tests.integration.chaos.crowd PLAN`.

They talk until the process is told to stop (SIGTERM); then everyone waits until all is answered and
all have caught up, and the process ends. What happens in between to the servers is not known here.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import sys
from collections import deque
from pathlib import Path

import msgspec
from msgspec import Struct

from tests.integration.chaos import records
from tests.integration.chaos.frames import Frame, decode
from tests.integration.chaos.person import Person
from tests.integration.chaos.records import Ended, Recorder

REMEMBERED_FRAMES = 4_000
LINKERS = 0.03
"""The part of the viewers who only post links, which the server holds for the moderators."""
DECISIONS_PER_S = 8.0
QUIET_S = 3.0
"""Nothing new for so long after the last answer: also the last tally has been told."""


class Seat(Struct, frozen=True):
    """Whom a client is to be."""

    participant_id: str
    token: str
    role: str


class Plan(Struct, frozen=True):
    """What the crowd is told: where, who, how much (posts a second of all together)."""

    log: str
    nodes: list[str]
    slug: str
    people: list[Seat]
    posts_per_s: float
    seed: int
    settle_s: float


class Crowd:
    """Everyone, and the little that they tell each other: what can be voted on and decided."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._rng = random.Random(plan.seed)
        self._recorder = Recorder(Path(plan.log))
        self._known: dict[bytes, tuple[int, Frame]] = {}
        self._frames = 0
        self._head = 0
        self._moved_at = records.now()
        self._questions: deque[str] = deque(maxlen=200)
        self._published: deque[tuple[str, int]] = deque(maxlen=200)
        self._held: dict[str, tuple[str, int]] = {}
        self._removed: deque[tuple[str, int]] = deque(maxlen=50)
        self._stop = asyncio.Event()
        self._settled = asyncio.Event()
        self._people = [self._person(who, seat) for who, seat in enumerate(plan.people)]
        self._voted: set[tuple[int, str]] = set()
        self._own: dict[int, deque[str]] = {}

    async def run(self) -> None:
        """Connect, talk, settle, leave."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._stop.set)
        staying = [asyncio.create_task(each.stay()) for each in self._people]
        talking = [asyncio.create_task(self._talk(each)) for each in self._people]
        insisting = asyncio.create_task(self._insist())
        tasks = [*staying, *talking, insisting]
        for task in tasks:
            task.add_done_callback(self._stop_after_failure)
        await self._stop.wait()
        for task in talking:
            task.cancel()
        await self._settle()
        unanswered = sum(len(each.unanswered) for each in self._people)
        await asyncio.gather(*(each.leave() for each in self._people))
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        self._recorder.write(Ended(records.now(), unanswered))
        self._recorder.close()
        for problem in ended:
            if isinstance(problem, Exception):
                raise problem

    def _stop_after_failure(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            self._stop.set()

    def _person(self, who: int, seat: Seat) -> Person:
        self._recorder.write(records.Person(who, seat.participant_id, seat.role))
        return Person(
            who=who,
            token=seat.token,
            slug=self._plan.slug,
            nodes=self._plan.nodes,
            node=who % len(self._plan.nodes),
            rng=random.Random(f"{self._plan.seed} {who}"),
            recorder=self._recorder,
            learn=self._learn,
            heard=self._heard,
        )

    # --- what comes in

    def _learn(self, text: bytes) -> tuple[int, Frame]:
        """The frame and its number; decoded and written once for all who receive it."""
        known = self._known.get(text)
        if known is not None:
            return known
        frame = decode(text)
        self._frames += 1
        if frame.t != "pulse":
            self._recorder.write(records.Frame(self._frames, msgspec.Raw(text)))
        if len(self._known) >= REMEMBERED_FRAMES:
            self._known.pop(next(iter(self._known)))
        self._known[text] = (self._frames, frame)
        return self._frames, frame

    def _heard(self, person: Person, frame: Frame) -> None:
        position = max(person.position, frame.seq or 0)
        if position > self._head:
            self._head, self._moved_at = position, records.now()
            self._note(frame)
        if frame.t == "events" and self._plan.people[person.who].role == "moderator":
            self._note_held(frame)
        elif frame.t == "ack" and isinstance(frame.data, dict) and "message" in frame.data:
            mine = self._own.setdefault(person.who, deque(maxlen=20))
            mine.append(frame.data["message"]["id"])

    def _note(self, frame: Frame) -> None:
        for event in frame.events:
            if event.type == "question.published" and event.data.question is not None:
                self._questions.append(event.data.question.id)
            item = event.data.message
            if item is not None and item.text is not None and item.status == "published":
                self._published.append((item.id, item.revision))

    def _note_held(self, frame: Frame) -> None:
        for event in frame.events:
            item = event.data.message
            if item is None:
                continue
            if item.status == "pending":
                self._held[item.id] = ("message", item.revision)
            else:
                self._held.pop(item.id, None)
            if event.type == "message.removed" and item.revision:
                self._removed.append((item.id, item.revision))

    # --- what goes out

    async def _talk(self, person: Person) -> None:
        if self._plan.people[person.who].role == "moderator":
            await self._moderate(person)
        viewers = sum(seat.role == "viewer" for seat in self._plan.people)
        pace = self._plan.posts_per_s / viewers
        links = person.rng.random() < LINKERS
        while True:
            await asyncio.sleep(person.rng.expovariate(pace))
            word = f"{person.rng.getrandbits(64):016x}"
            text = f"look at {word}.example.com" if links else f"{word} says {person.who}"
            person.say("message.post", text=text)
            self._do_something_else(person)

    def _do_something_else(self, person: Person) -> None:
        rng = person.rng
        chance = rng.random()
        if chance < 0.02:
            person.say("question.ask", text=f"{rng.getrandbits(64):016x} asked by {person.who}?")
        elif chance < 0.12 and self._questions:
            chosen = rng.choice(self._questions)
            if (person.who, chosen) not in self._voted:
                self._voted.add((person.who, chosen))
                person.say("question.vote", question_id=chosen, up=True)
        elif chance < 0.32:
            person.say("reaction.add", kind="heart", count=rng.randrange(1, 5))
        elif chance < 0.33 and self._own.get(person.who):
            person.say("message.withdraw", message_id=self._own[person.who].pop())
        elif chance < 0.333:
            segment = rng.choice(("customer", "prospect", "general"))
            person.say("profile.set", segment=segment)

    async def _moderate(self, person: Person) -> None:
        staff = sum(seat.role == "moderator" for seat in self._plan.people)
        while True:
            await asyncio.sleep(person.rng.expovariate(DECISIONS_PER_S / staff))
            chance = person.rng.random()
            if chance < 0.15 and self._published:
                self._decide(person, self._published.pop(), "remove")
            elif chance < 0.2 and self._removed:
                self._decide(person, self._removed.popleft(), "restore")
            elif self._held:
                message_id = next(iter(self._held))
                _, revision = self._held.pop(message_id)
                verdict = person.rng.choice(("publish", "refuse"))
                self._decide(person, (message_id, revision), verdict)

    def _decide(self, person: Person, seen: tuple[str, int], verdict: str) -> None:
        person.say(
            "moderation.decide",
            subject={"kind": "message", "id": seen[0]},
            revision=seen[1],
            verdict=verdict,
        )

    async def _insist(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            for person in self._people:
                person.insist()
            if self._stop.is_set() and self._has_settled():
                self._settled.set()

    # --- the end

    async def _settle(self) -> None:
        """Until all is answered and all have seen all; not for ever."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._settled.wait(), self._plan.settle_s)

    def _has_settled(self) -> bool:
        return records.now() - self._moved_at > QUIET_S and all(
            person.position >= self._head and not person.unanswered for person in self._people
        )


def main() -> None:
    """Play the plan whose file is the one argument."""
    plan = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Plan)

    async def play() -> None:
        await Crowd(plan).run()

    asyncio.run(play())


if __name__ == "__main__":
    main()
