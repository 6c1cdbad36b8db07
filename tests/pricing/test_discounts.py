"""A discount policy: exact at every edge, the same for one deal and for many, and an invoice that adds up."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ChargeError
from workbench.pricing import Approval, DiscountBand, DiscountPolicy, Plan, PriceBook, TermDiscount, discounted

POLICY = DiscountPolicy(
    [DiscountBand(1000, 15), DiscountBand(0, 5), DiscountBand("5000.01", "22.5")],
    [TermDiscount(36, 20), TermDiscount(12, 7)],
    35,
    [Approval(20, "director"), Approval(10, "manager")],
)


@pytest.mark.parametrize(
    ("size", "months", "percent"),
    [
        ("999.99", 1, "5"), ("1000", 1, "15"), ("5000", 11, "15"), ("5000.01", 11, "22.5"), ("10", 12, "12"),
        ("10", 35, "12"), ("10", 36, "25"), ("6000", 36, "35"),
    ],
)  # fmt: skip
def test_a_band_holds_from_its_size_on(size: str, months: int, percent: str) -> None:
    """A size and a term hold from their first value, itself included; together they stop at the deepest of all."""
    assert POLICY.allowed_percent(size, months) == Decimal(percent)


@pytest.mark.parametrize(
    ("percent", "who"), [(0, ""), (10, ""), ("10.01", "manager"), (20, "manager"), ("20.5", "director")]
)
def test_who_approves(percent: str, who: str) -> None:
    """Whoever stands highest below the discount asked for approves it; one just as deep needs nobody."""
    assert POLICY.approver(percent) == who


@given(st.lists(st.tuples(st.integers(0, 10**8), st.integers(1, 60)), min_size=1, max_size=30))
def test_many_deals_are_judged_as_each_one(deals: list[tuple[int, int]]) -> None:
    """The fast reading of a policy is the exact one, deal by deal, at the edges as well."""
    sizes = [Decimal(cents).scaleb(-2) for cents, _ in deals]
    fast = POLICY.allowed(np.array([float(each) for each in sizes]), np.array([m for _, m in deals], dtype=float))
    exact = [float(POLICY.allowed_percent(size, months)) / 100 for size, (_, months) in zip(sizes, deals, strict=True)]
    assert fast == pytest.approx(exact, abs=1e-12)


def test_what_is_unknown_stays_so() -> None:
    """A deal without a list price has no discount; one whose term is not known gets nothing for it."""
    found = POLICY.allowed(np.array([np.nan, 10.0]), np.array([1.0, np.nan]))
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(0.05)


@given(st.integers(1, 10**9), st.integers(0, 10_000), st.sampled_from(["USD", "JPY", "KWD"]))
def test_a_discounted_bill_adds_up_in_its_currency(minor: int, basis_points: int, currency: str) -> None:
    """Lines sum to the total, which is what half up leaves of the list at the currency's own decimals."""
    digits = {"USD": 2, "JPY": 0, "KWD": 3}[currency]
    price, percent = Decimal(minor).scaleb(-digits), Decimal(basis_points).scaleb(-2)
    bill = discounted(PriceBook("list", currency, [Plan("Team", price)]).bill("Team", {}), percent)
    assert sum(line.amount for line in bill.lines) == bill.total
    assert bill.total == bill.total.quantize(Decimal(1).scaleb(-digits))
    assert abs(bill.total - price * (100 - percent) / 100) <= Decimal("0.5").scaleb(-digits)


def test_half_a_cent_is_rounded_up_and_said() -> None:
    """12.5% of 0.20 is 0.025, which an invoice takes off as 0.03."""
    bill = discounted(PriceBook("list", "USD", [Plan("Team", "0.20")]).bill("Team", {}), "12.5", "for a year")
    assert (bill.lines[-1].text, bill.lines[-1].amount, bill.total) == (
        "12.5% for a year",
        Decimal("-0.03"),
        Decimal("0.17"),
    )
    assert discounted(bill, 0) == bill


@pytest.mark.parametrize(
    "make",
    [
        lambda: DiscountBand(-1, 5),
        lambda: DiscountBand(0, 101),
        lambda: TermDiscount(0, 5),
        lambda: DiscountPolicy([DiscountBand(5, 1), DiscountBand(5, 2)]),
        lambda: DiscountPolicy((), [TermDiscount(12, 1), TermDiscount(12, 2)]),
        lambda: POLICY.approver(120),
    ],
)
def test_what_no_policy_can_be_is_refused(make: object) -> None:
    """Sizes below zero, percentages beyond all, and two rules for one deal are named."""
    with pytest.raises(ChargeError):
        make()  # type: ignore[operator]


def test_a_policy_is_kept_as_json() -> None:
    """What is written is read back as the same policy."""
    assert DiscountPolicy.from_dict(POLICY.to_dict()) == POLICY
