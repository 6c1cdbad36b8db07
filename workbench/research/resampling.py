"""Draw respondents again, with their weights, to see how far an estimate would move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

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
    estimate: float,
    low: NDArray[np.float64],
    high: NDArray[np.float64] | None = None,
    level: float = LEVEL,
    *,
    only_seen: bool = False,
) -> Interval:
    """Return the interval of an estimate: quantiles of its resamples (of `low` below and of `high` above, if given).

    Resamples that know nothing (NaN) are left out. With `only_seen` the ends are values that occur: prices asked.
    """
    if not 0 < level < 1:
        raise ResearchError(f"An interval cannot hold {level:g} of all cases.", "Give a level such as 0.9.")
    tail = (1 - level) / 2
    upper = low if high is None else high
    low, upper = low[~np.isnan(low)], upper[~np.isnan(upper)]
    if not (len(low) and len(upper)):
        return Interval(float("nan"), estimate, float("nan"), level)
    method: Literal["inverted_cdf", "linear"] = "inverted_cdf" if only_seen else "linear"
    ends = np.quantile(low, tail, method=method), np.quantile(upper, 1 - tail, method=method)
    return Interval(float(ends[0]), estimate, float(ends[1]), level)


def share_interval(
    share: NDArray[np.float64], answers: NDArray[np.float64] | float, level: float = LEVEL
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ends of the interval of shares of so many answers (Wilson 1927): wider than nothing at 0 and at 1."""
    from scipy.special import ndtri  # noqa: PLC0415 - slow to load, and needed only here

    wide = float(ndtri((1 + level) / 2))
    number = np.maximum(answers, 1)
    middle = (share + wide**2 / (2 * number)) / (1 + wide**2 / number)
    spread = wide / (1 + wide**2 / number) * np.sqrt(share * (1 - share) / number + wide**2 / (4 * number**2))
    return np.clip(middle - spread, 0, 1), np.clip(middle + spread, 0, 1)


def effective_answers(weights: NDArray[np.float64]) -> float:
    """Return how many equally weighted answers tell as much as these (Kish 1965)."""
    return float(weights.sum() ** 2 / (weights**2).sum())
