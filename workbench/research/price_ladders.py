"""Gabor and Granger's method: who would buy at which price, and which price earns most."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.tables import PRICE_LADDER
from workbench.formatting import exact, exact_money, priced
from workbench.locales import NO_CURRENCY
from workbench.research.answers import ResearchError, about_one_unit, read_answers, same_weight
from workbench.research.price_sensitivity import price_range, prices_per
from workbench.research.sampling import (
    LEVEL,
    SAMPLES,
    STATED_PRICES,
    Overstatement,
    effective_answers,
    resampled_interval,
    resampled_weights,
    share_intervals,
)
from workbench.results import Caution, Interval
from workbench.stats import never_rising
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import ArrayLike

    from workbench.customers.validate import ReadTable
    from workbench.errors import Problem
    from workbench.stats import Flags, Floats, Ints

say = texts(__name__)

# --- The answers to "would you buy at this price?": whole ladders, or one price per person

_FEWEST_PRICES = 2


@dataclass(frozen=True, eq=False)
class LadderAnswers:
    """Who would buy at which price: respondents x prices.

    `accepts` is whether a respondent would buy, `asked` whether the answer counts at that price. On a ladder every
    price counts for everybody: a respondent accepts every price up to the highest accepted. With one price per person
    only that price does. `inconsistent` lists the rows of a No below a Yes. `per` says what a price
    buys.
    """

    is_ladder: bool
    prices: Floats
    accepts: Floats
    asked: Floats
    weights: Floats
    inconsistent: pd.DataFrame
    per: str = ""

    def __len__(self) -> int:
        """Count the respondents."""
        return len(self.weights)


def read_ladders(frame: pd.DataFrame, weights: str | ArrayLike | None = None) -> LadderAnswers:
    """Read a frame in the layout of survey_price_ladder; rows without respondents are one person each.

    Raises
    ------
    DataErrors
        With every answer that cannot be read, and every respondent whose missing answers no other answer settles.
    ResearchError
        When fewer than two prices were asked.

    """
    answers = read_answers(
        PRICE_LADDER,
        frame,
        [same_weight, about_one_unit, _unsettled],
        weights=_per_row(frame, weights),
        number_respondents=True,
    )
    who, respondents = pd.factorize(answers.texts("respondent"))
    prices, place = np.unique(answers.numbers("price"), return_inverse=True)
    if len(prices) < _FEWEST_PRICES:
        raise ResearchError(
            f"Everybody was asked the same price, {exact(float(prices[0]))}.",
            "Ask at least two prices, better five to seven: one price gives no demand curve.",
        )
    said = np.full((len(respondents), len(prices)), np.nan)
    said[who, place] = answers.numbers("accepted")
    weight = np.zeros(len(respondents))
    weight[who] = answers.weights
    is_ladder = len(answers) > len(respondents)
    accepts, asked = said == 1, ~np.isnan(said)
    if is_ladder:
        accepts, asked = _at_or_above(accepts), np.ones_like(asked)
    odd = (accepts & (said == 0))[who, place]
    respondent, price = answers.texts("respondent")[odd], answers.numbers("price")[odd]
    return LadderAnswers(
        is_ladder=is_ladder,
        prices=prices,
        accepts=accepts.astype(float),
        asked=asked.astype(float),
        weights=weight,
        inconsistent=pd.DataFrame({"row": answers.rows[odd], "respondent": respondent, "price": price}),
        per=answers.per,
    )


def _at_or_above(answers: Flags) -> Flags:
    """Tell for each price whether the respondent gave the answer there or at a higher one."""
    return np.logical_or.accumulate(answers[:, ::-1], axis=1)[:, ::-1]


def _per_row(frame: pd.DataFrame, weights: str | ArrayLike | None) -> str | ArrayLike | None:
    """Spread weights given once per respondent, in the order of their first rows, over the rows."""
    if weights is None or isinstance(weights, str) or not isinstance(frame, pd.DataFrame):
        return weights
    given = np.asarray(weights, dtype=float)
    if "respondent" in frame and given.shape != (len(frame),):
        who, respondents = pd.factorize(frame["respondent"])
        if given.shape == (len(respondents),):
            return given[who]
    return given


def _unsettled(read: ReadTable) -> Iterator[Problem]:
    """Yield a problem for every respondent with prices that were not asked and that no other answer settles.

    A No settles every higher price and a Yes every lower one, whichever way the ladder ran. Where something else left
    a price out, its share would rest on other people than its neighbours' do. With one price each nothing is left out.
    """
    table = read.frame[["respondent", "price", "accepted"]]
    key = ["respondent", "price"]
    if table[key].isna().any(axis=None) or table.duplicated(key).any():
        return  # already reported; nothing can be said about ladders before it is mended
    who, respondents = pd.factorize(table["respondent"])
    prices, place = np.unique(table["price"].to_numpy(dtype=float), return_inverse=True)
    said = np.full((len(respondents), len(prices)), np.nan)
    said[who, place] = table["accepted"].to_numpy(dtype=float)
    if len(table) == len(respondents):
        for position in np.flatnonzero(np.isnan(said[who, place])).tolist():
            yield read.problem(position, "accepted", None, "an answer: 1 for yes, 0 for no", "Delete the row.")
        return
    refused_below = np.logical_or.accumulate(said == 0, axis=1)
    open_ = np.isnan(said) & ~refused_below & ~_at_or_above(said == 1)
    first = pd.Series(np.arange(len(table))).groupby(who).first().to_numpy()
    for person in np.flatnonzero(open_.any(axis=1)).tolist():
        missing = ", ".join(exact(float(price)) for price in prices[open_[person]])
        yield read.problem(
            int(first[person]),
            "accepted",
            f"{respondents[person]} has no answer at {missing}",
            "an answer at every price, or a No below or a Yes above it that settles it",
            "Add the answers or leave the respondent out: the shares of different prices must rest on the same people.",
        )


# --- A logit of buying on price, fitted to many resamples at once, and the price it makes best

_MOST_STEPS = 50
_CLOSE = 1e-10
_STEEP = 50.0  # in standard deviations of price: beyond it buyers and others are told apart without error


@dataclass(frozen=True, eq=False)
class PriceLogit:
    """The chance of buying at price p is 1 / (1 + exp(-(intercept + slope p))); one number per sample.

    NaN where it cannot be fitted: everybody or nobody buys, or one price parts buyers from the rest.
    """

    intercept: Floats
    slope: Floats

    def demand(self, price: Floats) -> Floats:
        """Return the chance of buying at each price (samples x prices)."""
        from scipy.special import expit  # noqa: PLC0415 - slow to load, and needed only here

        return expit(self.intercept[:, None] + self.slope[:, None] * price)

    def best_price(self, unit_cost: float = 0.0) -> Floats:
        """Return the price with the highest (price - unit cost) x demand, NaN where demand does not fall.

        With b = -slope it is cost + (1 + W(exp(intercept - b cost - 1))) / b, W being Lambert's function.
        """
        from scipy.special import lambertw  # noqa: PLC0415 - slow to load, and needed only here

        falls = np.where(self.slope < 0, -self.slope, np.nan)
        inside = np.minimum(self.intercept - falls * unit_cost - 1, 700.0)  # beyond it exp has no number
        return unit_cost + (1 + lambertw(np.exp(inside)).real) / falls


@dataclass(frozen=True, slots=True)
class LogitFit:
    """The logit of buying on price, over all answers.

    Standard errors are those of the likelihood; with uneven weights they are robust (sandwich), for a weight is not a
    number of people asked.

    Attributes
    ----------
    intercept, slope, standard_errors
        Coefficients of the log odds of buying, per unit of money, and their errors.
    deviance
        Against a share of its own at every price.
    log_likelihood
        Of the answers.

    Examples
    --------
    >>> from workbench.research import example_answers, gabor_granger
    >>> frame = example_answers("randomised-price")
    >>> logit = gabor_granger(frame, samples=100).logit
    >>> round(logit.intercept, 1), round(logit.slope, 2)
    (4.3, -0.11)
    """

    intercept: float
    slope: float
    standard_errors: tuple[float, float]
    deviance: float
    log_likelihood: float

    @property
    def curve(self) -> PriceLogit:
        """Return the fitted demand."""
        return PriceLogit(np.array([self.intercept]), np.array([self.slope]))


def fit_many(prices: Floats, asked: Floats, bought: Floats) -> PriceLogit:
    """Fit a logit to every sample by Newton's steps; `asked` and `bought` are weights (samples x prices)."""
    from scipy.special import expit  # noqa: PLC0415 - slow to load, and needed only here

    middle, spread = prices.mean(), prices.std()
    design = np.column_stack([np.ones(len(prices)), (prices - middle) / spread])
    found = np.zeros((len(asked), 2))
    done = np.zeros(len(asked), dtype=bool)
    for _ in range(_MOST_STEPS):
        share = expit(found @ design.T)
        slope = (bought - asked * share) @ design
        bend = np.einsum("sp,pi,pj->sij", asked * share * (1 - share), design, design)
        bend = bend + np.eye(2) * 1e-12 * asked.sum(axis=1)[:, None, None]  # keeps a parting sample from stopping all
        step = np.linalg.solve(bend, slope[..., None])[..., 0]
        found = found + np.clip(step, -_STEEP, _STEEP)
        done = np.abs(step).max(axis=1) < _CLOSE
        if done.all():
            break
    bad = ~done | (np.abs(found) > _STEEP).any(axis=1)
    found = np.where(bad[:, None], np.nan, found)
    return PriceLogit(found[:, 0] - found[:, 1] * middle / spread, found[:, 1] / spread)


def fit(prices: Floats, asked: Floats, accepts: Floats, weights: Floats) -> LogitFit | None:
    """Fit the logit to all answers (respondents x prices), None where they part without error."""
    base, bought = weights @ asked, weights @ (asked * accepts)
    curve = fit_many(prices, base[None, :], bought[None, :])
    if np.isnan(curve.slope[0]):
        return None
    share = curve.demand(prices)[0]
    design = np.column_stack([np.ones(len(prices)), prices])
    inverse = np.linalg.inv(np.einsum("p,pi,pj->ij", base * share * (1 - share), design, design))
    if np.ptp(weights) > 0:
        scores = (weights[:, None] * asked * (accepts - share)) @ design
        inverse = inverse @ (scores.T @ scores) @ inverse
    errors = np.sqrt(np.diag(inverse))
    fitted = _log_likelihood(base, bought, share)
    best = _log_likelihood(base, bought, bought / np.where(base > 0, base, 1))
    intercept, slope, *uncertain = (float(each) for each in (curve.intercept[0], curve.slope[0], *errors))
    return LogitFit(intercept, slope, (uncertain[0], uncertain[1]), 2 * (best - fitted), fitted)


def _log_likelihood(base: Floats, bought: Floats, share: Floats) -> float:
    """Return the log-likelihood of single answers at these shares."""
    from scipy.special import xlog1py, xlogy  # noqa: PLC0415 - slow to load, and needed only here

    return float((xlogy(bought, share) + xlog1py(base - bought, -share)).sum())


# --- What ladders and single prices say

FEW_ANSWERS = 50
"""Fewer answers than this at a price leave its share unsure by more than ten points either way."""
_POOR_FIT = 0.05


@dataclass(frozen=True, eq=False, kw_only=True)
class PriceLadder:
    """Demand at each price asked, and the best prices.

    Attributes
    ----------
    is_ladder
        Whether everybody was asked several prices.
    prices
        Those asked, rising.
    raw_demand, demand, demand_intervals
        Share who would buy at each, as answered; made to fall with price; with intervals.
    revenue_index, profit_index
        Price, or price less unit cost, times demand: money per person asked.
    elasticity
        Midpoint arc elasticity from each price to the next (one fewer than prices; NaN where nobody buys at both).
    revenue_price, profit_price
        The best prices: among those asked on a ladder, anywhere by the logit where people were asked one price each.
    intervals, in_earnest
        Of both, and what they come to with the overstatement assumed taken out.
    unit_cost
        What one sale costs.
    respondents, asked, effective
        People; answers per price; how many equally weighted ones they amount to.
    inconsistent
        Answers that rise with price.
    logit, unfitted
        The fit, None where it cannot be had, and the share of answers it leaves out.
    overstatement
        How much stated prices overstate.
    currency, per
        What prices are in, and what one buys (account, or a metric such as seats).

    Examples
    --------
    >>> from workbench.research import example_answers, gabor_granger
    >>> frame = example_answers("price-ladder")
    >>> found = gabor_granger(frame, samples=100)
    >>> found.demand.tolist(), found.revenue_index.tolist(), found.revenue_price
    ([1.0, 1.0, 0.75, 0.5, 0.0], [10.0, 20.0, 22.5, 20.0, 0.0], 30.0)
    """

    is_ladder: bool
    prices: Floats
    raw_demand: Floats
    demand: Floats
    demand_intervals: tuple[Interval, ...]
    revenue_index: Floats
    profit_index: Floats
    elasticity: Floats
    revenue_price: float
    profit_price: float
    intervals: Mapping[str, Interval]
    in_earnest: Mapping[str, Interval]
    unit_cost: float
    respondents: int
    asked: Ints
    effective: Floats
    inconsistent: pd.DataFrame
    logit: LogitFit | None
    unfitted: float
    overstatement: Overstatement = STATED_PRICES
    currency: str = NO_CURRENCY
    per: str = ""

    @property
    def table(self) -> pd.DataFrame:
        """Return one row per price asked."""
        table = pd.DataFrame(
            {
                "price": self.prices,
                "people asked": self.asked,
                "would buy, as answered": self.raw_demand,
                "would buy": self.demand,
                "interval from": [each.low for each in self.demand_intervals],
                "interval to": [each.high for each in self.demand_intervals],
                "revenue per person": self.revenue_index,
                "profit per person": self.profit_index,
                "elasticity to the next price": [*self.elasticity.tolist(), float("nan")],
            }
        )
        if self.logit is not None:
            table.insert(6, "would buy, fitted", self.logit.curve.demand(self.prices)[0])
        return table

    @property
    def reading(self) -> str:
        """Say in a few sentences what the answers mean."""
        best, real = self.intervals["revenue_price"], self.in_earnest["revenue_price"]
        profit = self.intervals["profit_price"]
        ends = {"best": best, "real": real, "profit": profit}
        ranges = {name: price_range(each.low, each.high, self.currency, priced) for name, each in ends.items()}
        asked = say("asked", along=self.is_ladder, prices=prices_per(self.per), price=prices_per(self.per, "price"))
        said = {"ladder": self, "best": best, "profit": profit, "ranges": ranges, "currency": self.currency}
        return say("reading", asked=asked, **said)

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Return what to know before these numbers are used, the gravest first."""
        found = [*self._about_answers(), *self._about_best()]
        found.append(Caution(self.overstatement.sentence, "note"))
        if self.is_ladder:
            found.append(Caution(say("on_a_ladder"), "note"))
        return tuple(sorted(found, key=lambda caution: caution.severity == "note"))

    def _about_answers(self) -> Iterator[Caution]:
        if (fewest := float(self.effective.min())) < FEW_ANSWERS:
            price = None if self.is_ladder else self.prices[self.effective.argmin()]
            yield Caution(say("few_answers", fewest=fewest, price=price, currency=self.currency))
        if people := self.inconsistent["respondent"].nunique():
            many = people > 0.1 * self.respondents
            yield Caution(say("yes_above_a_no", people=people), "warning" if many else "note")
        if (abs(self.demand - self.raw_demand) > 1e-9).any():  # noqa: PLR2004 - the last digits of a sum
            yield Caution(say("shares_averaged"), "note")

    def _about_best(self) -> Iterator[Caution]:
        low, high = self.prices[0], self.prices[-1]
        asked = price_range(low, high, self.currency, exact_money)
        for what, price in {"revenue": self.revenue_price, "profit": self.profit_price}.items():
            if what == "profit" and not self.unit_cost:
                continue
            if (self.is_ladder and price in (low, high)) or not low <= price <= high:
                yield Caution(say("at_the_end", what=what, price=price, currency=self.currency, asked=asked))
        if self.unit_cost and (self.profit_index <= 0).all():
            yield Caution(say("no_cost_covered"))
        if not self.is_ladder:
            yield from self._about_logit()

    def _about_logit(self) -> Iterator[Caution]:
        if self.logit is None or self.logit.slope >= 0:
            yield Caution(say("no_curve", parted=self.logit is None))
            return
        from scipy.special import chdtrc  # noqa: PLC0415 - slow to load, and needed only here

        freedom = len(self.prices) - 2
        if freedom > 0 and float(chdtrc(freedom, self.logit.deviance)) < _POOR_FIT:
            yield Caution(say("poor_fit", deviance=self.logit.deviance, freedom=freedom))
        if self.unfitted > _POOR_FIT:
            yield Caution(say("unfitted", share=self.unfitted))

    def in_currency(self, currency: str) -> PriceLadder:
        """Return the result with its prices written in a currency (three letters)."""
        return replace(self, currency=currency)

    def __repr__(self) -> str:
        kind = "ladder" if self.is_ladder else "one price each"
        return (
            f"PriceLadder({kind}, {self.respondents:,} respondents; best for revenue {exact(self.revenue_price)}, "
            f"for profit {exact(self.profit_price)})"
        )


# --- Gabor and Granger's method: who would buy at which price, and which price earns most


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

    Returns
    -------
    PriceLadder
        Demand, elasticity and best prices, with bootstrap intervals.

    Raises
    ------
    DataErrors
        With every answer that cannot be read, and everybody whose missing answers no other answer settles: the shares
        of different prices would rest on different people.
    ResearchError
        When fewer than two prices were asked.

    References
    ----------
    Gabor and Granger (1966), Price as an indicator of quality, Economica 33, 43-70.

    Examples
    --------
    >>> from workbench.research import example_answers, gabor_granger
    >>> frame = example_answers("price-ladder")
    >>> found = gabor_granger(frame, unit_cost=15, samples=100)
    >>> found.revenue_price, found.profit_price, found.elasticity.round(2).tolist()
    (30.0, 40.0, [0.0, -0.71, -1.4, -5.0])
    """
    if not 0 <= unit_cost < float("inf"):
        raise ResearchError(f"A unit cost of {unit_cost:g} makes no sense.", "Give what one sale costs, 0 or more.")
    answers = read_ladders(frame, weights)
    drawn = _Demands.of(answers, resampled_weights(answers.weights, samples, seed))
    whole = _Demands.of(answers, answers.weights[None, :])
    demand = whole.repaired[0]
    effective = _effective(answers)
    for_revenue, for_profit = (_best(whole, drawn, cost, level) for cost in (0.0, unit_cost))
    profit_in_earnest = _profit_in_earnest(whole, drawn, unit_cost, level, overstatement)
    return PriceLadder(
        is_ladder=answers.is_ladder,
        prices=answers.prices,
        raw_demand=whole.raw[0],
        demand=demand,
        demand_intervals=share_intervals(demand, effective, level),
        revenue_index=answers.prices * demand,
        profit_index=(answers.prices - unit_cost) * demand,
        elasticity=arc_elasticity(answers.prices, demand),
        revenue_price=for_revenue.estimate,
        profit_price=for_profit.estimate,
        intervals={"revenue_price": for_revenue, "profit_price": for_profit},
        in_earnest={"revenue_price": overstatement.in_earnest(for_revenue), "profit_price": profit_in_earnest},
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


def arc_elasticity(prices: Floats, demand: Floats) -> Floats:
    """Return the relative change of demand over that of price, both against the midpoint, from each price to the next.

    Between prices at which nobody buys it is unknown (NaN).
    """
    middle = (demand[1:] + demand[:-1]) / 2
    change = np.diff(demand) / np.where(middle > 0, middle, np.nan)
    return change / (np.diff(prices) / ((prices[1:] + prices[:-1]) / 2))


@dataclass(frozen=True, eq=False)
class _Demands:
    """Demand at each price for many weightings of the respondents (samples x prices), and the logit of each."""

    prices: Floats
    raw: Floats
    repaired: Floats
    logit: PriceLogit | None

    @classmethod
    def of(cls, answers: LadderAnswers, weights: Floats) -> _Demands:
        """Weigh the answers."""
        base, bought = weights @ answers.asked, weights @ (answers.asked * answers.accepts)
        raw = bought / np.where(base > 0, base, np.nan)
        logit = None if answers.is_ladder else fit_many(answers.prices, base, bought)
        return cls(answers.prices, raw, never_rising(raw, base), logit)

    def best(self, unit_cost: float) -> Floats:
        """Return the best price of every sample: by its logit where there is one, else among those asked."""
        if self.logit is not None:
            return self.logit.best_price(unit_cost)
        return self.best_asked(unit_cost)

    def best_asked(self, unit_cost: float) -> Floats:
        """Return the best of the prices asked, the lowest where several are."""
        profit = (self.prices - unit_cost) * self.repaired
        return self.prices[np.nanargmax(np.where(np.isnan(profit), -np.inf, profit), axis=1)]


def _best(whole: _Demands, drawn: _Demands, unit_cost: float, level: float) -> Interval:
    """Return the best price with its interval."""
    estimate = float(whole.best(unit_cost)[0])
    if np.isnan(estimate):  # no falling curve: fall back on the prices asked, for the estimate and its resamples
        asked = float(whole.best_asked(unit_cost)[0])
        return resampled_interval(asked, drawn.best_asked(unit_cost), level=level, only_seen=True)
    return resampled_interval(estimate, drawn.best(unit_cost), level=level, only_seen=whole.logit is None)


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


def _effective(answers: LadderAnswers) -> Floats:
    """Return how many equally weighted answers stand behind each price."""
    if answers.is_ladder:
        return np.full(len(answers.prices), effective_answers(answers.weights))
    used = answers.weights[:, None] * answers.asked
    squares = (used**2).sum(axis=0)
    return used.sum(axis=0) ** 2 / np.where(squares > 0, squares, 1)
