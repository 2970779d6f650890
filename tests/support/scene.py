"""A session decided by hand, without room or store: what comes of a command, made true at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from live.domain.commands import Command
from live.domain.decide import decide
from live.domain.fact import Event
from live.domain.fold import apply
from live.domain.ids import MessageId, ParticipantId, QuestionId
from live.domain.message import Message
from live.domain.mode import Mode
from live.domain.outcome import Context, Decided, Limits, Refusal, Screening
from live.domain.people import Participant, Role
from live.domain.question import Question
from live.domain.segment import Segment
from live.domain.session import Session, SessionState
from live.domain.state import RoomState
from tests.support.rooms import NOW, SESSION, OwnEntropy, person


class Scene:
    """``ada``, ``bob`` and ``cyd`` watch, ``mod`` and ``host`` run the show."""

    def __init__(self, mode: Mode | None = None, *more: Participant) -> None:
        session = Session(
            id=SESSION,
            slug="spring",
            title="Spring",
            state=SessionState.LIVE,
            epoch="e1",
            created_at=NOW,
            segments=(Segment("press", {"en": "Press"}),),
        )
        self.state = RoomState(session, mode)
        self.now = NOW
        self.limits = Limits()
        self.entropy = OwnEntropy()
        self.reserved: frozenset[str] = frozenset()
        self.said: list[Event] = []
        for name in ("ada", "bob", "cyd"):
            self.state.put_participant(person(name))
        self.state.put_participant(person("mod", Role.MODERATOR))
        self.state.put_participant(person("host", Role.HOST))
        for participant in more:
            self.state.put_participant(participant)

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def ask(
        self, who: str | None, command: Command, screening: Screening | None = None
    ) -> Decided | Refusal:
        """What comes of it; what was decided is true afterwards."""
        actor = None if who is None else self.state.participants[ParticipantId(who)]
        context = Context(
            now=self.now,
            entropy=self.entropy,
            limits=self.limits,
            screening=screening,
            reserved=lambda: self.reserved,
        )
        outcome = decide(self.state, actor, command, context)
        if isinstance(outcome, Decided):
            apply(self.state, outcome, self.now)
            self.said += outcome.events
        return outcome

    def do(self, who: str | None, command: Command, screening: Screening | None = None) -> Decided:
        outcome = self.ask(who, command, screening)
        assert isinstance(outcome, Decided), outcome
        return outcome

    def refused(self, who: str | None, command: Command) -> str:
        """The code with which it is refused."""
        outcome = self.ask(who, command)
        assert isinstance(outcome, Refusal), outcome
        return outcome.code

    def set_mode(self, **changes: Any) -> None:
        self.state.mode = replace(self.state.mode, **changes)

    def message(self, decided: Decided) -> Message:
        """The message that a decision was about, as it stands now."""
        return self.state.messages[decided.result.message_id or MessageId("")]

    def question(self, decided: Decided) -> Question:
        """The question that a decision was about, as it stands now."""
        return self.state.questions[decided.result.question_id or QuestionId("")]


def kinds(decided: Decided) -> list[str]:
    """The wire names of what was decided."""
    return [event.type for event in decided.events]
