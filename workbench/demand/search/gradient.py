"""Revenue, margin or share under the logit rule with its slope along every searched price."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.billing import bills_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.demand.search.score import Scorer

    Floats = NDArray[np.float64]


class SmoothLooks:
    """One choice task under the logit rule, made ready to be asked about many prices.

    Tables have a row per plan (or add-on) on offer and a column per customer: what no price changes.
    """

    def __init__(self, scorer: Scorer) -> None:
        task, rules = scorer.task, scorer.rules
        self.scorer, self.scale, self.weight = scorer, float(task.scale), np.asarray(task.weight)
        fees, add_on_fees = rules.split(np.ones(rules.space.size))
        plans, add_ons = np.flatnonzero(np.isfinite(fees)), np.flatnonzero(np.isfinite(add_on_fees))
        self.plans, self.add_ons = plans, add_ons
        self.searched = np.flatnonzero(np.isin(plans, rules.plan_at))
        self.searched_extras = np.flatnonzero(np.isin(add_ons, rules.add_on_at))
        self.in_middle = rules.middle[plans].astype(np.float64)
        self.open = task.add_on_open[np.ix_(plans, add_ons)].astype(np.float64)
        self.units, self.usage = _rows(task.fee_units, plans), _rows(task.plan_usage, plans)
        self.free = (_rows(task.plan_worth, plans) - self.usage) / self.scale
        self.rival = np.asarray(task.rival / task.scale, dtype=np.float64)
        self.extra_units = _rows(task.add_on_units, add_ons)
        self.extra_worth = _rows(task.add_on_worth, add_ons) / self.scale
        counts_cost = scorer.objective == "margin"
        self.besides = self.usage - _rows(task.plan_cost, plans) if counts_cost else self.usage
        self.extra_cost = _rows(task.add_on_cost, add_ons) if counts_cost else None

    def at(self, prices: Floats) -> Slopes:
        """Return the objective and its slope at these prices; counts as two looks at the customers."""
        self.scorer.count(2)
        fees, add_on_fees = self.scorer.rules.split(prices)
        return Slopes(self, fees[self.plans], add_on_fees[self.add_ons])


class Slopes:
    """The objective with its slope, and the shares of accounts that buy, buy in the middle, and go on paying.

    The share q of a plan with value m changes with any price by q * (m - mean of m) * (change of its surplus) /
    scale; an add-on's own share r changes by r * (1 - r) * (change of its surplus) / scale.
    """

    def __init__(self, looks: SmoothLooks, fees: Floats, add_on_fees: Floats) -> None:
        self._looks, self._fees, self._add_on_fees = looks, fees, add_on_fees
        gain = looks.extra_worth - bills_at((add_on_fees / looks.scale)[:, None], looks.extra_units)
        odds = np.exp(-np.abs(gain))
        self._attach = np.where(gain >= 0, 1.0, odds) / (1 + odds)
        utility = np.empty((len(fees) + 1, looks.weight.size))
        bills = bills_at((fees / looks.scale)[:, None], looks.units)
        np.subtract(looks.free, bills, out=utility[:-1])
        utility[-1] = looks.rival
        if len(add_on_fees):
            utility[:-1] += looks.open @ (np.maximum(gain, 0) + np.log1p(odds))
        utility -= utility.max(axis=0)
        np.exp(utility, out=utility)
        utility /= utility.sum(axis=0)
        self._share = utility[:-1]
        self._weighted = self._share * looks.weight

    @property
    def value(self) -> float:
        """Return the objective."""
        return self._objective[0]

    @property
    def slope(self) -> Floats:
        """Return the slope of the objective along every searched price."""
        return self._objective[1]

    @property
    def buyers(self) -> float:
        """Return the share of accounts that buy."""
        return self._buyers[0]

    @property
    def buyers_slope(self) -> Floats:
        """Return the slope of `buyers` along every searched price."""
        return self._buyers[1]

    @property
    def middle(self) -> float:
        """Return the share of accounts that buy in the middle."""
        return self._middle[0]

    @property
    def middle_slope(self) -> Floats:
        """Return the slope of `middle` along every searched price."""
        return self._middle[1]

    @property
    def kept(self) -> float:
        """Return the share of accounts that pay today and go on paying."""
        return self._kept[0]

    @property
    def kept_slope(self) -> Floats:
        """Return the slope of `kept` along every searched price."""
        return self._kept[1]

    def beyond(self, share: float) -> float:
        """Return by how much the middle exceeds a share of the buyers, as a share of all accounts."""
        return self.middle - share * self.buyers

    def beyond_slope(self, share: float) -> Floats:
        """Return the slope of `beyond` along every searched price."""
        return self.middle_slope - share * self.buyers_slope

    @cached_property
    def _objective(self) -> tuple[float, Floats]:
        looks = self._looks
        if looks.scorer.objective == "share":
            return self._buyers
        bills = bills_at(self._add_on_fees[:, None], looks.extra_units)
        worth = bills if looks.extra_cost is None else bills - looks.extra_cost
        value = bills_at(self._fees[:, None], looks.units, looks.besides)
        if len(worth):
            value += looks.open @ (self._attach * worth)
        return self._along(value, worth)

    @cached_property
    def _buyers(self) -> tuple[float, Floats]:
        return self._counted(np.ones((len(self._fees), 1)))

    @cached_property
    def _middle(self) -> tuple[float, Floats]:
        return self._counted(self._looks.in_middle[:, None])

    @cached_property
    def _kept(self) -> tuple[float, Floats]:
        looks = self._looks
        billed = bills_at(self._fees[:, None], looks.units, looks.usage) > 0
        return self._counted((looks.scorer.task.pays & billed).astype(np.float64))

    def _counted(self, counts: Floats) -> tuple[float, Floats]:
        """Return the share of accounts for which a plan counts so much, and its slope."""
        total, slope = self._along(counts, None)
        accounts = max(self._looks.scorer.task.accounts, 1e-300)
        return total / accounts, slope / accounts

    def _along(self, table: Floats, worth: Floats | None) -> tuple[float, Floats]:
        """Return the sum over accounts of what their plan counts in a table, and its slope along searched prices.

        `worth` is what a buyer of each add-on brings; it is given where the table is money, which fees themselves move.
        """
        looks, share, weighted = self._looks, self._share, self._weighted
        mean = np.einsum("pr,pr->r", share, np.broadcast_to(table, share.shape))
        pull = table - mean
        pull *= weighted
        pull /= looks.scale
        moved = -pull if worth is None else weighted - pull
        slope = np.einsum("pr,pr->p", moved[looks.searched], looks.units[looks.searched])
        if not looks.searched_extras.size:
            return float(looks.weight @ mean), slope
        opened = looks.open.T[looks.searched_extras]
        attach = self._attach[looks.searched_extras]
        drawn = opened @ -pull
        if worth is not None:
            kept = 1 - worth[looks.searched_extras] * (1 - attach) / looks.scale
            drawn += (opened @ weighted) * kept
        extras = np.einsum("ar,ar->a", drawn, attach * looks.extra_units[looks.searched_extras])
        return float(looks.weight @ mean), np.concatenate([slope, extras])


def slopes(scorer: Scorer, prices: Floats) -> Slopes:
    """Return the objective and its slope at these prices."""
    return SmoothLooks(scorer).at(prices)


def _rows(table: NDArray[np.floating], places: NDArray[np.intp]) -> Floats:
    """Return some columns of a table as rows that lie together in memory."""
    return np.ascontiguousarray(table.T[places], dtype=np.float64)
