"""The luck of single accounts in a total: the same for every price list, and it lasts over months."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Luck:
    """Factors of mean 1 for the totals of groups of accounts; lists of a group share their luck, groups do not.

    Luck adds up in money: what the first few customers who join happen to be weighs less the more of them there are.
    """

    def __init__(self, groups: int, lists: int, draws: int, rng: np.random.Generator) -> None:
        self._walk = np.zeros((groups, lists, draws))
        self._spread = np.zeros((groups, lists, lists))
        self._rng = rng

    def factors(self, means: Floats, covariance: Floats) -> Floats:
        """Return the factors of the next month (groups x lists x draws) for totals of these means and covariances."""
        values, vectors = np.linalg.eigh(covariance - self._spread)
        step = vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]
        self._walk = self._walk + step @ self._rng.standard_normal(self._walk.shape)
        self._spread = self._spread + step @ step.transpose(0, 2, 1)
        wanted = np.log1p(np.maximum(_diagonal(covariance), 0.0) / np.maximum(means, 1e-12) ** 2)
        so_far = _diagonal(self._spread)
        scale = np.sqrt(np.divide(wanted, so_far, out=np.zeros_like(wanted), where=so_far > 0))
        return np.exp(self._walk * scale[:, :, None] - wanted[:, :, None] / 2)


def _diagonal(values: Floats) -> Floats:
    return np.diagonal(values, axis1=1, axis2=2)
