"""Calibration: worth and the spread of taste fitted to the plans customers have today, with the fit shown.

One factor per segment on all worth, and under the logit rule one spread of taste. Constants per plan would fit any
shares, but a plan that does not exist yet has none; factor and spread carry over to new plans. With so few numbers
the fit is not perfect by construction, so its error says something. Accounts that have a plan today bought something,
so the target share of "elsewhere" is nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.errors import DemandError
from workbench.demand.fees import fees_of
from workbench.demand.fit import Fit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from workbench.demand.model import Demand
    from workbench.pricing import PriceBook

_FACTORS = np.geomspace(0.1, 30, 25)
_SPREADS = np.geomspace(0.02, 1.0, 9)
_AS_GOOD = 1e-4
"""Factors whose shares miss by this much more (squared, so one point in a hundred) fit as well."""
_SAMPLE = (1000, 20)


def calibrated(demand: Demand, price_book: PriceBook, *, seed: int = 0) -> Demand:
    """Return demand whose worth (and spread of taste) fit today's plans, with `fit` saying how well.

    `price_book` is today's; the customers' `plan` is the target. Customers on plans without a price, or without a
    known bill, say nothing. The factors are found on a sample of customers and draws, by least squares of shares per
    segment; the fit is measured on everybody. Named rivals are left out of the search and bounded by today's choice
    afterwards. Where several factors do as well, the one nearest to 1 is taken. Raises DemandError when no customer
    has one of the priced plans.
    """
    places = np.flatnonzero(_on_a_plan(demand, price_book))
    if not places.size:
        raise DemandError(
            "No customer is on a priced plan of this price book with a known bill, so nothing can be calibrated.",
            f"Plans: {', '.join(price_book.plan_names)}. Give today's price book, and customers with their plan.",
        )
    told = replace(demand, rivals=()).sampled(places, np.arange(demand.draws))
    small = told.sampled(*_SAMPLE, seed)
    parts = [_segment_search(small, price_book, name) for name in demand.customers.segments]
    scales = [demand.scale] if demand.rule == "surplus" else _spreads(small)
    found = [(*_best(parts, scale), scale) for scale in scales]
    loss, factors, scale = min(found, key=lambda each: each[0])
    for step in (1.3, 1.1) if demand.rule == "logit" else ():
        near = [(*_best(parts, wanted), wanted) for wanted in (scale / step, scale * step)]
        loss, factors, scale = min([(loss, factors, scale), *near], key=lambda each: each[0])
    times = factors[demand.customers.segment_codes]
    result = replace(demand, worth=demand.worth.scaled(times), scale=float(scale), chose_from=price_book)
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
        seen = [(losses, grid)]
        for _ in range(2):
            place = int(losses.argmin())
            low, high = grid[max(place - 1, 0)], grid[min(place + 1, len(grid) - 1)]
            grid = np.geomspace(low, high, 9)
            losses = np.array([missed(factor, scale) for factor in grid])
            seen.append((losses, grid))
        every, factors = (np.concatenate(each) for each in zip(*seen, strict=True))
        as_good = every <= every.min() + _AS_GOOD * accounts
        return float(every.min()), float(factors[as_good][np.abs(np.log(factors[as_good])).argmin()])

    return best


def _best(parts: list[Callable[[float], tuple[float, float]]], scale: float) -> tuple[float, NDArray[np.float64]]:
    found = [part(scale) for part in parts]
    return sum(loss for loss, _ in found), np.array([factor for _, factor in found])


def _measured(demand: Demand, price_book: PriceBook, factors: NDArray[np.float64]) -> Fit:
    told = _on_a_plan(demand, price_book)
    places = np.flatnonzero(told)
    part = demand.sampled(places, np.arange(demand.draws))
    fees = fees_of(price_book)
    asked = part.customers
    paid = asked.paid
    recorded = None if paid is None or np.isnan(paid).any() else float((paid * asked.weight).sum())
    place = {name: number for number, name in enumerate(demand.customers.segments)}
    kept = np.array([place[name] for name in asked.segments])
    predicted, revenue = np.zeros((len(asked.segments), len(price_book.plans) + 1)), 0.0
    for task in part.tasks(price_book):
        predicted += task.buyers_by(asked.segment_codes, len(asked.segments), *fees) * (task.draws / part.draws)
        revenue += task.outcome(*fees, by_draw=False).revenue * (task.draws / part.draws)
    return Fit(
        plans=price_book.plan_names,
        segments=asked.segments,
        actual=_counts(part, price_book),
        predicted=predicted,
        factors=factors[kept],
        scale=demand.scale,
        rule=demand.rule,
        left_out=float(demand.customers.weight[~told].sum()),
        revenue=(recorded, revenue),
    )
