"""The arrays that the ear computes with."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
Vector: TypeAlias = NDArray[np.float32]
"""A sentence's embedding: ``embedding.DIMENSIONS`` numbers, length one."""
