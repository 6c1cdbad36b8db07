"""Many estimates with their intervals at once, from the resamples of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.research.resampling import interval
from workbench.results import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray


def percentile_intervals(
    estimate: NDArray[np.float64], resampled: NDArray[np.float64], level: float
) -> tuple[Interval, ...]:
    """Return the interval of each estimate from samples x estimates; unknown where no sample has a value."""
    return tuple(
        interval(value, drawn[known], level=level)
        if (known := np.isfinite(drawn)).any()
        else Interval(float("nan"), value, float("nan"), level)
        for value, drawn in zip(estimate.tolist(), resampled.T, strict=True)
    )
