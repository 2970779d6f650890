"""The first layer, piece by piece: computed when a piece is met, looked up afterwards.

A convolution's sum over a window is a sum over its pieces, and what a piece adds at each place does
not depend on the others. So two thirds of a line's arithmetic are done once for each piece, of
which a conversation has some thousands, and a line costs the additions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moderation.ear.encoder.graphs import FIRST, AnyArray, Graph, in_blocks
from moderation.ear.encoder.weights import CHUNKS, ORDERS, WIDTH, FirstWeights, Floats

MOST_PIECES: Final = 4096
"""Rows kept: 7 KB each, taken as they fill. When they are full all are met anew."""
EDGE: Final = max(each.size - 1 - each.before for each in ORDERS)
"""Rows of nothing before a line and after it, as far as a window reaches."""
ALL: Final = len(ORDERS) * WIDTH
REACHES: Final = tuple(
    (away, [at for at, each in enumerate(ORDERS) if 0 <= each.before + away < each.size])
    for away in (0, 1, -1, -2, 2)
)
"""How far a piece is from the middle of a window it is in, and of which orders. Longer windows
stand last, so that those which still reach are side by side."""
ROW: Final = ALL + WIDTH * sum(len(orders) for _, orders in REACHES)
"""A piece's projection, then what it adds to the windows, by ``REACHES``."""
_UNIT: Final = np.float32(1 / 64)
"""Rows are whole numbers of it; what they hold is 4 on average."""
_MOST: Final = 5461
"""Six of them can be added in 16 bits. The largest that any piece has is 4,000."""


class FirstLayer:
    """Not for two threads at once."""

    def __init__(self, weights: FirstWeights) -> None:
        self._table = weights.table
        self._scale, self._lowest = weights.scale, weights.lowest
        given: dict[str, AnyArray] = {
            "bias": weights.project_bias,
            "norm": weights.spread,
            "norm_bias": weights.shift,
            **in_blocks("project", weights.project),
        }
        for order, matrix, bias in zip(ORDERS, weights.matrices, weights.biases, strict=True):
            by_place = matrix.reshape(order.size, WIDTH, WIDTH).transpose(1, 0, 2)
            given |= in_blocks(f"first{order.size}", by_place.reshape(WIDTH, -1))
            in_the_middle = np.zeros((order.size, WIDTH), dtype=np.float32)
            in_the_middle[order.before] = bias
            given[f"first{order.size}_bias"] = in_the_middle.ravel()
        self._graph = Graph(FIRST, given)
        self._rows = np.zeros((MOST_PIECES + 1, ROW), dtype=np.int16)
        """The first of them stays nothing."""
        self._row_of: dict[int, int] = {}

    def of(self, pieces: Sequence[int]) -> tuple[Floats, Floats]:
        """Of a line's pieces, fewer than ``MOST_PIECES``: their own vectors, and what the layer
        gives for each, with ``EDGE`` rows of nothing on either side."""
        try:
            at = [self._row_of[piece] for piece in pieces]
        except KeyError:
            self._meet(pieces)
            at = [self._row_of[piece] for piece in pieces]
        nothing = [0] * EDGE
        rows = self._rows[nothing + at + nothing]
        count = len(at)
        summed = np.zeros((count + 2 * EDGE, ALL), dtype=np.int16)
        inner = summed[EDGE:-EDGE]
        begin = ALL
        for away, orders in REACHES:
            end = begin + WIDTH * len(orders)
            inner[:, WIDTH * orders[0] :] += rows[EDGE + away : EDGE + away + count, begin:end]
            begin = end
        np.maximum(inner, 0, out=inner)
        inner += rows[EDGE:-EDGE, :ALL]
        return self._own(np.array(pieces)), summed * _UNIT

    def _own(self, pieces: NDArray[np.int64]) -> Floats:
        chunks = pieces % CHUNKS
        stretched = self._table[pieces] * self._scale[chunks, None]
        stretched += self._lowest[chunks, None]
        return stretched

    def _meet(self, pieces: Sequence[int]) -> None:
        new = [piece for piece in dict.fromkeys(pieces) if piece not in self._row_of]
        if len(self._row_of) + len(new) > MOST_PIECES:
            self._row_of.clear()
            new = list(dict.fromkeys(pieces))
        begin = len(self._row_of) + 1
        computed = self._graph.run("rows", {"own": self._own(np.array(new))})
        self._rows[begin : begin + len(new)] = np.clip(np.rint(computed / _UNIT), -_MOST, _MOST)
        self._row_of.update(zip(new, range(begin, begin + len(new)), strict=True))
