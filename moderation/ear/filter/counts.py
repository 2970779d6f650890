"""Naive Bayes over hashed words and letters: knows little, needs no model, and unlearns by
subtraction.

It judges while no embedding is loaded, and ranks the words of a line for its explanation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

BUCKETS: Final = 1 << 14
MOST_FEATURES: Final = 160
_SMOOTHING: Final = 0.5
_RUN: Final = re.compile(r"\w+")

Features = tuple[int, ...]
"""Buckets, each once, in order."""


def hashed(plain: str) -> Features:
    """The features of a text as ``readable`` gives it: its words, and three letters at a time."""
    found: set[int] = set()
    for word in _RUN.findall(plain):
        found.add(_bucket(f"={word}"))
        found.update(_bucket(f" {word} "[at : at + 3]) for at in range(len(word)))
        if len(found) >= MOST_FEATURES:
            break
    return tuple(sorted(found)[:MOST_FEATURES])


class Counts:
    """How often each feature was in wanted (row 0) and unwanted lines (row 1)."""

    def __init__(self, shipped: Iterable[tuple[Features, bool]] = ()) -> None:
        self._seen: NDArray[np.int32] = np.zeros((2, BUCKETS), dtype=np.int32)
        self._lines: NDArray[np.int32] = np.zeros(2, dtype=np.int32)
        for features, unwanted in shipped:
            self.add(features, unwanted=unwanted)

    def add(self, features: Features, *, unwanted: bool, times: int = 1) -> None:
        """``times`` -1 takes away what was added: the counts are then what they were."""
        self._seen[int(unwanted), list(features)] += times
        self._lines[int(unwanted)] += times

    def log_odds(self, features: Sequence[int]) -> float:
        """For unwanted, in nats. A feature says less the more of them there are: they depend on
        each other."""
        if not features:
            return self._prior()
        wanted, unwanted = self._seen[:, list(features)] + _SMOOTHING
        lines = self._lines + 2 * _SMOOTHING
        evidence = np.log(unwanted / lines[1]) - np.log(wanted / lines[0])
        return self._prior() + float(evidence.sum()) / float(np.sqrt(len(features)))

    def _prior(self) -> float:
        wanted, unwanted = self._lines + 2 * _SMOOTHING
        return float(np.log(unwanted / wanted))

    def to_bytes(self) -> bytes:
        return self._seen.tobytes() + self._lines.tobytes()


def _bucket(feature: str) -> int:
    return crc32(feature.encode()) % BUCKETS
