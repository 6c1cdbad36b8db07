"""The objective along one price is exact, and the slope of the smooth one is its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from markets import FREE, book_of, drawn_market

from workbench.demand.search import PriceConstraints
from workbench.demand.search.constraints import search_rules
from workbench.demand.search.objective import Scorer, Tally, line, objective_value, slopes

if TYPE_CHECKING:
    from workbench.demand.search.constraints import Objective

PRICES = np.array([20.0, 40.0, 80.0, 10.0, 8.0])
SOME_OPEN = np.array([[True, True], [True, False], [False, True]])
MARKETS = [{}, {"add_on_open": SOME_OPEN}, {"plan_cost": np.full((150, 3), 5.0), "plan_usage": np.full((150, 3), 2.0)}]


def scorer_of(objective: Objective, off: frozenset[str] = FREE, **given: object) -> Scorer:
    """Return a scorer of three tiers and two add-ons over 150 customers."""
    task = drawn_market(150, 3, 2, 11, **given)
    return Scorer(task, search_rules(task, book_of(task), PriceConstraints(off=off)), objective, Tally(), is_part=False)


@pytest.mark.parametrize("given", MARKETS)
@pytest.mark.parametrize("objective", ["revenue", "margin", "share"])
@pytest.mark.parametrize("off", [FREE, FREE - {"T2"}])
def test_a_line_scores_as_the_customers_choose(objective: Objective, given: dict, off: frozenset[str]) -> None:
    """At its thresholds and just above them a line has the score that asking every customer gives."""
    scorer = scorer_of(objective, off, **given)
    for place in range(5):
        along = line(scorer, PRICES, place, 1.0, 300.0)
        for number in range(0, len(along.prices), 5):
            for price, expected in (
                (along.prices[number] - 5e-6, along.scores[number]),
                (along.prices[number] + 5e-6, along.above[number]),
            ):
                if price > 300:
                    continue
                moved = PRICES.copy()
                moved[place] = price
                assert scorer.score(moved) == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_no_price_between_thresholds_is_better() -> None:
    """A fine grid along one price finds nothing above the best threshold."""
    scorer = scorer_of("revenue")
    for place in range(5):
        best = line(scorer, PRICES, place, 1.0, 300.0).best()[1]
        for price in np.linspace(1, 300, 400):
            moved = PRICES.copy()
            moved[place] = price
            assert scorer.score(moved) <= best + 1e-6 * best


@pytest.mark.parametrize("given", MARKETS)
@pytest.mark.parametrize("objective", ["revenue", "margin", "share"])
def test_the_analytic_slope_is_the_difference_quotient(objective: Objective, given: dict) -> None:
    """Under logit, value and slope agree with the choice model and with small steps in every price."""
    scorer = scorer_of(objective, rule="logit", scale=15.0, **given)
    here = slopes(scorer, PRICES)
    assert here.objective.value == pytest.approx(objective_value(scorer.outcome(PRICES), objective), rel=1e-9)
    for place in range(5):
        step = np.zeros(5)
        step[place] = 1e-4
        above, below = slopes(scorer, PRICES + step), slopes(scorer, PRICES - step)
        for name in ("objective", "buyers", "middle"):
            difference = getattr(above, name).value - getattr(below, name).value
            assert getattr(here, name).slope[place] == pytest.approx(difference / 2e-4, rel=1e-4, abs=1e-8), name
