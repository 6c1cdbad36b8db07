"""Prices that end as a pricing page writes them."""

from __future__ import annotations

import pytest

from workbench.pricing.price_curve import Ending, prices_ending


@pytest.mark.parametrize(
    ("ending", "low", "high", "expected"),
    [
        ("nine", 7.5, 52, "7.99 8.99 9.99 19 29 39 49"),
        ("nine", 980, 1250, "989 999 1009 1019 1029 1039 1049 1059 1069 1079 1089 1099 1199"),
        ("tens", 0, 40, "10 20 30 40"),
        ("fives", 5, 20, "5 10 15 20"),
        ("hundreds", 150, 420, "200 300 400"),
        ("whole", 2.3, 5, "3 4 5"),
        ("usual", 235, 280, "235 240 245 250 260 270 280"),
        ("usual", 0.00098, 0.0012, "0.00098 0.00099 0.001 0.0011 0.0012"),
        ("whole", 2.3, 2.9, ""),
    ],
)
def test_prices_of_an_ending(ending: Ending, low: float, high: float, expected: str) -> None:
    """All prices of an ending between two ends are listed, and no other."""
    assert " ".join(str(price) for price in prices_ending(ending, low, high)) == expected


@pytest.mark.parametrize("ending", ["usual", "nine", "whole", "fives", "tens", "hundreds"])
def test_prices_of_an_ending_rise_and_stay_inside(ending: Ending) -> None:
    """Prices come in rising order, above zero and inside the ends asked for."""
    found = prices_ending(ending, 0, 12_500)
    assert list(found) == sorted(set(found))
    assert 0 < found[0] <= found[-1] <= 12_500
