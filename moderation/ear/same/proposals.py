"""Which open questions a new one repeats: proposals for a person to confirm.

No threshold makes merging safe by itself: "open an account" and "close an account" sound alike. So
questions that name different places, numbers or opposites are never proposed, nor those that differ
by one word in the same frame; and only texts that are the same letter by letter may merge by
themselves.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from moderation.ear.embedding import Embedder
from moderation.ear.ports import Alike, Asked
from moderation.ear.same.clash import Meanings, find_clash, meanings
from moderation.ear.same.metric import Metric
from moderation.ear.text import readable, words
from moderation.ear.types import FloatArray
from moderation.policy.normalise import fold, letters

PROPOSE_FROM: Final = 0.3
MOST_COMPARED: Final = 1000
"""Open questions, the latest: a dot product each."""
MOST_NEW: Final = 24
"""Questions not met before that one comparison takes in, the latest first, at 3 ms each; the next
comparisons take in the others."""
MOST_PROPOSED: Final = 3
_MOST_PLACED: Final = 2048
_COMPARED: Final = 2000
"""Characters whose dress is seen through; four times what the room lets through."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A question ready to be compared."""

    words: frozenset[str]
    place: FloatArray
    meanings: Meanings


class Proposals:
    """Compares questions; keeps what it computed for those it met lately."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        self._placed: OrderedDict[str, _Placed] = OrderedDict()

    def alike(
        self, question: Asked, among: Sequence[Asked], embedder: Embedder | None
    ) -> tuple[Alike, ...]:
        """The likeliest first, identical ones before them; these alone without an embedder."""
        others = [each for each in among[-MOST_COMPARED:] if each.id != question.id]
        same_letters = identity(question.text)
        identical = tuple(
            Alike(each.id, similarity=1.0, identical=True)
            for each in others
            if identity(each.text) == same_letters
        )
        if embedder is None or len(identical) >= MOST_PROPOSED:
            return identical[:MOST_PROPOSED]
        known = {each.id for each in identical}
        near = [
            Alike(each.id, similarity, identical=False)
            for each in self._taken_in(others)
            if each.id not in known
            and (similarity := self.similarity(question.text, each.text, embedder)) >= PROPOSE_FROM
        ]
        near.sort(key=lambda each: -each.similarity)
        return (*identical, *near)[:MOST_PROPOSED]

    def _taken_in(self, others: Sequence[Asked]) -> Iterator[Asked]:
        """Those that were met before, and the latest of the rest."""
        new = 0
        for each in reversed(others):
            if each.text not in self._placed:
                new += 1
                if new > MOST_NEW:
                    continue
            yield each

    def similarity(self, a: str, b: str, embedder: Embedder) -> float:
        """From 0 to 1; 0 where something tells the two apart for sure."""
        first, second = self._place(a, embedder), self._place(b, embedder)
        alike = float(first.place @ second.place)
        if alike < PROPOSE_FROM:
            return max(alike, 0.0)
        if find_clash(first.meanings, second.meanings) or _one_frame(first.words, second.words):
            return 0.0
        return min(alike, 1.0)

    def _place(self, text: str, embedder: Embedder) -> _Placed:
        known = self._placed.get(text)
        if known is None:
            plain = readable(text)
            known = self._placed[text] = _Placed(
                words=frozenset(words(plain)),
                place=self._metric.place(embedder.embed(text)),
                meanings=meanings(text),
            )
            if len(self._placed) > _MOST_PLACED:
                self._placed.popitem(last=False)
        self._placed.move_to_end(text)
        return known


@lru_cache(maxsize=2 * MOST_COMPARED)
def identity(text: str) -> str:
    """Equal for texts that are the same letter by letter, disguise, case and marks aside."""
    return letters(fold(text[:_COMPARED])) + text[_COMPARED:]


def _one_frame(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether the words are mostly the same and each text has some of its own: "how many seats
    does it have", "how many doors does it have".
    """
    common, only_a, only_b = a & b, a - b, b - a
    return bool(only_a and only_b) and len(common) >= max(2, len(only_a) + len(only_b))
