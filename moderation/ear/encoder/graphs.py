"""Graphs of arithmetic in eight-bit whole numbers, run by ONNX Runtime.

The files ``data/*.onnx`` hold no weights and are written by ``python -m benchmarks.ear.graph``; the
weights are put into them when they are loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from moderation.ear.encoder.weights import Floats
from moderation.ear.lines import FOLDER

FIRST: Final = FOLDER / "encoder_first.onnx"
SECOND: Final = FOLDER / "encoder_second.onnx"
LAST: Final = FOLDER / "encoder_last.onnx"
BLOCK: Final = 64
"""Weights that share a scale, in ``in_blocks``."""
_LARGEST_IN_BLOCK: Final = 127
_LARGEST_IN_COLUMN: Final = 63
"""Processors that add two products in 16 bits need one bit to spare."""

AnyArray = NDArray[np.generic]


class Graph:
    """One graph with its weights, by name. Not for two threads at once."""

    def __init__(self, file: Path, weights: Mapping[str, AnyArray]) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_mem_pattern = False  # no two lines are of the same length
        given = {
            name: ort.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(each))
            for name, each in weights.items()
        }
        options.add_external_initializers(list(given), list(given.values()))
        self._session = ort.InferenceSession(file, options, providers=["CPUExecutionProvider"])

    def run(self, output: str, inputs: Mapping[str, AnyArray]) -> Floats:
        """One of its outputs."""
        (found,) = self._session.run([output], dict(inputs))
        return np.asarray(found, dtype=np.float32)


def in_blocks(name: str, matrix: Floats) -> dict[str, AnyArray]:
    """A matrix for ``MatMulNBits``: exact to a 127th of the largest of each ``BLOCK`` inputs. What
    it is multiplied by is rounded row by row, so that no row depends on the others."""
    columns = np.ascontiguousarray(matrix.T)
    blocks = columns.reshape(len(columns), -1, BLOCK)
    scale = np.abs(blocks).max(axis=2, keepdims=True) / _LARGEST_IN_BLOCK
    rounded = (np.round(blocks / scale) + 128).astype(np.uint8)
    return {name: rounded, f"{name}_scale": scale.ravel()}


def by_column(name: str, matrix: Floats, bias: Floats) -> dict[str, AnyArray]:
    """A matrix for ``DynamicQuantizeMatMul``, which is faster and rounds what it is multiplied by
    all in one."""
    scale = np.abs(matrix).max(axis=0) / _LARGEST_IN_COLUMN
    return {
        name: np.round(matrix / scale).astype(np.int8),
        f"{name}_scale": scale,
        f"{name}_zero": np.zeros(len(scale), dtype=np.int8),
        f"{name}_bias": bias,
    }
