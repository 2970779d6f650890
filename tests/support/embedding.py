"""The sentence encoder, loaded once for all tests of a process."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from moderation.ear.embedding import Embedder, SentenceEncoder
from moderation.ear.types import Vector


class RememberingEncoder:
    """``Embedder`` that embeds each text once: tests share most of theirs."""

    def __init__(self) -> None:
        self._encoder = SentenceEncoder()
        self._known: dict[str, Vector] = {}

    def embed(self, text: str) -> Vector:
        if text not in self._known:
            self._known[text] = self._encoder.embed(text)
        return self._known[text]

    def embed_all(self, texts: Sequence[str]) -> list[Vector]:
        return [self.embed(text) for text in texts]


@cache
def encoder() -> Embedder:
    return RememberingEncoder()
