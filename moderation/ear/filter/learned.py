"""The filter that learns from each decision, at once, and says what moved it.

A line's score adds two things up, as log odds. What sentences like it have been worth in general:
logistic regression over its vector, starting from what the shipped lines teach; naive Bayes while
there is no vector. And how close it comes to one line decided lately, which is why the variant of a
line rejected a moment ago is held. The score appears from ``ENOUGH`` decisions on, before that only
beside a line that was decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from moderation.ear.filter.counts import hashed
from moderation.ear.filter.memory import Decision, Memory, Near
from moderation.ear.ports import HOLD_FROM, Example, Score, Weighed
from moderation.ear.text import readable, words
from moderation.ear.types import Vector

ENOUGH: Final = 40
_NEAR_FROM: Final = 0.6
_AS_GOOD_AS_SAME: Final = 0.9
_NEAR_WEIGHT: Final = 5.0
_SHOWN_WORDS: Final = 3
_LONGEST_SHOWN: Final = 80
_TELLING: Final = 0.5
"""A fall in log odds that is enough to be shown: looking further costs an embedding each."""

Embed = Callable[[str], Vector | None]
"""None while no embedding is loaded."""


@dataclass(frozen=True, slots=True)
class _Odds:
    """Log odds for unwanted: in general, and by the nearest wanted and unwanted lines."""

    general: float
    wanted: Near | None
    unwanted: Near | None

    @property
    def near(self) -> float:
        return _NEAR_WEIGHT * (_closeness(self.unwanted) - _closeness(self.wanted))

    @property
    def sum(self) -> float:
        return self.general + self.near


class LearnedFilter:
    """``Memory`` with words: texts in, scores with reasons out."""

    def __init__(self, memory: Memory, embed: Embed) -> None:
        self.memory = memory
        self._embed = embed

    def learn(self, example: Example) -> None:
        vector = self._embed(example.text)
        self.memory.learn(
            Decision(
                id=example.decision_id,
                author_id=example.author_id,
                unwanted=example.unwanted,
                features=hashed(readable(example.text)),
                vector=None if vector is None else vector.astype(np.float16),
            )
        )

    def log_odds(self, text: str) -> float:
        """For unwanted, whether or not enough was decided to show it."""
        return self._odds(text).sum

    def score(self, text: str) -> Score | None:
        """None before enough was decided; explained if the line is to be held. One embedding; one
        to four more where it is explained.
        """
        odds = self._odds(text)
        if len(self.memory) < ENOUGH and not odds.near:
            return None
        unwanted = _likelihood(odds.sum)
        weighed = tuple(self._weighed(text, odds)) if unwanted >= HOLD_FROM else ()
        return Score(unwanted, weighed)

    def _odds(self, text: str) -> _Odds:
        vector = self._embed(text)
        if vector is None:
            return _Odds(self.memory.counts.log_odds(hashed(readable(text))), None, None)
        wanted, unwanted = self.memory.nearest(vector)
        return _Odds(self.memory.log_odds(vector), wanted, unwanted)

    def _weighed(self, text: str, odds: _Odds) -> Iterator[Weighed]:
        """What, taken away, lowers the score: words of the line, a line decided before."""
        if odds.unwanted and _closeness(odds.unwanted):
            weight = _NEAR_WEIGHT * _closeness(odds.unwanted)
            yield Weighed("example", odds.unwanted.decision_id, weight)
        shown, fall = self._telling_words(readable(text), odds.sum)
        if fall > 0:
            yield Weighed("feature", shown, fall)

    def _telling_words(self, plain: str, whole: float) -> tuple[str, float]:
        """Words of the line, and by how much the log odds fall without them: those that naive
        Bayes suspects, or if little falls with them one half of the line, or all of it.
        """
        said = words(plain)
        suspects = sorted(dict.fromkeys(said), key=self._suspicion, reverse=True)[:_SHOWN_WORDS]
        half = len(said) // 2
        best = (0.0, said)
        for shown in ([each for each in said if each in suspects], said[:half], said[half:], said):
            if shown and best[0] < _TELLING:
                fall = whole - self.log_odds(_without(plain, shown))
                best = max(best, (fall, shown), key=lambda each: each[0])
        return " ".join(best[1])[:_LONGEST_SHOWN] or plain[:_LONGEST_SHOWN], best[0]

    def _suspicion(self, word: str) -> float:
        return self.memory.counts.log_odds(hashed(word))


def _without(plain: str, shown: list[str]) -> str:
    """The line without these words."""
    return " ".join(word for word in words(plain) if word not in shown)


def _closeness(near: Near | None) -> float:
    """From 0, another matter, to 1, as good as the same line."""
    if near is None:
        return 0.0
    return min(max((near.cosine - _NEAR_FROM) / (_AS_GOOD_AS_SAME - _NEAR_FROM), 0.0), 1.0)


def _likelihood(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-log_odds)))
