"""Holds forecasts against the truth of growing companies, case by case."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from growing_companies import SEEN, Company

from workbench.forecast import UsageHistory, back_test, simulate_totals

HORIZONS = (12, 24)
APART = 0.05  # of a logarithm: lists that truly differ by less have no sign to be right about
SURE = 0.9


@dataclass(frozen=True)
class Case:
    """One list (or the comparison of both) of one company at one horizon."""

    kind: str
    list: str
    horizon: int
    inside: bool
    error: float
    width: float


@dataclass(frozen=True)
class Sign:
    """Which list truly brings more at one horizon, and what the forecast said."""

    kind: str
    horizon: int
    right: bool
    sure: bool


def judge(company: Company, months: int, draws: int = 1_000) -> tuple[list[Case], list[Sign]]:
    """Forecast from so many months of history, widened by the back-test where there is one, and compare."""
    history = UsageHistory(*company.seen(months))
    lists = {
        "usage": lambda quantity, _: company.usage_bill(quantity),
        "seats": lambda quantity, _: company.seat_bill(quantity),
    }
    totals = simulate_totals(history, lists, max(HORIZONS), draws=draws)
    tested = back_test(history, lists, draws=draws)
    if tested is not None:
        totals = totals.widened(tested.widening)
    truth = dict(zip(("usage", "seats"), company.totals(), strict=True))
    cases, signs = [], []
    for horizon in HORIZONS:
        for name, came in truth.items():
            low, middle, high = totals.ranges(name)[:, horizon - 1]
            was = came[SEEN - 1 + horizon]
            cases.append(Case(company.kind, name, horizon, low <= was <= high, middle / was - 1, high / low))
        apart = np.log(truth["usage"][SEEN - 1 + horizon] / truth["seats"][SEEN - 1 + horizon])
        if abs(apart) > APART:
            chance = totals.chance("usage", "seats")[horizon - 1]
            signs.append(Sign(company.kind, horizon, (chance > 0.5) == (apart > 0), max(chance, 1 - chance) >= SURE))
    return cases, signs
