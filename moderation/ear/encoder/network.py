"""The encoder after its first layer: from a row per piece to one vector for each line.

The second layer takes one line at a time: what goes into a convolution is rounded by its largest
number, so in a batch a line's vector would depend on its neighbours. In the last layers it does
not. They hold two thirds of the weights, gone through once for all lines that come together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from moderation.ear.encoder.first import EDGE
from moderation.ear.encoder.graphs import LAST, SECOND, AnyArray, Graph, by_column, in_blocks
from moderation.ear.encoder.weights import DENSE, ORDERS, WIDTH, Floats


class Network:
    """Not for two threads at once."""

    def __init__(self, rest: Mapping[str, Floats]) -> None:
        second: dict[str, AnyArray] = {name: rest[name] for name in ("norm", "norm_bias")}
        for order in ORDERS:
            name = f"second{order.size}"
            second |= by_column(name, rest[name], rest[f"{name}_bias"])
        last: dict[str, AnyArray] = {"pool_bias": rest["pool_bias"]}
        for name in ("pool", *DENSE):
            last |= in_blocks(name, rest[name])
        self._second = Graph(SECOND, second)
        self._last = Graph(LAST, last)

    def vectors(self, lines: Iterable[tuple[Floats, Floats]]) -> Floats:
        """A row of length one for each line, by what ``FirstLayer`` gives for it; at least one."""
        means, counts = [], []
        for own, given in lines:
            means.append(self._mean(own, given))
            counts.append([len(own)])
        roots = np.sqrt(np.array(counts, dtype=np.float32))
        return self._last.run("vectors", {"mean": np.concatenate(means), "root": roots})

    def _mean(self, own: Floats, given: Floats) -> Floats:
        inputs: dict[str, AnyArray] = {
            "flat": given.reshape(-1, WIDTH),
            "first": given[EDGE:-EDGE],
            "own": own,
            **_windows(len(own)),
        }
        return self._second.run("mean", inputs)


@lru_cache(maxsize=256)
def _windows(count: int) -> Mapping[str, NDArray[np.int64]]:
    """The rows of ``flat`` that each window takes in, of a line with so many pieces."""
    pieces = EDGE + np.arange(count)[:, None]
    return {
        f"windows{each.size}": len(ORDERS) * (pieces + np.arange(each.size) - each.before) + at
        for at, each in enumerate(ORDERS)
    }
