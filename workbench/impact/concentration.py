"""How evenly something is spread over accounts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOP_SHARE = 0.10


def gini(amounts: NDArray[np.float64]) -> float:
    """Return the Gini coefficient of non-negative amounts: 0 when all are equal, 1 - 1/n when one has everything.

    Unknown amounts (NaN) are left out; NaN when nothing is left or all are zero. Half the mean absolute difference
    over the mean (Gini 1912), without a small-sample correction.
    """
    known = np.sort(amounts[np.isfinite(amounts)])
    total = known.sum()
    if not len(known) or total <= 0:
        return math.nan
    rank = np.arange(1, len(known) + 1)
    return float((2 * rank - len(known) - 1) @ known / (len(known) * total))


def top_share(amounts: NDArray[np.float64], top: float = TOP_SHARE) -> float:
    """Return the share of the total that the largest accounts hold; `top` of them, rounded up, at least one.

    Unknown amounts (NaN) are left out; NaN when nothing is left or all are zero.
    """
    known = np.sort(amounts[np.isfinite(amounts)])[::-1]
    total = known.sum()
    if not len(known) or total <= 0:
        return math.nan
    return float(known[: max(1, math.ceil(top * len(known) - 1e-9))].sum() / total)
