"""Total revenue of the months ahead under one or more price lists, billed on the same draws of usage.

Usage is forecast and billed, never the bill scaled: price lists are not linear. The largest accounts are drawn one by
one; of the others the expected total is worked out as a curve over the common shift, which each draw reads at its own.
Draws are summed, not medians: medians of log-normal usage add up to too little.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.forecast.arrivals import Arrivals
from workbench.forecast.curves import Curve, curve_of, shift_nodes
from workbench.forecast.growth import SLOPE_DAMPING
from workbench.forecast.luck import Luck
from workbench.forecast.outlook import Outlook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.forecast.curves import Bill
    from workbench.forecast.history import UsageHistory

    Floats = NDArray[np.float64]

DRAWS = 1_000
LARGEST = 60
_BLOCK = 20_000  # accounts billed at once


@dataclass(frozen=True, slots=True)
class Totals:
    """Draws of total revenue: price lists x draws x months ahead; the same draws for every list."""

    names: tuple[str, ...]
    draws: Floats

    def of(self, name: str) -> Floats:
        """Return the draws of one list, draws x months ahead."""
        return self.draws[self.names.index(name)]

    def ranges(self, name: str, level: float = 0.9) -> Floats:
        """Return low, median and high per month ahead (3 x months); the range holds `level` of the draws."""
        off = (1 - level) / 2
        return np.quantile(self.of(name), [off, 0.5, 1 - off], axis=0)

    def chance(self, name: str, against: str) -> Floats:
        """Return, per month ahead, the share of draws in which one list brings more than another."""
        return (self.of(name) > self.of(against)).mean(axis=0)

    def widened(self, factor: float) -> Totals:
        """Return the totals with each list's draws stretched about their median, in logarithms."""
        logs = np.log(np.maximum(self.draws, 1e-12))
        middle = np.median(logs, axis=1, keepdims=True)
        return Totals(self.names, np.exp(middle + factor * (logs - middle)))


@dataclass(frozen=True, slots=True)
class Parts:
    """What totals are made of: revenue of today's accounts, who stay, by group, and of those who join.

    `staying` is groups x lists x draws x months ahead, `joining` lists x draws x months; `kept` (groups x draws x
    months) is the share of a group's accounts that are left, `joined` (draws x months) how many new ones are there.
    `shock` is the standard deviation of a month's common shock, in logarithms, of the metric with the largest.
    """

    names: tuple[str, ...]
    staying: Floats
    joining: Floats
    kept: Floats
    joined: Floats
    shock: float = 0.0

    @property
    def totals(self) -> Totals:
        """Return the totals of all groups and of those who join."""
        return Totals(self.names, self.staying.sum(axis=0) + self.joining)

    def widened(self, factor: float) -> Parts:
        """Return the parts with all of a draw's revenue stretched as its total is."""
        before, after = self.totals.draws, self.totals.widened(factor).draws
        scale = np.divide(after, before, out=np.ones_like(before), where=before > 0)
        return replace(self, staying=self.staying * scale, joining=self.joining * scale)


def simulate_totals(
    history: UsageHistory,
    lists: Mapping[str, Bill],
    horizon: int,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    largest: int = LARGEST,
) -> Totals:
    """Draw total monthly revenue for the months ahead, of customers of today who stay and of those who join.

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

    """
    return simulate_parts(history, lists, horizon, draws=draws, seed=seed, largest=largest).totals


def simulate_parts(
    history: UsageHistory,
    lists: Mapping[str, Bill],
    horizon: int,
    *,
    group: NDArray[np.int64] | None = None,
    groups: int = 1,
    draws: int = DRAWS,
    seed: int = 0,
    largest: int = LARGEST,
) -> Parts:
    """Draw what totals are made of, as `simulate_totals` draws them.

    `group` (one per account, from 0 to `groups` - 1) splits the customers of today; all are one group without it.
    """
    rng = np.random.default_rng(seed)
    outlook = Outlook.of(history, horizon, draws, rng)
    member = np.zeros(history.accounts, dtype=np.int64) if group is None else group
    here = np.flatnonzero(history.active[:, -1])
    now = np.exp([fit.level[here] for fit in outlook.fits])
    size = np.max([bill(now, here) for bill in lists.values()], axis=0)
    ranked = here[np.argsort(-size, kind="stable")]
    staying = _drawn(outlook, lists, ranked[:largest], member, groups, rng)
    others = _others(outlook, lists, ranked[largest:], member, groups)
    arrivals = Arrivals.of(outlook, rng)
    joining = np.zeros(staying.shape[1:])
    joined = np.zeros((draws, len(outlook.billed)))
    luck, luck_of_new = Luck(groups, len(lists), draws, rng), Luck(1, len(lists), draws, rng)
    for column, curve in enumerate(others):
        shift, comers = outlook.shift[:, :, column], arrivals.curve(lists, column)
        lasting = np.exp(-(outlook.leaving - 1) * curve.hazard[:, None])
        expected = curve.read(shift) * lasting[:, None]
        staying[:, :, :, column] += expected * luck.factors(expected.mean(axis=2), curve.covariance)
        joined[:, column] = arrivals.present(column)
        expected = comers.read(shift) * joined[:, column]
        joining[:, :, column] = (expected * luck_of_new.factors(expected.mean(axis=2), comers.covariance))[0]
    shock = max((float(fit.shocks.std()) for fit in outlook.fits if len(fit.shocks)), default=0.0)
    kept = outlook.kept(here, member[here], groups)
    monthly = [_every_month(each, outlook.billed) for each in (staying, joining, kept, joined)]
    return Parts(tuple(lists), monthly[0], monthly[1], monthly[2], monthly[3], shock)


def _every_month(values: Floats, billed: NDArray[np.int64]) -> Floats:
    """Fill the months between those that were billed, on a straight line."""
    months = np.arange(1, billed[-1] + 1)
    right = np.searchsorted(billed, months)
    left = np.maximum(right - 1, 0)
    gap = np.maximum(billed[right] - billed[left], 1)
    part = np.where(right == left, 0.0, (months - billed[left]) / gap)
    return values[..., left] * (1 - part) + values[..., right] * part


def _drawn(  # noqa: PLR0917 - what accounts are drawn by
    outlook: Outlook,
    lists: Mapping[str, Bill],
    places: NDArray[np.int64],
    member: NDArray[np.int64],
    groups: int,
    rng: np.random.Generator,
) -> Floats:
    """Bill accounts one by one in every draw: groups x lists x draws x billed months."""
    paths, shape = outlook.paths(places), (outlook.draws, len(places))
    total = np.zeros((groups, len(lists), outlook.draws, len(outlook.billed)))
    belongs = (member[places][:, None] == np.arange(groups)).astype(float)
    patience = rng.exponential(size=shape)
    slopes = [np.sqrt(fit.slope_variance) * rng.standard_normal(shape) for fit in outlook.fits]
    errors = [np.sqrt(fit.level_error) * fit.scale[places] for fit in outlook.fits]  # of where each walk begins
    walks = [error * rng.standard_normal(shape) for error in errors]
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
            total[:, index, :, column] = ((bill(np.array(quantities), who).reshape(shape) * stays) @ belongs).T
    return total


def _others(
    outlook: Outlook, lists: Mapping[str, Bill], places: NDArray[np.int64], member: NDArray[np.int64], groups: int
) -> list[Curve]:
    """Return the expected totals of accounts as a curve per billed month, worked out in blocks of accounts."""
    nodes = [shift_nodes(outlook.shift[:, :, column]) for column in range(len(outlook.billed))]
    curves: list[Curve | None] = [None] * len(nodes)
    for start in range(0, max(1, len(places)), _BLOCK):
        block = places[start : start + _BLOCK]
        paths = outlook.paths(block)
        for column, at in enumerate(nodes):
            curve = curve_of(paths.at(column), lists, at, member[block], groups)
            known = curves[column]
            curves[column] = curve if known is None else known + curve
    return [curve for curve in curves if curve is not None]
