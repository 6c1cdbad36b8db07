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


def pulled_scores(
    difference: ArrayLike, everybody: ArrayLike, *, pull: float = 1.0, edge: float = 0.1
) -> NDArray[np.float64]:
    """Return each respondent's score per feature on the scale of the published score, pulled towards everybody's.

    Parameters
    ----------
    difference
        Respondents x features: (best - worst) / shown, from -1 to 1; NaN where a feature was not shown.
    everybody
        The published score of each feature (`AggregateScores.score`).
    pull
        How much everybody counts beside one respondent's own handful of answers: 1 is as much, 0 not at all.
    edge
        The chance taken for a respondent who always (or never) named a feature, which no handful of answers shows.

    A feature a respondent was not shown has everybody's score. Source: Lipovetsky and Conklin (2015), MaxDiff priority
    estimations with and without HB-MNL, Advances in Adaptive Data Analysis 7, equations 8 and 10; the same numbers as
    `e_bayescoring` of the R package bwsTools with E = 0.1 and alpha = 1.
    """
    if not (pull >= 0 and 0 < edge < 1 / 2):
        raise ResearchError(
            f"Scores cannot be pulled by {pull:g} with an edge of {edge:g}.",
            "Give a pull of 0 or more and an edge between 0 and 0.5.",
        )
    chance = 1 / (1 + np.exp(-np.asarray(everybody, dtype=float)))
    own = (1 + np.asarray(difference, dtype=float)) / 2
    own = np.where(own == 0, edge, np.where(own == 1, 1 - edge, own))
    mixed = np.where(np.isnan(own), chance, (own + pull * chance) / (1 + pull))
    found: NDArray[np.float64] = np.log(mixed / (1 - mixed))
    return found
