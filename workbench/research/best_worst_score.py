"""The published score of best-worst scaling from counts: log odds of being chosen, its error, the share of choices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.research.errors import ResearchError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class AggregateScores:
    """Scores of features from counts of the whole sample, in the order given; `choice_share` sums to one.

    `score` is zero for a feature named best as often as worst. `standard_error`, `low` and `high` treat every choice
    as a draw of its own.
    """

    score: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    choice_share: NDArray[np.float64]


def aggregate_scores(shown: ArrayLike, best: ArrayLike, worst: ArrayLike, *, z: float = 1.96) -> AggregateScores:
    """Return the analytical best-worst scores: p = (n - worst + best) / 2n, score = log(p / (1 - p)).

    Parameters
    ----------
    shown, best, worst
        Per feature: how often it was shown, named best, and named worst. The last axis is the features; earlier axes
        hold other samples.
    z
        Standard errors to either side of the bounds.

    A feature that was always best (or always worst) has no finite score; half a choice is taken off so that it keeps
    its place at the end. Raises ResearchError when a feature was never shown or named more often than shown.
    Source: Lipovetsky and Conklin (2014), Best-worst scaling in analytical closed-form solution, Journal of Choice
    Modelling 10, 60-68; the same numbers as `ae_mnl` of the R package bwsTools.
    """
    n, wins, losses = (np.asarray(each, dtype=float) for each in (shown, best, worst))
    if (n <= 0).any():
        raise ResearchError("A feature was never shown.", "Leave it out, or show it in some task.")
    if (wins < 0).any() or (losses < 0).any() or (wins + losses > n * (1 + 1e-12)).any():
        raise ResearchError("A feature was named more often than it was shown.", "Check the counts.")
    edge = 1 / (4 * n)  # half a choice, on the scale of p
    p = np.clip((n - losses + wins) / (2 * n), edge, 1 - edge)
    score = np.log(p / (1 - p))
    error = 1 / np.sqrt(2 * n * p * (1 - p))
    odds = np.exp(score)
    return AggregateScores(score, error, score - z * error, score + z * error, odds / odds.sum(axis=-1, keepdims=True))
