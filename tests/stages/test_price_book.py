"""Decisions add up to a price book, and today's prices are read from the data."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.pricing import Band, Charge
from workbench.stages.offers import AddOnChoice, AddOnDecision, Tier, TierDecision, ValueMetricDecision
from workbench.stages.price_book import list_of_today, plan_of, price_book
from workbench.study import Scenario, Study


@pytest.fixture
def base() -> CustomerBase:
    """Two accounts, and today's prices quoted per month and per year."""
    return CustomerBase.from_tables(
        {
            "accounts": pd.DataFrame({"account_id": ["a", "b"]}),
            "mrr": pd.DataFrame({"account_id": ["a", "b"], "month": ["2024-12"] * 2, "amount": [50, 120]}),
            "plans": pd.DataFrame(
                {
                    "plan": ["Team", "Team", "Yearly", "Custom"],
                    "base_fee": [10, None, 1200, None],
                    "metric": [None, "seats", None, None],
                    "unit_price": [None, 8.75, None, None],
                    "included_units": [None, 2, None, None],
                    "billing_period": ["month", "month", "year", "month"],
                }
            ),
            "plan_limits": pd.DataFrame({"plan": ["Team"], "metric": ["seats"], "limit": [20]}),
            "plan_features": pd.DataFrame({"plan": ["Team", "Yearly"], "feature": ["Alerts", "Exports"]}),
            "features": pd.DataFrame({"feature": ["Alerts", "Exports"], "area": ["Monitoring", "Sharing"]}),
        }
    )


def design(*decisions: object) -> Scenario:
    """Return a design scenario holding these decisions."""
    scenario = Scenario(id="design", name="Design")
    for decision in decisions:
        scenario = scenario.with_decision(decision)
    return scenario


def test_todays_prices_are_monthly_whatever_the_list_quotes(base: CustomerBase) -> None:
    """A yearly price is billed at a twelfth a month; unit prices come with their included units."""
    book = list_of_today(base)
    assert book.plan("Team").bill({"seats": 6}).total == Decimal(10) + 4 * Decimal("8.75")
    assert book.plan("Yearly").base_fee == 100
    assert book.plan("Team").features == ("Alerts",)
    assert {feature.name: feature.area for feature in book.features} == {"Alerts": "Monitoring", "Exports": "Sharing"}


def listed(*rows: tuple[float | None, str | None, float | None, str]) -> CustomerBase:
    """Return a base whose list has one plan, Team, with these rows: base fee, metric, unit price, billing period."""
    plans = pd.DataFrame(list(rows), columns=["base_fee", "metric", "unit_price", "billing_period"])
    paid = pd.DataFrame({"account_id": ["a"], "month": ["2024-12"], "amount": [50]})
    accounts = paid[["account_id"]]
    return CustomerBase.from_tables({"accounts": accounts, "mrr": paid, "plans": plans.assign(plan="Team")})


@pytest.mark.parametrize(
    ("rows", "total"),
    [
        (((490, None, None, "year"), (49, None, None, "month")), 49),
        (((0, "seats", 100, "year"), (0, "seats", 10, "month")), 30),
        (((1200, None, None, "year"), (None, "seats", 10, "month")), 130),
        (((None, None, None, "month"), (480, None, None, "year")), 40),
        (((49, "seats", 10, "month"), (49, "calls", 1, "month")), 49 + 30 + 5),
        (((49, "seats", 10, "month"), (0, "calls", 1, "month")), 49 + 30 + 5),
    ],
)
def test_a_price_listed_twice_is_billed_once(rows: tuple, total: int) -> None:
    """Of monthly and yearly prices the monthly one is due, and a base fee beside every metric is one fee."""
    assert list_of_today(listed(*rows)).plan("Team").bill({"seats": 3, "calls": 5}).total == total


def test_a_plan_without_prices_is_on_request(base: CustomerBase) -> None:
    """A plan on the list without a fee or unit price has no number at all."""
    assert list_of_today(base).plan("Custom").base_fee is None


def test_the_baseline_is_todays_price_book(base: CustomerBase) -> None:
    """Whatever else is decided, the baseline scenario offers today's plans."""
    study = Study.new("s", "data")
    assert price_book(base, study.baseline) == list_of_today(base)


def test_tiers_become_plans_and_chosen_add_ons_are_on_offer(base: CustomerBase) -> None:
    """Each tier is a plan with its price, limits and features; add-ons stand beside them."""
    tiers = TierDecision(
        tiers=(
            Tier(id="s", name="Start", price=Decimal(20), limits={"seats": Decimal(5)}, features=("Alerts",)),
            Tier(id="p", name="Per seat", price=Decimal(9), price_per="seats", features=("Alerts", "Exports")),
            Tier(id="c", name="Custom", price=None),
        )
    )
    add_on = AddOnChoice(id="x", name="Audit trail export", job="Prove who saw what", price=Decimal(6))
    book = price_book(base, design(tiers, AddOnDecision(add_ons=(add_on,))))
    assert [plan.name for plan in book.plans] == ["Start", "Per seat", "Custom"]
    assert book.plan("Start").bill({"seats": 3}).total == 20
    assert book.plan("Per seat").bill({"seats": 3}).total == 27
    assert book.plan("Custom").base_fee is None
    assert [(each.name, each.base_fee) for each in book.add_ons] == [("Audit trail export", Decimal(6))]


def test_overage_turns_a_limit_into_an_allowance() -> None:
    """With a price for going beyond, the limit is what is included and no longer a wall."""
    tier = Tier(id="s", name="S", price=Decimal(100), limits={"gb": Decimal(50)}, overage={"gb": Decimal("0.5")})
    plan = plan_of(tier)
    assert plan.limits == ()
    assert [plan.bill({"gb": gb}).total for gb in (0, 50, 80)] == [100, 100, 115]


def test_a_price_curve_without_tiers_is_one_plan(base: CustomerBase) -> None:
    """A scenario that only chose a value metric sells one plan on its curve."""
    curve = Charge("gb", "graduated", bands=(Band(100, "0.5"), Band(None, "0.3")))
    book = price_book(base, design(ValueMetricDecision(metric="gb", charge=curve)))
    assert [plan.name for plan in book.plans] == ["Standard"]
    assert book.plan("Standard").bill({"gb": 200}).total == 80


def test_nothing_decided_offers_nothing(base: CustomerBase) -> None:
    """An empty scenario has an empty price book, not an invented one."""
    assert price_book(base, design()).plans == ()
