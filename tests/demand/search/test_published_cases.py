"""Published and textbook optima, each through the function a strategist would use."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from markets import FREE, book_of, task_of
from scipy.stats import qmc

from workbench.demand import bundle_prices, fee_plus_usage, quality_ladder, two_part_tariff
from workbench.demand.search import PriceConstraints, search_prices

ORACLES = Path(os.environ.get("WORKBENCH_ORACLES", Path(__file__).resolve().parents[4] / "shared" / "oracles"))
FILE = ORACLES / "price_optimisation.json"
OPEN = PriceConstraints(off=FREE)
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the published cases are not beside the repository")


def case(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what goes into a published case and what is to come out."""
    found = next(each for each in json.loads(FILE.read_text(encoding="utf-8")) if each["id"] == name)
    return found["inputs"], found["expected"]


def test_every_published_case_has_a_test() -> None:
    """No published case goes by without a test in this file."""
    here = Path(__file__).read_text(encoding="utf-8")
    assert [each["id"] for each in json.loads(FILE.read_text(encoding="utf-8")) if f'"{each["id"]}"' not in here] == []


def test_one_plan_under_logit() -> None:
    """One plan under logit: price, share and revenue have a closed form with Lambert's W."""
    given, expected = case("mnl_single_exact")
    task = task_of([[given["a"] / given["b"]]], rule="logit", scale=1 / given["b"])
    found = search_prices(task, book_of(task), constraints=OPEN, rule_costs=False, flat=None)
    assert found.prices["Plan 1"] == pytest.approx(expected["price"], rel=1e-5)
    assert found.outcome.shares[0] == pytest.approx(expected["share"], rel=1e-5)
    assert found.value == pytest.approx(expected["revenue"], rel=1e-9)


def test_three_tiers_under_logit_have_one_markup() -> None:
    """Tiers with a common price coefficient carry the same markup over their cost."""
    given, expected = case("mnl_three_tier_equal_markup")
    worth = np.array([given["a"]]) / given["b"]
    task = task_of(worth, plan_cost=np.array([given["c"]]), rule="logit", scale=1 / given["b"])
    found = search_prices(task, book_of(task), "margin", OPEN, rule_costs=False, flat=None)
    assert [found.prices[name] for name in task.plans] == pytest.approx(expected["prices"], rel=1e-5)
    assert found.outcome.shares == pytest.approx(expected["shares"], rel=1e-4)
    assert found.value == pytest.approx(expected["profit_per_customer"], rel=1e-9)


def test_linear_demand() -> None:
    """Willingness spread evenly up to V: half of V and the cost."""
    given, expected = case("linear_demand")
    worth = (np.arange(4000) + 0.5) / 4000 * given["V"]
    task = task_of(worth[:, None], plan_cost=np.full((4000, 1), given["c"]))
    found = search_prices(task, book_of(task), "margin", OPEN, rule_costs=False, flat=None)
    assert found.prices["Plan 1"] == pytest.approx(expected["price"], abs=0.05)
    assert found.outcome.shares[0] == pytest.approx(expected["share"], abs=0.001)
    assert found.value / 4000 == pytest.approx(expected["profit"], rel=1e-3)


def test_bundle_of_two_goods_worth_anything_up_to_one() -> None:
    """Mixed bundling on the unit square as three plans; 4,096 evenly spread customers stand in for the square."""
    _, expected = case("bundle_uniform_unit_square")
    first, second = qmc.Sobol(2, rng=0).random_base2(12).T
    for worth, names in (
        (first[:, None], ("component",)),
        ((first + second)[:, None], ("pure",)),
        (np.column_stack([first, second, first + second]), ("mixed",)),
    ):
        task = task_of(worth)
        found = search_prices(
            task, book_of(task, [0.5] * worth.shape[1]), constraints=OPEN, rule_costs=False, flat=None
        )
        revenue, prices = found.value / 4096, list(found.prices.values())
        if names == ("component",):
            assert 2 * revenue == pytest.approx(expected["component_revenue"], rel=0.01)
            assert prices[0] == pytest.approx(expected["component_price"], abs=0.02)
        elif names == ("pure",):
            assert revenue == pytest.approx(expected["pure_bundle_revenue"], rel=0.01)
            assert prices[0] == pytest.approx(expected["pure_bundle_price"], abs=0.03)
        else:
            assert revenue == pytest.approx(expected["mixed_revenue"], rel=0.02)
            assert prices[2] == pytest.approx(expected["mixed_bundle_price"], abs=0.05)
            assert prices[:2] == pytest.approx([expected["mixed_component_price"]] * 2, abs=0.08)


def test_block_booking() -> None:
    """Two films for two theatres: sold apart they bring 19,000, as a block 20,000, and no prices bring more."""
    given, expected = case("stigler_block_booking")
    worth = np.array(list(given["reservation"].values()), dtype=float)
    apart = bundle_prices(worth, ("first film", "second film"), "component")
    block = bundle_prices(worth, ("first film", "second film"), "pure")
    mixed = bundle_prices(worth, ("first film", "second film"), "mixed")
    assert apart.value == pytest.approx(expected["separate_revenue"])
    assert apart.prices[:2] == pytest.approx(expected["separate_prices"])
    assert block.value == pytest.approx(expected["bundle_revenue"])
    assert block.prices[0] == pytest.approx(expected["bundle_price"])
    assert mixed.value == pytest.approx(expected["milp_revenue"])
    assert mixed.gap == pytest.approx(0, abs=1e-6)


def test_two_types_of_quality() -> None:
    """Quality for the low type is held back so that the high type pays more; a single quality brings less."""
    given, expected = case("mussa_rosen_two_type")
    found = quality_ladder(given["theta"], given["fractions"])
    assert found.quality == pytest.approx(expected["q"])
    assert found.price == pytest.approx(expected["p"])
    assert found.value == pytest.approx(expected["profit"])
    assert found.first_best == pytest.approx(expected["first_best_q"])
    low, high = given["theta"]
    both = quality_ladder([low], [1.0])
    assert (both.quality[0], both.price[0], both.value) == pytest.approx(
        tuple(expected["single_product_both_types"][each] for each in ("q", "p", "profit"))
    )
    top = quality_ladder([high], [1.0])
    only = expected["serve_high_only"]
    assert (top.quality[0], top.price[0]) == pytest.approx((only["q"], only["p"]))
    assert top.value * given["fractions"][1] == pytest.approx(only["profit"])
    assert found.value > max(both.value, top.value * given["fractions"][1])


def test_two_part_tariff_for_two_types() -> None:
    """Serving both types beats leaving the lower one out."""
    given, expected = case("two_part_tariff_two_types")
    found = two_part_tariff(given["a"], unit_cost=given["unit_cost"])
    assert (found.unit_price, found.fee, found.value) == pytest.approx(
        (expected["price"], expected["fee"], expected["profit"])
    )
    alone = two_part_tariff([max(given["a"])], unit_cost=given["unit_cost"])
    without = expected["exclude_low"]
    assert (alone.unit_price, alone.fee, alone.value) == pytest.approx(
        (without["price"], without["fee"], without["profit"])
    )


def test_fee_plus_usage_for_three_clients() -> None:
    """The largest client is left out, because serving it would give too much away to the others."""
    given, expected = case("fee_plus_usage_three_clients")
    found = fee_plus_usage(given["q"], given["w"])
    assert found.value == pytest.approx(expected["total_revenue"])
    assert found.served == tuple(expected["served"])
    assert (found.fee, found.unit_price) == pytest.approx((expected["fee"], expected["unit_price"]))


def test_break_even_volume() -> None:
    """A price cut of 0.50 at a margin of 1.50 needs half as many buyers again; a rise may lose a quarter."""
    from workbench.impact.migration import break_even_churn  # noqa: PLC0415 - beside its one use

    given, expected = case("breakeven_volume_change")
    price, cost = given["price"], given["variable_cost"]
    for change, percent in zip(given["cases"], expected["breakeven_pct"], strict=True):
        assert -100 * float(break_even_churn(price, price + change, cost)) == pytest.approx(percent)


def test_economic_value() -> None:
    """Reference value and what is better add up, and what a customer keeps is the rest after the price."""
    from workbench.results import Interval  # noqa: PLC0415 - beside its one use
    from workbench.stages.anchoring.decision import Differentiation  # noqa: PLC0415 - as above
    from workbench.stages.anchoring.result import economic_value  # noqa: PLC0415 - as above

    given, expected = case("evc")
    reference = Interval(given["reference"], given["reference"], given["reference"])
    better = [given[name] for name in ("functionality", "startup_savings", "postpurchase_savings")]
    items = [Differentiation(id=str(place), label=str(place), low=one, high=one) for place, one in enumerate(better)]
    for price, left in zip(expected["example_price_range"], expected["customer_incentive"], strict=True):
        found = economic_value(reference, items, price)
        assert found.total.estimate == pytest.approx(expected["evc"])
        assert found.total.estimate - given["reference"] == pytest.approx(expected["differentiation_value"])
        assert found.left is not None
        assert found.left.estimate == pytest.approx(left)
