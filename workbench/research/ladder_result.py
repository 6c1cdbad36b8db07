"""What ladders and single prices say: demand at each price, and the prices best for revenue and for profit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from workbench.formatting import NO_CURRENCY, count, exact, exact_money, exact_percent, number, percent, priced
from workbench.research.sensitivity_words import price_range, prices_per
from workbench.research.stated_prices import STATED_PRICES, Overstatement
from workbench.results import Caution, Interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from workbench.research.price_logit import LogitFit

FEW_ANSWERS = 50
"""Fewer answers than this at a price leave its share unsure by more than ten points either way."""
_POOR_FIT = 0.05


@dataclass(frozen=True, eq=False, kw_only=True)
class PriceLadder:
    """Demand at each price asked, and the best prices.

    `demand` is the share who would buy, made to fall with price; `raw_demand` as answered. `revenue_index` and
    `profit_index` are price, or price less unit cost, times demand: money per person asked. `elasticity` is the
    midpoint arc elasticity from each price to the next (one fewer than prices; NaN where nobody buys at both).
    `demand_intervals` are per price. `revenue_price` and `profit_price` are the best prices: among those asked on a
    ladder, anywhere by the logit where people were asked one price each (`logit`, None where it cannot be fitted).
    `intervals` holds both; `in_earnest` what they come to with the overstatement assumed taken out.
    `per` is what one price buys (account, or a metric such as seats).
    """

    is_ladder: bool
    prices: NDArray[np.float64]
    raw_demand: NDArray[np.float64]
    demand: NDArray[np.float64]
    demand_intervals: tuple[Interval, ...]
    revenue_index: NDArray[np.float64]
    profit_index: NDArray[np.float64]
    elasticity: NDArray[np.float64]
    revenue_price: float
    profit_price: float
    intervals: Mapping[str, Interval]
    in_earnest: Mapping[str, Interval]
    unit_cost: float
    respondents: int
    asked: NDArray[np.int64]
    effective: NDArray[np.float64]
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
        first, last = exact_money(self.prices[0], self.currency), exact_money(self.prices[-1], self.currency)
        what = f"asked along a ladder of {prices_per(self.per)}" if self.is_ladder else "asked one price each"
        if self.per and not self.is_ladder:
            what = f"asked one {prices_per(self.per, 'price')} each"
        best, real = self.intervals["revenue_price"], self.in_earnest["revenue_price"]
        level = exact_percent(best.level)
        said = (
            f"{count('respondent', self.respondents)} {what}: {percent(self.demand[0])} would buy at {first}, "
            f"{percent(self.demand[-1])} at {last}. "
            f"Revenue is highest at {priced(best.estimate, self.currency)} ({level} interval "
            f"{price_range(best.low, best.high, self.currency, priced)}), by what people say; in earnest that may "
            f"stand for {price_range(real.low, real.high, self.currency, priced)}."
        )
        if self.unit_cost:
            profit = self.intervals["profit_price"]
            said += (
                f" With a unit cost of {exact_money(self.unit_cost, self.currency)}, profit is highest at "
                f"{priced(profit.estimate, self.currency)} ({level} interval "
                f"{price_range(profit.low, profit.high, self.currency, priced)})."
            )
        return said

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Return what to know before these numbers are used, the gravest first."""
        found = [*self._about_answers(), *self._about_best()]
        found.append(Caution(self.overstatement.sentence, "note"))
        if self.is_ladder:
            text = (
                "On a ladder every answer leans on the prices asked before; people who see through it answer lower. "
                "One price per person is free of this."
            )
            found.append(Caution(text, "note"))
        return tuple(sorted(found, key=lambda caution: caution.severity == "note"))

    def _about_answers(self) -> list[Caution]:
        found = []
        if (fewest := float(self.effective.min())) < FEW_ANSWERS:
            price = exact_money(self.prices[self.effective.argmin()], self.currency)
            what = "answers" if self.is_ladder else f"answers at {price}"
            found.append(Caution(f"Only {fewest:,.0f} {what}: read the intervals, not the shares."))
        if len(self.inconsistent):
            people = self.inconsistent["respondent"].nunique()
            text = (
                f"{count('respondent', people)} said Yes above a No; the highest price accepted counts, "
                "so demand may be too high."
            )
            found.append(Caution(text, "warning" if people > 0.1 * self.respondents else "note"))
        if (abs(self.demand - self.raw_demand) > 1e-9).any():  # noqa: PLR2004 - the last digits of a sum
            text = "At some higher price more would buy than at a lower one; such shares were averaged."
            found.append(Caution(text, "note"))
        return found

    def _about_best(self) -> list[Caution]:
        found = []
        low, high = self.prices[0], self.prices[-1]
        named = {"revenue": self.revenue_price, "profit": self.profit_price}
        for what, price in named.items():
            if what == "profit" and not self.unit_cost:
                continue
            if (self.is_ladder and price in (low, high)) or not low <= price <= high:
                text = f"The price best for {what}, {priced(price, self.currency)}, is at or beyond the prices asked "
                text += f"({price_range(low, high, self.currency, exact_money)}): the true one may lie outside."
                found.append(Caution(text))
        if self.unit_cost and (self.profit_index <= 0).all():
            found.append(Caution("At no price asked does anybody who would buy cover the unit cost."))
        if not self.is_ladder:
            found += self._about_logit()
        return found

    def _about_logit(self) -> list[Caution]:
        if self.logit is None or self.logit.slope >= 0:
            why = "buyers and others part at one price" if self.logit is None else "demand does not fall with price"
            return [Caution(f"No smooth demand curve fits, since {why}: the best price is one of those asked.")]
        found = []
        from scipy.special import chdtrc  # noqa: PLC0415 - slow to load, and needed only here

        freedom = len(self.prices) - 2
        if freedom > 0 and float(chdtrc(freedom, self.logit.deviance)) < _POOR_FIT:
            text = (
                "The smooth curve misses the shares answered by more than chance would "
                f"(deviance {number(self.logit.deviance)} at {freedom} degrees of freedom): compare both."
            )
            found.append(Caution(text))
        if self.unfitted > _POOR_FIT:
            text = f"In {percent(self.unfitted)} of the resamples no curve fits; the intervals leave them out."
            found.append(Caution(text))
        return found

    def in_currency(self, currency: str) -> PriceLadder:
        """Return the result with its prices written in a currency (three letters)."""
        return replace(self, currency=currency)

    def __repr__(self) -> str:
        kind = "ladder" if self.is_ladder else "one price each"
        return (
            f"PriceLadder({kind}, {self.respondents:,} respondents; best for revenue {exact(self.revenue_price)}, "
            f"for profit {exact(self.profit_price)})"
        )
