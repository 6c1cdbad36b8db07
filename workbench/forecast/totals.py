"""Total revenue of the months ahead under one or more price lists, billed on the same draws of usage.

Usage is forecast and billed, never the bill scaled: price lists are not linear. The largest accounts are drawn one by
one; of the others the expected total is worked out as a curve over the common shift, which each draw reads at its own.
Draws are summed, not medians: medians of log-normal usage add up to too little.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.forecast.curves import Curve, curve_of, nothing, shift_nodes
from workbench.forecast.growth import SLOPE_DAMPING
from workbench.forecast.outlook import Moment, Outlook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.forecast.curves import Bill
    from workbench.forecast.history import UsageHistory

DRAWS = 1_000
LARGEST = 60
_DONORS = 300
_AGES = 5  # at which the customers who joined are billed
_TREND_OF_NEW = 0.2  # sd of the yearly trend of how many join, in logarithms
_BLOCK = 20_000  # accounts billed at once
_YEAR = 12


@dataclass(frozen=True, slots=True)
class Totals:
    """Draws of total revenue: price lists x draws x months ahead; the same draws for every list."""

    names: tuple[str, ...]
    draws: NDArray[np.float64]

    def of(self, name: str) -> NDArray[np.float64]:
        """Return the draws of one list, draws x months ahead."""
        return self.draws[self.names.index(name)]

    def ranges(self, name: str, level: float = 0.9) -> NDArray[np.float64]:
        """Return low, median and high per month ahead (3 x months); the range holds `level` of the draws."""
        off = (1 - level) / 2
        return np.quantile(self.of(name), [off, 0.5, 1 - off], axis=0)

    def chance(self, name: str, against: str) -> NDArray[np.float64]:
        """Return, per month ahead, the share of draws in which one list brings more than another."""
        return (self.of(name) > self.of(against)).mean(axis=0)

    def widened(self, factor: float) -> Totals:
        """Return the totals with each list's draws stretched about their median, in logarithms."""
        logs = np.log(np.maximum(self.draws, 1e-12))
        middle = np.median(logs, axis=1, keepdims=True)
        return Totals(self.names, np.exp(middle + factor * (logs - middle)))


def simulate_totals(
    history: UsageHistory,
    lists: Mapping[str, Bill],
    horizon: int,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    largest: int = LARGEST,
) -> Totals:
    """Draw total monthly revenue for the months ahead.

    Parameters
    ----------
    history
        Usage so far, complete months.
    lists
        Price lists by name; each bills a month's quantities of given accounts.
    horizon
        Months ahead.
    draws, seed
        How many draws, and where their random numbers start.
    largest
        How many of the largest accounts are drawn one by one.

    Returns
    -------
    The draws, of customers of today who stay and of those who join.
    """
    rng = np.random.default_rng(seed)
    outlook = Outlook.of(history, horizon, draws, rng)
    here = np.flatnonzero(history.active[:, -1])
    now = np.exp([fit.level[here] for fit in outlook.fits])
    size = np.max([bill(now, here) for bill in lists.values()], axis=0)
    ranked = here[np.argsort(-size, kind="stable")]
    total = _drawn(outlook, lists, ranked[:largest], rng)
    others = _others(outlook, lists, ranked[largest:])
    arrivals = _Arrivals.of(outlook, rng)
    luck = _Luck(len(lists), draws, rng)
    for column in range(len(outlook.billed)):
        shift = outlook.shift[:, :, column]
        curve, joined = others[column], arrivals.curve(lists, column)
        lasting = np.exp(-(outlook.leaving - 1) * curve.hazard)
        expected = curve.read(shift) * lasting + joined.read(shift) * arrivals.present(column)
        total[:, :, column] += expected * luck.factors(expected.mean(axis=1), curve.covariance + joined.covariance)
    return Totals(tuple(lists), _every_month(total, outlook.billed))


def _every_month(values: NDArray[np.float64], billed: NDArray[np.int64]) -> NDArray[np.float64]:
    """Fill the months between those that were billed, on a straight line."""
    months = np.arange(1, billed[-1] + 1)
    right = np.searchsorted(billed, months)
    left = np.maximum(right - 1, 0)
    gap = np.maximum(billed[right] - billed[left], 1)
    part = np.where(right == left, 0.0, (months - billed[left]) / gap)
    return values[:, :, left] * (1 - part) + values[:, :, right] * part


def _drawn(
    outlook: Outlook, lists: Mapping[str, Bill], places: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Bill accounts one by one in every draw: lists x draws x billed months."""
    paths, shape = outlook.paths(places), (outlook.draws, len(places))
    total = np.zeros((len(lists), outlook.draws, len(outlook.billed)))
    patience = rng.exponential(size=shape)
    slopes = [np.sqrt(fit.slope_variance) * rng.standard_normal(shape) for fit in outlook.fits]
    walks = [np.zeros(shape) for _ in outlook.fits]
    who = np.tile(places, outlook.draws)
    before = 0
    for column, month in enumerate(outlook.billed):
        quantities = []
        damped = (1 - SLOPE_DAMPING**month) / (1 - SLOPE_DAMPING)
        for metric, fit in enumerate(outlook.fits):
            scale = fit.scale[places]
            walks[metric] += np.sqrt(fit.walk * (month - before)) * scale * rng.standard_normal(shape)
            noise = np.sqrt(fit.level_noise) * scale * rng.standard_normal(shape)
            logs = paths.centre[metric, :, column] + slopes[metric] * damped + walks[metric] + noise
            used = rng.random(shape) >= paths.zero[metric]
            quantities.append(np.where(used, np.exp(logs + outlook.shift[metric, :, column, None]), 0.0).ravel())
        before = int(month)
        stays = paths.hazard[:, column] * outlook.leaving[:, None] < patience
        for index, bill in enumerate(lists.values()):
            total[index, :, column] = (bill(np.array(quantities), who).reshape(shape) * stays).sum(axis=1)
    return total


def _others(outlook: Outlook, lists: Mapping[str, Bill], places: NDArray[np.int64]) -> list[Curve]:
    """Return the expected total of accounts as a curve per billed month, worked out in blocks of accounts."""
    nodes = [shift_nodes(outlook.shift[:, :, column]) for column in range(len(outlook.billed))]
    curves: list[Curve | None] = [None] * len(nodes)
    for start in range(0, max(1, len(places)), _BLOCK):
        paths = outlook.paths(places[start : start + _BLOCK])
        for column, at in enumerate(nodes):
            curve = curve_of(paths.at(column), lists, at)
            known = curves[column]
            curves[column] = curve if known is None else known + curve
    return [curve for curve in curves if curve is not None]


@dataclass(frozen=True, slots=True)
class _Arrivals:
    """Customers who join later, each like one of those who joined lately, brought back to the month they joined.

    `start` is their log usage then (metrics x donors), `grown` what they add by each age (metrics x donors x ages);
    `arriving` is how many join, draws x months.
    """

    outlook: Outlook
    donors: NDArray[np.int64]
    start: NDArray[np.float64]
    grown: NDArray[np.float64]
    survival: NDArray[np.float64]
    arriving: NDArray[np.float64]

    @classmethod
    def of(cls, outlook: Outlook, rng: np.random.Generator) -> _Arrivals:
        """Let customers join at the rate of the last year, whose error and trend are drawn."""
        history, attrition, horizon = outlook.history, outlook.attrition, outlook.horizon
        donors = attrition.donors
        if len(donors) > _DONORS:
            donors = rng.choice(donors, _DONORS, replace=False)
        count, segment, age = len(donors), history.segment[donors], history.age[donors] + history.months - 1
        ages = np.arange(1, max(horizon, int(age.max(initial=0)) + 1))[:, None] + np.zeros(count, dtype=np.int64)
        kept = np.resize(np.r_[outlook.common.kept_growth, np.zeros(len(ages))], len(ages))[:, None]
        start, grown = [], []
        for fit in outlook.fits:
            steps = fit.steps(ages, segment)
            start.append(fit.level[donors] - np.where(ages <= age, steps, 0.0).sum(axis=0))
            grown.append(np.vstack([np.zeros(count), np.cumsum(kept * steps, axis=0)]).T)
        hazard = attrition.of(ages[: horizon - 1], segment).sum(axis=1) / max(1, count)
        rate = attrition.joined_per_month * rng.gamma(attrition.joined + 1, 1, outlook.draws) / (attrition.joined + 1)
        trend = rng.normal(0, _TREND_OF_NEW, outlook.draws)[:, None]
        arriving = rate[:, None] * np.exp(trend * np.arange(1, horizon + 1) / _YEAR)
        survival = np.exp(-np.r_[0.0, np.cumsum(hazard)])
        return cls(outlook, donors, np.array(start), np.array(grown), survival, arriving)

    def present(self, column: int) -> NDArray[np.float64]:
        """Return how many of those who joined are there in a billed month, per draw."""
        month = int(self.outlook.billed[column])
        return self.arriving[:, :month] @ self.survival[:month][::-1]

    def curve(self, lists: Mapping[str, Bill], column: int) -> Curve:
        """Return the expected bill of one of them in a billed month as a curve, with the luck of all."""
        month, fits, count = int(self.outlook.billed[column]), self.outlook.fits, len(self.donors)
        nodes = shift_nodes(self.outlook.shift[:, :, column])
        if count == 0 or not self.arriving.any():
            return nothing(nodes, len(lists))
        ages = np.unique(np.linspace(0, month - 1, min(_AGES, month)).round().astype(int))
        weights = np.repeat(self.survival[ages] / self.survival[ages].sum() / count, count)
        spread = [np.sqrt(fit.walk * ages[:, None] + fit.level_noise) * fit.scale[self.donors] for fit in fits]
        moment = Moment(
            np.tile(self.donors, len(ages)),
            (self.start[:, None, :] + self.grown[:, :, ages].transpose(0, 2, 1)).reshape(len(fits), -1),
            np.array(spread).reshape(len(fits), -1),
            np.array([np.tile(fit.zero_share[self.donors], len(ages)) for fit in fits]),
            -np.log(weights),  # each stands for its part of one new customer
        )
        one = curve_of(moment, lists, nodes)
        present = float(self.present(column).mean())
        # How large new customers are is known from the few that joined: their mean has an error of its own.
        error = np.maximum(one.covariance - one.base[:, None] * one.base, 0.0) / len(self.outlook.attrition.donors)
        luck = self.outlook.attrition.overdispersion * present * one.covariance + present**2 * error
        return replace(one, covariance=luck)


class _Luck:
    """Factors of mean 1 for the luck of single accounts: the same luck for every list, and it lasts over months."""

    def __init__(self, lists: int, draws: int, rng: np.random.Generator) -> None:
        self._walk = np.zeros((lists, draws))
        self._spread = np.zeros((lists, lists))
        self._rng = rng

    def factors(self, means: NDArray[np.float64], covariance: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the factors of the next month, lists x draws, for totals of these means and covariance."""
        scale = np.maximum(means, 1e-12)
        relative = np.log1p(np.maximum(covariance / np.outer(scale, scale), 0.0))
        values, vectors = np.linalg.eigh(relative - self._spread)
        step = vectors * np.sqrt(np.maximum(values, 0.0))
        self._walk = self._walk + step @ self._rng.standard_normal(self._walk.shape)
        self._spread = self._spread + step @ step.T
        return np.exp(self._walk - np.diag(self._spread)[:, None] / 2)
