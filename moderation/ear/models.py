"""``Models``: everything that is learned, behind one object."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import msgspec
import numpy as np

from moderation.ear import hints, shipped
from moderation.ear.embedding import NAME, Embedder
from moderation.ear.encoder.weights import DIMENSIONS
from moderation.ear.filter.learned import LearnedFilter
from moderation.ear.filter.memory import MOST, Decision, Memory
from moderation.ear.lines import SEGMENTS, ChatLine
from moderation.ear.lines import shipped as shipped_lines
from moderation.ear.ports import Alike, Asked, Example, Heard, Learned
from moderation.ear.same.proposals import Proposals
from moderation.ear.types import Vector

MOST_SENTENCES: Final = 2000
"""Prototypes that one edit may bring: a second of embedding."""
_DONE: Final = object()
_EMBEDDED: Final = 2048
"""Vectors kept of lines seen lately, 4 MB: a flood repeats itself."""
_MAGIC: Final = b"causerie-ear-1\n"
_DIGEST_BYTES: Final = hashlib.sha256().digest_size


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """One decision as it is dumped; ``vector`` is 512 halves, or nothing."""

    id: str
    author_id: str
    unwanted: bool
    features: tuple[int, ...]
    vector: bytes


class _State(msgspec.Struct, frozen=True):
    embedding: str
    decisions: list[_Kept]


class LearnedModels:
    """``Models``. Complete without an embedder, and better from the moment it is given one.

    Construction takes some hundredths of a second: what the shipped lines teach is read from a
    file. ``teachings`` and ``lines`` are for those who measure.
    """

    def __init__(
        self,
        embedder: Embedder | None = None,
        *,
        teachings: shipped.Teachings | None = None,
        lines: Sequence[ChatLine] | None = None,
    ) -> None:
        self._embedder = embedder
        self._embedded: OrderedDict[str, Vector] = OrderedDict()
        self._teachings = teachings or shipped.teachings()
        self._counted = shipped.counted(shipped_lines().chat if lines is None else lines)
        self._judges = self._teachings.judges
        self._topics = self._teachings.topics
        self._tuning: Iterator[None] = iter(())
        """Carries on with reading edited sentences; until it is done the former ones serve."""
        self._proposals = Proposals(self._teachings.metric)
        self.filter = self._filter_after(())

    def use(self, embedder: Embedder) -> None:
        """From now on judge by meaning. Decisions taken before stay known by their words."""
        self._embedder = embedder

    def read(self, texts: Sequence[str]) -> None:
        fresh = [each for each in dict.fromkeys(texts) if each not in self._embedded]
        if self._embedder is not None and len(fresh) > 1:
            for text, vector in zip(fresh, self._embedder.embed_all(fresh), strict=True):
                self._keep(text, vector)

    def hear(self, text: str, *, topic: bool = True) -> Heard:
        vector = self._embed(text)
        score = self.filter.score(text)
        if vector is None:
            return Heard(score, hints.hints_without_model(text))
        about = self._topics.topic_of(vector) if topic else None
        return Heard(score, self._judges.hints(text, vector, about))

    def alike(self, question: Asked, among: Sequence[Asked]) -> tuple[Alike, ...]:
        return self._proposals.alike(question, among, self._embedder)

    def learn(self, example: Example) -> Learned:
        self.filter.learn(example)
        return self._learned()

    def unlearn(self, decision_ids: Sequence[str]) -> Learned:
        self.filter.memory.unlearn(decision_ids)
        return self._learned()

    def forget(self, author_id: str) -> Learned:
        self.filter.memory.forget(author_id)
        return self._learned()

    def authors(self) -> tuple[str, ...]:
        return tuple({each.author_id: None for each in self.filter.memory.decisions})

    def replay(self, steps: int) -> Learned:
        self.filter.memory.replay(steps)
        return self._learned()

    def prototypes(
        self, segments: Mapping[str, Sequence[str]], topics: Mapping[str, Sequence[str]]
    ) -> None:
        """Raises ``ValueError`` also where there are more than ``MOST_SENTENCES``, or no embedder
        to read them with."""
        if self._embedder is None:
            raise ValueError("sentences cannot be read before the embedding is loaded")
        told = (*segments.values(), *topics.values())
        if sum(map(len, told)) > MOST_SENTENCES or not all(told):
            raise ValueError(f"not one to {MOST_SENTENCES} sentences")
        self._tuning = self._tuned(segments, topics, self._embedder)

    def tune(self, steps: int) -> bool:
        return all(next(self._tuning, _DONE) is not _DONE for _ in range(steps))

    def _tuned(
        self,
        segments: Mapping[str, Sequence[str]],
        topics: Mapping[str, Sequence[str]],
        embedder: Embedder,
    ) -> Iterator[None]:
        shipped_ones = self._teachings
        about = yield from shipped_ones.topics.replacing(topics, embedder)
        segment = shipped_ones.judges.segment
        if segments:
            told: dict[str, Sequence[str]] = {**default_prototypes(), **segments}
            segment = yield from hints.training_prototypes(told, embedder)
        self._judges = replace(shipped_ones.judges, segment=segment)
        self._topics = about

    def dump(self) -> bytes:
        state = _State(NAME, [_kept(each) for each in self.filter.memory.decisions])
        body = msgspec.msgpack.encode(state)
        return _MAGIC + hashlib.sha256(body).digest() + body

    def load(self, kept: bytes) -> Learned:
        head = len(_MAGIC) + _DIGEST_BYTES
        body = kept[head:]
        if kept[:head] != _MAGIC + hashlib.sha256(body).digest():
            raise ValueError("not a state of the ear, or not a whole one")
        state = msgspec.msgpack.decode(body, type=_State)
        if state.embedding != NAME or len(state.decisions) > MOST:
            raise ValueError("a state of another ear")
        self.filter = self._filter_after([_decision(each) for each in state.decisions])
        return self._learned()

    def reset(self) -> Learned:
        self.filter = self._filter_after(())
        return self._learned()

    def _filter_after(self, decisions: Sequence[Decision]) -> LearnedFilter:
        memory = Memory(self._teachings.unwanted, self._counted)
        for decision in decisions:
            memory.learn(decision)
        return LearnedFilter(memory, self._embed)

    def _embed(self, text: str) -> Vector | None:
        if self._embedder is None:
            return None
        vector = self._embedded.get(text)
        if vector is None:
            vector = self._embedder.embed(text)
            self._keep(text, vector)
        else:
            self._embedded.move_to_end(text)
        return vector

    def _keep(self, text: str, vector: Vector) -> None:
        self._embedded[text] = vector
        if len(self._embedded) > _EMBEDDED:
            self._embedded.popitem(last=False)

    def _learned(self) -> Learned:
        memory = self.filter.memory
        return Learned(decisions=len(memory), replaying=memory.replaying)


def default_prototypes() -> dict[str, list[str]]:
    """The sentences that segments are known by until somebody edits them: what ``prototypes``
    takes."""
    told: dict[str, list[str]] = {segment: [] for segment in SEGMENTS}
    for line in shipped_lines().chat:
        told[line.wanted_by].append(line.text)
    return told


def _kept(decision: Decision) -> _Kept:
    vector = b"" if decision.vector is None else decision.vector.tobytes()
    return _Kept(decision.id, decision.author_id, decision.unwanted, decision.features, vector)


def _decision(kept: _Kept) -> Decision:
    vector = np.frombuffer(kept.vector, dtype=np.float16) if kept.vector else None
    if vector is not None and (len(vector) != DIMENSIONS or not np.isfinite(vector).all()):
        raise ValueError("a vector of another kind")
    return Decision(kept.id, kept.author_id, kept.unwanted, kept.features, vector)
