"""What was decided, and the model that follows from it, exactly.

The decisions in their order are the only truth: weights, counts and the examples at hand are what
learning them one after the other gives. So a decision is unlearned by leaving it out: the counts
subtract it, the examples are chosen again, and the weights are learned again from the last mark
before it. Marks stand every ``MARK_EVERY`` decisions; up to ``AT_ONCE`` steps are taken at once, a
longer way by ``replay`` while the weights as they were go on serving. The order of every sum is
fixed, so the same decisions give the same bytes.

Of a line only numbers are kept: its vector and its hashed features.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moderation.ear.encoder.weights import DIMENSIONS
from moderation.ear.filter.counts import Counts, Features
from moderation.ear.types import FloatArray, Vector

MARK_EVERY: Final = 128
AT_ONCE: Final = 256
MOST: Final = 8192
"""Decisions that are kept: 10 MB. A quarter, the oldest, goes when there are more."""
AT_HAND: Final = 512
"""The latest decisions that a line is compared with one by one."""
_STEP: Final = 1.0

Small = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Decision:
    """``vector`` is None where no embedding was loaded when it was taken."""

    id: str
    author_id: str
    unwanted: bool
    features: Features
    vector: Small | None


@dataclass(frozen=True, slots=True)
class Near:
    """The decided line closest to another: its cosine. Above ``FAR`` it is evidence."""

    decision_id: str
    cosine: float


class Memory:
    """Learns and unlearns decisions. ``prior`` are the weights before the first, a number per
    dimension and the bias; ``shipped`` the counts before it.
    """

    def __init__(self, prior: FloatArray, shipped: Iterable[tuple[Features, bool]]) -> None:
        self._log: dict[str, Decision] = {}
        self._order: list[Decision] = []
        self.counts = Counts(shipped)
        self._marks: list[FloatArray] = [prior.astype(np.float64)]
        self._weights: FloatArray = self._marks[0].copy()
        self._learned = 0
        self._serving: FloatArray = self._weights
        self._rows: NDArray[np.float32] = np.zeros((AT_HAND, DIMENSIONS), dtype=np.float32)
        self._unwanted: NDArray[np.bool_] = np.zeros(AT_HAND, dtype=np.bool_)
        """Of each of the rows."""
        self._at_hand: list[Decision] = []

    def __len__(self) -> int:
        return len(self._order)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        return tuple(self._order)

    @property
    def replaying(self) -> bool:
        """Whether weights serve that still know something unlearned."""
        return self._learned < len(self._order)

    def learn(self, decision: Decision) -> None:
        """A known id has no second effect. O(1), but for the quarter that goes now and then."""
        if decision.id in self._log:
            return
        behind = self.replaying
        self._log[decision.id] = decision
        self._order.append(decision)
        self.counts.add(decision.features, unwanted=decision.unwanted)
        self._take_at_hand(decision)
        if behind:
            self._serving = _stepped(self._serving, decision)
        else:
            self.replay(1)
        if len(self._order) > MOST:
            self.unlearn({each.id for each in self._order[: MOST // 4]})

    def unlearn(self, ids: Collection[str]) -> None:
        """As if these had never been; at once if the oldest of them is recent."""
        gone = {each: self._log.pop(each) for each in ids if each in self._log}
        if not gone:
            return
        first = next(at for at, each in enumerate(self._order) if each.id in gone)
        for decision in gone.values():
            self.counts.add(decision.features, unwanted=decision.unwanted, times=-1)
        self._order = [each for each in self._order if each.id not in gone]
        self._choose_at_hand()
        if first < self._learned:
            del self._marks[first // MARK_EVERY + 1 :]
            self._learned = MARK_EVERY * (len(self._marks) - 1)
            self._weights = self._marks[-1].copy()
        if len(self._order) - self._learned <= AT_ONCE:
            self.replay(AT_ONCE)

    def forget(self, author_id: str) -> None:
        """Unlearns all that concerns one author."""
        self.unlearn({each.id for each in self._order if each.author_id == author_id})

    def replay(self, steps: int) -> None:
        """Goes on learning again, by at most so many decisions."""
        for decision in self._order[self._learned : self._learned + steps]:
            self._weights = _stepped(self._weights, decision)
            self._learned += 1
            if self._learned % MARK_EVERY == 0:
                self._marks.append(self._weights.copy())
        if not self.replaying:
            self._serving = self._weights

    def log_odds(self, vector: Vector) -> float:
        """For unwanted, by the weights alone."""
        return _log_odds(self._serving, vector.astype(np.float64))

    def nearest(self, vector: Vector) -> tuple[Near | None, Near | None]:
        """The closest wanted and the closest unwanted line among the latest."""
        count = len(self._at_hand)
        cosines = self._rows[:count] @ vector
        unwanted = self._unwanted[:count]
        return self._closest(cosines, ~unwanted), self._closest(cosines, unwanted)

    def _closest(self, cosines: NDArray[np.float32], among: NDArray[np.bool_]) -> Near | None:
        if not among.any():
            return None
        at = int(np.where(among, cosines, -np.inf).argmax())
        return Near(self._at_hand[at].id, float(cosines[at]))

    def to_bytes(self) -> bytes:
        """All that judges a line: equal where the model is the same."""
        ids = "\n".join(decision.id for decision in self._at_hand).encode()
        rows = self._rows[: len(self._at_hand)].tobytes()
        return self._serving.tobytes() + self.counts.to_bytes() + rows + ids

    def _take_at_hand(self, decision: Decision) -> None:
        if decision.vector is None:
            return
        if len(self._at_hand) == AT_HAND:
            self._choose_at_hand()
            return
        self._put(len(self._at_hand), decision)
        self._at_hand.append(decision)

    def _choose_at_hand(self) -> None:
        """The latest with a vector, in their order. Half of them where there are too many, so that
        taking one more seldom moves the others; which half follows from how many there are."""
        known = [each for each in self._order if each.vector is not None]
        count = len(known)
        if count > AT_HAND:
            half = AT_HAND // 2
            count = half + (count - AT_HAND - 1) % half + 1
        self._at_hand = known[len(known) - count :]
        for row, decision in enumerate(self._at_hand):
            self._put(row, decision)

    def _put(self, row: int, decision: Decision) -> None:
        self._rows[row] = decision.vector
        self._unwanted[row] = decision.unwanted


def _stepped(weights: FloatArray, decision: Decision) -> FloatArray:
    """One step of gradient descent on the logistic loss of one decision."""
    if decision.vector is None:
        return weights
    vector = decision.vector.astype(np.float64)
    likelihood = 1 / (1 + np.exp(-_log_odds(weights, vector)))
    pull = _STEP * (float(decision.unwanted) - likelihood)
    stepped = weights.copy()
    stepped[:-1] += pull * vector
    stepped[-1] += pull
    return stepped


def _log_odds(weights: FloatArray, vector: FloatArray) -> float:
    return float(weights[:-1] @ vector + weights[-1])
