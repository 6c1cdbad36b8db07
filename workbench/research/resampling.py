"""Draw respondents again, with their weights, to see how far an estimate would move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.research.errors import ResearchError
from workbench.results import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAMPLES = 1000
LEVEL = 0.9
_FEWEST_SAMPLES = 20


def resampled_weights(weights: NDArray[np.float64], samples: int, seed: int) -> NDArray[np.float64]:
    """Return the weights of the respondents in every resample (samples x respondents): drawn with replacement."""
    if samples < _FEWEST_SAMPLES:
        raise ResearchError(f"{samples} samples give no interval.", f"Ask for at least {_FEWEST_SAMPLES}.")
    people = len(weights)
    drawn = np.random.default_rng(seed).multinomial(people, np.full(people, 1 / people), size=samples)
    weighed = drawn * weights
    return weighed[weighed.sum(axis=1) > 0]


def interval(
    estimate: float, low: NDArray[np.float64], high: NDArray[np.float64] | None = None, level: float = LEVEL
) -> Interval:
    """Return the interval of an estimate: quantiles of its resamples (of `low` below and of `high` above, if given)."""
    if not 0 < level < 1:
        raise ResearchError(f"An interval cannot hold {level:g} of all cases.", "Give a level such as 0.9.")
    tail = (1 - level) / 2
    upper = low if high is None else high
    return Interval(float(np.nanquantile(low, tail)), estimate, float(np.nanquantile(upper, 1 - tail)), level)


def effective_answers(weights: NDArray[np.float64]) -> float:
    """Return how many equally weighted answers tell as much as these (Kish 1965)."""
    return float(weights.sum() ** 2 / (weights**2).sum())
