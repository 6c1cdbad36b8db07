"""The stage as a whole: result, findings, starting point, summary, figures."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pytest

from workbench.customers.tables import SEATS
from workbench.pricing import Band, Charge
from workbench.rules import RULEBOOK
from workbench.stages import value_metric
from workbench.stages.offers import TeamScores, ValueMetricDecision
from workbench.stages.value_metric.charts import slider_range
from workbench.stages.value_metric.evidence import summarise_quantities
from workbench.stages.value_metric.result import read_curve
from workbench.stages.value_metric.tables import bands_table
from workbench.study import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from workbench.customers import CustomerBase
    from workbench.stages.value_metric.evidence import ValueMetricEvidence
    from workbench.stages.value_metric.result import ValueMetricResult

    Tables = dict[str, pd.DataFrame]
    Make = Callable[..., CustomerBase]

DESIGN = Scenario(id="design", name="Design")
FULL = TeamScores(wanted=5, visible=4, measured=5)


def evaluated(base: CustomerBase, evidence: ValueMetricEvidence | None = None, **settings: object) -> ValueMetricResult:
    """Evaluate a scenario with these settings of the decision."""
    decision = ValueMetricDecision().replaced(**settings)
    return value_metric.evaluate(base, DESIGN.with_decision(decision), evidence=evidence)


def finding(result: ValueMetricResult, rule: str):  # noqa: ANN201 - a Finding
    """Return the finding of a rule."""
    return next(each for each in result.findings if each.rule_id == rule)


def test_the_starting_point_is_the_first_metric_with_a_curve(
    made_base: CustomerBase, made_evidence: ValueMetricEvidence
) -> None:
    """The suggestion takes the metric that ranks first, and a curve that keeps today's revenue and meets VM3."""
    decision = value_metric.suggest(made_base, DESIGN, evidence=made_evidence)
    result = value_metric.evaluate(made_base, DESIGN.with_decision(decision), evidence=made_evidence)
    assert decision.metric == result.ranked[0].candidate.name == "good"
    assert result.curve.is_accepted
    assert result.curve.revenue == pytest.approx(made_evidence.revenue, rel=0.02)
    assert finding(result, "VM3").status == "ok"
    assert decision.scores == {}


def test_each_rule_of_the_stage_is_answered(made_base: CustomerBase, made_evidence: ValueMetricEvidence) -> None:
    """Every rule on the value metric and on usage gets exactly one finding, unknown where the team has not spoken."""
    result = evaluated(made_base, made_evidence, metric="good")
    assert sorted(each.rule_id for each in result.findings) == sorted(
        rule.id for rule in RULEBOOK.of_stage("value_metric")
    )
    assert {finding(result, rule).status for rule in ("VM1", "VM5", "U3")} == {"unknown"}
    assert finding(result, "VM4").status == "ok"


def test_scored_and_said_rules_are_met(made_base: CustomerBase, made_evidence: ValueMetricEvidence) -> None:
    """High marks, a cap, a calculator and included units turn the open findings of a good metric into met ones."""
    result = evaluated(
        made_base, made_evidence, metric="good", scores={"good": FULL}, has_spending_cap=True, has_calculator=True,
        included_units=Decimal(1),
    )  # fmt: skip
    assert {finding(result, rule).status for rule in ("VM1", "VM2", "VM5", "U1", "U3")} == {"ok"}


def test_noise_fails_what_good_passes(made_base: CustomerBase, made_evidence: ValueMetricEvidence) -> None:
    """A metric without growth, foresight or success does not meet VM2 and VM4 even with full marks."""
    result = evaluated(made_base, made_evidence, metric="noise", scores={"noise": FULL})
    assert finding(result, "VM2").status == "breach"
    assert finding(result, "VM4").status in {"watch", "breach"}


def test_a_team_candidate_has_no_curve_and_says_why(
    made_base: CustomerBase, made_evidence: ValueMetricEvidence
) -> None:
    """A metric nobody measures can be chosen; its findings are unknown and its curve waits for data."""
    result = evaluated(made_base, made_evidence, added=("API calls",), metric="API calls")
    assert result.metric.name == "API calls"
    assert result.curve is None
    assert "API calls" in result.no_curve
    assert finding(result, "VM3").status == "unknown"
    assert finding(result, "VM4").status == "unknown"


def test_the_revenue_target_scales_the_curve(made_base: CustomerBase, made_evidence: ValueMetricEvidence) -> None:
    """A curve that should earn twice as much earns about twice as much, at the same multiple."""
    target = 2 * made_evidence.revenue
    result = evaluated(made_base, made_evidence, metric="good", target_ratio=7.0, revenue_target=target)
    assert result.curve.revenue == pytest.approx(target, rel=0.02)
    assert 6.3 <= result.curve.typical_ratio <= 7.7


def test_included_units_cost_revenue_and_show_in_the_curve(
    made_base: CustomerBase, made_evidence: ValueMetricEvidence
) -> None:
    """Units included for everybody lower the revenue of the same bands, and the caution says by how much."""
    plain = evaluated(made_base, made_evidence, metric="good")
    generous = evaluated(made_base, made_evidence, metric="good", included_units=Decimal(10))
    assert generous.curve.charge.free_units == 10
    assert generous.curve.revenue < plain.curve.revenue
    assert any("% of what the same accounts pay" in caution.text for caution in generous.cautions)


def test_a_charge_on_another_metric_is_called_out(made_base: CustomerBase, made_evidence: ValueMetricEvidence) -> None:
    """A curve accepted for one metric is not silently used for another."""
    charge = Charge("noise", "per_unit", unit_price=3)
    result = evaluated(made_base, made_evidence, metric="good", charge=charge)
    assert not result.curve.is_accepted
    assert any("accepted price curve is on noise" in caution.text for caution in result.cautions)


def test_ratio_of_a_flat_unit_price_is_ten(made_evidence: ValueMetricEvidence) -> None:
    """Ten times the use on one unit price costs ten times as much, everywhere: nobody is inside 5x to 8x."""
    charge = Charge("good", "per_unit", unit_price=2)
    curve = read_curve(charge, made_evidence.quantities["good"], target=None, is_accepted=True)
    np.testing.assert_allclose(curve.ratios, 10)
    assert curve.share_between(5, 8) == 0
    assert curve.revenue == pytest.approx(2 * made_evidence.quantities["good"].points.sum())


def test_bands_table_counts_every_account_once() -> None:
    """Each account ends in one band, an account at the upper bound in the lower one; bills at the ends are exact."""
    charge = Charge("x", "graduated", bands=[_band(10, 3), _band(100, 2), _band(None, 1)])
    quantities = summarise_quantities(np.array([1.0, 10.0, 11.0, 100.0, 500.0]), np.full(5, np.nan))
    table = bands_table(read_curve(charge, quantities, target=None, is_accepted=True))
    assert table["accounts"].tolist() == [2, 2, 1]
    assert table["bill_at_end"].tolist()[:2] == [30, 210]


def test_large_bases_are_read_through_group_means() -> None:
    """Above 2,000 accounts points are means of groups: revenue at one unit price stays exact, cost stays small."""
    quantity = np.exp(np.random.default_rng(1).normal(3, 1.5, 50_000))
    quantities = summarise_quantities(quantity, np.ones(50_000))
    assert len(quantities.points) == 2000
    curve = read_curve(Charge("x", "per_unit", unit_price=2), quantities, target=None, is_accepted=True)
    assert curve.revenue == pytest.approx(2 * quantity.sum(), rel=1e-9)


@pytest.mark.parametrize(("scale", "whole"), [(0.01, False), (1.0, True), (1e6, True)])
def test_the_calculator_asks_for_round_quantities_in_reach(scale: float, whole: bool) -> None:
    """The slider covers the accounts' range in steps of a power of ten and starts at the typical quantity."""
    quantities = summarise_quantities(scale * np.exp(np.random.default_rng(1).normal(4, 1, 500)), np.ones(500))
    curve = read_curve(Charge("x", "per_unit", unit_price=1), quantities, target=None, is_accepted=True)
    low, high, step, start = slider_range(curve)
    assert 0 < low <= max(step, quantities.low)
    assert quantities.high <= high
    assert abs(start - quantities.typical) <= step
    assert 40 <= (high - low) / step <= 4100
    assert float(start).is_integer() or not whole


@pytest.mark.parametrize("names", [("accounts", "usage"), ("accounts", "mrr"), ("accounts", "usage", "mrr")])
def test_what_is_there_is_enough_to_start(tables: Tables, base_of: Make, names: tuple[str, ...]) -> None:
    """With any part of the data the stage suggests, evaluates, summarises and draws without failing."""
    base = base_of(tables, *names)
    decision = value_metric.suggest(base, DESIGN)
    result = value_metric.evaluate(base, DESIGN.with_decision(decision))
    assert value_metric.summarise(decision, result)
    assert all(figure.spec() for figure in value_metric.figures(result))
    assert result.missing
    assert decision.metric == ("good" if "usage" in names else SEATS)


def test_nothing_known_at_all_is_no_candidate(tables: Tables, base_of: Make) -> None:
    """Accounts and payments alone, without seats, name no candidate; the summary says so."""
    accounts = tables["accounts"].drop(columns=[SEATS])
    result = evaluated(base_of({"accounts": accounts, "mrr": tables["mrr"]}))
    assert result.ranked == ()
    assert result.findings == ()
    assert "no candidate" in value_metric.summarise(ValueMetricDecision(), result)
    assert value_metric.figures(result) == ()


def test_figures_are_small_described_and_have_tables(
    made_base: CustomerBase, made_evidence: ValueMetricEvidence
) -> None:
    """Every figure says what it draws and what it means, has a table, and draws fewer than 2,000 marks."""
    found = value_metric.figures(evaluated(made_base, made_evidence, metric="good", added=("API calls",)))
    assert [figure.key for figure in found] == ["ranking", "criteria", "growth", "curve", "multiple"]
    for figure in found:
        assert figure.description
        assert figure.reading
        assert len(figure.table)
        assert sum(len(frame) for frame in figure.data.values()) < 2000
        assert "<svg" in figure.static_svg()


def test_a_weight_changes_rows_and_not_charts(made_base: CustomerBase, made_evidence: ValueMetricEvidence) -> None:
    """Moving a weight keeps every chart on screen, so that only rows are sent."""
    before, after = (
        value_metric.figures(evaluated(made_base, made_evidence, metric="good", weights={"spread": weight}))
        for weight in (0.0, 5.0)
    )
    assert [figure.identity for figure in before] == [figure.identity for figure in after]


def test_the_calculator_in_the_chart_bills_as_the_charge_does(
    made_base: CustomerBase, made_evidence: ValueMetricEvidence
) -> None:
    """The bands given to the chart price any quantity, included units too, exactly as the charge bills it."""
    result = evaluated(made_base, made_evidence, metric="good", included_units=Decimal(3))
    bands = next(f for f in value_metric.figures(result) if f.key == "multiple").data["bands"]
    for quantity in (0.0, 2.5, 3.0, 40.0, 123_456.0):
        charged = np.maximum(0, quantity - bands["free"])
        inside = np.clip(np.minimum(charged, bands["upper"]) - bands["lower"], 0, None)
        assert (inside * bands["price"]).sum() == pytest.approx(float(result.curve.charge.amount(str(quantity))))


def test_a_name_with_quotes_is_only_a_name(tables: Tables, base_of: Make) -> None:
    """A metric called like a piece of code is drawn under its name."""
    name = 'it\'s </script> \\ "calls"'
    usage = tables["usage"].replace({"metric": {"good": name}})
    base = base_of({**tables, "usage": usage})
    figures = value_metric.figures(evaluated(base, metric=name))
    assert all("<svg" in figure.static_svg() for figure in figures)


def test_thresholds_of_the_study_move_the_corridor(made_base: CustomerBase, made_evidence: ValueMetricEvidence) -> None:
    """A study that sets its own corridor sees it in key figures and chart."""
    rule = RULEBOOK["VM3"]
    moved = replace(rule, threshold=rule.threshold.moved(low=4.0))
    rulebook = replace(RULEBOOK, rules=MappingProxyType({**RULEBOOK.rules, "VM3": moved}))
    scenario = DESIGN.with_decision(ValueMetricDecision(metric="good"))
    result = value_metric.evaluate(made_base, scenario, rulebook=rulebook, evidence=made_evidence)
    assert result.corridors[0].low == 4
    assert any("4x to 8x" in figure.label for figure in result.key_figures)


def _band(up_to: int | None, price: int) -> Band:
    return Band(up_to, price)
