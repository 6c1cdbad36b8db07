"""What a design brings on a basis: worked out on paper, and tied to the replay it is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from workbench.customers import CustomerBase
from workbench.impact import AccountMonths, CheapestThatFits, KeepPlan, account_months, replay
from workbench.impact.price_realisation import DesignStanding, share_of_list, standing
from workbench.pricing import AddOn, Charge, Plan, PriceBook

MakeBase = Callable[..., CustomerBase]

TODAY = PriceBook(
    "Today",
    "USD",
    (
        Plan("Team", 0, (Charge("seats", "per_unit", unit_price=10),)),
        Plan("Contract", None, (Charge("seats", "per_unit", unit_price=10),)),
    ),
)
NEW = PriceBook("New", "USD", (Plan("All", 5, (Charge("seats", "per_unit", unit_price=12),)),))
SEATS = {"seats": {"a": [1, 2], "b": [10, 10], "c": [50, 50], "d": [4, 4]}}
# a pays its list price, b a fifth less, c has a price on request, d pays a fifth more than its list says.
PAID = {"a": [10, 20], "b": [80, 80], "c": [400, 400], "d": [48, 48]}
PLANS = {name: ["Contract" if name == "c" else "Team"] * 2 for name in PAID}


def beside_today(rows: AccountMonths, book: PriceBook | None, todays_list: PriceBook) -> DesignStanding:
    """Return what a design brings, beside today's list over the same account-months."""
    return standing(rows, book, replay(rows, todays_list, assign=KeepPlan()))


def test_every_account_keeps_its_own_discount(base_of: MakeBase) -> None:
    """List against list, and paid against paid: a discount of a fifth stays one, and so does a price above list."""
    stands = beside_today(account_months(base_of(SEATS, PAID, plans=PLANS), months=1), NEW, TODAY)
    assert stands.months == ("2024-02",)
    assert stands.listed.tolist() == [29, 125, 605, 53]
    assert stands.kept.tolist() == pytest.approx([1, 0.8, 1, 1.2])
    assert stands.net.tolist() == pytest.approx([29, 100, 605, 63.6])
    assert stands.revenue_today == 20 + 80 + 400 + 48
    assert stands.revenue_list == 29 + 125 + 605 + 53
    assert stands.revenue_net == pytest.approx(29 + 100 + 605 + 63.6)
    assert stands.without_list_price == 400
    assert stands.not_billed == 0
    assert (stands.pay_more, stands.pay_less) == (1, 0)
    assert stands.rises_above(0.25).tolist() == [True, False, True, True]
    assert stands.rises_above(0.45).tolist() == [False, False, True, False]


def test_the_same_list_changes_nobodys_payment(base_of: MakeBase) -> None:
    """Today's own list as the design: what is paid stays to the cent, whatever discounts there are."""
    paid = {name: amounts for name, amounts in PAID.items() if name != "c"}
    base = base_of({"seats": {name: SEATS["seats"][name] for name in paid}}, paid, plans={n: PLANS[n] for n in paid})
    listed = replace(TODAY, plans=TODAY.plans[:1])
    stands = beside_today(account_months(base, months=2), listed, listed)
    assert stands.net == pytest.approx(stands.paid)
    assert (stands.pay_more, stands.pay_less) == (0, 0)


def test_a_year_is_the_mean_of_its_months(base_of: MakeBase) -> None:
    """On several months revenue is what was billed in all of them over their number, also of who came later."""
    base = base_of({"seats": {"a": [1, 3], "b": [None, 10]}}, {"a": [10, 30], "b": [None, 100]})
    stands = beside_today(account_months(base, months=2), NEW, TODAY)
    assert stands.revenue_today == (10 + 30 + 100) / 2
    assert stands.revenue_list == ((5 + 12) + (5 + 36) + (5 + 120)) / 2
    assert stands.accounts == 2


def test_who_has_no_bill_is_counted_in_money(base_of: MakeBase) -> None:
    """Revenue of accounts the design has no bill for is named, and stands in no revenue of the design."""
    base = base_of({"seats": {"a": [1], "b": [None]}, "calls": {"b": [9]}}, {"a": [10], "b": [70]})
    stands = standing(account_months(base, months=1), NEW, None)
    assert stands.not_billed == 70
    assert stands.revenue_list == 17
    assert stands.compared.tolist() == [True, False]
    assert np.isnan(stands.change[1])


def test_the_plans_stand_alone_and_are_those_of_the_replay(base_of: MakeBase) -> None:
    """An add-on is a choice of the customer's, so it is in no revenue of the plans; bills are the replay's own."""
    with_add_on = replace(NEW, add_ons=(AddOn("Extra", 3, (), features=("extra",), job="See more"),))
    rows = account_months(base_of(SEATS, PAID, plans=PLANS), months=2)
    stands = beside_today(rows, with_add_on, TODAY)
    alone = replay(rows, NEW, assign=CheapestThatFits())
    assert stands.revenue_list == pytest.approx(alone.revenue / 2)


def test_without_money_on_record_nothing_is_paid(base_of: MakeBase) -> None:
    """Usage alone bills the list; what is paid, and who pays more, stays unknown."""
    stands = standing(account_months(base_of(SEATS), months=1), NEW, None)
    assert np.isnan(stands.revenue_today)
    assert stands.revenue_list == 29 + 125 + 605 + 53
    assert np.isnan(stands.pay_more)


def test_no_design_has_no_revenue(base_of: MakeBase) -> None:
    """Before any plan is decided the design's revenue is unknown, not zero."""
    stands = beside_today(account_months(base_of(SEATS, PAID, plans=PLANS), months=1), None, TODAY)
    assert np.isnan(stands.revenue_list)
    assert stands.revenue_today == 548


def test_the_share_of_the_list_an_account_pays_has_one_definition() -> None:
    """Paid over list; 1 where one is unknown, the list asks nothing, a credit outweighs it, or it is another deal."""
    paid = np.array([80.0, 120, np.nan, 50, 50, -10, 0, 20])
    listed = np.array([100.0, 100, 100, np.nan, 0, 100, 100, 100])
    assert share_of_list(paid, listed).tolist() == [0.8, 1.2, 1, 1, 1, 1, 0, 0.2]
    assert share_of_list(paid, listed, least=0.3, most=1).tolist() == [0.8, 1, 1, 1, 1, 1, 1, 1]
