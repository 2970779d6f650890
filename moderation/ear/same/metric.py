"""How alike two questions are, whatever their wording and language.

A cosine of sentence vectors also measures style, politeness and language. Groups of wordings of one
question show which directions those are; they are shrunk, and what tells questions apart is kept:
linear discriminant analysis. Measured on topics it was not trained on, where every negative is of
the same topic, it lifts precision at a recall of .85 from .64 to .78.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from moderation.ear.types import FloatArray, Vector

KEPT: Final = 130
"""Directions that tell questions apart."""
_SHRINKAGE: Final = 1.0
_PLAIN_SHARE: Final = 1 / 3
"""Of the plain cosine in a similarity; it still knows what no group showed."""


@dataclass(frozen=True, slots=True)
class Metric:
    """``project`` has a row per dimension of a vector, ``KEPT`` columns; ``middle`` is the mean."""

    middle: FloatArray
    project: FloatArray

    def place(self, vector: Vector) -> FloatArray:
        """Where a question lies: the dot product of two places is their similarity, at most 1."""
        told = np.sqrt(1 - _PLAIN_SHARE) * self.told(vector)
        return np.concatenate([told, np.sqrt(_PLAIN_SHARE) * vector.astype(np.float64)])

    def told(self, vector: Vector) -> FloatArray:
        """Its part that tells questions apart, of length one."""
        told = (vector.astype(np.float64) - self.middle) @ self.project
        return np.asarray(told / (np.linalg.norm(told) or 1.0))


def train(groups: Sequence[Sequence[Vector]]) -> Metric:
    """From vectors that belong together. Deterministic up to the sign of a direction."""
    clouds = [np.stack(group).astype(np.float64) for group in groups]
    middle = np.concatenate(clouds).mean(axis=0)
    around = np.concatenate([cloud - cloud.mean(axis=0) for cloud in clouds])
    within = around.T @ around / (len(around) - len(clouds))
    size = within.shape[0]
    within += _SHRINKAGE * np.trace(within) / size * np.eye(size)
    spread, directions = np.linalg.eigh(within)
    whiten = directions / np.sqrt(spread)
    means = np.stack([cloud.mean(axis=0) for cloud in clouds]) - middle
    _, _, apart = np.linalg.svd(means @ whiten, full_matrices=False)
    return Metric(middle, whiten @ apart[:KEPT].T)
