"""Newton steps for the multinomial logit, with analytic gradient and Hessian."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.research.choice.data import ChoiceData

MOST_STEPS = 60
NEAR = 1e-8
"""A step that would raise the log-likelihood by less than this share of a choice is the last one."""
_HALVINGS = 30
_SAFE = 300.0


@dataclass(frozen=True, eq=False)
class LogitPoint:
    """The multinomial logit at one set of coefficients.

    `scores` (C, K) holds each case's part of the gradient, weights included; `information` (K, K) the negative Hessian.
    """

    log_likelihood: float
    scores: NDArray[np.float64]
    information: NDArray[np.float64]
    others: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NewtonResult:
    """Where the steps ended, and whether they arrived."""

    coefficients: NDArray[np.float64]
    point: LogitPoint
    steps: int
    arrived: bool


def logit_point(data: ChoiceData, coefficients: NDArray[np.float64]) -> LogitPoint:
    """Return log-likelihood, scores and information; `others` (C, J - 1) are the chances of what was not chosen."""
    gaps = data.gaps
    utility = gaps @ coefficients
    if data.offered is not None:
        utility[~data.offered] = -np.inf
    # A number holds exp of 700; only beyond that must each case be measured against its best alternative.
    far = utility.max() > _SAFE
    top = np.maximum(utility.max(axis=1), 0.0) if far else np.zeros(len(data))
    chance = np.exp(utility - top[:, None])
    total = np.exp(-top) + chance.sum(axis=1)
    chance /= total[:, None]
    log_likelihood = -float(data.weight @ (top + np.log(total)))
    mean = np.matmul(chance[:, None, :], gaps)[:, 0, :]
    flat = gaps.reshape(-1, gaps.shape[2])
    weighted = flat * (chance * data.weight[:, None]).reshape(-1, 1)
    information = weighted.T @ flat - (mean * data.weight[:, None]).T @ mean
    return LogitPoint(log_likelihood, mean * -data.weight[:, None], information, chance)


def newton(data: ChoiceData, most_steps: int = MOST_STEPS) -> NewtonResult:
    """Climb to the one peak of the log-likelihood (it is concave), halving steps that overshoot.

    Where the choices are separated there is no peak: the climb ends after `most_steps`, or when a step gains nothing.
    """
    scale = column_scale(data)
    coefficients = np.zeros(len(scale))
    point = logit_point(data, coefficients)
    for step in range(1, most_steps + 1):
        gradient = point.scores.sum(axis=0)
        move = _solve(point.information / np.outer(scale, scale), gradient / scale) / scale
        gain = float(gradient @ move)
        if gain <= NEAR * len(data):  # so near the peak a step doubles the right digits, past what can be measured
            last = coefficients + move
            return NewtonResult(last, logit_point(data, last), step, arrived=True)
        better = _shortened(data, coefficients, move, point.log_likelihood)
        if better is None:  # the floating point can tell no difference any more
            return NewtonResult(coefficients, point, step, arrived=False)
        coefficients, point = better
    return NewtonResult(coefficients, point, most_steps, arrived=False)


def column_scale(data: ChoiceData) -> NDArray[np.float64]:
    """Return how much alternatives differ in each column, as a root mean square; 1 where they never do."""
    size = np.sqrt(np.einsum("cjk,cjk->k", data.gaps, data.gaps) / len(data))
    return np.where(size > 0, size, 1.0)


def _shortened(
    data: ChoiceData, start: NDArray[np.float64], move: NDArray[np.float64], level: float
) -> tuple[NDArray[np.float64], LogitPoint] | None:
    for _ in range(_HALVINGS):
        tried = start + move
        point = logit_point(data, tried)
        if point.log_likelihood > level:
            return tried, point
        move = move / 2
    return None


def _solve(information: NDArray[np.float64], gradient: NDArray[np.float64]) -> NDArray[np.float64]:
    try:
        step = np.linalg.solve(information, gradient)
    except np.linalg.LinAlgError:  # flat in some direction: separated choices far from the start
        step = np.linalg.lstsq(information, gradient, rcond=None)[0]
    return np.asarray(step, dtype=np.float64)
