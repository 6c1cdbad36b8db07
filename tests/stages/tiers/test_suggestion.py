"""The computed starting point on companies of different shapes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from workbench.pricing.price_curve import round_limit, round_prices_around
from workbench.stages.offers import ValueMetricDecision
from workbench.stages.tiers import evaluate, suggest
from workbench.stages.tiers.suggestion import propose

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase
    from workbench.study import Scenario

SHAPES = [(120, 7, 1.0), (400, 3, 0.4), (60, 11, 1.8)]


@pytest.mark.parametrize("shape", SHAPES, ids=["spread", "alike", "extreme"])
@pytest.mark.parametrize("metric", [None, "seats", "data_processed"])
def test_a_suggestion_serves_everybody_at_todays_revenue(
    make: Callable[..., CustomerBase], scenario: Scenario, shape: tuple[int, int, float], metric: str | None
) -> None:
    """Three rising tiers that contain each other, top price in its band, everybody served, revenue near today's MRR."""
    base = make(*shape)
    design = scenario.with_decision(ValueMetricDecision(metric=metric))
    decision = suggest(base, design)
    result = evaluate(base, design.with_decision(decision))
    low, middle, top = decision.tiers
    assert set(low.features) <= set(middle.features) <= set(top.features)
    assert low.price < middle.price < top.price
    assert 3 <= top.price / low.price <= 5
    assert result.unplaced.unserved == 0
    assert result.change.new == pytest.approx(result.change.today, rel=0.1)


def test_the_middle_is_reached_or_the_suggestion_says_so(make: Callable[..., CustomerBase], scenario: Scenario) -> None:
    """Either 60% to 70% of accounts land in the middle, or a caution says that the data do not allow it."""
    for shape in (*SHAPES, (5, 1, 0.1)):
        base = make(*shape)
        found = propose(base, scenario)
        result = evaluate(base, scenario.with_decision(found.decision))
        verdict = next(each for each in result.findings if each.rule_id == "T2")
        said = any("middle tier" in caution.text for caution in found.cautions)
        assert (verdict.status == "ok") != said


def test_features_follow_use_and_gates(base: CustomerBase, scenario: Scenario) -> None:
    """The must-have is in the entry tier, API access above it, and what few of any size use is sold separately."""
    decision = suggest(base, scenario)
    assert "Reports" in decision.tiers[0].features
    assert "Open API" not in decision.tiers[0].features
    assert decision.sold_separately == ("Map layers",)


def test_a_revenue_target_scales_the_prices(base: CustomerBase, scenario: Scenario) -> None:
    """Twice today's revenue as a target gives about twice the revenue."""
    today = evaluate(base, scenario).evidence.today
    found = propose(base, scenario, revenue_target=2 * today)
    result = evaluate(base, scenario.with_decision(found.decision))
    assert result.change.new == pytest.approx(2 * today, rel=0.1)


@pytest.mark.parametrize(
    ("table", "said"),
    [("usage", "No usage"), ("mrr", "No MRR"), ("feature_use", "Feature use is not recorded")],
)
def test_missing_tables_are_said_and_worked_around(
    make: Callable[..., CustomerBase], scenario: Scenario, table: str, said: str
) -> None:
    """Without usage, MRR or feature use there are still three tiers, and a caution says what is missing."""
    found = propose(make(60, leave_out=(table,)), scenario)
    assert len(found.decision.tiers) == 3
    assert any(said in caution.text for caution in found.cautions)
    if table == "mrr":
        assert all(tier.price is None for tier in found.decision.tiers)
    if table == "usage":
        assert all(not tier.limits for tier in found.decision.tiers)


def test_mrr_is_not_needed_when_a_target_is_set(make: Callable[..., CustomerBase], scenario: Scenario) -> None:
    """Without recorded MRR a revenue to aim at is enough to set prices."""
    base = make(60, leave_out=("mrr",))
    found = propose(base, scenario, revenue_target=10_000)
    result = evaluate(base, scenario.with_decision(found.decision))
    assert result.revenue == pytest.approx(10_000, rel=0.1)


@pytest.mark.parametrize(("quantity", "limit"), [(0.2, 1), (1, 1), (6.1, 7.5), (13, 15), (740, 750), (1001, 1500)])
def test_limits_round_up_to_numbers_people_remember(quantity: float, limit: float) -> None:
    """A limit is the next round number at or above the quantity, whole units always."""
    rounded = round_limit(quantity)
    assert rounded >= Decimal(str(quantity))
    assert rounded == Decimal(str(limit)).to_integral_value(rounding="ROUND_CEILING")


@pytest.mark.parametrize("price", [0.0123, 0.4, 3.3, 27.4, 199.0, 640.0, 12_345.0])
def test_round_prices_stand_close_on_both_sides(price: float) -> None:
    """Round prices lie below and above the exact one, none further than a fifth away."""
    near = [float(value) for value in round_prices_around(price)]
    assert min(near) <= price <= max(near)
    assert min(abs(value / price - 1) for value in near) <= 0.2


def test_prices_keep_a_familiar_unit_where_the_value_metric_would_upset_bills(
    make: Callable[..., CustomerBase], scenario: Scenario
) -> None:
    """A value metric far from what accounts pay sets the limits; the price stays per seat, and the reason says so."""
    design = scenario.with_decision(ValueMetricDecision(metric="data_processed"))
    close, far = propose(make(), design), propose(make(noise=2.5), design)
    assert {tier.price_per for tier in close.decision.tiers} <= {"account", "data_processed"}
    assert {tier.price_per for tier in far.decision.tiers} == {"seats"}
    assert all("data_processed" in tier.limits for tier in far.decision.tiers[:2])
    assert any("stay per seat" in reason for reason in far.reasons)
    assert not any("stay per" in reason for reason in close.reasons)
