"""Total revenue of the months ahead under one or more price lists, billed on the same draws of usage."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.forecast.outlook import Moment, Outlook
from workbench.forecast.usage_growth import SLOPE_DAMPING, UsageHistory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bill = Callable[[NDArray[np.float64], NDArray[np.int64]], NDArray[np.float64]]
    """Bills quantities (metrics x n) of accounts (n places in the history): n amounts a month.

    One that has a method `depends(metric, places)` says which accounts a metric makes a difference for, so that
    nobody else is billed again while that metric moves.
    """

# --- Expected totals as curves over the common shift

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


# --- The luck of single accounts in a total: the same for every price list, and it lasts over months


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


# --- Customers who join later: how many, and what each is like

_DONORS = 300
_AGES = 5  # at which the customers who joined are billed
_TREND_OF_NEW = 0.2  # sd of the yearly trend of how many join, in logarithms
_YEAR = 12


@dataclass(frozen=True, slots=True)
class Arrivals:
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
    def of(cls, outlook: Outlook, rng: np.random.Generator) -> Arrivals:
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
        noise = [fit.walk * ages[:, None] + fit.level_noise + fit.level_error for fit in fits]
        spread = [np.sqrt(each) * fit.scale[self.donors] for each, fit in zip(noise, fits, strict=True)]
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
        squared = one.base[:, :, None] * one.base[:, None, :]
        error = np.maximum(one.covariance - squared, 0.0) / len(self.outlook.attrition.donors)
        luck = self.outlook.attrition.overdispersion * present * one.covariance + present**2 * error
        return replace(one, covariance=luck)


# --- Total revenue of the months ahead under one or more price lists, billed on the same draws of usage

DRAWS = 1_000
LARGEST = 60
_BLOCK = 20_000  # accounts billed at once


@dataclass(frozen=True, slots=True)
class Totals:
    """Draws of total revenue.

    The same draws for every list.

    Attributes
    ----------
    names
        The price lists.
    draws
        Lists x draws x months ahead.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.forecast import Totals
    >>> totals = Totals(("old", "new"), np.array([[[10.0], [20], [30]], [[12.0], [19], [33]]]))
    >>> totals.chance("new", "old").round(2).tolist(), totals.of("old")[:, 0].tolist()
    ([0.67], [10.0, 20.0, 30.0])
    """

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
    """What totals are made of.

    Attributes
    ----------
    names
        The price lists.
    staying
        Revenue of today's accounts who stay, groups x lists x draws x months ahead.
    joining
        Revenue of those who join, lists x draws x months.
    kept
        Share of a group's accounts that are left, groups x draws x months.
    joined
        How many new ones are there, draws x months.
    shock
        Standard deviation of a month's common shock, in logarithms, of the metric with the largest.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.forecast import AGE_UNKNOWN, UsageHistory
    >>> use = 100 * 1.02 ** np.arange(36) * np.random.default_rng(0).lognormal(0, 0.1, (200, 36))
    >>> history = UsageHistory(use[None], np.full(200, AGE_UNKNOWN), np.zeros(200, dtype=np.int64))
    >>> lists = {"per unit": lambda quantity, accounts: 2 * quantity[0]}
    >>> from workbench.forecast import simulate_parts
    >>> parts = simulate_parts(history, lists, 3, draws=100)
    >>> parts.staying.shape, np.allclose(parts.totals.draws, parts.staying.sum(axis=0) + parts.joining)
    ((1, 1, 100, 3), True)
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

    Returns
    -------
    Totals
        Draws of total revenue, lists x draws x months ahead.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.forecast import AGE_UNKNOWN, UsageHistory
    >>> use = 100 * 1.02 ** np.arange(36) * np.random.default_rng(0).lognormal(0, 0.1, (200, 36))
    >>> history = UsageHistory(use[None], np.full(200, AGE_UNKNOWN), np.zeros(200, dtype=np.int64))
    >>> lists = {"per unit": lambda quantity, accounts: 2 * quantity[0]}
    >>> from workbench.forecast import simulate_totals
    >>> low, middle, high = simulate_totals(history, lists, 12, draws=200).ranges("per unit")[:, -1]
    >>> bool(low < 2 * use[:, -1].sum() * 1.02**12 < high)
    True
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

    Parameters
    ----------
    history, lists, horizon, draws, seed, largest
        As for `simulate_totals`.
    group, groups
        One number per account, from 0 to `groups` - 1, splits the customers of today; all are one group without it.

    Returns
    -------
    Parts
        Revenue of those who stay and of those who join, draw by draw.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.forecast import AGE_UNKNOWN, UsageHistory
    >>> use = 100 * 1.02 ** np.arange(36) * np.random.default_rng(0).lognormal(0, 0.1, (200, 36))
    >>> history = UsageHistory(use[None], np.full(200, AGE_UNKNOWN), np.zeros(200, dtype=np.int64))
    >>> lists = {"per unit": lambda quantity, accounts: 2 * quantity[0]}
    >>> from workbench.forecast import simulate_parts
    >>> parts = simulate_parts(history, lists, 3, group=np.arange(200) % 2, groups=2, draws=100)
    >>> parts.staying.shape, parts.kept.shape
    ((2, 1, 100, 3), (2, 100, 3))
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
