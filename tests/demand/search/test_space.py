"""The prices that rules leave open."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.demand import DemandError
from workbench.demand.search.constraints import PriceLimit, PriceSpace


def ladder(*more: PriceLimit) -> PriceSpace:
    """Return three tiers in order with a spread of 3 to 5 and an add-on at 20% to 40% of the middle one."""
    limits = [PriceLimit(place, None, 1000.0, "the frame") for place in range(4)]
    limits += [PriceLimit(None, place, 1.0, "the frame") for place in range(4)]
    limits += [PriceLimit(0, 1, 1.0, "order"), PriceLimit(1, 2, 1.0, "order")]
    limits += [PriceLimit(2, 0, 5.0, "spread"), PriceLimit(0, 2, 1 / 3, "spread")]
    limits += [PriceLimit(3, 1, 0.4, "share"), PriceLimit(1, 3, 5.0, "share")]
    return PriceSpace(("entry", "middle", "top", "add-on"), (*limits, *more))


def test_every_point_of_the_cube_gives_allowed_prices() -> None:
    """Points of the unit cube become prices that meet every limit, and the corners reach the ends of each price."""
    space = ladder()
    prices = space.spread(np.random.default_rng(0).random((500, 4)))
    assert all(space.limits_hold(each) for each in prices)
    assert space.spread(np.zeros(4))[0][0] == pytest.approx(space.span(0)[0])
    assert space.spread(np.ones(4))[0][0] == pytest.approx(space.span(0)[1])


def test_a_dragged_price_takes_the_others_along_and_no_further() -> None:
    """Dragging a price far moves the others as far as the limits need; a small drag moves nothing else."""
    space = ladder()
    prices = np.array([20.0, 40.0, 80.0, 10.0])
    moved = space.drag(prices, 2, 300.0)
    assert moved == pytest.approx([60.0, 60.0, 300.0, 12.0])
    assert space.drag(prices, 1, 45.0) == pytest.approx([20.0, 45.0, 80.0, 10.0])
    assert space.limits_hold(moved)


def test_the_interval_of_a_price_is_exact() -> None:
    """Inside its interval a price meets the limits with the others where they are; just outside it does not."""
    space, prices = ladder(), np.array([20.0, 40.0, 80.0, 10.0])
    for place in range(4):
        low, high = space.interval(prices, place)
        for price, allowed in ((low, True), (high, True), (low * 0.999, False), (high * 1.001, False)):
            moved = prices.copy()
            moved[place] = price
            assert space.limits_hold(moved) is allowed


def test_a_clash_names_the_rules_in_it_only() -> None:
    """The error names the limits on the way round, not the ones beside it."""
    with pytest.raises(DemandError) as caught:
        ladder(PriceLimit(2, None, 100.0, "market"), PriceLimit(None, 3, 1 / 50.0, "fixed add-on"))
    message = str(caught.value)
    assert all(name in message for name in ("market", "fixed add-on", "share", "order"))
    assert "spread" not in message
