"""Matrix products in stretches small enough that the linear algebra library works on them alone.

OpenBLAS puts several threads on products above a size, which wait for each other in a loop. For the many middling
products of a simulated likelihood that gains little on an idle machine and costs ten times the time on a busy one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

ALONE = 4 * 65536
"""OpenBLAS works alone on products of at most this many multiplications (its GEMM_MULTITHREAD_THRESHOLD)."""


def product_over_columns(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return left (n, a, b) times right (n, b, c), made in stretches of c."""
    people, rows, inner = left.shape
    made = np.empty((people, rows, right.shape[2]))
    for part in _stretches(right.shape[2], rows * inner):
        np.matmul(left, right[:, :, part], out=made[:, :, part])
    return made


def product_over_inner(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return left (n, a, b) times the transpose of right (n, c, b), added up over stretches of b."""
    made = np.zeros((left.shape[0], left.shape[1], right.shape[1]))
    for part in _stretches(left.shape[2], left.shape[1] * right.shape[1]):
        made += np.matmul(left[:, :, part], right[:, :, part].transpose(0, 2, 1))
    return made


def _stretches(length: int, per_unit: int) -> Iterator[slice]:
    pieces = -(-length * per_unit // ALONE)
    step = -(-length // pieces)
    for first in range(0, length, step):
        yield slice(first, first + step)
