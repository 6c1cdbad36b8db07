"""Price lists in other currencies: rounding at its edges, in currencies of 0, 2 and 3 decimals, and dated rates."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ChargeError
from workbench.pricing import (
    Band,
    Charge,
    DatedRate,
    Plan,
    PriceBook,
    PriceSteps,
    book_in,
    prices_of,
    rate_on,
)

LISTS = {
    "EUR": PriceSteps("EUR", 1, "0.99"),
    "USD": PriceSteps("USD", 10, 9),
    "JPY": PriceSteps("JPY", 100),
    "KWD": PriceSteps("KWD", "0.005"),
    "CHF": PriceSteps("CHF", "0.05"),
    "GBP": PriceSteps("GBP"),
}


@pytest.mark.parametrize(
    ("currency", "amount", "price"),
    [
        ("EUR", "45.48", "44.99"), ("EUR", "45.49", "45.99"), ("EUR", "1.00", "0.99"), ("EUR", "1.49", "1.99"),
        ("USD", "14", "19"), ("USD", "13.99", "9"), ("USD", "100", "99"), ("USD", "104", "109"),
        ("JPY", "149", "100"), ("JPY", "150", "200"), ("JPY", "7250", "7300"), ("JPY", "100", "100"),
        ("KWD", "3.0774", "3.075"), ("KWD", "3.0775", "3.080"), ("KWD", "3.07749", "3.075"),
        ("CHF", "10.025", "10.05"), ("CHF", "10.0249", "10.00"), ("GBP", "10.005", "10.01"),
        ("GBP", "10.0049", "10.00"),
    ],
)  # fmt: skip
def test_prices_are_rounded_at_the_edge(currency: str, amount: str, price: str) -> None:
    """Half-way between two prices the higher one is taken, and a hair below it the lower."""
    assert LISTS[currency].nearest(amount) == Decimal(price)


@given(st.integers(1, 10**9), st.sampled_from(sorted(LISTS)))
def test_every_price_is_one_the_list_may_show(millis: int, currency: str) -> None:
    """Its step apart and on its ending, never further than half a step, and shown again it stays as it is."""
    steps, amount = LISTS[currency], Fraction(millis, 1000)
    price = steps.nearest(amount)
    assert steps.nearest(price) == price
    if amount >= steps.step:
        assert (price - steps.ending) % steps.step == 0
        assert abs(Fraction(price) - amount) <= max(
            Fraction(steps.step) / 2, Fraction(steps.step) - Fraction(steps.ending)
        )
    assert price > 0


@pytest.mark.parametrize(("amount", "price"), [("0.0234", "0.023"), ("0.0235", "0.024"), ("0.5", "0.5"), ("0", "0")])
def test_what_is_below_a_step_keeps_two_digits(amount: str, price: str) -> None:
    """A price per call is not rounded to a dollar, and nothing is never made of something, or something of nothing."""
    assert PriceSteps("USD", 1).nearest(amount) == Decimal(price)


@pytest.mark.parametrize(
    ("currency", "step", "ending"),
    [("JPY", "0.5", 0), ("USD", "0.001", 0), ("USD", 1, 1), ("USD", -1, 0), ("KWD", 1, "0.0005")],
)
def test_steps_that_no_price_could_have_are_refused(currency: str, step: str, ending: str) -> None:
    """Below the currency's smallest unit, below nothing, or with an ending as large as the step."""
    with pytest.raises(ChargeError):
        PriceSteps(currency, step, ending)


def test_the_last_rate_given_holds() -> None:
    """From its own day on, until the next one; before the first there is none, and none is looked up."""
    rates = [DatedRate("EUR", dt.date(2024, 7, 1), "1.10"), DatedRate("EUR", dt.date(2024, 1, 1), "1.08")]
    days = [dt.date(2023, 12, 31), dt.date(2024, 1, 1), dt.date(2024, 6, 30), dt.date(2024, 7, 1), dt.date(2030, 1, 1)]
    found = [rate_on(rates, "EUR", day) for day in days]
    assert [each and str(each.worth) for each in found] == [None, "1.08", "1.08", "1.10", "1.10"]
    assert rate_on(rates, "JPY", days[-1]) is None
    with pytest.raises(ChargeError, match="above zero"):
        DatedRate("EUR", days[0], 0)


def test_every_amount_of_a_list_is_converted_and_nothing_else() -> None:
    """Fees, prices, bands, minimum and maximum change; shares, free units, limits and prices on request do not."""
    charge = Charge("GB", "graduated", bands=[Band(100, 0, flat_fee=20), Band(None, 2)], minimum=10, maximum=500)
    share = Charge("volume", "percentage", rate_percent="2.5", fixed_fee=4, free_units=10)
    home = PriceBook("list", "USD", [Plan("Team", 40, charges=[charge, share]), Plan("Custom", None)])
    book = book_in(home, PriceSteps("EUR"), 2)
    team = book.plan("Team")
    assert (book.currency, team.base_fee, book.plan("Custom").base_fee) == ("EUR", 20, None)
    assert [(band.up_to, band.unit_price, band.flat_fee) for band in team.charges[0].bands] == [
        (100, 0, 10),
        (None, 1, 0),
    ]
    assert (team.charges[0].minimum, team.charges[0].maximum) == (5, 250)
    assert (team.charges[1].rate_percent, team.charges[1].fixed_fee, team.charges[1].free_units) == (
        Decimal("2.5"),
        2,
        10,
    )


def test_a_typed_price_is_kept_as_it_is() -> None:
    """It is neither converted nor rounded, and the others are."""
    home = PriceBook("list", "USD", [Plan("Team", 40, charges=[Charge("seats", "per_unit", unit_price=10)])])
    book = book_in(home, LISTS["JPY"], "0.0065", {("Team", "seats"): Decimal(1480)})
    assert prices_of(book) == {("Team", ""): Decimal(6200), ("Team", "seats"): Decimal(1480)}
    assert book.bill("Team", {"seats": 3}).total == 6200 + 3 * 1480


@given(st.integers(1, 10**6), st.integers(1, 10**5))
def test_a_list_at_a_rate_of_one_is_the_list(cents: int, rate: int) -> None:
    """Converted there and back at the smallest unit, a price is off by no more than that unit is worth."""
    price, worth = Decimal(cents).scaleb(-2), Decimal(rate).scaleb(-3)
    home = PriceBook("list", "USD", [Plan("Team", price)])
    assert book_in(home, PriceSteps("GBP"), 1).plan("Team").base_fee == price
    there = book_in(home, PriceSteps("GBP"), worth).plan("Team").base_fee
    assert there is not None
    assert abs(there * worth - price) <= worth * Decimal("0.005") or there < Decimal("0.01")
