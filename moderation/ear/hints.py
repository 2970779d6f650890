"""What a line is: how likely a question, from which segment, in which mood. Hints, never verdicts.

Each is a softmax regression over the sentence's vector and its cues, trained from labelled lines.
What segments sound like can be edited: their lines are prototypes, and editing trains anew.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, TypeVar

import numpy as np

from moderation.ear.embedding import Embedder
from moderation.ear.linear import Abreast, Linear, fit, fitting
from moderation.ear.lines import SEGMENTS, ChatLine
from moderation.ear.ports import Hints
from moderation.ear.text import cues, readable, words
from moderation.ear.types import FloatArray, Vector

ClassName = TypeVar("ClassName", bound=str)

QUESTION_FROM: Final = 0.5
"""A line this likely a question is offered as one."""

_DECAY: Final = 0.35
_ANSWERS: Final = ("no", "yes")
_MOODS: Final[tuple[Literal[-1, 0, 1], ...]] = (-1, 0, 1)


@dataclass(frozen=True)
class Judges:
    """The three regressions."""

    question: Linear
    segment: Linear
    mood: Linear

    def hints(self, text: str, vector: Vector, topic: str | None = None) -> Hints:
        question, segments, moods = self._abreast.likelihoods(features(text, vector))
        segment = max(segments, key=segments.__getitem__)
        return Hints(
            question=question["yes"],
            segment=segment,
            segment_likelihood=segments[segment],
            mood=max(_MOODS, key=lambda mood: moods[str(mood)]),
            topic=topic,
        )

    @cached_property
    def _abreast(self) -> Abreast:
        return Abreast(self.question, self.segment, self.mood)


def features(text: str, vector: Vector) -> FloatArray:
    """The vector and the cues as one row."""
    return np.concatenate([vector.astype(np.float64), cues(text)])


def train(lines: Sequence[ChatLine], embedder: Embedder) -> Judges:
    """From labelled lines: 3 ms each, and some seconds."""
    vectors = embedder.embed_all([line.text for line in lines])
    rows = np.stack([features(line.text, each) for line, each in zip(lines, vectors, strict=True)])
    asking = [index for index, line in enumerate(lines) if line.question is not None]
    return Judges(
        question=fit(
            rows[asking],
            [_ANSWERS[bool(lines[index].question)] for index in asking],
            classes=_ANSWERS,
            decay=_DECAY,
        ),
        segment=fit(rows, [line.wanted_by for line in lines], classes=SEGMENTS, decay=_DECAY),
        mood=fit(
            rows,
            [str(line.sentiment) for line in lines],
            classes=tuple(map(str, _MOODS)),
            decay=_DECAY,
        ),
    )


def training_prototypes(
    prototypes: Mapping[ClassName, Sequence[str]], embedder: Embedder
) -> Generator[None, None, Linear]:
    """What each class sounds like, from sentences of it; with a pause every few milliseconds, as it
    takes a second or two."""
    told = [(each, text) for each, texts in prototypes.items() for text in texts]
    rows = []
    for _, text in told:
        yield
        rows.append(features(text, embedder.embed(text)))
    labels = [each for each, _ in told]
    return (yield from fitting(np.stack(rows), labels, classes=tuple(prototypes), decay=_DECAY))


_ASKING: Final = re.compile(
    r"(?:are|anybody|anyone|can|could|does|how|is|what|when|where|which|who|whose|why|will"
    r"|combien|comment|est|pourquoi|qqn|quand|quel|quelle|quelles|quels|quelqu|qui"
    r"|alguien|cuál|cuándo|cuánto|cómo|dónde|quién|como|onde|quais|qual|quem"
    r"|chi|come|dove|perché|quando|quanto|gibt|wann|warum|was|welche|wer|wie|wo"
    r"|hoe|waar|waarom|wanneer|wat|welke|أين|كم|كيف|لماذا|متى|هل)\b"
)
_MARK: Final = re.compile(r"[?？؟¿]|か[。\s]*$")


def question_without_model(text: str) -> float:
    """The likelihood of a question while no embedding is loaded: a mark, or a word that asks."""
    plain = readable(text)
    if not words(plain):
        return 0.0
    if _MARK.search(plain):
        return 0.9
    return 0.6 if _ASKING.match(plain) else 0.1


def hints_without_model(text: str) -> Hints:
    """What can be said while no embedding is loaded: whether a line asks."""
    return Hints(
        question=question_without_model(text), segment="general", segment_likelihood=0.0, mood=0
    )
