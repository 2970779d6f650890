"""Counts who is here, on the node that writes: every two seconds what changed since the last time.

Someone who is away for less than that was never away.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from live.domain.cue_commands import CountCrowd
from live.domain.funnel import Reached
from live.domain.ids import ParticipantId, SessionId
from live.domain.pulse import TICK_S, Cell
from live.domain.session import SessionState
from live.ports.clock import Clock
from live.room.crowd import mark_of
from live.room.rooms import Rooms
from live.room.surface import AnyRoom

logger = logging.getLogger(__name__)

WARM_S: Final = 10.0
"""So long after a node began to count a session, people who were here before it did are coming
back: a restart is no wave of arrivals."""

Moods = Callable[[SessionId], Mapping[str, tuple[float, int]]]
"""By segment the mean of its moods, from -1 to 1, and of how many people."""


def no_moods(_: SessionId) -> Mapping[str, tuple[float, int]]:
    """Where nothing listens to how people feel."""
    return {}


class HeadCount:
    """One session's people as they were counted last."""

    def __init__(self, room: AnyRoom, now_s: float, *, attention: bool = False) -> None:
        self._room = room
        self._attention = attention
        self._began_s = now_s
        self._marks: frozenset[bytes] = frozenset()
        self._who: dict[bytes, ParticipantId] = {}
        self._here: dict[ParticipantId, Cell] = {}
        self._attentive: Mapping[Cell, int] | None = None
        self._moods: Mapping[str, tuple[float, int]] = {}

    def look(self, now_s: float, moods: Mapping[str, tuple[float, int]]) -> CountCrowd | None:
        """What is to be counted, or None if nothing is different."""
        state = self._room.state
        marks = frozenset(self._room.crowd.marks())
        came = [self._named(mark) for mark in marks - self._marks]
        left = [self._named(mark) for mark in self._marks - marks]
        former = self._here
        self._marks = marks
        self._here = {}
        for participant_id in map(self._named, marks):
            person = None if participant_id is None else state.participants.get(participant_id)
            if person is not None and not person.role.is_staff:
                self._here[person.id] = (person.segment, person.language)
        before, self._attentive = self._attentive, self._watching()
        same = self._here == former and self._attentive == before
        if same and moods == self._moods:
            return None
        felt = None if moods == self._moods else moods
        self._moods = moods
        arrived = [each for each in came if each is not None and each in self._here]
        returned = self._returned(arrived) if now_s - self._began_s < WARM_S else frozenset()
        return CountCrowd(
            came=tuple(each for each in arrived if each not in returned),
            left=tuple(each for each in left if each is not None),
            stayed=tuple(returned),
            here=tuple((*cell, people) for cell, people in Counter(self._here.values()).items()),
            moods=None
            if felt is None
            else tuple((each, round(1000 * mean), n) for each, (mean, n) in felt.items()),
            attentive=None
            if self._attentive is None
            else tuple((*cell, people) for cell, people in self._attentive.items()),
        )

    def _watching(self) -> Mapping[Cell, int] | None:
        """How many of each cohort watch; None where that is not counted."""
        if not self._attention:
            return None
        who = map(self._named, self._room.crowd.attention.marks())
        return Counter(self._here[each] for each in who if each in self._here)

    def _returned(self, arrived: Sequence[ParticipantId]) -> frozenset[ParticipantId]:
        reached = self._room.state.reached
        return frozenset(
            each for each in arrived if (reached.get(each) or Reached(0)) & Reached.PRESENT
        )

    def _named(self, mark: bytes) -> ParticipantId | None:
        """Who has this mark; None for somebody of whom no page has told yet."""
        known = self._who.get(mark)
        participants = self._room.state.participants
        if known is None and len(participants) != len(self._who):
            self._who = {mark_of(each): each for each in participants}
            known = self._who.get(mark)
        return known


class CrowdCounter:
    """Counts the people of all sessions that this process writes; ``run`` until cancelled."""

    def __init__(
        self, rooms: Rooms, clock: Clock, moods: Moods = no_moods, *, attention: bool = False
    ) -> None:
        """``attention``: how many watch is counted too."""
        self._rooms = rooms
        self._clock = clock
        self._moods = moods
        self._attention = attention
        self._counts: dict[SessionId, tuple[AnyRoom, HeadCount]] = {}

    async def run(self) -> None:
        """Look every two seconds."""
        while True:
            await asyncio.sleep(TICK_S)
            await self.look()

    async def look(self) -> None:
        """Count once, all sessions that are on."""
        now_s = self._clock.monotonic()
        rooms = [each for each in self._rooms.open_rooms() if each.is_writer and _is_on(each)]
        former, self._counts = self._counts, {}
        for room in rooms:
            known = former.get(room.id)
            if known and known[0] is room:
                head_count = known[1]
            else:
                head_count = HeadCount(room, now_s, attention=self._attention)
            self._counts[room.id] = (room, head_count)
            asked = head_count.look(now_s, self._moods(room.id))
            if asked is None:
                continue
            try:
                await room.act(asked)
            except Exception:
                # One session's trouble must not end the counting of the others.
                logger.exception("counting failed", extra={"session": room.slug})


def _is_on(room: AnyRoom) -> bool:
    return room.state.session.state in (SessionState.LOBBY, SessionState.LIVE)
