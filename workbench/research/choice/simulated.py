"""The simulated log-likelihood of a mixed logit as a function of its parameters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from workbench.research.choice.newton import column_scale
from workbench.research.choice.panel import Block, block_point, blocks, person_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.research.choice.data import ChoiceData
    from workbench.research.choice.tastes import Tastes


@dataclass(eq=False)
class SimulatedLikelihood:
    """Minus the simulated log-likelihood per respondent and its gradient, for columns of similar size.

    Parameters (P,) are those of `tastes` for columns divided by `scale`. `draws` (N, Q, R) are standard normal.
    """

    data: ChoiceData
    tastes: Tastes
    draws: NDArray[np.float64]
    evaluations: int = 0
    scale: NDArray[np.float64] = field(init=False)
    weight: NDArray[np.float64] = field(init=False)
    _blocks: list[tuple[Block, NDArray[np.float64]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.scale = column_scale(self.data)
        self.weight = person_weights(self.data)
        found = blocks(self.data, self.draws.shape[2], self.scale)
        self._blocks = [(block, self.draws[block.person]) for block in found]

    def __call__(self, parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Return minus the weighted log-likelihood and its gradient, both per respondent."""
        levels, scores = self.per_person(parameters)
        people = len(self.weight)
        return -float(self.weight @ levels) / people, -(self.weight @ scores) / people

    def per_person(self, parameters: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return each respondent's log-likelihood (N,) and gradient (N, P), without weights."""
        self.evaluations += 1
        levels = np.empty(len(self.weight))
        scores = np.empty((len(self.weight), len(parameters)))
        for block, draws in self._blocks:
            point = block_point(block, self.tastes, parameters, draws)
            levels[block.person] = point.log_likelihood
            scores[block.person] = point.scores
        return levels, scores

    def hessian(self, parameters: NDArray[np.float64], step: float = 1e-4) -> NDArray[np.float64]:
        """Return the second derivatives of minus the total log-likelihood, from central differences of the gradient."""
        size = len(parameters)
        found = np.empty((size, size))
        for at in range(size):
            move = np.zeros(size)
            move[at] = step
            found[at] = (self(parameters + move)[1] - self(parameters - move)[1]) / (2 * step)
        return (found + found.T) / 2 * len(self.weight)
