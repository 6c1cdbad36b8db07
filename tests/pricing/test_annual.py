"""Paying by the year: exact bills of the year, of a switch and of who leaves, in currencies of 0, 2 and 3 decimals."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ChargeError
from workbench.pricing import REFUND_RULES, AnnualTerms, Charge, Plan, PriceBook, bill_for_a_year, bill_of_switch

START = dt.date(2025, 1, 1)
DIGITS = {"USD": 2, "JPY": 0, "KWD": 3}
minor_amounts = st.integers(1, 10**7)
basis_points = st.integers(0, 5_000)


@given(minor_amounts, basis_points, st.sampled_from(sorted(DIGITS)))
def test_a_year_is_twelve_months_less_its_discount(minor: int, points: int, currency: str) -> None:
    """To half of the currency's smallest unit, and its lines add up to it."""
    fee = Decimal(minor).scaleb(-DIGITS[currency])
    bill = bill_for_a_year(Plan("Team", fee), {}, AnnualTerms(Decimal(points).scaleb(-2)), currency)
    assert sum(line.amount for line in bill.lines) == bill.total
    assert bill.total == bill.total.quantize(Decimal(1).scaleb(-DIGITS[currency]))
    assert abs(bill.total - 12 * fee * (10_000 - points) / 10_000) <= Decimal("0.5").scaleb(-DIGITS[currency])


@given(minor_amounts, st.integers(0, 30), st.sampled_from(sorted(DIGITS)))
def test_a_switch_pays_no_day_twice(minor: int, day: int, currency: str) -> None:
    """The days of the month that are paid come off, all on its first day and none on the first of the next."""
    fee = Decimal(minor).scaleb(-DIGITS[currency])
    plan, first = Plan("Team", fee), dt.date(2025, 4, 1)
    monthly = PriceBook("list", currency, [plan]).bill("Team", {})
    yearly = bill_for_a_year(plan, {}, AnnualTerms(10), currency)
    due = bill_of_switch(monthly, yearly, first, first + dt.timedelta(day), dt.date(2025, 5, 1))
    off = yearly.total - due.total
    assert abs(off - fee * (30 - day) / 30) <= Decimal("0.5").scaleb(-DIGITS[currency])
    assert {0: off == fee, 30: off == 0}.get(day, True)
    assert sum(line.amount for line in due.lines) == due.total


@given(minor_amounts, st.integers(0, 365), basis_points)
def test_a_refund_is_never_more_than_what_is_left(minor: int, day: int, points: int) -> None:
    """Nothing, or what the days left are worth; at the monthly price never more than that, and never below nothing."""
    fee = Decimal(minor).scaleb(-2)
    left = START + dt.timedelta(day)
    paid = bill_for_a_year(Plan("Team", fee), {}, AnnualTerms(Decimal(points).scaleb(-2))).total
    none, days, months = (AnnualTerms(0, rule).refund_due(paid, fee, START, left) for rule in REFUND_RULES)
    assert none == 0
    assert 0 <= months <= days + Decimal("0.01")
    assert 0 <= days <= paid
    if day in (0, 365):
        assert (days, months) == ((paid, paid) if day == 0 else (0, 0))


def test_refunds_fall_as_the_year_goes_by() -> None:
    """Each further day leaves the same to pay back, or less; a month begun counts as a whole one."""
    days = [START + dt.timedelta(day) for day in range(366)]
    for rule in REFUND_RULES:
        back = [AnnualTerms(0, rule).refund_due(1080, 100, START, day) for day in days]
        assert back == sorted(back, reverse=True)
    monthly = AnnualTerms(0, REFUND_RULES[2])
    ends = [monthly.refund_due(1080, 100, START, day) for day in (dt.date(2025, 2, 1), dt.date(2025, 2, 2))]
    assert ends == [Decimal("980.00"), Decimal("880.00")]


def test_a_year_may_begin_on_a_day_some_months_lack() -> None:
    """A year from the 31st of January ends on the 31st, and one from the 29th of February on the 28th."""
    terms = AnnualTerms(0, "unused days")
    assert terms.refund_due(365, 40, dt.date(2025, 1, 31), dt.date(2026, 1, 30)) == Decimal("1.00")
    assert terms.refund_due(365, 40, dt.date(2024, 2, 29), dt.date(2025, 2, 28)) == 0


def test_quantities_count_for_each_month_of_the_year() -> None:
    """Ten seats at 12.5 with a fee of 20 are 145 a month, 1,740 a year, 1,450 at two months free."""
    plan = Plan("Team", 20, charges=[Charge("seats", "per_unit", unit_price="12.5")])
    bill = bill_for_a_year(plan, {"seats": 10}, AnnualTerms("16.6666666667"))
    assert bill.total == Decimal("1450.00")
    assert bill.period == "year"


@pytest.mark.parametrize(
    "make",
    [
        lambda: AnnualTerms(101),
        lambda: AnnualTerms(10, "half"),  # type: ignore[arg-type]
        lambda: AnnualTerms(0, "unused days").refund_due(1, 1, START, dt.date(2026, 1, 2)),
        lambda: bill_for_a_year(Plan("Custom", None), {}, AnnualTerms(10)),
    ],
)
def test_what_cannot_be_billed_is_refused(make: object) -> None:
    """Discounts above all, rules nobody knows, days after the year and prices on request are named."""
    with pytest.raises(ChargeError):
        make()  # type: ignore[operator]
