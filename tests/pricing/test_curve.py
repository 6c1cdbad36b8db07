"""The price curve: a steady multiple along real quantities, with prices a person can repeat."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from workbench.errors import CurveError
from workbench.pricing import Band, Charge, Plan, propose_bands, ratio_along, share_inside
from workbench.pricing.price_curve import next_two_digits, one_two_five, two_digits

ROWS = np.random.default_rng(3).lognormal(8, 1.5, 800)
SEATS = np.ceil(np.random.default_rng(4).lognormal(2.2, 1.1, 600))


@pytest.mark.parametrize(
    ("quantities", "revenue", "target", "fee"),
    [(ROWS, 250_000, 6.5, 0), (SEATS, 200_000, 6.5, 0), (SEATS, 200_000, 6.3, 20), (ROWS, 1_000, 7.2, 0)],
)
def test_the_multiple_holds_along_the_whole_range(
    quantities: np.ndarray, revenue: float, target: float, fee: float
) -> None:
    """From the 5th to the 95th percentile ten times the usage costs 5 to 8 times the bill, at the wanted revenue."""
    found = propose_bands(target, quantities, revenue, base_fee=fee)
    ratios = found.ratio_along["ratio"]
    assert ratios.between(5, 8).all()
    assert np.abs(ratios / target - 1).max() <= (1 + found.fit_error) / (1 - found.fit_error) - 1 + 1e-9
    assert found.fit_error < 0.1
    earned = found.plan.bills({"units": quantities}).sum()
    assert earned == pytest.approx(found.revenue, rel=1e-9)
    assert earned == pytest.approx(revenue, rel=0.02)
    assert found.share_inside > 0.9
    assert found.ratio_along["quantity"].iloc[[0, -1]].tolist() == [found.low_quantity, found.high_quantity]


def test_prices_fall_and_are_round() -> None:
    """Unit prices have two digits and fall from band to band; break points are 1, 2 or 5 times a power of ten."""
    bands = propose_bands(6.5, ROWS, 250_000).charge.bands
    prices = [band.unit_price for band in bands]
    assert prices == sorted(prices, reverse=True)
    assert all(len(price.normalize().as_tuple().digits) <= 2 for price in prices)
    assert all(band.up_to.normalize().as_tuple().digits in {(1,), (2,), (5,)} for band in bands[:-1])


def test_ten_times_the_price_is_a_single_price() -> None:
    """A multiple of ten needs no bands: every unit costs the same."""
    found = propose_bands(10, ROWS, 250_000)
    assert len(found.charge.bands) == 1
    assert np.allclose(found.ratio_along["ratio"], 10)
    assert found.share_inside == 0


def test_customers_without_usage_are_counted_not_priced() -> None:
    """Zero and unknown quantities are reported, and pay the base fee at most."""
    with_idle = np.concatenate([SEATS, [0, 0, np.nan]])
    found = propose_bands(6.5, with_idle, 200_000)
    assert (found.customers, found.without_usage) == (SEATS.size, 3)
    assert found.charge == propose_bands(6.5, SEATS, 200_000).charge


def test_more_bands_are_never_worse() -> None:
    """Allowing more bands keeps or improves the fit, and one band warns that it is off."""
    errors = [propose_bands(6.3, ROWS, 250_000, most_bands=bands) for bands in (1, 2, 4)]
    scores = [one.fit_error + abs(one.revenue / one.revenue_target - 1) for one in errors]
    assert scores == sorted(scores, reverse=True)
    assert "allow more bands" in errors[0].cautions[0].text


@pytest.mark.parametrize(
    ("ratio", "quantities", "revenue", "options", "says"),
    [
        (11, SEATS, 1e5, {}, "11 times as much on falling prices"),
        (1, SEATS, 1e5, {}, "multiple above 1"),
        (6, SEATS, 0, {}, "revenue target is 0"),
        (6, [0, np.nan], 1e5, {}, "No customer has a quantity"),
        (6, [-1, 2], 1e5, {}, "negative or infinite"),
        (6, SEATS, 1e4, {"base_fee": 100}, "base fee alone brings in 60000"),
        (6, SEATS, 1e5, {"most_bands": 0}, "no price list"),
    ],
)
def test_impossible_curves_are_refused(
    ratio: float, quantities: object, revenue: float, options: dict, says: str
) -> None:
    """Each impossible request says why and what to change."""
    with pytest.raises(CurveError, match=says):
        propose_bands(ratio, quantities, revenue, **options)


def test_ratio_by_hand() -> None:
    """Ten times 10 units on 10 at 2 and the rest at 1 cost 110 instead of 20; a base fee of 30 softens it to 2.8."""
    charge = Charge("seats", "graduated", bands=(Band(10, 2), Band(None, 1)))
    assert ratio_along(charge, [10])["ratio"].tolist() == [5.5]
    assert ratio_along(Plan("Pro", 30, (charge,)), [10])["ratio"].tolist() == [140 / 50]
    nothing = ratio_along(charge, [0.0])["ratio"]
    assert nothing.isna().all()
    assert share_inside([5, 8, 8.1, np.nan]) == pytest.approx(2 / 3)
    assert np.isnan(share_inside([np.nan]))


def test_a_plan_with_several_metrics_needs_to_know_which_one_grows() -> None:
    """Steady quantities of the other metrics are part of the bill."""
    plan = Plan("Pro", 0, (Charge("seats", "per_unit", unit_price=10), Charge("rows", "per_unit", unit_price=1)))
    with pytest.raises(CurveError, match="rows, seats"):
        ratio_along(plan, [1])
    assert ratio_along(plan, [10], metric="rows", others={"seats": 1})["ratio"].tolist() == [110 / 20]


def test_round_numbers() -> None:
    """Series and ladder by hand."""
    assert [str(number) for number in one_two_five(0.5, 300)] == ["0.5", "1", "2", "5", "10", "20", "50", "100", "200"]
    assert [str(two_digits(price)) for price in (0.012345, 1234, 0)] == ["0.012", "1200", "0"]
    assert next_two_digits(Decimal("1.0"), -1) == Decimal("0.99")
    assert next_two_digits(Decimal("9.9"), 1) == 10
    assert next_two_digits(Decimal(10), 1) == 11
