"""Scores, findings, missing tables, determinism, and what the sample company must show."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from workbench.growth import retention
from workbench.rules import BENCHMARKS
from workbench.stages import model_fit
from workbench.stages.model_fit import cautions
from workbench.stages.model_fit.decision import CRITERIA, DEFAULT_WEIGHTS, ModelFitDecision
from workbench.stages.model_fit.scoring import SCALES, Score, score_table
from workbench.stages.value_metric.decision import ValueMetricDecision

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase
    from workbench.stages.model_fit.evidence import Evidence
    from workbench.study import Scenario


def cells_of(scores: dict[str, list[float | None]]) -> tuple[Score, ...]:
    """Return score cells from one list per model, in the order of the criteria."""
    return tuple(
        Score(model, criterion, score, score, "because")
        for model, line in scores.items()
        for criterion, score in zip(CRITERIA, line, strict=True)
    )


def status(result: model_fit.evaluation.ModelFitResult, rule: str) -> str:
    """Return the verdict of one rule."""
    return next(finding.status for finding in result.findings if finding.rule_id == rule)


def test_the_total_is_the_weighted_mean() -> None:
    """Weights are relative: doubling all of them changes nothing, a weight of zero takes a criterion out."""
    line = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    cells = cells_of({"tiered": line})
    weights = dict(zip(CRITERIA, (1, 2, 3, 4, 0, 1, 1), strict=True))
    total = score_table(cells, weights).totals["tiered"]
    assert total == pytest.approx(np.average(line, weights=list(weights.values())))
    assert score_table(cells, {key: 2 * value for key, value in weights.items()}).totals["tiered"] == pytest.approx(
        total
    )


def test_an_unknown_criterion_counts_for_nobody() -> None:
    """What is unknown for one model is left out for all, and named, so that totals compare."""
    table = score_table(cells_of({"tiered": [1.0] * 7, "hybrid": [None, *[0.5] * 6]}), DEFAULT_WEIGHTS)
    assert table.left_out == ("needs",)
    assert (table.totals["tiered"], table.totals["hybrid"]) == pytest.approx((1, 0.5))


def test_a_model_that_is_best_everywhere_always_comes_first() -> None:
    """No weights can dethrone it; two equal models cannot both be first."""
    table = score_table(cells_of({"tiered": [0.2] * 7, "hybrid": [0.9] * 7, "add_on": [0.9] * 7}), DEFAULT_WEIGHTS)
    assert table.best == "hybrid"
    assert sum(table.first.values()) == pytest.approx(1)
    assert table.first["tiered"] == 0


def test_without_weights_nothing_is_best() -> None:
    """All weights at zero leave the totals unknown."""
    table = score_table(cells_of({"tiered": [1.0] * 7}), dict.fromkeys(CRITERIA, 0.0))
    assert table.best is None
    assert np.isnan(table.totals["tiered"])


def test_scales_are_straight_lines_that_end() -> None:
    """Every scale gives 0 at its worst end, 1 at its best, one half in the middle and no more beyond."""
    for scale in SCALES.values():
        middle = (scale.worst + scale.best) / 2
        beyond = scale.best + (scale.best - scale.worst)
        assert [scale.score(x) for x in (scale.worst, middle, scale.best, beyond)] == pytest.approx([0, 0.5, 1, 1])
        assert scale.score(None) is scale.score(float("nan")) is None


def test_every_score_has_a_reason(company: CustomerBase, design: Scenario, company_evidence: Evidence) -> None:
    """Five models on seven criteria: 35 cells, each with a sentence."""
    result = model_fit.evaluate(company, design, evidence=company_evidence)
    assert len(result.scores.cells) == 35
    assert all(cell.reason.endswith(".") for cell in result.scores.cells)


def test_the_same_question_gets_the_same_answer(company: CustomerBase, design: Scenario) -> None:
    """Two evaluations from scratch agree in every table and every sentence."""
    first, second = (model_fit.evaluate(company, design) for _ in range(2))
    assert first.findings == second.findings
    assert first.key_figures == second.key_figures
    assert first.scores.first == second.scores.first
    for name, table in first.tables.items():
        pd.testing.assert_frame_equal(table, second.tables[name])


def test_evidence_serves_scenarios_that_shape_the_models_differently(
    company: CustomerBase, design: Scenario, company_evidence: Evidence
) -> None:
    """Evidence gathered for no scenario gives the same result as evidence gathered for this one."""
    scenario = design.with_decision(ValueMetricDecision(metric="seats"))
    shared = model_fit.evaluate(company, scenario, evidence=company_evidence)
    own = model_fit.evaluate(company, scenario, evidence=model_fit.gather(company, scenario))
    assert shared.replay.choice.metric == "seats"
    assert shared.key_figures == own.key_figures


def test_usage_for_customers_on_seats_comes_as_an_option_first(company: CustomerBase, design: Scenario) -> None:
    """MF2: replacing seats by usage is a breach, an option is fine, and not saying how is unknown."""
    verdicts = {}
    for component in ("replacement", "opt_in", "none"):
        decision = ModelFitDecision(model="usage_based", usage_component=component)
        verdicts[component] = status(model_fit.evaluate(company, design.with_decision(decision)), "MF2")
    assert verdicts == {"replacement": "breach", "opt_in": "ok", "none": "unknown"}


def test_without_a_choice_nothing_is_judged(company: CustomerBase, design: Scenario) -> None:
    """No model chosen: MF1, MF3 and MF4 are unknown, and the summary says so."""
    result = model_fit.evaluate(company, design)
    assert {status(result, rule) for rule in ("MF1", "MF3", "MF4")} == {"unknown"}
    assert model_fit.summarise(result.decision, result) == "No pricing model is chosen yet."


@pytest.mark.parametrize("absent", ["feature_use", "outcomes", "mrr", "plans", "usage"])
def test_a_missing_table_is_named_and_the_rest_still_works(
    without: Callable[..., CustomerBase], design: Scenario, absent: str
) -> None:
    """Whatever optional table is absent: it is listed with what it would add, and a starting point is still given."""
    base = without(absent)
    scenario = design.with_decision(model_fit.suggest(base, design))
    result = model_fit.evaluate(base, scenario)
    assert [missing.table for missing in result.missing] == [absent]
    assert result.missing[0].would_add
    assert model_fit.summarise(result.decision, result)
    for figure in model_fit.figures(result):
        assert figure.static_svg().startswith("<svg")


def test_without_feature_use_the_order_is_unknown(without: Callable[..., CustomerBase], design: Scenario) -> None:
    """No feature use: MF1 is unknown, needs count for no model, no adoption chart, no add-on model."""
    result = model_fit.evaluate(without("feature_use"), design)
    assert status(result, "MF1") == "unknown"
    assert "needs" in result.scores.left_out
    assert "adoption" not in {figure.key for figure in model_fit.figures(result)}
    assert any("Core plus add-ons" in caution.text for caution in result.cautions)


def test_without_outcomes_value_is_unknown(without: Callable[..., CustomerBase], design: Scenario) -> None:
    """No outcomes: MF5 is unknown, and value counts for no model."""
    result = model_fit.evaluate(without("outcomes"), design)
    assert status(result, "MF5") == "unknown"
    assert "value" in result.scores.left_out


def test_without_revenue_amounts_are_an_index(without: Callable[..., CustomerBase], design: Scenario) -> None:
    """No revenue on record: the unit is an index, and nobody's bill change is claimed."""
    result = model_fit.evaluate(without("mrr"), design)
    assert result.comparison.unit == "index"
    assert {"revenue", "losers"} <= set(result.scores.left_out)
    assert any("index, not money" in caution.text for caution in result.cautions)


def test_tables_are_not_changed(company: CustomerBase, design: Scenario) -> None:
    """Evaluating leaves the customer base as it was."""
    before = {name: company.table(name) for name in company.tables}
    model_fit.evaluate(company, design)
    for name, table in before.items():
        pd.testing.assert_frame_equal(table, company.table(name))


def test_benchmarks_are_shown_as_claims_of_their_source(company: CustomerBase, design: Scenario) -> None:
    """The table names who reports each figure, and none enters a score."""
    table = model_fit.evaluate(company, design).tables["benchmarks"]
    assert list(table.columns)[1:] == ["Reported by the source", "This company", "Source"]
    assert len(table) == len(BENCHMARKS)
    assert set(table["Reported by the source"]) <= {benchmark.claim for benchmark in BENCHMARKS}


def test_charts_stay_small_and_described(sample: CustomerBase, sample_evidence: Evidence, design: Scenario) -> None:
    """Every figure has words, a table, under 2,000 rows, and its data under the names its chart uses."""
    result = model_fit.evaluate(sample, design, evidence=sample_evidence)
    figures = model_fit.figures(result)
    assert [figure.key for figure in figures] == ["adoption", "paths", "retention", "changes", "scores"]
    for figure in figures:
        assert figure.description
        assert figure.reading
        assert len(figure.table)
        assert sum(len(rows) for rows in figure.data.values()) < 2000
        spec = str(figure.spec())
        assert all(f"'name': '{name}'" in spec for name in figure.data)


def test_the_sample_record_reproduces_its_own_retention(sample: CustomerBase, sample_evidence: Evidence) -> None:
    """What is on record is measured as the ledger measures it, and no model touches who left."""
    comparison = sample_evidence.replay().comparison
    ids = sample_evidence.history.account_ids[comparison.population]
    assert comparison.recorded.retention == pytest.approx(retention(sample.mrr, account_ids=list(ids)).net)
    for model in comparison.models:
        assert ((model.path.bills > 0) <= (comparison.recorded.bills > 0)).all()


def test_the_sample_has_a_common_path_and_minority_needs(sample_evidence: Evidence) -> None:
    """All features together have no strong order; without the minority needs the rest has, and these are named."""
    assert sample_evidence.adoption.h.high < sample_evidence.path.h.low
    assert sample_evidence.path.reading in ("medium", "strong")
    assert {"Embedded charts", "Data residency", "Map layers", "Revenue attribution dashboard"} <= set(
        sample_evidence.off_path
    )


def test_metered_bills_jump_most_on_the_sample(sample_evidence: Evidence) -> None:
    """Pay as you go makes bills jump more often than any other model, and more than what is on record."""
    comparison = sample_evidence.replay().comparison
    jumps = {model.key: model.path.shock.jumps.estimate for model in comparison.models}
    assert max(jumps, key=jumps.get) == "usage_based"
    assert jumps["usage_based"] > comparison.recorded.shock.jumps.estimate


def test_a_changed_weight_is_answered_at_once(
    sample: CustomerBase, sample_evidence: Evidence, design: Scenario
) -> None:
    """With evidence at hand a new weight bills nothing again: the replay is the same object."""
    heavy = design.with_decision(ModelFitDecision(weights={**DEFAULT_WEIGHTS, "bills": 10.0}))
    first = model_fit.evaluate(sample, design, evidence=sample_evidence)
    started = time.perf_counter()
    second = model_fit.evaluate(sample, heavy, evidence=sample_evidence)
    assert second.replay is first.replay
    assert second.scores.totals != first.scores.totals
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(("share", "said"), [(0.031, "In 3.1% of"), (0.0001, "In fewer than 0.1% of")])
def test_a_gap_that_rounds_to_nothing_is_not_said_to_be_nothing(share: float, said: str) -> None:
    """One month among thousands without a record is few, not 0.0%."""
    evidence: Any = SimpleNamespace(history=SimpleNamespace(filled={"data": share}))
    replay: Any = SimpleNamespace(choice=SimpleNamespace(metric="data", size_metric=None))
    assert cautions._on_gaps(evidence, replay)[0].text.startswith(said)
