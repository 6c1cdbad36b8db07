"""What the stage must find in the sample company, which was made to have a bad metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workbench.stages import value_metric
from workbench.stages.offers import METRIC_WEIGHTS
from workbench.stages.value_metric import gather
from workbench.stages.value_metric.decision import CRITERIA
from workbench.stages.value_metric.result import rank
from workbench.stages.value_metric.tables import reason_line
from workbench.study import Scenario

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.stages.value_metric.evidence import ValueMetricEvidence


@pytest.fixture(scope="module")
def evidence(sample_company: CustomerBase) -> ValueMetricEvidence:
    """Return what the sample's data tells before its move."""
    return gather(sample_company)


def test_support_tickets_come_last_and_the_reader_sees_why(evidence: ValueMetricEvidence) -> None:
    """Support tickets rank last, almost surely, for reasons that carry their numbers."""
    order = rank(evidence, evidence.candidates, {}, METRIC_WEIGHTS)
    last = order[-1]
    assert last.candidate.name == "support_tickets"
    assert last.expected_rank > len(order) - 0.2
    line = reason_line(last, evidence, {})
    assert "Against it" in line
    assert "goes against how accounts do later" in line
    assert "one month ahead" in line


@pytest.mark.parametrize("heavy", [key for key in CRITERIA if key not in {"breadth", "spread"}])
def test_support_tickets_come_last_whatever_counts_most(evidence: ValueMetricEvidence, heavy: str) -> None:
    """Doubling any criterion but breadth and spread, where tickets do well, leaves them last."""
    weights = {**METRIC_WEIGHTS, heavy: 2 * METRIC_WEIGHTS[heavy]}
    assert rank(evidence, evidence.candidates, {}, weights)[-1].candidate.name == "support_tickets"


def test_data_volume_leads(evidence: ValueMetricEvidence) -> None:
    """The metric the sample company moved to ranks first on what was known before the move."""
    order = rank(evidence, evidence.candidates, {}, METRIC_WEIGHTS)
    assert order[0].candidate.name == "gigabytes_processed"


def test_the_starting_point_meets_the_curve_rules(sample_company: CustomerBase, evidence: ValueMetricEvidence) -> None:
    """The suggested curve keeps today's revenue within 1% and lies in both corridors at the typical quantity."""
    base = sample_company
    scenario = Scenario(id="design", name="Design")
    decision = value_metric.suggest(base, scenario, evidence=evidence)
    result = value_metric.evaluate(base, scenario.with_decision(decision), evidence=evidence)
    statuses = {finding.rule_id: finding.status for finding in result.findings}
    assert statuses["VM3"] == "ok"
    assert statuses["VM4"] == "ok"
    assert 7 <= result.curve.typical_ratio <= 8
    assert result.curve.revenue == pytest.approx(evidence.revenue, rel=0.01)
