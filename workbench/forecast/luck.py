"""The luck of single accounts in a total: the same for every price list, and it lasts over months."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Luck:
    """Factors of mean 1 for the totals of groups of accounts; lists of a group share their luck, groups do not."""

    def __init__(self, groups: int, lists: int, draws: int, rng: np.random.Generator) -> None:
        self._walk = np.zeros((groups, lists, draws))
        self._spread = np.zeros((groups, lists, lists))
        self._rng = rng

    def factors(self, means: Floats, covariance: Floats) -> Floats:
        """Return the factors of the next month (groups x lists x draws) for totals of these means and covariances."""
        scale = np.maximum(means, 1e-12)
        relative = np.log1p(np.maximum(covariance / (scale[:, :, None] * scale[:, None, :]), 0.0))
        values, vectors = np.linalg.eigh(relative - self._spread)
        step = vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]
        self._walk = self._walk + step @ self._rng.standard_normal(self._walk.shape)
        self._spread = self._spread + step @ step.transpose(0, 2, 1)
        variance = np.diagonal(self._spread, axis1=1, axis2=2)
        return np.exp(self._walk - variance[:, :, None] / 2)
