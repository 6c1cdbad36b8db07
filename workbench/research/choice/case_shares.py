"""The logit rule: what share of a case each of its alternatives gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def case_shares(utility: NDArray[np.float64], case: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return each row's share of its case by the logit rule, for utility (rows,) or (rows, draws)."""
    order = np.argsort(case, kind="stable")
    starts = np.flatnonzero(np.diff(case[order], prepend=-1))
    place = np.cumsum(np.diff(case[order], prepend=-1) > 0) - 1
    raised = utility[order]
    raised = np.exp(raised - np.maximum.reduceat(raised, starts, axis=0)[place])
    shares = np.empty_like(raised)
    shares[order] = raised / np.add.reduceat(raised, starts, axis=0)[place]
    return shares
