"""Bundles, menus and the tiers of features against counting everything out."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from markets import drawn_market, task_of

from workbench.demand import (
    DemandError,
    assign_features,
    bundle_prices,
    fee_plus_usage,
    quality_ladder,
    two_part_tariff,
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", range(4))
def test_no_grid_of_bundle_prices_is_better(seed: int) -> None:
    """A brute-force grid over both items and the bundle brings no more than the program, and mixed beats the others."""
    worth = np.random.default_rng(seed).uniform(0, 10, (9, 2)).round(1)
    found = {kind: bundle_prices(worth, ("one", "two"), kind).value for kind in ("component", "pure", "mixed")}
    task = task_of(np.column_stack([worth, worth.sum(axis=1)]))
    steps = np.arange(0.5, 20.5, 0.5)
    best = max(
        task.outcome([one, two, both], by_draw=False).revenue
        for one, two, both in product(steps[:20], steps[:20], steps)
        if both <= one + two
    )
    assert found["mixed"] >= best - 1e-6
    assert found["mixed"] >= max(found["component"], found["pure"]) - 1e-6


def test_what_customers_take_is_what_leaves_most() -> None:
    """At the prices returned every customer's choice leaves at least as much as any other, weights and costs in."""
    worth = np.random.default_rng(5).uniform(0, 10, (12, 3))
    found = bundle_prices(worth, ("one", "two", "three"), weight=np.arange(1, 13), unit_cost=[0.5, 1.0, 0.2])
    held = np.array([[item in bundle for item in ("one", "two", "three")] for bundle in found.bundles], dtype=float)
    surplus = worth @ held.T - found.prices
    taken = np.where(found.choice >= 0, surplus[np.arange(12), found.choice], 0.0)
    assert (taken >= np.maximum(surplus.max(axis=1), 0) - 1e-5).all()
    cost = held @ [0.5, 1.0, 0.2]
    margins = np.where(found.choice >= 0, (found.prices - cost)[found.choice], 0.0)
    assert found.value == pytest.approx(float(np.arange(1, 13) @ margins), rel=1e-5)


def test_too_many_choices_ask_for_a_sample() -> None:
    """More customers than the program can hold are refused, with how many it can."""
    with pytest.raises(DemandError, match="sample of at most 571"):
        bundle_prices(np.ones((1000, 3)), ("one", "two", "three"))


@pytest.mark.parametrize("seed", range(5))
def test_no_fee_and_unit_price_on_a_grid_is_better(seed: int) -> None:
    """A fine grid of fees and unit prices brings no more than the exact answer."""
    rng = np.random.default_rng(seed)
    units, most = rng.uniform(1, 20, 8), rng.uniform(10, 60, 8)
    found = fee_plus_usage(units, most, unit_cost=0.3)
    for fee, price in product(np.linspace(0, 60, 80), np.linspace(0, 8, 80)):
        buys = fee + price * units <= most
        assert (buys * (fee + (price - 0.3) * units)).sum() <= found.value + 1e-9


@pytest.mark.parametrize("seed", range(5))
def test_no_two_part_tariff_on_a_grid_is_better(seed: int) -> None:
    """A fine grid of fees and unit prices for use that falls with the price brings no more than the formula."""
    rng = np.random.default_rng(seed)
    heights, size = np.sort(rng.uniform(5, 15, 3)), rng.uniform(1, 3, 3)
    found = two_part_tariff(heights, weight=size, unit_cost=1.0)
    for fee, price in product(np.linspace(0, 110, 150), np.linspace(0, 10, 150)):
        used = np.maximum(heights - price, 0)
        buys = used**2 / 2 >= fee
        assert (buys * size * (fee + (price - 1) * used)).sum() <= found.value * (1 + 1e-9)


def test_a_ladder_leaves_nobody_better_off_on_another_step() -> None:
    """Each type prefers its own quality and price to any other and to nothing, also where types share one quality."""
    taste, share = np.array([2.0, 2.2, 3.0, 5.0]), np.array([0.3, 0.02, 0.4, 0.28])
    found = quality_ladder(taste, share)
    gains = taste[:, None] * found.quality - found.price
    assert (np.diag(gains) >= gains.max(axis=1) - 1e-9).all()
    assert (np.diag(gains) >= -1e-9).all()
    assert (np.diff(found.quality) >= -1e-12).all()


def counted_out(task, worth, fees) -> float:  # noqa: ANN001 - test data
    """Return the best revenue over all assignments of features, one by one."""
    best = -np.inf
    for starts in product(range(3), repeat=worth.shape[1]):
        added = np.column_stack([worth[:, np.array(starts) <= tier].sum(axis=1) for tier in range(3)])
        full = task_of(task.plan_worth + added, rival=task.rival, weight=task.weight, rule=task.rule, scale=task.scale)
        best = max(best, full.outcome(fees, by_draw=False).revenue)
    return best


@pytest.mark.parametrize("rule", ["surplus", "logit"])
@pytest.mark.parametrize("seed", range(3))
def test_features_are_placed_as_counting_says(rule: str, seed: int) -> None:
    """Small cases are exact; the way of large ones comes within its stated gap, and here close to the top."""
    rng = np.random.default_rng(seed)
    task = drawn_market(120, 3, 0, seed, rule=rule, scale=10.0)
    task = task_of(task.plan_worth * 0.3, rival=task.rival, weight=task.weight, rule=rule, scale=10.0)
    worth, names, fees = rng.lognormal(2, 1, (120, 4)), tuple("abcd"), [25, 50, 90]
    exact = assign_features(task, worth, names, fees)
    rough = assign_features(task, worth, names, fees, exact_up_to=0)
    best = counted_out(task, worth, fees)
    assert exact.is_exact
    assert exact.gap == 0
    assert exact.value == pytest.approx(best)
    assert exact.bound >= best - 1e-9
    assert not rough.is_exact
    assert rough.value >= 0.99 * best
    assert rough.value >= (1 - rough.gap) * best * (1 - 1e-9)


def test_tiers_are_nested_and_must_haves_everywhere() -> None:
    """What a tier has, every tier above has; must-haves are in all, and fixed features where they were put."""
    task = drawn_market(100, 3, 1, 1)
    worth = np.random.default_rng(1).lognormal(1, 1, (100, 12))
    names = tuple(f"f{number}" for number in range(12))
    found = assign_features(task, worth, names, [20, 40, 80], [10], must_have=("f3",), fixed={"f5": "Plan 3"})
    held = [set(found.tiers[plan]) for plan in task.plans]
    assert held[0] <= held[1] <= held[2] == set(names)
    assert "f3" in held[0]
    assert "f5" not in held[1]
    assert found.value <= found.bound


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"must_have": ("z",)}, "no feature 'z'"),
        ({"fixed": {"a": "Gold"}}, "no tier"),
        ({"fixed": {"a": "Plan 2"}, "must_have": ("a",)}, "must-have"),
    ],
)
def test_impossible_wishes_for_features_are_refused(given: dict, words: str) -> None:
    """Unknown features and tiers, and must-haves held back, are errors that say so."""
    task = drawn_market(10, 2, 0, 0)
    with pytest.raises(DemandError, match=words):
        assign_features(task, np.ones((10, 2)), ("a", "b"), [10, 20], **given)
