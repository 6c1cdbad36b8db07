"""Gabor and Granger's method: who would buy at which price, and which price earns most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import NO_CURRENCY
from workbench.research.errors import ResearchError
from workbench.research.ladder_answers import read_ladders
from workbench.research.ladder_result import PriceLadder
from workbench.research.monotone import never_rising
from workbench.research.price_logit import PriceLogit, fit, fit_many
from workbench.research.resampling import (
    LEVEL,
    SAMPLES,
    effective_answers,
    interval,
    resampled_weights,
    share_interval,
)
from workbench.research.stated_prices import STATED_PRICES, Overstatement
from workbench.results import Interval

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from workbench.research.ladder_answers import LadderAnswers


def gabor_granger(
    frame: pd.DataFrame,
    weights: str | ArrayLike | None = None,
    unit_cost: float = 0,
    *,
    samples: int = SAMPLES,
    seed: int = 0,
    level: float = LEVEL,
    overstatement: Overstatement = STATED_PRICES,
    currency: str = NO_CURRENCY,
) -> PriceLadder:
    """Return demand at each price asked, elasticity, and the prices best for revenue and for profit.

    A ladder asks everybody several prices; demand is the share whose highest accepted price is at least that high, and
    prices left out after the first No count as No. Where everybody was asked one price, a logit of buying on price is
    fitted and the best price has a closed form. Shares that rise with price by chance are averaged.

    Parameters
    ----------
    frame
        One row per respondent and price, in the layout of survey_price_ladder: price, accepted (1, 0, or blank where
        not asked). Rows without respondents are one person each.
    weights
        A column's name, or one number per row or per respondent; the column `weight` where there is one.
    unit_cost
        What one sale costs, in the money of the prices.
    samples, seed, level
        Of the bootstrap: respondents are drawn again with their weights.
    overstatement
        How much stated prices overstate; used for `in_earnest` alone.
    currency
        Three letters for what is written; amounts are bare without.

    Raises
    ------
    DataErrors
        With every answer that cannot be read, and everybody whose missing answers no other answer settles: the shares
        of different prices would rest on different people.
    ResearchError
        When fewer than two prices were asked.

    """
    if not 0 <= unit_cost < float("inf"):
        raise ResearchError(f"A unit cost of {unit_cost:g} makes no sense.", "Give what one sale costs, 0 or more.")
    answers = read_ladders(frame, weights)
    drawn = _Demands.of(answers, resampled_weights(answers.weights, samples, seed))
    whole = _Demands.of(answers, answers.weights[None, :])
    demand = whole.repaired[0]
    effective = _effective(answers)
    ends = share_interval(demand, effective, level)
    found = {
        "revenue_price": _best(whole, drawn, 0.0, level),
        "profit_price": _best(whole, drawn, unit_cost, level),
    }
    in_earnest = {
        "revenue_price": overstatement.in_earnest(found["revenue_price"]),
        "profit_price": _profit_in_earnest(whole, drawn, unit_cost, level, overstatement),
    }
    return PriceLadder(
        is_ladder=answers.is_ladder,
        prices=answers.prices,
        raw_demand=whole.raw[0],
        demand=demand,
        demand_intervals=tuple(
            Interval(float(low), float(share), float(high), level)
            for low, share, high in zip(ends[0], demand, ends[1], strict=True)
        ),
        revenue_index=answers.prices * demand,
        profit_index=(answers.prices - unit_cost) * demand,
        elasticity=arc_elasticity(answers.prices, demand),
        revenue_price=found["revenue_price"].estimate,
        profit_price=found["profit_price"].estimate,
        intervals=found,
        in_earnest=in_earnest,
        unit_cost=float(unit_cost),
        respondents=len(answers),
        asked=answers.asked.sum(axis=0).astype(np.int64),
        effective=effective,
        inconsistent=answers.inconsistent,
        logit=None if answers.is_ladder else fit(answers.prices, answers.asked, answers.accepts, answers.weights),
        unfitted=0.0 if drawn.logit is None else float(np.isnan(drawn.logit.best_price()).mean()),
        overstatement=overstatement,
        currency=currency,
        per=answers.per,
    )


def arc_elasticity(prices: NDArray[np.float64], demand: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the relative change of demand over that of price, both against the midpoint, from each price to the next.

    Between prices at which nobody buys it is unknown (NaN).
    """
    middle = (demand[1:] + demand[:-1]) / 2
    change = np.diff(demand) / np.where(middle > 0, middle, np.nan)
    return change / (np.diff(prices) / ((prices[1:] + prices[:-1]) / 2))


@dataclass(frozen=True, eq=False)
class _Demands:
    """Demand at each price for many weightings of the respondents (samples x prices), and the logit of each."""

    prices: NDArray[np.float64]
    raw: NDArray[np.float64]
    repaired: NDArray[np.float64]
    logit: PriceLogit | None

    @classmethod
    def of(cls, answers: LadderAnswers, weights: NDArray[np.float64]) -> _Demands:
        """Weigh the answers."""
        base, bought = weights @ answers.asked, weights @ (answers.asked * answers.accepts)
        raw = bought / np.where(base > 0, base, np.nan)
        logit = None if answers.is_ladder else fit_many(answers.prices, base, bought)
        return cls(answers.prices, raw, never_rising(raw, base), logit)

    def best(self, unit_cost: float) -> NDArray[np.float64]:
        """Return the best price of every sample: by its logit where there is one, else among those asked."""
        if self.logit is not None:
            return self.logit.best_price(unit_cost)
        return self.best_asked(unit_cost)

    def best_asked(self, unit_cost: float) -> NDArray[np.float64]:
        """Return the best of the prices asked, the lowest where several are."""
        profit = (self.prices - unit_cost) * self.repaired
        return self.prices[np.nanargmax(np.where(np.isnan(profit), -np.inf, profit), axis=1)]


def _best(whole: _Demands, drawn: _Demands, unit_cost: float, level: float) -> Interval:
    """Return the best price with its interval."""
    estimate = float(whole.best(unit_cost)[0])
    if np.isnan(estimate):  # no falling curve: fall back on the prices asked, for the estimate and its resamples
        asked = float(whole.best_asked(unit_cost)[0])
        return interval(asked, drawn.best_asked(unit_cost), level=level, only_seen=True)
    return interval(estimate, drawn.best(unit_cost), level=level, only_seen=whole.logit is None)


def _profit_in_earnest(
    whole: _Demands, drawn: _Demands, unit_cost: float, level: float, overstatement: Overstatement
) -> Interval:
    """Return the price best for profit in earnest.

    If people pay a stated price divided by f, earning (p / f - cost) from the stated price p is best where
    p - f cost is: the cost counts f times before the price is divided.
    """
    high, middle, low = overstatement.factors
    return Interval(
        _best(whole, drawn, unit_cost * high, level).low / high,
        _best(whole, drawn, unit_cost * middle, level).estimate / middle,
        _best(whole, drawn, unit_cost * low, level).high / low,
        level,
    )


def _effective(answers: LadderAnswers) -> NDArray[np.float64]:
    """Return how many equally weighted answers stand behind each price."""
    if answers.is_ladder:
        return np.full(len(answers.prices), effective_answers(answers.weights))
    used = answers.weights[:, None] * answers.asked
    squares = (used**2).sum(axis=0)
    return used.sum(axis=0) ** 2 / np.where(squares > 0, squares, 1)
