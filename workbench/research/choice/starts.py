"""Climb a likelihood with several peaks from several places, and keep what every climb reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from workbench.research.choice.simulated import SimulatedLikelihood
    from workbench.research.choice.tastes import Tastes

MOST_STEPS = 400
FLAT = 1e-5
"""Largest slope, per respondent and for columns of similar size, that counts as the top of a peak."""
_FAR = 4.0
_FIRST_SPREAD = 0.5
_SPREADS = (0.2, 2.5)
_LEAST = 0.05
_SAME = 1e-4


@dataclass(frozen=True, eq=False)
class Climb:
    """Where one start ended: parameters for columns of similar size, and whether the slope was flat there."""

    number: int
    log_likelihood: float
    parameters: NDArray[np.float64]
    arrived: bool
    steps: int
    evaluations: int


def climb_all(
    likelihood: SimulatedLikelihood, coefficients: NDArray[np.float64], starts: int, seed: int
) -> tuple[Climb, ...]:
    """Climb from several places around the coefficients (K,) of the multinomial logit; one result per start."""
    places = start_places(likelihood.tastes, coefficients * likelihood.scale, starts, seed)
    return tuple(_climb(likelihood, place, number) for number, place in enumerate(places, start=1))


def best_of(climbs: tuple[Climb, ...]) -> Climb:
    """Return the highest climb, the first of those that reached the same peak."""
    highest = max(climb.log_likelihood for climb in climbs)
    return next(climb for climb in climbs if climb.log_likelihood > highest - _SAME)


def start_places(
    tastes: Tastes, coefficients: NDArray[np.float64], starts: int, seed: int
) -> Iterator[NDArray[np.float64]]:
    """Yield places (P,) to start from: the multinomial logit with modest spreads first, then around it by chance."""
    random = np.random.default_rng(seed)
    middle = np.clip(coefficients, -_FAR, _FAR)
    signs = tastes.signs
    for number in range(starts):
        place = middle.copy()
        spread = np.full(len(tastes.columns), _FIRST_SPREAD)
        if number:
            place[tastes.columns] += random.normal(0, 1, len(tastes.columns))
            spread = random.uniform(*_SPREADS, len(tastes.columns))
        logs = np.flatnonzero(signs)
        place[logs] = np.log(np.maximum(signs[logs] * place[logs], _LEAST))
        spread[tastes.sign != 0] = np.minimum(spread[tastes.sign != 0], 1.0)
        yield np.concatenate([place, spread])


def _climb(likelihood: SimulatedLikelihood, place: NDArray[np.float64], number: int) -> Climb:
    from scipy.optimize import minimize  # noqa: PLC0415 - loads slowly

    before = likelihood.evaluations
    found = minimize(likelihood, place, jac=True, method="BFGS", options={"gtol": FLAT, "maxiter": MOST_STEPS})
    # A line search that can gain no more than rounding stops with a complaint; a flat slope settles it.
    arrived = bool(np.abs(found.jac).max() < 10 * FLAT)
    level = -float(found.fun) * len(likelihood.weight)
    return Climb(number, level, np.asarray(found.x), arrived, int(found.nit), likelihood.evaluations - before)
