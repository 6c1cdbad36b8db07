"""The simulated likelihood of best and worst choices, when every respondent has a taste of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SMALLEST_SPREAD = 1e-3
_STEP = 1e-4


@dataclass(frozen=True, eq=False)
class PaddedChoices:
    """Choices padded to one shape: items and allowed are choices x alternatives; the chosen one is the first."""

    items: NDArray[np.intp]
    allowed: NDArray[np.bool_]
    sign: NDArray[np.float64]
    person: NDArray[np.intp]


class BestWorstModel:
    """The simulated likelihood of best-worst choices; parameters are contrasts of the means, then log spread."""

    def __init__(
        self, choices: PaddedChoices, draws: NDArray[np.float64], weight: NDArray[np.float64], features: int
    ) -> None:
        self.choices = choices
        self.draws = draws - draws.mean(axis=2, keepdims=True)  # only differences between features matter
        self.weight = weight
        self.basis = _contrasts(features)
        self.starts = np.flatnonzero(np.r_[True, np.diff(choices.person) > 0])
        self.drawn = np.take_along_axis(self.draws[choices.person], choices.items[:, None, :], axis=2)

    def start(self) -> NDArray[np.float64]:
        """Return parameters to begin with: no preference, a middling spread."""
        return np.r_[np.zeros(self.basis.shape[1]), np.log(0.5)]

    def split(self, parameters: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """Return the mean utilities, whose mean is zero, and the spread of taste."""
        return self.basis @ parameters[:-1], float(np.exp(parameters[-1])) + _SMALLEST_SPREAD

    def _simulate(self, parameters: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """Return per choice and draw the probabilities of the alternatives, and per respondent and draw the log."""
        mean, spread = self.split(parameters)
        utility = (mean[self.choices.items][:, None, :] + spread * self.drawn) * self.choices.sign[:, None, None]
        utility = np.where(self.choices.allowed[:, None, :], utility, -np.inf)
        odds = np.exp(utility - utility.max(axis=2, keepdims=True))
        share = odds / odds.sum(axis=2, keepdims=True)
        logs = np.add.reduceat(np.log(np.maximum(share[:, :, 0], 1e-300)), self.starts, axis=0)
        return share, logs

    def _scores(self, parameters: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the log likelihood and its slope for every respondent (respondents x parameters)."""
        share, logs = self._simulate(parameters)
        peak = logs.max(axis=1, keepdims=True)
        odds = np.exp(logs - peak)
        posterior = odds / odds.sum(axis=1, keepdims=True)
        value = np.log(odds.mean(axis=1)) + peak[:, 0]
        slope = -share * self.choices.sign[:, None, None]
        slope[:, :, 0] += self.choices.sign[:, None]
        slope *= posterior[self._place_of_choice()][:, :, None]
        spread_slope = np.add.reduceat((slope * self.drawn).sum(axis=(1, 2)), self.starts)
        per_item = slope.sum(axis=1)
        mean_slope = np.zeros((len(self.starts), len(self.basis)))
        np.add.at(mean_slope, (self._place_of_choice()[:, None], self.choices.items), per_item)
        return value, np.column_stack([mean_slope @ self.basis, spread_slope * np.exp(parameters[-1])])

    def _place_of_choice(self) -> NDArray[np.intp]:
        return np.repeat(np.arange(len(self.starts)), np.diff(np.r_[self.starts, len(self.choices.person)]))

    def value_and_slope(self, parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Return the negative log likelihood and its slope."""
        value, slope = self._scores(parameters)
        return -float(self.weight @ value), -(self.weight @ slope)

    def errors(self, parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the standard error of every feature's utility by the sandwich formula."""
        steps = np.eye(len(parameters)) * _STEP
        curve = np.array(
            [self.value_and_slope(parameters + step)[1] - self.value_and_slope(parameters - step)[1] for step in steps]
        ) / (2 * _STEP)
        scores = self._scores(parameters)[1] * self.weight[:, None]
        bread = np.linalg.pinv((curve + curve.T) / 2)
        covariance = bread @ (scores.T @ scores) @ bread
        inner = covariance[:-1, :-1]
        return np.sqrt(np.einsum("ki,ij,kj->k", self.basis, inner, self.basis))

    def individual(self, parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean of each respondent's taste given their answers: respondents x features."""
        mean, spread = self.split(parameters)
        _, logs = self._simulate(parameters)
        odds = np.exp(logs - logs.max(axis=1, keepdims=True))
        posterior = odds / odds.sum(axis=1, keepdims=True)
        return mean + spread * np.einsum("nr,nrk->nk", posterior, self.draws)


def _contrasts(features: int) -> NDArray[np.float64]:
    """Return an orthonormal basis of the vectors whose mean is zero: features x (features - 1)."""
    left, _, _ = np.linalg.svd(np.eye(features) - 1 / features)
    return left[:, : features - 1]
