"""Expected totals as curves over the common shift, so that many accounts are billed once and not in every draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from workbench.forecast.outlook import Moment

    Bill = Callable[[NDArray[np.float64], NDArray[np.int64]], NDArray[np.float64]]
    """Bills quantities (metrics x n) of accounts (n places in the history): n amounts a month."""

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
_NODE_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_SHIFT_QUANTILES = (0.0, 0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98, 1.0)
_MIDDLE = len(_SHIFT_QUANTILES) // 2
_TINY = 1e-12


def shift_nodes(shift: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the shifts at which totals are worked out, metrics x nodes, for shifts of metrics x draws."""
    return np.quantile(shift, _SHIFT_QUANTILES, axis=1).T


@dataclass(frozen=True, slots=True)
class Curve:
    """Expected totals of a group of accounts in one month.

    `values` are lists x metrics x nodes: the total when one metric is shifted, others at their middle. `base` is the
    total at all middles without own noise. A total is taken as the sum of what each metric adds to it, which is exact
    where a list adds up charges on single metrics. `covariance` (lists x lists) is the luck of single accounts.
    """

    nodes: NDArray[np.float64]
    values: NDArray[np.float64]
    base: NDArray[np.float64]
    covariance: NDArray[np.float64]
    hazard: float = 0.0

    def __add__(self, other: Curve) -> Curve:
        total = self.base + other.base
        hazard = (self.hazard * self.base[0] + other.hazard * other.base[0]) / max(total[0], _TINY)
        covariance = self.covariance + other.covariance
        return Curve(self.nodes, self.values + other.values, total, covariance, float(hazard))

    def read(self, shift: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the totals at each draw's shifts (metrics x draws): lists x draws."""
        total = np.repeat(self.base[:, None], shift.shape[1], axis=1)
        for name, metric in np.ndindex(self.values.shape[:2]):
            curve = np.log(np.maximum(self.values[name, metric], _TINY))
            total[name] += np.exp(np.interp(shift[metric], self.nodes[metric], curve)) - self.base[name]
        return np.maximum(total, 0.0)


def nothing(nodes: NDArray[np.float64], lists: int) -> Curve:
    """Return the curve of nobody."""
    return Curve(nodes, np.zeros((lists, *nodes.shape)), np.zeros(lists), np.zeros((lists, lists)))


def curve_of(moment: Moment, lists: Mapping[str, Bill], nodes: NDArray[np.float64]) -> Curve:
    """Bill a group of accounts in one month at every node of shift and of own noise."""
    stays = np.exp(-moment.hazard)
    still = np.exp(moment.centre + nodes[:, _MIDDLE, None]) * (1 - moment.zero)
    fixed = np.array([bill(still, moment.places) for bill in lists.values()])
    values = np.empty((len(lists), *nodes.shape))
    means = fixed.copy()
    own = np.zeros((len(lists), len(lists), len(moment.places)))
    for metric, position in np.ndindex(nodes.shape):
        expected, products = _over_noise(moment, lists, still, metric, float(nodes[metric, position]))
        values[:, metric, position] = expected @ stays
        if position == _MIDDLE:
            means += expected - fixed
            own += products - expected[:, None] * expected[None, :]
    covariance = (own * stays + means[:, None] * means[None, :] * (stays - stays**2)).sum(axis=2)
    base = fixed @ stays
    hazard = float((fixed[0] * stays) @ moment.hazard / max(base[0], _TINY))
    return Curve(nodes, values, base, covariance, hazard)


def _over_noise(
    moment: Moment, lists: Mapping[str, Bill], still: NDArray[np.float64], metric: int, shift: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each account's expected bills over its own noise in one metric, and the expected products of two lists."""
    zero = moment.zero[metric]
    expected = np.zeros((len(lists), len(zero)))
    products = np.zeros((len(lists), *expected.shape))
    quantities = still.copy()
    cases = [
        (np.exp(moment.centre[metric] + shift + moment.spread[metric] * node), weight * (1 - zero))
        for node, weight in zip(_NODES, _NODE_WEIGHTS, strict=True)
    ]
    for used, chance in (*cases, (np.zeros(len(zero)), zero)) if zero.any() else cases:
        quantities[metric] = used
        bills = np.array([bill(quantities, moment.places) for bill in lists.values()])
        expected += chance * bills
        products += chance * bills[:, None] * bills[None, :]
    return expected, products
