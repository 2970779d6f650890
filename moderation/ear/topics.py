"""What a line is about, by the prototype sentences closest to it.

Nearest neighbours in the space where wordings of one question lie together. Measured on questions
of which no wording was known: two thirds are given a topic, four of five of these the right one.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from moderation.ear.embedding import Embedder
from moderation.ear.lines import Asked
from moderation.ear.same.metric import Metric
from moderation.ear.types import FloatArray, Vector

TOPIC_FROM: Final = 0.4
_NEIGHBOURS: Final = 3


@dataclass(frozen=True, slots=True)
class Topics:
    """``places`` has a row per prototype, ``names`` its topic."""

    names: tuple[str, ...]
    places: FloatArray
    metric: Metric

    def topic_of(self, vector: Vector) -> str | None:
        """The topic of most of the closest prototypes, if these are close."""
        closeness = self.places @ self.metric.told(vector)
        shares: dict[str, float] = {}
        near = min(_NEIGHBOURS, len(closeness))
        for at in np.argpartition(closeness, -near)[-near:]:
            name = self.names[at]
            shares[name] = shares.get(name, 0.0) + float(closeness[at]) / _NEIGHBOURS
        best = max(shares, key=shares.__getitem__)
        return best if shares[best] >= TOPIC_FROM else None

    def replacing(
        self, sentences: Mapping[str, Sequence[str]], embedder: Embedder
    ) -> Generator[None, None, Topics]:
        """With other sentences for these topics, which may be new; a pause after each."""
        kept = [at for at, name in enumerate(self.names) if name not in sentences]
        told = [(topic, text) for topic, texts in sentences.items() for text in texts]
        places = [self.places[kept]]
        for _, text in told:
            yield
            places.append(self.metric.told(embedder.embed(text))[None])
        names = (*(self.names[at] for at in kept), *(topic for topic, _ in told))
        return Topics(names, np.concatenate(places), self.metric)


def prototypes(asked: Sequence[Asked]) -> dict[str, list[str]]:
    """The wordings of each topic."""
    told: dict[str, list[str]] = {}
    for question in asked:
        told.setdefault(question.topic, []).extend(each.text for each in question.same)
    return told


def place(sentences: Mapping[str, Sequence[str]], metric: Metric, embedder: Embedder) -> Topics:
    """From sentences of each topic: 3 ms each."""
    told = [(topic, text) for topic, texts in sentences.items() for text in texts]
    places = np.stack([metric.told(embedder.embed(text)) for _, text in told])
    return Topics(tuple(topic for topic, _ in told), places, metric)
