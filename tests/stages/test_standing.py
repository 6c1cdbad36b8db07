"""A scenario's bills: made once, kept for all who ask, and the same whoever asks."""

from __future__ import annotations

import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.stages import tiers
from workbench.stages.needs import on_todays_list
from workbench.stages.offers import Tier, TierDecision
from workbench.stages.study_replay import list_billed, scenario_standing, standing_of_last_months
from workbench.study import Scenario, Study

STUDY = Study.new("t", "data")
SEATS, PAID = {"a": 2, "b": 10}, {"a": 20.0, "b": 80.0}


@pytest.fixture(scope="module")
def base() -> CustomerBase:
    """Return two accounts on a list of $10 a seat; b has a fifth off."""
    months = ("2024-11", "2024-12")
    used = [(one, month, "seats", seats) for one, seats in SEATS.items() for month in months]
    paid = [(one, month, amount, "USD") for one, amount in PAID.items() for month in months]
    return CustomerBase.from_tables(
        {
            "accounts": pd.DataFrame({"account_id": list(SEATS), "plan": ["Team", "Team"]}),
            "usage": pd.DataFrame(used, columns=["account_id", "month", "metric", "quantity"]),
            "mrr": pd.DataFrame(paid, columns=["account_id", "month", "amount", "currency"]),
            "plans": pd.DataFrame({"plan": ["Team"], "period": ["month"], "metric": ["seats"], "unit_price": [10]}),
        }
    )


def design(price: int) -> Scenario:
    """Return a scenario of one tier sold by the seat."""
    tier = Tier(id="one", name="One", price=price, price_per="seats")
    return Scenario(id="d", name="D").with_decision(TierDecision(tiers=(tier,)))


def test_one_list_has_one_bill(base: CustomerBase) -> None:
    """The money of a design and the bills its items are read from are the same bills, 12 a seat for 12 seats."""
    scenario = design(12)
    stands, why = scenario_standing(base, STUDY, scenario)
    billed = list_billed(base, scenario)
    assert stands is not None, why
    assert billed is not None
    assert stands.revenue_list == billed.revenue == 12 * 12
    assert stands.revenue_net == pytest.approx(2 * 12 + 10 * 12 * 0.8)
    assert stands.today is standing_of_last_months(base).today
    assert (
        stands.kept.tolist() == on_todays_list(base, stands.account_ids, stands.account_ids).kept.tolist() == [1, 0.8]
    )


def test_a_scenario_is_billed_once(base: CustomerBase) -> None:
    """Asked again, the same bills come back; another price is billed anew over the same account-months."""
    scenario = design(12)
    again = [list_billed(base, scenario), scenario_standing(base, STUDY, scenario)[0]]
    assert again[0] is list_billed(base, scenario)
    assert again[1] is scenario_standing(base, STUDY, scenario)[0]
    other = list_billed(base, design(13))
    assert other is not None
    assert other is not again[0]
    assert other.rows is standing_of_last_months(base).rows


@pytest.mark.parametrize("lacking", [(), ("usage",), ("plans",), ("usage", "plans")])
def test_paid_today_is_what_is_on_record_whatever_else_is(base: CustomerBase, lacking: tuple[str, ...]) -> None:
    """The money of a design, its tiers and its discounts know one revenue of today, with usage and plans or without."""
    known = CustomerBase.from_tables({name: each for name, each in base.frames.items() if name not in lacking})
    tier = Tier(id="one", name="One", price=60)
    scenario = Scenario(id="d", name="D").with_decision(TierDecision(tiers=(tier,)))
    stands, why = scenario_standing(known, STUDY, scenario)
    assert stands is not None, why
    moved = tiers.evaluate(known, scenario).change
    assert moved is not None
    assert stands.revenue_today == moved.today == sum(PAID.values())
    assert stands.revenue_net == pytest.approx(moved.new)


def test_what_offers_nothing_has_no_bill(base: CustomerBase) -> None:
    """A scenario without tiers or a curve has no list; today's has the bills of today."""
    assert list_billed(base, Scenario(id="n", name="N")) is None
    assert list_billed(base, Scenario(id="t", name="Today", kind="baseline")) is standing_of_last_months(base).today
