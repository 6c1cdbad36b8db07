"""Price lines: looking a price up gives what working the choice out at that price gives."""

from __future__ import annotations

import numpy as np
import pytest
from demand_cases import crowd, task
from numpy.testing import assert_allclose

from workbench.demand import DemandError, price_line

FEES, ADD_ON_FEES = [30.0, 45.0, 60.0], [9.0, 14.0]


@pytest.mark.parametrize("ties", ["seller", "customer"])
@pytest.mark.parametrize("plan", [0, 1, 2])
@pytest.mark.parametrize("seed", range(3))
def test_a_line_equals_the_choice_at_every_price(seed: int, plan: int, ties: str) -> None:
    """Buyers of every plan, revenue and margin of each draw equal an outcome worked out at that price."""
    of = crowd(seed, ties=ties)
    line = price_line(of, of.plans[plan], FEES, ADD_ON_FEES)
    prices = np.linspace(0.5, 150, 23)
    found = line.at(prices)
    for number, price in enumerate(prices):
        fees = list(FEES)
        fees[plan] = price
        worked = of.outcome(fees, ADD_ON_FEES)
        assert_allclose(found.buyers[:, number], worked.draws.buyers, atol=1e-9)
        assert_allclose(found.revenue[:, number], worked.revenue_by_draw, atol=1e-7)
        assert_allclose(found.margin[:, number], worked.margin_by_draw, atol=1e-7)


def test_linear_demand_in_closed_form() -> None:
    """Evenly spread willingness up to 100 at a cost of 20: best price 60 for margin, a share of 0.4, a profit of 16."""
    worth = (np.arange(20_000) + 0.5)[:, None] / 200
    of = task(worth, plan_cost=np.full(worth.shape, 20.0))
    line = price_line(of, "plan 0", [50.0])
    prices = np.linspace(30, 90, 61)
    margins = line.at(prices).margin.mean(axis=0) / of.accounts
    assert prices[margins.argmax()] == 60
    assert_allclose(margins.max(), 16.0, rtol=1e-3)
    assert_allclose(line.at(60).share.estimate, 0.4, rtol=1e-3)
    assert_allclose(line.best(), 50.0, rtol=1e-3)


def test_the_best_price_of_two_kinds_of_customers() -> None:
    """One in ten would pay 100, the others 9: selling to the few earns 10 a head, to everybody 9."""
    of = task([[100.0]] + [[9.0]] * 9)
    line = price_line(of, "plan 0", [50.0])
    assert_allclose(line.best(), 100.0)
    assert_allclose(line.at([9.0, 100.0]).revenue.ravel(), [90.0, 100.0])


def test_a_step_is_where_a_customer_gives_up() -> None:
    """At the threshold itself the customer still buys; a cent above, no more."""
    line = price_line(task([[20.0]]), "plan 0", [5.0])
    assert line.at([20.0, 20.01]).buyers.ravel().tolist() == [1.0, 0.0]


def test_draws_with_different_numbers_of_rows() -> None:
    """A line does not need every customer in every draw."""
    of = crowd(3, rows=101)
    line = price_line(of, "plan 1", FEES, ADD_ON_FEES)
    assert_allclose(line.at(45.0).revenue.mean(), of.outcome(FEES, ADD_ON_FEES).revenue)


def test_a_logit_line_is_close_at_every_price() -> None:
    """Between its knots the smooth line is within 0.1% of the outcome worked out."""
    of = crowd(2, rule="logit", scale=6.0)
    line = price_line(of, "plan 1", FEES, ADD_ON_FEES)
    prices = np.array([13.3, 27.7, 45.0, 61.1, 150.0])
    found = line.at(prices)
    for number, price in enumerate(prices):
        worked = of.outcome([30, price, 60], ADD_ON_FEES)
        assert_allclose(found.shares[number], worked.shares, atol=1e-3)
        assert_allclose(found.revenue[:, number].mean(), worked.revenue, rtol=1e-3)
        assert_allclose(line.at(price).revenue[:, 0].mean(), worked.revenue, rtol=1e-3)


def test_intervals_along_the_line() -> None:
    """The table holds one row per price with intervals around the mean, and share falls with the price."""
    of = crowd(4)
    table = price_line(of, "plan 0", FEES, ADD_ON_FEES).at(np.linspace(5, 90, 12)).table()
    assert (table["share"].diff().dropna() <= 1e-12).all()
    for name in ("share", "revenue", "margin"):
        assert (table[f"{name}_low"] <= table[name] + 1e-9).all()
        assert (table[name] <= table[f"{name}_high"] + 1e-9).all()


def test_lines_that_cannot_be() -> None:
    """Unknown plans, prices off a smooth line and lines without prices are refused."""
    of = crowd(2, rule="logit", scale=6.0)
    with pytest.raises(DemandError, match="no plan 'gold'"):
        price_line(of, "gold", FEES, ADD_ON_FEES)
    with pytest.raises(DemandError, match="has no prices"):
        price_line(of, "plan 0", FEES, ADD_ON_FEES, between=(5, 5))
    with pytest.raises(DemandError, match="runs from"):
        price_line(of, "plan 0", FEES, ADD_ON_FEES).at(1.0)
