"""A scripted audience of two hundred, in virtual time: its taps, lines, comings and goings, and a
wave of confusion where one is planted. The counting, the rules and the room's decisions are the
real ones; nothing waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from live.domain.commands import Command
from live.domain.cue import Cue
from live.domain.cue_commands import CountCrowd
from live.domain.decide import decide
from live.domain.ids import ParticipantId, SessionId
from live.domain.message_commands import PostMessage
from live.domain.outcome import Context, Decided, Screening
from live.domain.people import Participant, Role
from live.domain.pulse import TICK_S, tick_at
from live.domain.question_commands import AskQuestion
from live.domain.session import Session, SessionState
from live.domain.session_commands import AddReaction, ReactionKind
from live.domain.state import RoomState
from live.room.step import Step
from moderation.cues.watch import CueWatch

BEGINS: Final = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
SEGMENTS: Final = {
    "prospect": 60,
    "customer": 60,
    "general": 50,
    "ambassador": 20,
    "influencer": 10,
}
FRENCH: Final = 0.4
LINES: Final = ("hello", "nice", "what a colour", "bonsoir", "and the blue one", "ok")

RATES: Final = {
    "heart": 1 / 60,
    "applause": 1 / 150,
    "laugh": 1 / 300,
    "surprise": 1 / 400,
    "confused": 1 / 7_200,
    "message": 1 / 90,
    "question": 1 / 900,
    "left": 1 / 1_500,
}
"""Per person and second in a usual audience; each person's own differ by a factor of three."""


@dataclass(frozen=True, slots=True)
class Wave:
    """So many of a segment begin to be confused, from a second of the show on, within so long."""

    segment: str
    people: int
    at_s: float
    over_s: float


@dataclass
class Entropy:
    given: int = 0

    def new_id(self) -> str:
        self.given += 1
        return f"i{self.given}"

    def salt(self) -> bytes:
        return b"sixteen bytes of"


@dataclass
class Show:
    """Ten minutes of a show. ``loudness`` multiplies what people do."""

    seed: int
    loudness: float = 1.0
    wave: Wave | None = None
    cues: list[tuple[float, Cue]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        self.entropy = Entropy()
        self.state = RoomState(
            Session(
                id=SessionId("show"),
                slug="show",
                title="Show",
                state=SessionState.LIVE,
                epoch="e",
                created_at=BEGINS,
                languages=("en", "fr"),
                live_since=BEGINS,
            )
        )
        for segment, count in SEGMENTS.items():
            for number in range(count):
                language = "fr" if self.chance.random() < FRENCH else "en"
                self._enter(f"{segment}-{number}", segment, language)
        self.people = list(self.state.participants)
        self.liveliness = {each: self.chance.lognormvariate(0, 0.8) for each in self.people}
        self.here = set(self.people)
        self.watch = CueWatch()

    def _enter(self, name: str, segment: str, language: str) -> None:
        self.state.put_participant(
            Participant(
                id=ParticipantId(name),
                session_id=SessionId("show"),
                person_id=None,
                role=Role.VIEWER,
                segment=segment,
                language=language,
                display_name=name,
                joined_at=BEGINS,
            )
        )

    def run(self, minutes: float = 10.0) -> list[tuple[float, Cue]]:
        """The cues that were raised, with the second of the show."""
        planted = self._planted()
        for number in range(int(minutes * 60 / TICK_S)):
            at_s = float(number * TICK_S)
            self._tick(at_s, [who for second, who in planted if at_s <= second < at_s + TICK_S])
            self._look(at_s + TICK_S + 0.6)
        return self.cues

    def _planted(self) -> list[tuple[float, ParticipantId]]:
        wave = self.wave
        if wave is None:
            return []
        of_segment = [each for each in self.people if each.startswith(wave.segment)]
        chosen = self.chance.sample(of_segment, wave.people)
        return [(wave.at_s + self.chance.uniform(0, wave.over_s), each) for each in chosen]

    def _tick(self, at_s: float, confused: list[ParticipantId]) -> None:
        step = Step(self.state)
        context = self._context(at_s + TICK_S / 2)
        for who in confused:
            self.here.add(who)
        left, came = self._moves()
        cells = Counter(self._cell(each) for each in self.here)
        crowd = CountCrowd(
            came=tuple(came),
            left=tuple(left),
            here=tuple((*cell, people) for cell, people in cells.items()),
        )
        self._do(step, None, crowd, context)
        for who in confused:
            taps = AddReaction(ReactionKind.CONFUSED, self.chance.randint(1, 4))
            self._do(step, who, taps, context)
        for who, command in self._usual(at_s):
            self._do(step, who, command, context)
        step.batch(None)
        self.state.absorb(step.draft)

    def _moves(self) -> tuple[list[ParticipantId], list[ParticipantId]]:
        away = [each for each in self.people if each not in self.here]
        left = [each for each in self.people if each in self.here and self._does(each, "left")]
        came = [each for each in away if self.chance.random() < TICK_S / 120]
        self.here.difference_update(left)
        self.here.update(came)
        return left, came

    def _usual(self, at_s: float) -> Iterator[tuple[ParticipantId, Command]]:
        """What people do by themselves; once a minute something is applauded."""
        applauded = at_s % 60 < 8
        for who in self.people:
            if who not in self.here:
                continue
            for kind in ReactionKind:
                more = 20.0 if applauded and kind is ReactionKind.APPLAUSE else 1.0
                if self._does(who, kind, more):
                    yield who, AddReaction(kind, self.chance.randint(1, 6))
            if self._does(who, "message"):
                yield who, PostMessage(f"{self.chance.choice(LINES)} {self.chance.random():.3f}")
            if self._does(who, "question"):
                yield who, AskQuestion(f"and what about {self.chance.random():.3f}")

    def _does(self, who: ParticipantId, what: str, more: float = 1.0) -> bool:
        rate = RATES[what] * more
        if what != "left":
            rate *= self.loudness * self.liveliness[who]
        return self.chance.random() < rate * TICK_S

    def _cell(self, who: ParticipantId) -> tuple[str, str]:
        person = self.state.participants[who]
        return person.segment, person.language

    def _look(self, at_s: float) -> None:
        now = BEGINS + timedelta(seconds=at_s)
        asked = self.watch.look(self.state, now)
        if asked is None:
            return
        step = Step(self.state)
        known = len(self.state.cues)
        self._do(step, None, asked, self._context(at_s))
        step.batch(None)
        self.state.absorb(step.draft)
        if len(self.state.cues) > known:
            self.cues.append((at_s, self.state.cues[-1]))

    def _do(
        self, step: Step, who: ParticipantId | None, command: Command, context: Context
    ) -> None:
        actor = None if who is None else step.draft.participants[who]
        outcome = decide(step.draft, actor, command, context)
        if isinstance(outcome, Decided):
            step.perform(actor, command, outcome, context)

    def _context(self, at_s: float) -> Context:
        now = BEGINS + timedelta(seconds=at_s)
        screening = Screening(hold=False, language="en")
        return Context(now=now, entropy=self.entropy, screening=screening)


def began(cue: Cue) -> int:
    """The tick with which a cue's evidence begins."""
    return cue.evidence.upto - cue.evidence.seconds // TICK_S


__all__ = ["BEGINS", "Show", "Wave", "began", "tick_at"]
