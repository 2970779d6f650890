"""Whoever connects, resumes, reads slowly, repeats itself or changes sides, while whatever happens
to the server: each client holds exactly what a fresh snapshot would give it, every command was done
once, and nobody ever received what they may not know.

A longer search than the usual one: ``CAUSERIE_MACHINE_EXAMPLES=2000 pytest --timeout=0`` with this
file.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from live.domain.call import SeatGuest
from live.domain.commands import ServerAct
from live.domain.cue import CueRule
from live.domain.cue_commands import CountCrowd, LetCuePass, NoteStep
from live.domain.funnel import Reached
from live.domain.ids import ParticipantId
from live.domain.people import Role
from live.domain.people_commands import ChangeParticipant, EraseParticipant, SetProfile
from live.domain.recording import Recording, SetRecording
from live.domain.sanction import SanctionKind, Scope
from live.domain.sanction_commands import Sanctioned
from live.domain.session import SessionState
from live.domain.session_commands import ChangeState, SessionDetails, SetStage
from live.domain.stage import Seat, SeatState
from tests.support.audience import PEOPLE, Device, World, frame_of
from tests.support.cues import a_cue
from tests.support.histories import CANARY, STAFF, Chance
from tests.support.rooms import NOW, digest_of
from tests.support.slow import all_that_can_happen

chances = st.integers(0, 2**32 - 1)
devices = st.integers(0, len(PEOPLE))
asks = st.lists(st.tuples(devices, chances), min_size=1, max_size=4)
people = st.sampled_from(PEOPLE).map(ParticipantId)


class WholeGateway(RuleBasedStateMachine):
    """People in front of one gateway. Every rule ends in a quiet world, but for what is on its way
    when a rule says so."""

    world: World
    said = 0

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        # One connection at a time, and commits, joins and departures in between.
        self.portions = pytest.MonkeyPatch()
        self.portions.setattr("live.gateway.rounds.SLICE_S", 0.0)
        self.portions.setattr("live.gateway.delivery.PORTION", 1)

    def happens(self, what: Coroutine[Any, Any, Any]) -> None:
        """Do it, let everything come of it that does by itself, and look at all clients."""

        async def and_settle() -> None:
            await what
            await all_that_can_happen()

        self.runner.run(and_settle())
        self.world.check()

    @initialize(resume_events=st.sampled_from((40, 10_000)))
    def open(self, resume_events: int) -> None:
        self.world = self.runner.run(World.opened(resume_events=resume_events))

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                self.runner.run(self.world.check_the_end())
                self.runner.run(self.world.close())
        finally:
            self.portions.undo()
            self.runner.close()

    # --- what people do

    @rule(number=devices, anew=st.booleans())
    def connects(self, number: int, anew: bool) -> None:
        device = self.world.devices[number]
        if not device.is_connected:
            if device.socket is not None:
                device.socket.disconnect()
            self.happens(self.world.connect(device, anew=anew))

    @rule(number=devices)
    def loses_the_network(self, number: int) -> None:
        device = self.world.devices[number]
        if device.socket is not None:
            device.socket.disconnect()

    @rule(number=devices)
    def reads_no_more_or_again(self, number: int) -> None:
        socket = self.world.devices[number].socket
        if socket is not None and not socket.disconnected and not socket.closing:
            (socket.drain if socket.clogged else socket.clog)()
            self.world.check()

    @rule(
        asks=st.lists(st.tuples(devices, chances), min_size=1, max_size=4), hangs_up=st.booleans()
    )
    def say(self, asks: list[tuple[int, int]], hangs_up: bool) -> None:
        """Some ask at the same moment; the last may be gone before the answer comes."""
        self.happens(self._say(asks, hangs_up=hangs_up))

    async def _say(self, asks: list[tuple[int, int]], *, hangs_up: bool) -> None:
        for number, chance in asks:
            device = self.world.devices[number]
            self.world.send(device, await self._thought(device, Random(chance)))
        socket = self.world.devices[asks[-1][0]].socket
        if hangs_up and socket is not None:
            socket.disconnect()

    async def _thought(self, device: Device, rng: Random) -> dict[str, Any]:
        """What somebody may think of asking; no two texts and names are the same."""
        self.said += 1
        thought = Chance(rng, await self.world.room())
        if CANARY in thought.text:
            thought.text = f"{thought.text} {self.said};"
        of_staff = device.who in STAFF and rng.random() < 0.8
        command = thought.staffs() if of_staff else thought.viewers()
        if isinstance(command, SetProfile) and command.display_name is not None:
            command = replace(command, display_name=f"{CANARY} {self.said}!")
        return frame_of(command, f"c{self.said}")

    @precondition(lambda self: self.world.sent)
    @rule(number=devices, chance=chances)
    def repeats(self, number: int, chance: int) -> None:
        """The same frame again, on any device of the same person, before or after a restart."""
        device = self.world.devices[number]
        mine = [frame for (who, _), frame in self.world.sent.items() if who == device.who]
        if mine:
            self.happens(self._repeat(device, Random(chance).choice(mine)))

    async def _repeat(self, device: Device, frame: dict[str, Any]) -> None:
        self.world.send(device, frame)
        other = frame | {"data": {"text": f"{CANARY} other"}, "type": "message.post"}
        if (device.who, frame["id"]) in self.world.acked and device.is_connected:
            await all_that_can_happen()
            self.world.send(device, other)
            await all_that_can_happen()
            answer = device.client.answers[frame["id"]]
            device.client.answers.pop(frame["id"])
            if not device.client.failure and device.is_connected:
                assert answer.get("code") in ("id_reused", "overloaded"), answer

    # --- what happens to them

    @rule(whom=people, segment=st.sampled_from(("prospect", "customer", "ambassador")))
    def changes_segment(self, whom: ParticipantId, segment: str) -> None:
        self.happens(self._act(ChangeParticipant(whom, segment=segment)))

    @rule(whom=people, role=st.sampled_from((Role.VIEWER, Role.GUEST, Role.MODERATOR)))
    def changes_role(self, whom: ParticipantId, role: Role) -> None:
        self.happens(self._act(ChangeParticipant(whom, role=role)))

    @rule(whom=people)
    def changes_name(self, whom: ParticipantId) -> None:
        self.said += 1
        self.happens(self._act(ChangeParticipant(whom, display_name=f"{CANARY} {self.said}!")))

    @rule(whom=people, seats=st.lists(st.sampled_from(SeatState), max_size=2))
    def goes_on_stage(self, whom: ParticipantId, seats: list[SeatState]) -> None:
        taken = [
            Seat(("host", "guest-1")[n], whom, each, True, True, NOW)
            for n, each in enumerate(seats)
        ]
        self.happens(self._act(SetStage(tuple(taken))))

    @rule(whom=people)
    def takes_a_seat(self, whom: ParticipantId) -> None:
        """By the media engine's word, as a guest does who sends with a program of their own."""
        self.happens(self._act(SeatGuest(whom)))

    @rule(whom=people, lifted=st.booleans())
    def is_banned_everywhere(self, whom: ParticipantId, lifted: bool) -> None:
        until = NOW if lifted else None
        self.happens(self._act(Sanctioned(whom, SanctionKind.BAN, until, Scope.BRAND)))

    @rule(whom=people, once_in=st.integers(0, 3))
    def is_erased(self, whom: ParticipantId, once_in: int) -> None:
        if once_in == 0:
            self.happens(self._act(EraseParticipant(whom)))

    @rule()
    def title_changes(self) -> None:
        self.said += 1
        self.happens(self._act(SessionDetails(title=f"Title {self.said}")))

    @rule(chance=chances)
    def ear_notices(self, chance: int) -> None:
        """Two questions that seem to be one, a cue, or that one is over."""
        self.happens(self._noticed(Random(chance)))

    async def _noticed(self, rng: Random) -> None:
        room = await self.world.room()
        over = [each.id for each in room.state.cues[-1:]]
        acts: list[ServerAct] = [a_cue(rng.choice(list(CueRule))), *map(LetCuePass, over)]
        await room.act(rng.choice((Chance(rng, room).propose(), *acts)))

    @rule(chance=chances)
    def plan_is_imported(self, chance: int) -> None:
        """Over HTTP, which the host has too."""
        self.happens(self._import(Random(chance)))

    async def _import(self, rng: Random) -> None:
        room = await self.world.room()
        self.said += 1
        thought = Chance(rng, room)
        thought.text = f"{CANARY} part {self.said};"
        plan = thought.imported()
        await room.execute(ParticipantId("host"), f"c{self.said}", digest_of(plan), plan)

    @rule(recording=st.sampled_from(Recording))
    def recording_begins_or_ends(self, recording: Recording) -> None:
        self.happens(self._act(SetRecording(recording)))

    @rule(whom=people, step=st.sampled_from(Reached))
    def crowd_is_counted(self, whom: ParticipantId, step: Reached) -> None:
        self.happens(self._count(whom, step))

    async def _count(self, whom: ParticipantId, step: Reached) -> None:
        await self._act(CountCrowd(came=(whom,), here=(("general", "en", 1),)))
        await self._act(NoteStep(whom, step))

    @rule(once_in=st.integers(0, 15))
    def ends(self, once_in: int) -> None:
        """From then on nearly everything is refused; what was promised can still be answered."""
        if once_in == 0:
            self.happens(self._act(ChangeState(SessionState.ENDED)))

    async def _act(self, act: ServerAct) -> None:
        await (await self.world.room()).act(act)

    # --- what happens to the server

    @rule()
    def flushes(self) -> None:
        self.world.flush()
        self.world.check()

    @rule(told=st.integers(1, 3))
    def begins_a_round(self, told: int) -> None:
        """Some have been sent what is new and others not yet, when something else happens."""
        self.world.flush(most=told)
        self.world.check()

    @rule()
    def sweeps(self) -> None:
        self.world.sweep()
        self.world.check()

    @rule(seconds=st.sampled_from((0.1, 5.0, 400.0)))
    def time_passes(self, seconds: float) -> None:
        self.world.house.clock.pass_s(seconds)
        self.happens(self._settle())

    async def _settle(self) -> None:
        await (await self.world.room()).settle()

    @rule(jump_s=st.sampled_from((3600.0, -3600.0, 0.0)))
    def clock_is_set(self, jump_s: float) -> None:
        self.world.house.clock.wall_jump_s = jump_s

    @rule(failure=st.sampled_from(("before", "after")))
    def next_commit_fails(self, failure: str) -> None:
        self.world.store.failure = failure

    @rule()
    def restarts(self) -> None:
        self.happens(self.world.restart())


TestWholeGateway = WholeGateway.TestCase
TestWholeGateway.settings = settings(
    max_examples=int(os.environ.get("CAUSERIE_MACHINE_EXAMPLES", "60")),
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
