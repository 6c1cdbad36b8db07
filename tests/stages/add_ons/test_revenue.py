"""What add-ons would bring."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.stages.add_ons.result import attach_draws, eligibility, full_revenue, revenue_range, total_range

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.stages.add_ons.evidence import AddOnEvidence
    from workbench.stages.offers import AddOnChoice

shares = st.floats(0, 1)


def test_revenue_by_hand(hand: AddOnEvidence, add_on: Callable[..., AddOnChoice]) -> None:
    """Seven eligible accounts at 10 with 10% to 30% of them buying bring 7 to 21 a month; 2 a seat for 31 seats 62."""
    choice = add_on()
    eligible = eligibility(hand, choice).now
    found = revenue_range(choice, full_revenue(hand, choice, eligible))
    assert (found.low, found.estimate, found.high) == pytest.approx((7, 14, 21))
    assert full_revenue(hand, add_on(price=Decimal(2), price_per="seats"), eligible) == 62


def test_revenue_per_unit_of_an_unknown_metric_is_unknown(
    hand: AddOnEvidence, add_on: Callable[..., AddOnChoice]
) -> None:
    """A price for each unit of something nobody records brings an unknown amount, not nothing."""
    choice = add_on(price_per="rows synced")
    assert full_revenue(hand, choice, np.ones(10, dtype=bool)) is None
    assert revenue_range(choice, None) is None
    assert total_range([choice], [None], seed=0) is None


@given(st.integers(1, 1000), st.integers(2, 9), st.tuples(shares, shares))
def test_revenue_scales_with_price(
    hand: AddOnEvidence, add_on: Callable[..., AddOnChoice], price: int, times: int, ends: tuple[float, float]
) -> None:
    """A price times as high brings times the revenue, at every end of the range and in the sum."""
    eligible = np.ones(10, dtype=bool)
    choice = add_on(price=Decimal(price), attach_low=min(ends), attach_high=max(ends))
    dearer = choice.replaced(price=Decimal(price * times))
    small, large = (full_revenue(hand, each, eligible) for each in (choice, dearer))
    assert large == pytest.approx(times * small)
    low, high = total_range([choice], [small], 0), total_range([dearer], [large], 0)
    assert (high.low, high.high) == pytest.approx((times * low.low, times * low.high))


@given(shares, shares, st.floats(0, 0.5), st.floats(0, 0.5))
def test_a_higher_attach_range_brings_no_less(
    add_on: Callable[..., AddOnChoice], one: float, other: float, up: float, further: float
) -> None:
    """Moving both ends up moves the range of the sum up; widening only the top never lowers the top."""
    low, high = min(one, other), max(one, other)
    before = total_range([add_on(attach_low=low, attach_high=high)], [100.0], 0)
    both = add_on(attach_low=min(1, low + up), attach_high=min(1, max(low + up, high + up)))
    after = total_range([both], [100.0], 0)
    assert after.low >= before.low - 1e-6
    assert after.high >= before.high - 1e-6
    wider = total_range([add_on(attach_low=low, attach_high=min(1, high + further))], [100.0], 0)
    assert wider.high >= before.high - 1e-6


@given(shares, shares)
def test_nine_draws_in_ten_lie_in_the_range(add_on: Callable[..., AddOnChoice], one: float, other: float) -> None:
    """The range is a 90% range: its ends are the 5% and 95% points of the draws, all within 0 and 1."""
    low, high = min(one, other), max(one, other)
    draws = attach_draws(add_on(attach_low=low, attach_high=high), seed=3)
    assert draws.min() >= 0
    assert draws.max() <= 1
    assert np.quantile(draws, (0.05, 0.95)) == pytest.approx((low, high), abs=2e-3)


def test_scenarios_share_their_draws(add_on: Callable[..., AddOnChoice]) -> None:
    """The same add-on draws the same in every scenario, another one and another seed draw differently."""
    first = attach_draws(add_on(), seed=0)
    assert (first == attach_draws(add_on(name="Renamed", price=Decimal(99)), seed=0)).all()
    assert (first != attach_draws(add_on(id="other"), seed=0)).any()
    assert (first != attach_draws(add_on(), seed=1)).any()


def test_the_sum_is_less_uncertain_than_its_parts(add_on: Callable[..., AddOnChoice]) -> None:
    """Independent add-ons do not all fall short at once: the range of the sum is narrower than the sum of ranges."""
    choices = [add_on(id=name) for name in ("one", "two", "three")]
    total = total_range(choices, [100.0] * 3, 0)
    assert total.estimate == pytest.approx(60)
    assert 30 < total.low < total.estimate < total.high < 90
    # Three independent normal rates: the spread of the sum is the root of three times that of one.
    assert (total.high - total.low) / 20 == pytest.approx(3**0.5, rel=0.06)
