"""Expected totals as curves over the common shift, so that many accounts are billed once and not in every draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from workbench.forecast.outlook import Moment

    Floats = NDArray[np.float64]
    Bill = Callable[[NDArray[np.float64], NDArray[np.int64]], NDArray[np.float64]]
    """Bills quantities (metrics x n) of accounts (n places in the history): n amounts a month.

    One that has a method `depends(metric, places)` says which accounts a metric makes a difference for, so that
    nobody else is billed again while that metric moves.
    """

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
_NODE_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_SHIFT_QUANTILES = (0.0, 0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98, 1.0)
_MIDDLE = len(_SHIFT_QUANTILES) // 2
_TINY = 1e-12
_AT_ONCE = 60_000  # bills worked out in one call: enough that calls cost nothing, few enough for the cache


def shift_nodes(shift: Floats) -> Floats:
    """Return the shifts at which totals are worked out, metrics x nodes, for shifts of metrics x draws."""
    return np.quantile(shift, _SHIFT_QUANTILES, axis=1).T


@dataclass(frozen=True, slots=True)
class Curve:
    """Expected totals of groups of accounts in one month.

    `values` are groups x lists x metrics x nodes: the total when one metric is shifted, others at their middle. `base`
    is the total at all middles without own noise. A total is taken as the sum of what each metric adds to it, which is
    exact where a list adds up charges on single metrics. `covariance` (groups x lists x lists) is the luck of single
    accounts, `hazard` (one per group) that of leaving so far, as revenue weighs it.
    """

    nodes: Floats
    values: Floats
    base: Floats
    covariance: Floats
    hazard: Floats

    def __add__(self, other: Curve) -> Curve:
        total = self.base + other.base
        hazard = (self.hazard * self.base[:, 0] + other.hazard * other.base[:, 0]) / np.maximum(total[:, 0], _TINY)
        covariance = self.covariance + other.covariance
        return Curve(self.nodes, self.values + other.values, total, covariance, hazard)

    def read(self, shift: Floats) -> Floats:
        """Return the totals at each draw's shifts (metrics x draws): groups x lists x draws."""
        total = np.repeat(self.base[:, :, None], shift.shape[1], axis=2)
        logs = np.log(np.maximum(self.values, _TINY))
        for group, name, metric in np.ndindex(self.values.shape[:3]):
            curve = np.exp(np.interp(shift[metric], self.nodes[metric], logs[group, name, metric]))
            total[group, name] += curve - self.base[group, name]
        return np.maximum(total, 0.0)


def nothing(nodes: Floats, lists: int) -> Curve:
    """Return the curve of nobody."""
    return Curve(nodes, np.zeros((1, lists, *nodes.shape)), np.zeros((1, lists)), np.zeros((1, lists, lists)), _NONE)


_NONE = np.zeros(1)


def curve_of(
    moment: Moment, lists: Mapping[str, Bill], nodes: Floats, group: NDArray[np.int64] | None = None, groups: int = 1
) -> Curve:
    """Bill accounts in one month at every node of shift and of own noise; `group` says which total each is part of."""
    stays = np.exp(-moment.hazard)
    member = np.zeros((len(stays), groups))
    member[np.arange(len(stays)), 0 if group is None else group] = 1.0
    staying = member * stays[:, None]
    still = np.exp(moment.centre + nodes[:, _MIDDLE, None]) * (1 - moment.zero)
    fixed = np.array([bill(still, moment.places) for bill in lists.values()])
    values = np.empty((groups, len(lists), *nodes.shape))
    means = fixed.copy()
    own = np.zeros((len(lists), len(lists), len(stays)))
    for metric in range(len(nodes)):
        for position, bills, chances in _over_noise(moment, lists, (still, fixed), metric, nodes[metric]):
            expected = (bills * chances).sum(axis=1)
            values[:, :, metric, position] = (expected @ staying).T
            if position == _MIDDLE:
                means += expected - fixed
                own += np.einsum("acn,bcn->abn", bills * chances, bills) - expected[:, None] * expected[None, :]
    covariance = (own * stays + means[:, None] * means[None, :] * (stays - stays**2)) @ member
    base = (fixed @ staying).T
    hazard = (fixed[0] * moment.hazard) @ staying / np.maximum(base[:, 0], _TINY)
    return Curve(nodes, values, base, covariance.transpose(2, 0, 1), hazard)


def _over_noise(
    moment: Moment, lists: Mapping[str, Bill], usual: tuple[Floats, Floats], metric: int, shifts: Floats
) -> Iterator[tuple[int, Floats, Floats]]:
    """Go through the nodes of one metric's shift: place, bills (lists x cases x accounts), chance of each case.

    `usual` are the quantities and the bills where nothing is shifted and there is no noise.
    """
    zero, (still, fixed) = moment.zero[metric], usual
    used = moment.centre[metric] + moment.spread[metric] * _NODES[:, None]
    chances = _NODE_WEIGHTS[:, None] * (1 - zero)
    if zero.any():
        used = np.vstack([used, np.full(len(zero), -np.inf)])
        chances = np.vstack([chances, zero])
    concerned = [depends_on(bill, metric, moment.places) for bill in lists.values()]
    step = max(1, _AT_ONCE // max(1, used.size))
    for start in range(0, len(shifts), step):
        part = shifts[start : start + step]
        bills = np.empty((len(lists), len(part), *used.shape))
        bills[:] = fixed[:, None, None]
        for name, (bill, here) in enumerate(zip(lists.values(), concerned, strict=True)):
            if len(here):
                many = len(part) * len(used)
                quantities = np.tile(still[:, here], many)
                quantities[metric] = np.exp(used[:, here] + part[:, None, None]).ravel()
                amounts = bill(quantities, np.tile(moment.places[here], many))
                bills[name][..., here] = amounts.reshape(len(part), len(used), -1)
        for number in range(len(part)):
            yield start + number, bills[:, number], chances


def depends_on(bill: Bill, metric: int, places: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return which of these accounts (places among them) a metric makes a difference for; all where nobody says."""
    depends = getattr(bill, "depends", None)
    return np.arange(len(places)) if depends is None else np.flatnonzero(depends(metric, places))
