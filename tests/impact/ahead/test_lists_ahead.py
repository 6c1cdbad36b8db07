"""What accounts pay under price lists in months to come, by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from workbench.impact import CheapestThatFits, KeepPlan, account_months, replay
from workbench.impact.price_realisation import realisation
from workbench.impact.revenue_forecast import PricesAhead, Record, paid_bills, record_of, revenue_ahead
from workbench.pricing import Charge, Limit, Plan, PriceBook

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase

MONTHS = 4
TODAY = PriceBook(
    "Today",
    "USD",
    (
        Plan("Small", 0, (Charge("seats", "per_unit", unit_price=10),), (Limit("seats", 10),)),
        Plan("Large", 0, (Charge("seats", "per_unit", unit_price=12),), (Limit("seats", 50),)),
        Plan("Custom", None),
    ),
)
NEW = PriceBook(
    "New", "USD", (Plan("Only", 50, (Charge("reports", "per_unit", unit_price=2),), (Limit("reports", 1_000),)),)
)
SEATS = {"a": 8, "b": 20, "c": 70, "d": 12}
PAID = {"a": 80, "b": 180, "c": 900, "d": 120}
PLANS = {"a": "Small", "b": "Large", "c": "Custom", "d": "Small"}


@pytest.fixture
def record(base_of: Callable[..., CustomerBase]) -> Record:
    """Return four accounts: at list, a quarter off, on request, and over its plan's limit already."""
    base = base_of(
        {
            "seats": {name: [count] * MONTHS for name, count in SEATS.items()},
            "reports": {name: [100] * MONTHS for name in SEATS},
        },
        {name: [amount] * MONTHS for name, amount in PAID.items()},
        plans={name: [plan] * MONTHS for name, plan in PLANS.items()},
    )
    return record_of(base, account_months(base), TODAY, ("seats", "reports"))


def bills(record: Record, **quantities: list[float]) -> dict[str, list[float]]:
    """Return what the four pay under both lists for these seats, reports and amounts paid."""
    lists = {"today": PricesAhead(TODAY), "new": PricesAhead(NEW, CheapestThatFits())}
    used = np.array([quantities.get(name, paid) for name, paid in zip(("seats", "reports", "paid"), NOW, strict=True)])
    found = paid_bills(record, lists, MONTHS)
    return {name: bill(used, np.arange(4)).tolist() for name, bill in found.bills.items()}


NOW = (list(map(float, SEATS.values())), [100.0] * 4, list(map(float, PAID.values())))


def test_today_everybody_pays_what_was_paid(record: Record) -> None:
    """On the last month's quantities today's list, with each account's discount, is what is on record."""
    assert bills(record)["today"] == pytest.approx(list(PAID.values()))


def test_a_discount_is_kept_under_a_new_list(record: Record) -> None:
    """250 at list for 100 reports; the account that pays three quarters of its list does so here, too."""
    assert bills(record)["new"] == pytest.approx([250, 187.5, 900, 250])


def test_a_forecast_takes_the_share_of_the_list_that_a_replay_takes(record: Record) -> None:
    """On the months it goes on from, an account's own part of the list is that of the replay of the same months."""
    replayed = realisation(replay(record.rows, TODAY, assign=KeepPlan()))
    assert record.realisation(MONTHS) == pytest.approx(replayed[record.who])
    assert record.realisation(MONTHS) == pytest.approx([1, 0.75, 1, 1])


def test_a_month_that_nobody_knows_the_payment_of_is_no_month_of_paying_nothing(record: Record) -> None:
    """The list price of a month counts only where what was paid in it is on record."""
    quantity = record.history.quantity.copy()
    quantity[-1, 1, MONTHS - 1] = np.nan
    gap = replace(record, history=replace(record.history, quantity=quantity))
    assert gap.realisation(MONTHS) == pytest.approx([1, 0.75, 1, 1])


def test_what_is_paid_beyond_the_list_is_kept_as_an_amount(base_of: Callable[..., CustomerBase]) -> None:
    """A pays 20 a month over its list of 80, b pays though its list says nothing: no list multiplies either of them."""
    free = PriceBook("Free", "USD", (*TODAY.plans, Plan("Free", 0)))
    base = base_of(
        {
            "seats": {"a": [8.0] * MONTHS, "b": [8.0] * MONTHS},
            "reports": {"a": [100.0] * MONTHS, "b": [100.0] * MONTHS},
        },
        {"a": [100.0] * MONTHS, "b": [70.0] * MONTHS},
        plans={"a": ["Small"] * MONTHS, "b": ["Free"] * MONTHS},
    )
    record = record_of(base, account_months(base), free, ("seats", "reports"))
    lists = {"today": PricesAhead(free), "new": PricesAhead(NEW, CheapestThatFits())}
    found = paid_bills(record, lists, MONTHS)
    used = np.array([[8.0, 8], [100, 100], [100, 70]])
    paid = {name: bill(used, np.arange(2)).tolist() for name, bill in found.bills.items()}
    assert paid["today"] == pytest.approx([100, 70])
    assert paid["new"] == pytest.approx([250 + 20, 70])


def test_a_metric_concerns_whom_it_is_billed_to(record: Record) -> None:
    """Seats move today's bills; reports the new ones, and seats them too, for beyond its one plan today's go on."""
    lists = {"today": PricesAhead(TODAY), "new": PricesAhead(NEW, CheapestThatFits())}
    found, places = paid_bills(record, lists, MONTHS), np.arange(4)
    concerned = {
        name: [bill.depends(metric, places).tolist() for metric in range(3)] for name, bill in found.bills.items()
    }
    priced, kept = [True, True, False, True], [False, False, True, False]
    assert concerned["today"] == [priced, [False] * 4, kept]
    assert concerned["new"] == [priced, priced, kept]


def test_who_is_on_request_keeps_what_it_pays_under_both_lists(record: Record) -> None:
    """The third has no list price: under both lists it pays what it comes to pay."""
    grown = bills(record, paid=[80.0, 180, 1_000, 120])
    assert [grown[name][2] for name in ("today", "new")] == [1_000, 1_000]


def test_who_outgrows_its_plan_moves_up(record: Record) -> None:
    """Eleven seats do not fit into ten; beyond every plan the own plan's price goes on, as for who is over it today."""
    more = bills(record, seats=[11.0, 60.0, 70.0, 13.0])["today"]
    assert more == pytest.approx([11 * 12, 60 * 12 * 0.75, 900, 130])


def test_beyond_every_plan_of_the_new_list_todays_price_goes_on(record: Record) -> None:
    """Where the new list holds nobody of that size, what is paid today is no loss and no gain."""
    assert bills(record, reports=[2_000.0, 100, 100, 100])["new"] == pytest.approx([80, 187.5, 900, 250])


def test_a_short_history_is_unknown_and_says_why(base_of: Callable[..., CustomerBase]) -> None:
    """Four months say nothing of the future; the last month is shown as what it is."""
    base = base_of({"seats": {"a": [5.0] * 4}}, {"a": [50.0, 50, 50, 45]}, plans={"a": ["Small"] * 4})
    found = revenue_ahead(base, account_months(base), {"today": PricesAhead(TODAY)})
    assert found.parts is None
    assert found.reach.reason == "4 months of history; a forecast needs 6"
    assert found.last_month == 45
    assert len(found.table("today")) == len(found.chance("today")) == len(found.back_test) == 0


def test_a_metric_younger_than_half_a_year_is_unknown(base_of: Callable[..., CustomerBase]) -> None:
    """Twenty-five accounts of ten months whose reports were counted in the last five only."""
    names = [f"a{number}" for number in range(25)]
    quantities = {
        "seats": {name: [5.0] * 10 for name in names},
        "reports": {name: [None] * 5 + [100.0] * 5 for name in names},
    }
    paid, plans = {name: [50.0] * 10 for name in names}, {name: ["Small"] * 10 for name in names}
    base = base_of(quantities, paid, plans=plans)
    lists = {"today": PricesAhead(TODAY), "new": PricesAhead(NEW, CheapestThatFits())}
    assert revenue_ahead(base, account_months(base), lists).reach.reason == (
        "reports has been on record for 5 months; a forecast needs 6"
    )
    assert revenue_ahead(base, account_months(base), {"today": lists["today"]}).reach.ranges == 3
