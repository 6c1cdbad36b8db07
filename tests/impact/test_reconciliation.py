"""Reconciliation: each class of difference is built on purpose and recognised."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from workbench.customers import CustomerBase
from workbench.impact import KeepPlan, ReplayError, reconcile, replay
from workbench.pricing import Charge, Plan, PriceBook
from workbench.stages.price_book import list_of_today

MakeBase = Callable[..., CustomerBase]
SEATS = Charge("seats", "per_unit", unit_price=10)
BOOK = PriceBook(
    "Today",
    "USD",
    (Plan("Team", 0, (SEATS,)), Plan("Pro", 7, (SEATS.with_(unit_price=20),)), Plan("Custom", None), Plan("Flat", 99)),
)
OTHERS = "the other 3 months at the list"
CASES = {
    "rounding": ([1, 2, 3, 4], [10.004, 20, 30.01, 40], "within rounding", ""),
    "discount": ([10, 12, 20, 30], [95, 114, 190, 285], "steady discount", "5.0% below the list in every month"),
    "surcharge": ([10, 12, 20, 30], [110, 132, 220, 330], "steady surcharge", "10.0% above the list"),
    "contract": ([10, 30], [250, 250], "another quantity billed", "billed for 25 seats; usage shows 10 to 30"),
    "fewer": ([30] * 4, [290] * 4, "another quantity billed", "billed for 29 seats; usage shows 30"),
    "other plan": ([1, 2, 3, 4], [27, 47, 67, 87], "another plan billed", "the bills are those of Pro"),
    "promotion": (
        [5, 7, 9, 11],
        [25, 70, 90, 110],
        "a few months differ",
        f"2024-01: promotion or part of a month; {OTHERS}",
    ),
    "extra": ([5, 7, 9, 11], [50, 70, 123, 110], "a few months differ", f"2024-03: more than usual; {OTHERS}"),
    "free": (
        [0, 7, 9, 11],
        [50, 70, 90, 110],
        "a few months differ",
        f"2024-01: paid, though the list asks nothing; {OTHERS}",
    ),
    "step": (
        [5, 7, 9, 11],
        [45, 63, 72, 88],
        "discount that changed",
        "10.0% below the list before 2024-03, 20.0% from then on",
    ),
    "noise": ([5, 7, 9, 11], [3, 99, 41, 12.5], "unexplained", ""),
}


@pytest.mark.parametrize("name", CASES)
def test_each_class_of_difference_is_recognised(base_of: MakeBase, name: str) -> None:
    """A history built with one cause is explained by that cause, with its size in words."""
    seats, paid, kind, words = CASES[name]
    base = base_of({"seats": {"a": seats}}, {"a": paid}, plans={"a": ["Team"] * len(seats)})
    row = reconcile(base, BOOK).accounts.iloc[0]
    assert (row["explanation"], row["detail"]) == (kind, words)
    assert row["difference"] == pytest.approx(sum(paid) - 10 * sum(seats))
    assert row["months"] == len(seats)


@pytest.mark.parametrize(
    ("plan", "seats", "reason"),
    [
        ("Custom", 3, "price on request"),
        ("Gone", 3, "plan not in the price book"),
        (None, 3, "plan not known"),
        ("Team", None, "no usage on record that month"),
    ],
)
def test_accounts_without_a_bill_are_not_compared_and_say_why(
    base_of: MakeBase, plan: str | None, seats: float | None, reason: str
) -> None:
    """An account that cannot be billed is neither right nor wrong; its revenue counts as unaccounted for."""
    base = base_of(
        {"seats": {"a": [seats, seats], "b": [1, 1]}},
        {"a": [30, 30], "b": [10, 10]},
        plans={"a": [plan, plan], "b": ["Team", "Team"]},
    )
    found = reconcile(base, BOOK)
    row = found.accounts.iloc[0]
    assert (row["explanation"], row["months"], row["months_not_compared"]) == (f"not compared: {reason}", 0, 2)
    assert found.not_compared_share == pytest.approx(0.75)
    assert found.summary()["without_bill"].sum() == pytest.approx(found.recorded - found.compared)
    assert found.unexplained_share == pytest.approx(0.75)
    assert any("75.0% has no bill beside it" in caution.text for caution in found.cautions)


def test_the_shares_are_those_of_revenue(base_of: MakeBase) -> None:
    """Off counts every difference up or down; only what nothing explains counts as unexplained."""
    base = base_of(
        {"seats": {"a": [10, 10, 20], "b": [1, 3, 2]}},
        {"a": [90, 90, 180], "b": [3, 77, 5]},
        plans={"a": ["Team"] * 3, "b": ["Team"] * 3},
    )
    found = reconcile(base, BOOK)
    kinds = found.accounts.set_index("account_id")["explanation"].to_dict()
    assert kinds == {"a": "steady discount", "b": "unexplained"}
    assert found.recorded == found.compared == 445
    assert found.off == pytest.approx(40 + 7 + 47 + 15)
    assert found.unexplained_share == pytest.approx((7 + 47 + 15) / 445)
    assert found.below_list == pytest.approx(1 - 445 / 460)
    assert found.summary()["accounts"].sum() == 2


@pytest.mark.parametrize(("most", "warns"), [(0.16, False), (0.15, True)])
def test_the_share_that_warns_is_set(base_of: MakeBase, most: float, warns: bool) -> None:
    """The caution comes when more than the set share is unexplained, here 69 of 445."""
    base = base_of(
        {"seats": {"a": [10, 10, 20], "b": [1, 3, 2]}},
        {"a": [90, 90, 180], "b": [3, 77, 5]},
        plans={"a": ["Team"] * 3, "b": ["Team"] * 3},
    )
    cautions = reconcile(base, BOOK, most_unexplained=most).cautions
    assert any("unexplained" in caution.text for caution in cautions) is warns


def test_a_discount_off_the_list_is_a_caution_of_its_own(base_of: MakeBase) -> None:
    """When customers pay 10% below the list, comparisons of list prices say so."""
    base = base_of({"seats": {"a": [10, 12, 14]}}, {"a": [90, 108, 126]}, plans={"a": ["Team"] * 3})
    assert [c.text[:25] for c in reconcile(base, BOOK).cautions] == ["Customers pay 10.0% less "]


def test_an_existing_replay_can_be_reconciled(base_of: MakeBase) -> None:
    """A replay of today's prices is not made twice; without records or a book the request is refused."""
    base = base_of({"seats": {"a": [10, 10]}}, {"a": [100, 100]}, plans={"a": ["Team"] * 2})
    done = replay(base, BOOK, assign=KeepPlan())
    assert reconcile(done).replay is done
    with pytest.raises(ReplayError, match="today's price book"):
        reconcile(base)
    unpaid = base_of({"seats": {"a": [10, 10]}})
    with pytest.raises(ReplayError, match="table mrr"):
        reconcile(unpaid, BOOK)


def test_the_sample_company_pays_list_or_a_steady_discount(sample_company: CustomerBase) -> None:
    """In the sample everybody but the plan on request pays seats times list, less up to 20%, to the cent."""
    found = reconcile(sample_company, list_of_today(sample_company))
    kinds = set(found.accounts["explanation"])
    assert kinds == {"within rounding", "steady discount", "not compared: price on request"}
    assert found.unexplained == 0
    discounts = -found.accounts.loc[found.accounts["explanation"] == "steady discount", "share"]
    assert set(discounts.round(4)) == {0.05, 0.10, 0.15, 0.20}
    assert 0.05 < found.not_compared_share < 0.25
