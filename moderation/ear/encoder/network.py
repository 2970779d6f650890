"""The encoder after its first layer: from a row per piece to one vector for the line.

A line runs by itself: what goes into a convolution is rounded by its largest number, so in a batch
a line's vector would depend on its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from moderation.ear.encoder.first import EDGE
from moderation.ear.encoder.graphs import NETWORK, AnyArray, Graph, by_column, in_blocks
from moderation.ear.encoder.weights import DENSE, ORDERS, WIDTH, Floats


class Network:
    """Not for two threads at once."""

    def __init__(self, rest: Mapping[str, Floats]) -> None:
        weights: dict[str, AnyArray] = {
            name: rest[name] for name in ("norm", "norm_bias", "pool_bias")
        }
        for order in ORDERS:
            name = f"second{order.size}"
            weights |= by_column(name, rest[name], rest[f"{name}_bias"])
        for name in ("pool", *DENSE):
            weights |= in_blocks(name, rest[name])
        self._graph = Graph(NETWORK, weights)

    def vector(self, own: Floats, given: Floats) -> Floats:
        """Of a line, by what ``FirstLayer`` gives for it; of length one."""
        count = len(own)
        inputs: dict[str, AnyArray] = {
            "flat": given.reshape(-1, WIDTH),
            "first": given[EDGE:-EDGE],
            "own": own,
            "root": np.full((1, 1), np.sqrt(count), dtype=np.float32),
            **_windows(count),
        }
        return np.asarray(self._graph.run("vector", inputs)[0])


@lru_cache(maxsize=256)
def _windows(count: int) -> Mapping[str, NDArray[np.int64]]:
    """The rows of ``flat`` that each window takes in, of a line with so many pieces."""
    pieces = EDGE + np.arange(count)[:, None]
    return {
        f"windows{each.size}": len(ORDERS) * (pieces + np.arange(each.size) - each.before) + at
        for at, each in enumerate(ORDERS)
    }
