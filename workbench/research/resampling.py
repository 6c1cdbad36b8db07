"""Draw respondents again and again: the weights of a bootstrap over whole respondents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.results import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray


def resampled_weights(weight: NDArray[np.float64], samples: int, seed: int) -> NDArray[np.float64]:
    """Return samples x respondents: how much each respondent counts when as many are drawn with replacement."""
    random = np.random.default_rng(seed)
    people = len(weight)
    drawn = random.multinomial(people, np.full(people, 1 / people), size=samples)
    return drawn * weight


def percentile_intervals(
    estimate: NDArray[np.float64], resampled: NDArray[np.float64], level: float
) -> tuple[Interval, ...]:
    """Return the percentile interval of each estimate from samples x estimates, NaN samples left aside."""
    ends = (0.5 - level / 2, 0.5 + level / 2)
    intervals = []
    for value, drawn in zip(estimate.tolist(), resampled.T, strict=True):
        known = drawn[np.isfinite(drawn)]
        low, high = np.quantile(known, ends) if known.size else (np.nan, np.nan)
        intervals.append(Interval(float(low), value, float(high), level))
    return tuple(intervals)
