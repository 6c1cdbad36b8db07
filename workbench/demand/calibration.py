"""Calibration: worth and the spread of taste fitted to the plans customers have today, with the fit shown.

One factor per segment on all worth, and under the logit rule one spread of taste. Constants per plan would fit any
shares, but a plan that does not exist yet has none; factor and spread carry over to new plans. With so few numbers
the fit is not perfect by construction, so its error says something. Accounts that have a plan today bought something,
so the target share of "elsewhere" is nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.errors import DemandError
from workbench.demand.fees import fees_of
from workbench.formatting import count, money, percent, ratio
from workbench.results import Caution

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from workbench.demand.model import Demand
    from workbench.pricing import PriceBook

ELSEWHERE = "a competitor or nothing"
POOR = 0.10
"""From this part of accounts put on the wrong plan a fit is poor."""
_FACTORS = np.geomspace(0.1, 30, 25)
_SPREADS = np.geomspace(0.02, 1.0, 9)
_FAR = 3.0
_SAMPLE = (1000, 20)


@dataclass(frozen=True, eq=False)
class Fit:
    """How the model puts today's customers on today's plans, against where they are.

    `actual` and `predicted` are accounts, segments x (plans and elsewhere); `factors` what worth was multiplied by in
    each segment; `scale` the spread of taste (money per month, logit rule). `left_out` counts customers on plans
    without a price, or whose bill is not known. `revenue` is (actual, predicted) per month; actual None where not
    recorded.
    """

    plans: tuple[str, ...]
    segments: tuple[str, ...]
    actual: NDArray[np.float64]
    predicted: NDArray[np.float64]
    factors: NDArray[np.float64]
    scale: float
    rule: str
    left_out: float
    revenue: tuple[float | None, float]

    @property
    def error(self) -> float:
        """Return the part of accounts the model puts on another plan than the segment's shares say: 0 is perfect."""
        return float(np.abs(self.predicted - self.actual).sum() / 2 / self.actual.sum())

    @property
    def overall_error(self) -> float:
        """Return the same for all segments together."""
        return float(np.abs((self.predicted - self.actual).sum(axis=0)).sum() / 2 / self.actual.sum())

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Return what the fit says against using the model."""
        found = []
        if self.error > POOR:
            found.append(
                Caution(
                    f"Poor fit: the model puts {percent(self.error)} of today's accounts on another plan. "
                    "Read differences between offers, not levels, and narrow them with a survey of these plans."
                )
            )
        far = [
            f"{name} ({ratio(factor)})"
            for name, factor in zip(self.segments, self.factors, strict=True)
            if not 1 / _FAR <= factor <= _FAR
        ]
        if far:
            found.append(
                Caution(
                    f"To explain today's plans, worth had to be multiplied by a lot: {', '.join(far)}. What was asked "
                    "about was perhaps another offer than what these customers buy."
                )
            )
        if self.left_out:
            words = "on plans without a price, or without a known bill, left out of the calibration"
            found.append(Caution(f"{count('account', round(self.left_out))} {words}.", "note"))
        return tuple(found)

    @property
    def table(self) -> pd.DataFrame:
        """Return segment, plan, actual and predicted share of the segment, and accounts."""
        import pandas as pd  # noqa: PLC0415 - loaded when a table is asked for

        names = (*self.plans, ELSEWHERE)
        rows = []
        for code, segment in enumerate(self.segments):
            size = self.actual[code].sum()
            for place, plan in enumerate(names):
                actual, predicted = self.actual[code, place], self.predicted[code, place]
                rows.append((segment, plan, actual, predicted, actual / size, predicted / size))
        columns = ["segment", "plan", "actual", "predicted", "actual_share", "predicted_share"]
        return pd.DataFrame(rows, columns=columns)

    def reading(self, currency: str) -> str:
        """Return in sentences how good the fit is."""
        actual, predicted = self.revenue
        paid = "" if actual is None else f" Its revenue is {money(predicted, currency)} a month, recorded is "
        paid += "" if actual is None else f"{money(actual, currency)}."
        return (
            f"Put before today's plans, the model has {percent(1 - self.error)} of accounts on the plan mix their "
            f"segment has ({percent(1 - self.overall_error)} over all segments together).{paid}"
        )


def calibrated(demand: Demand, price_book: PriceBook, *, seed: int = 0) -> Demand:
    """Return demand whose worth (and spread of taste) fit today's plans, with `fit` saying how well.

    `price_book` is today's; the customers' `plan` is the target. Customers on plans without a price, or without a
    known bill, say nothing. The factors are found on a sample of customers and draws, by least squares of shares per
    segment; the fit is measured on everybody. Raises DemandError when no customer has one of the priced plans.
    """
    places = np.flatnonzero(_on_a_plan(demand, price_book))
    if not places.size:
        raise DemandError(
            "No customer is on a priced plan of this price book with a known bill, so nothing can be calibrated.",
            f"Plans: {', '.join(price_book.plan_names)}. Give today's price book, and customers with their plan.",
        )
    told = demand.sampled(places, np.arange(demand.draws))
    small = told.sampled(*_SAMPLE, seed)
    parts = [_segment_search(small, price_book, name) for name in demand.customers.segments]
    scales = [demand.scale] if demand.rule == "surplus" else _spreads(small)
    found = [(*_best(parts, scale), scale) for scale in scales]
    loss, factors, scale = min(found, key=lambda each: each[0])
    for step in (1.3, 1.1) if demand.rule == "logit" else ():
        near = [(*_best(parts, wanted), wanted) for wanted in (scale / step, scale * step)]
        loss, factors, scale = min([(loss, factors, scale), *near], key=lambda each: each[0])
    times = factors[demand.customers.segment_codes]
    result = replace(demand, worth=demand.worth.scaled(times), scale=float(scale))
    return replace(result, fit=_measured(result, price_book, factors))


def _spreads(demand: Demand) -> list[float]:
    from workbench.demand.willingness import weighted_quantile  # noqa: PLC0415 - only the logit rule asks for it

    middle = float(weighted_quantile(demand.worth.whole, demand.customers.weight, 0.5).mean())
    return list(_SPREADS * middle)


def _on_a_plan(demand: Demand, price_book: PriceBook) -> NDArray[np.bool_]:
    today = demand.customers.plan
    if today is None:
        return np.zeros(len(demand.customers), dtype=bool)
    priced = [plan.name for plan in price_book.priced_plans]
    return np.isin(today.astype(str), priced) & demand.known_bills(price_book)


def _counts(demand: Demand, price_book: PriceBook) -> NDArray[np.float64]:
    """Return today's accounts, segments x (plans and elsewhere)."""
    asked, names = demand.customers, price_book.plan_names
    found = np.zeros((len(asked.segments), len(names) + 1))
    for place, name in enumerate(names):
        on_it = asked.plan == name if asked.plan is not None else np.zeros(len(asked), dtype=bool)
        np.add.at(found[:, place], asked.segment_codes[on_it], asked.weight[on_it])
    return found


def _segment_search(demand: Demand, price_book: PriceBook, segment: str) -> Callable[[float], tuple[float, float]]:
    """Return a function from a spread of taste to the segment's best factor and what its shares then miss."""
    inside = np.flatnonzero(demand.customers.segment == segment)
    if not inside.size:
        return lambda _: (0.0, 1.0)
    part = demand.sampled(inside, np.arange(demand.draws))
    actual = _counts(part, price_book)[0]
    accounts = actual.sum()
    fees = fees_of(price_book)

    def missed(factor: float, scale: float) -> float:
        scaled = replace(part, worth=part.worth.scaled(np.full(len(part.customers), factor)), scale=scale)
        task = scaled.task(price_book)
        found = task.outcome(*fees, by_draw=False)
        predicted = np.append(found.buyers, found.elsewhere)
        return float(np.square((predicted - actual) / accounts).sum() * accounts)

    def best(scale: float) -> tuple[float, float]:
        grid = _FACTORS
        losses = np.array([missed(factor, scale) for factor in grid])
        for _ in range(2):
            place = int(losses.argmin())
            low, high = grid[max(place - 1, 0)], grid[min(place + 1, len(grid) - 1)]
            grid = np.geomspace(low, high, 9)
            losses = np.array([missed(factor, scale) for factor in grid])
        flat = np.flatnonzero(losses <= losses.min() + 1e-12)
        return float(losses.min()), float(grid[flat[len(flat) // 2]])

    return best


def _best(parts: list[Callable[[float], tuple[float, float]]], scale: float) -> tuple[float, NDArray[np.float64]]:
    found = [part(scale) for part in parts]
    return sum(loss for loss, _ in found), np.array([factor for _, factor in found])


def _measured(demand: Demand, price_book: PriceBook, factors: NDArray[np.float64]) -> Fit:
    told = _on_a_plan(demand, price_book)
    places = np.flatnonzero(told)
    part = demand.sampled(places, np.arange(demand.draws))
    fees = fees_of(price_book)
    task = part.task(price_book)
    asked = part.customers
    paid = asked.paid
    recorded = None if paid is None or np.isnan(paid).any() else float((paid * asked.weight).sum())
    place = {name: number for number, name in enumerate(demand.customers.segments)}
    kept = np.array([place[name] for name in asked.segments])
    return Fit(
        plans=price_book.plan_names,
        segments=asked.segments,
        actual=_counts(part, price_book),
        predicted=task.buyers_by(asked.segment_codes, len(asked.segments), *fees),
        factors=factors[kept],
        scale=demand.scale,
        rule=demand.rule,
        left_out=float(demand.customers.weight[~told].sum()),
        revenue=(recorded, task.outcome(*fees, by_draw=False).revenue),
    )
