"""The figures that judgements are measured by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def precision_recall(pairs: Sequence[tuple[bool, bool]]) -> dict[str, float]:
    """Of (told, true): the share of what was told that is true, and of what is true that was
    told."""
    both = sum(told and true for told, true in pairs)
    told = sum(told for told, _ in pairs)
    true = sum(true for _, true in pairs)
    return {"precision": both / told if told else 0.0, "recall": both / true if true else 0.0}


def macro_f1(told: Sequence[str], true: Sequence[str]) -> float:
    """The mean over the classes that occur in ``true``, each counting the same."""
    scores = []
    for label in sorted(set(true)):
        hits = sum(a == b == label for a, b in zip(told, true, strict=True))
        scores.append(2 * hits / (told.count(label) + true.count(label)))
    return sum(scores) / len(scores)


def area_under_curve(scored: Sequence[tuple[float, bool]]) -> float:
    """Of (score, true): how likely a true one scores above a false one; half a point for a tie."""
    positive = np.array([score for score, true in scored if true])
    negative = np.array([score for score, true in scored if not true])
    above = (positive[:, None] > negative).sum() + 0.5 * (positive[:, None] == negative).sum()
    return float(above / (len(positive) * len(negative)))
