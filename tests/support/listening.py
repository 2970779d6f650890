"""An ear that a test can foretell: what it learned is a table, what is alike stands in a list."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from app.settings import Settings
from live.domain.message import Reason
from live.ports.clock import Clock
from live.ports.gate import Candidate, Gate, Heard, Hints, OpenGate, Opinion, Score, Weighed
from moderation.adapters.language import FastTextLanguages
from moderation.ear.ear import EarStatus
from moderation.ear.ports import Alike, Asked, Example, Learned
from moderation.policy.gate import PolicyGate, rules_alone
from moderation.policy.normalise import fold, letters

ALIKE = (
    frozenset({"deliveryprice", "prixdelalivraison", "wasmachtdielieferung"}),
    frozenset({"isitwarm", "estcechaud"}),
)
"""Questions that ask the same, by their letters."""

HELD = Reason("filter", "It resembles what the team refused.")


@dataclass
class ScriptedEar:
    """Holds what has the words of a refused line; ``answers`` False: its models do not answer."""

    gate: Gate = field(default_factory=OpenGate)
    answers: bool = True
    learned: dict[str, Example] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    trouble: tuple[str, ...] = ()
    sentences: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def status(self) -> EarStatus:
        models = "ready" if self.answers else "restarting"
        return EarStatus(
            models="ready" if models == "ready" else "restarting",
            trouble=self.trouble,
            skipped={},
            decisions=len(self.learned),
            replaying=False,
            rss_mb=0.0,
        )

    def at_once(self, candidate: Candidate) -> Opinion | None:  # noqa: ARG002 - the port's
        """Never: models are asked."""
        return None

    async def review(self, candidate: Candidate) -> Opinion:
        opinion = await self.gate.review(candidate)
        hints = _hints(candidate.text)
        like = self._like(candidate.text)
        if like is None:
            return replace(opinion, heard=Heard(None, hints))
        said = " ".join(sorted(_words(candidate.text) & _words(like.text)))
        weighed = (Weighed("feature", said, 0.9), Weighed("example", like.decision_id, 0.6))
        heard = Heard(Score(0.94, weighed), hints)
        return replace(opinion, outcome="hold", reasons=(HELD,), score=0.94, heard=heard)

    def _like(self, text: str) -> Example | None:
        for example in self.learned.values():
            if example.unwanted and len(_words(example.text) & _words(text)) >= 2:
                return example
        return None

    async def hints(self, text: str) -> Hints | None:
        return _hints(text) if self.answers else None

    async def similar(self, question: Asked, among: Sequence[Asked]) -> tuple[Alike, ...] | None:
        if not self.answers:
            return None
        said = letters(fold(question.text))
        group = next((each for each in ALIKE if said in each), frozenset[str]())
        return tuple(
            Alike(each.id, 0.81, identical=False)
            for each in among
            if letters(fold(each.text)) in group
        )

    async def learn(self, example: Example) -> Learned | None:
        if not self.answers:
            return None
        self.told.append(f"learn {example.decision_id}")
        self.learned[example.decision_id] = example
        return self._stands()

    async def authors(self) -> tuple[str, ...] | None:
        return tuple(each.author_id for each in self.learned.values()) if self.answers else None

    async def unlearn(self, decision_ids: Sequence[str]) -> Learned | None:
        if not self.answers:
            return None
        self.told += [f"unlearn {each}" for each in decision_ids]
        for each in decision_ids:
            self.learned.pop(each, None)
        return self._stands()

    async def forget(self, author_id: str) -> Learned | None:
        if not self.answers:
            return None
        self.told.append(f"forget {author_id}")
        self.learned = {k: v for k, v in self.learned.items() if v.author_id != author_id}
        return self._stands()

    async def prototypes(
        self, segments: Mapping[str, Sequence[str]], topics: Mapping[str, Sequence[str]]
    ) -> bool:
        if self.answers:
            told = {**segments, **{f"about {key}": said for key, said in topics.items()}}
            self.sentences = {key: tuple(said) for key, said in told.items()}
        return self.answers

    async def export(self) -> bytes | None:
        return "\n".join(self.learned).encode() if self.answers else None

    async def reset(self) -> Learned | None:
        self.learned.clear()
        return self._stands()

    def _stands(self) -> Learned:
        return Learned(len(self.learned), replaying=False)


@asynccontextmanager
async def scripted(_settings: Settings, clock: Clock) -> AsyncIterator[ScriptedEar]:
    """For a server whose ear is to be foretold."""
    yield ScriptedEar(PolicyGate(clock, rules_alone(FastTextLanguages())))


def _words(text: str) -> set[str]:
    return {each for each in fold(text).split() if len(each) > 3}


def _hints(text: str) -> Hints:
    said = fold(text)
    likely = 0.9 if said.startswith(("combien", "how much", "is there")) else 0.1
    segment, sure = ("prospect", 0.84) if "buy" in said else ("general", 0.3)
    mood: int = 1 if "love" in said else -1 if "hate" in said else 0
    return Hints(likely, segment, sure, 1 if mood > 0 else -1 if mood < 0 else 0)
