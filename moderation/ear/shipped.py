"""What the shipped lines teach, learned beforehand: ``data/weights.npz``.

``python -m moderation.ear.shipped`` writes the file anew, from the lines alone; a test holds the
two together. Learning takes ten seconds, reading the file some milliseconds.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moderation.ear import hints, topics
from moderation.ear.embedding import Embedder, SentenceEncoder
from moderation.ear.filter.counts import Features, hashed
from moderation.ear.linear import Linear, fit
from moderation.ear.lines import FOLDER, ChatLine, Lines, Pair, shipped
from moderation.ear.same import metric
from moderation.ear.text import readable
from moderation.ear.types import FloatArray

FILE: Final = FOLDER / "weights.npz"
_DECAY: Final = 1.0


@dataclass(frozen=True, slots=True)
class Teachings:
    """Everything that is learned before the first session. ``unwanted`` are the filter's weights
    before its first decision."""

    judges: hints.Judges
    metric: metric.Metric
    topics: topics.Topics
    unwanted: FloatArray


def learn(lines: Lines, embedder: Embedder) -> Teachings:
    """From labelled lines: 3 ms each, and some seconds."""
    same = metric.train([embedder.embed_all(group) for group in same_questions(lines)])
    return Teachings(
        judges=hints.train(lines.chat, embedder),
        metric=same,
        topics=topics.place(topics.prototypes(lines.asked), same, embedder),
        unwanted=unwanted_weights(lines.chat, embedder),
    )


def unwanted_weights(lines: Sequence[ChatLine], embedder: Embedder) -> FloatArray:
    """The filter's weights before its first decision: a number per dimension, and the bias."""
    vectors = np.stack(embedder.embed_all([line.text for line in lines])).astype(np.float64)
    labels = ["ok" if line.mod == "ok" else "unwanted" for line in lines]
    learned = fit(vectors, labels, classes=("ok", "unwanted"), decay=_DECAY).weights
    return np.asarray(learned[:, 1] - learned[:, 0])


def counted(lines: Sequence[ChatLine]) -> list[tuple[Features, bool]]:
    """The chat lines as naive Bayes counts them."""
    return [(hashed(readable(line.text)), line.mod != "ok") for line in lines]


def same_questions(lines: Lines) -> list[list[str]]:
    """Groups of wordings; pairs that share a wording are one group."""
    groups = [[wording.text for wording in asked.same] for asked in lines.asked]
    return groups + _joined(lines.pairs)


def _joined(pairs: Sequence[Pair]) -> list[list[str]]:
    groups: list[list[str]] = []
    for pair in pairs:
        if not pair.same:
            continue
        touched = [group for group in groups if pair.a in group or pair.b in group]
        merged = list(
            dict.fromkeys([text for group in touched for text in group] + [pair.a, pair.b])
        )
        groups = [group for group in groups if group not in touched] + [merged]
    return groups


@cache
def teachings() -> Teachings:
    """As the file has them. Raises ``OSError``, ``KeyError`` or ``ValueError`` on a broken
    installation."""
    with np.load(FILE, allow_pickle=False) as kept:
        read = {name: kept[name] for name in kept.files}
    return _unpacked(read)


def _packed(learned: Teachings) -> dict[str, NDArray[np.generic]]:
    """Halves are exact enough: a likelihood moves by less than a thousandth."""
    packed: dict[str, NDArray[np.generic]] = {
        "unwanted": learned.unwanted.astype(np.float32),
        "same.middle": learned.metric.middle.astype(np.float16),
        "same.project": learned.metric.project.astype(np.float16),
        "topics.places": learned.topics.places.astype(np.float16),
        "topics.names": np.array(learned.topics.names),
    }
    for name, judge in _judges(learned.judges).items():
        packed[f"{name}.weights"] = judge.weights.astype(np.float32)
        packed[f"{name}.classes"] = np.array(judge.classes)
    return packed


def _unpacked(kept: Mapping[str, NDArray[np.generic]]) -> Teachings:
    def wide(name: str) -> FloatArray:
        return kept[name].astype(np.float64)

    def judge(name: str) -> Linear:
        return Linear(tuple(map(str, kept[f"{name}.classes"])), wide(f"{name}.weights"))

    same = metric.Metric(wide("same.middle"), wide("same.project"))
    return Teachings(
        judges=hints.Judges(*(judge(field.name) for field in fields(hints.Judges))),
        metric=same,
        topics=topics.Topics(tuple(map(str, kept["topics.names"])), wide("topics.places"), same),
        unwanted=wide("unwanted"),
    )


def _judges(judges: hints.Judges) -> dict[str, Linear]:
    return {field.name: getattr(judges, field.name) for field in fields(judges)}


def write(path: Path = FILE) -> None:
    """Learns from the shipped lines and writes the file."""
    packed = _packed(learn(shipped(), SentenceEncoder()))
    np.savez_compressed(path, allow_pickle=False, **packed)


if __name__ == "__main__":
    write(*map(Path, sys.argv[1:]))
