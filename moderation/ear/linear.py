"""Softmax regression: enough for a few hundred labelled sentences whose vectors carry the meaning.

Training is deterministic: no chance, a fixed number of steps of Nesterov's accelerated gradient.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from moderation.ear.types import FloatArray

T = TypeVar("T")

_STEPS: Final = 300


@dataclass(frozen=True, slots=True)
class Linear:
    """Likelihoods of ``classes`` from features. ``weights`` has a row per feature and a last one
    for the bias, a column per class."""

    classes: tuple[str, ...]
    weights: FloatArray

    def likelihoods(self, scores: Sequence[float]) -> dict[str, float]:
        """Of what ``Abreast`` gives for a line. Sums to one."""
        most = max(scores)
        shares = [math.exp(score - most) for score in scores]
        total = sum(shares)
        return {name: share / total for name, share in zip(self.classes, shares, strict=True)}


class Abreast:
    """Several regressions over the same features, as one product."""

    def __init__(self, *judges: Linear) -> None:
        together = np.hstack([each.weights for each in judges])
        self._weights = np.ascontiguousarray(together[:-1].T)
        self._biases = together[-1]
        self._judges = judges

    def likelihoods(self, features: FloatArray) -> list[dict[str, float]]:
        """Of each in turn."""
        scores = (self._weights @ features + self._biases).tolist()
        told: list[dict[str, float]] = []
        for judge in self._judges:
            told.append(judge.likelihoods(scores[: len(judge.classes)]))
            del scores[: len(judge.classes)]
        return told


def fit(
    features: FloatArray, labels: Sequence[str], *, classes: tuple[str, ...], decay: float
) -> Linear:
    """Trained on a row of ``features`` per label; ``decay`` is the strength of the L2 prior, that
    spares the bias."""
    return at_once(fitting(features, labels, classes=classes, decay=decay))


def fitting(
    features: FloatArray, labels: Sequence[str], *, classes: tuple[str, ...], decay: float
) -> Generator[None, None, Linear]:
    """``fit``, with a pause every few milliseconds."""
    count = len(labels)
    rows = np.hstack([features, np.ones((count, 1))])
    wanted = np.zeros((count, len(classes)))
    wanted[np.arange(count), [classes.index(label) for label in labels]] = 1
    penalty = np.full((rows.shape[1], 1), decay)
    penalty[-1] = 0
    step = 1 / (0.5 * np.linalg.eigvalsh(rows.T @ rows)[-1] + decay)

    weights = ahead = np.zeros((rows.shape[1], len(classes)))
    momentum = 1.0
    for _ in range(_STEPS):
        yield
        scores = rows @ ahead
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        stepped = ahead - step * (rows.T @ (shares - wanted) + penalty * ahead)
        grown = (1 + np.sqrt(1 + 4 * momentum * momentum)) / 2
        ahead = stepped + (momentum - 1) / grown * (stepped - weights)
        weights, momentum = stepped, grown
    return Linear(classes, weights)


def at_once(work: Generator[None, None, T]) -> T:
    """What comes of work that pauses, without its pauses."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            result: T = done.value
            return result
