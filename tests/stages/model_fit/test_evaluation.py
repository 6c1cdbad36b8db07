"""Scores, findings, missing tables, determinism, and what the sample company must show."""

from __future__ import annotations

import time
from decimal import Decimal
from statistics import NormalDist
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from workbench.growth import retention
from workbench.rules import BENCHMARKS
from workbench.rules.charging import MODEL_WORDS
from workbench.stages import model_fit
from workbench.stages.model_fit import evaluation
from workbench.stages.model_fit.decision import CRITERIA, DEFAULT_WEIGHTS, MODEL_TITLES, ModelFitDecision
from workbench.stages.model_fit.evidence import SCALES, Score, score_table
from workbench.stages.offers import AddOnChoice, AddOnDecision, Tier, TierDecision, UsageCharge, ValueMetricDecision

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase
    from workbench.stages.model_fit.evidence import ModelFitEvidence
    from workbench.study import Scenario

pytestmark = pytest.mark.slow


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
    line = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
    cells = cells_of({"tiered": line})
    weights = dict(zip(CRITERIA, (1, 2, 3, 4, 0, 1, 1, 2), strict=True))
    total = score_table(cells, weights).totals["tiered"]
    assert total == pytest.approx(np.average(line, weights=list(weights.values())))
    assert score_table(cells, {key: 2 * value for key, value in weights.items()}).totals["tiered"] == pytest.approx(
        total
    )


def test_an_unknown_criterion_counts_for_nobody() -> None:
    """What is unknown for one model is left out for all, and named, so that totals compare."""
    table = score_table(cells_of({"tiered": [1.0] * 8, "hybrid": [0.5, None, *[0.5] * 6]}), DEFAULT_WEIGHTS)
    assert table.left_out == ("needs",)
    assert (table.totals["tiered"], table.totals["hybrid"]) == pytest.approx((1, 0.5))


def test_a_model_that_is_best_everywhere_always_comes_first() -> None:
    """No weights can dethrone it; two equal models share the first place, and the earlier one stands before."""
    table = score_table(cells_of({"tiered": [0.2] * 8, "hybrid": [0.9] * 8, "add_on": [0.9] * 8}), DEFAULT_WEIGHTS)
    assert table.best == "hybrid"
    assert sum(table.first.values()) == pytest.approx(1)
    assert table.first["tiered"] == 0


def test_a_study_that_nobody_weighed_gets_todays_weights() -> None:
    """The usual weights of earlier versions become today's; weights that somebody set stay."""
    earlier = dict(zip(list(CRITERIA)[1:], (3.0, 2.0, 2.0, 2.0, 2.0, 2.0, 3.0), strict=True))
    assert ModelFitDecision(weights=earlier).weights == DEFAULT_WEIGHTS
    own = {**earlier, "bills": 10.0}
    assert ModelFitDecision(weights=own).weights == own


def test_without_weights_nothing_is_best() -> None:
    """All weights at zero leave the totals unknown."""
    table = score_table(cells_of({"tiered": [1.0] * 8}), dict.fromkeys(CRITERIA, 0.0))
    assert table.best is None
    assert np.isnan(table.totals["tiered"])


def test_scales_are_straight_lines_that_end() -> None:
    """Every scale gives 0 at its worst end, 1 at its best, one half in the middle and no more beyond."""
    for scale in SCALES.values():
        middle = (scale.worst + scale.best) / 2
        beyond = scale.best + (scale.best - scale.worst)
        assert [scale.score(x) for x in (scale.worst, middle, scale.best, beyond)] == pytest.approx([0, 0.5, 1, 1])
        assert scale.score(None) is scale.score(float("nan")) is None


def test_every_score_has_a_reason(company: CustomerBase, design: Scenario, company_evidence: ModelFitEvidence) -> None:
    """Five models on eight criteria: 40 cells, each with a sentence."""
    result = model_fit.evaluate(company, design, evidence=company_evidence)
    assert len(result.scores.cells) == 40
    assert all(cell.reason.endswith(".") for cell in result.scores.cells)


def test_the_same_question_gets_the_same_answer(company: CustomerBase, design: Scenario) -> None:
    """Two evaluations from scratch agree in every table and every sentence."""
    first, second = (model_fit.evaluate(company, design) for _ in range(2))
    assert first.findings == second.findings
    assert first.key_figures == second.key_figures
    assert first.scores.first == second.scores.first
    for name, table in first.tables.items():
        pd.testing.assert_frame_equal(table.frame, second.tables[name].frame)


def test_evidence_serves_scenarios_that_shape_the_models_differently(
    company: CustomerBase, design: Scenario, company_evidence: ModelFitEvidence
) -> None:
    """Evidence gathered for no scenario gives the same result as evidence gathered for this one."""
    scenario = design.with_decision(ValueMetricDecision(metric="seats"))
    shared = model_fit.evaluate(company, scenario, evidence=company_evidence)
    own = model_fit.evaluate(company, scenario, evidence=model_fit.gather(company, scenario))
    assert shared.replay.choice.metric == "seats"
    assert shared.key_figures == own.key_figures


def test_the_introduction_of_usage_is_judged_on_the_price_list(company: CustomerBase, design: Scenario) -> None:
    """MF2: usage in place of seats is a breach, beside them on watch, as an option met; none on the list is set so."""
    seats = Tier(id="s", name="S", price=Decimal(10), price_per="seats")
    mixed = Tier(id="s", name="S", price=Decimal(10), price_per="seats", overage={"data": Decimal(1)})
    usage = Tier(id="s", name="S", price=Decimal(10), price_per="data")
    option = AddOnChoice(
        id="d", name="Data", price=Decimal(0), usage_charge=UsageCharge(metric="data", unit_price=Decimal(1))
    )
    verdicts = {}
    for name, tier, add_ons in (
        ("instead", usage, ()),
        ("beside", mixed, ()),
        ("option", seats, (option,)),
        ("none", seats, ()),
    ):
        scenario = design.with_decision(TierDecision(tiers=(tier,))).with_decision(AddOnDecision(add_ons=add_ons))
        found = next(each for each in model_fit.evaluate(company, scenario).findings if each.rule_id == "MF2")
        verdicts[name] = (found.status, found.by_construction)
    assert verdicts == {
        "instead": ("breach", False),
        "beside": ("watch", False),
        "option": ("ok", False),
        "none": ("ok", True),
    }
    meant = design.with_decision(TierDecision(tiers=(seats,))).with_decision(
        ModelFitDecision(model="usage_based", usage_component="opt_in")
    )
    assert status(model_fit.evaluate(company, meant), "MF2") == "watch"


def test_models_that_tie_share_the_first_place() -> None:
    """Three equal models are first in a third of the draws each: a tie is no winner."""
    table = score_table(cells_of(dict.fromkeys(("tiered", "hybrid", "add_on"), [0.5] * 8)), DEFAULT_WEIGHTS)
    assert list(table.first.values()) == pytest.approx([1 / 3] * 3)
    assert table.certainty(600) == "low"


def test_the_first_place_holds_the_sampling_of_accounts() -> None:
    """A lead smaller than what resampling moves is no certainty: first is its probability, by the normal law."""
    cells = cells_of({"tiered": [0.52] * 8, "hybrid": [0.5] * 8})
    moved = np.random.default_rng(1).normal(0.52, 0.04, 4000)
    only = {"contribution": 1.0}
    sure = score_table(cells, only)
    open_ = score_table(cells, only, drawn={("tiered", "contribution"): moved})
    assert sure.first["tiered"] == 1
    assert open_.first["tiered"] == pytest.approx(NormalDist().cdf(0.02 / 0.04), abs=0.04)


def test_the_ranking_is_best_first_and_decided_first(company: CustomerBase, design: Scenario) -> None:
    """Keys, scores and probabilities of all five models; the starting point is the first of them."""
    scenario = design.with_decision(model_fit.suggest(company, design))
    result = model_fit.evaluate(company, scenario)
    assert {key for key, _, _ in result.ranking} == set(MODEL_TITLES)
    first = [each for _, _, each in result.ranking]
    assert first == sorted(first, reverse=True)
    assert sum(first) == pytest.approx(1)
    assert scenario.decision(ModelFitDecision).model == result.ranking[0][0]
    assert status(result, "MF6") in ("ok", "watch")


def test_another_model_than_the_first_is_named(company: CustomerBase, design: Scenario) -> None:
    """MF6: deciding the model ranked last is a breach that names the first, in the finding and in the summary."""
    open_result = model_fit.evaluate(company, design)
    best, last = open_result.ranking[0][0], open_result.ranking[-1][0]
    result = model_fit.evaluate(company, design.with_decision(ModelFitDecision(model=last)))
    found = next(each for each in result.findings if each.rule_id == "MF6")
    assert found.status == "breach"
    assert MODEL_WORDS[best] in found.evidence.lower()
    assert MODEL_TITLES[best].lower() in model_fit.summarise(result.decision, result)


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
    assert list(table.frame)[1:] == ["Reported by the source", "This company", "Source"]
    assert len(table) == len(BENCHMARKS)
    assert set(table["Reported by the source"]) <= {benchmark.claim for benchmark in BENCHMARKS}


def test_charts_stay_small_and_described(
    sample: CustomerBase, sample_evidence: ModelFitEvidence, design: Scenario
) -> None:
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


def test_the_sample_record_reproduces_its_own_retention(
    sample: CustomerBase, sample_evidence: ModelFitEvidence
) -> None:
    """What is on record is measured as the ledger measures it, and no model touches who left."""
    comparison = sample_evidence.replay().comparison
    ids = sample_evidence.history.account_ids[comparison.population]
    assert comparison.recorded.retention == pytest.approx(retention(sample.mrr, account_ids=list(ids)).net)
    for model in comparison.models:
        assert ((model.path.bills > 0) <= (comparison.recorded.bills > 0)).all()


def test_the_sample_has_a_common_path_and_minority_needs(sample_evidence: ModelFitEvidence) -> None:
    """All features together have no strong order; without the minority needs the rest has, and these are named."""
    assert sample_evidence.adoption.h.high < sample_evidence.path.h.low
    assert sample_evidence.path.reading in ("medium", "strong")
    assert {"Embedded charts", "Data residency", "Map layers", "Revenue attribution dashboard"} <= set(
        sample_evidence.off_path
    )


def test_metered_bills_jump_most_on_the_sample(sample_evidence: ModelFitEvidence) -> None:
    """Pay as you go makes bills jump more often than any other model, and more than what is on record."""
    comparison = sample_evidence.replay().comparison
    jumps = {model.key: model.path.shock.jumps.estimate for model in comparison.models}
    assert max(jumps, key=jumps.get) == "usage_based"
    assert jumps["usage_based"] > comparison.recorded.shock.jumps.estimate


def test_a_changed_weight_is_answered_at_once(
    sample: CustomerBase, sample_evidence: ModelFitEvidence, design: Scenario
) -> None:
    """With evidence at hand a new weight bills nothing again: the replay is the same object."""
    heavy = design.with_decision(ModelFitDecision(weights={**DEFAULT_WEIGHTS, "bills": 10.0}))
    first = model_fit.evaluate(sample, design, evidence=sample_evidence)
    started = time.process_time()
    second = model_fit.evaluate(sample, heavy, evidence=sample_evidence)
    assert second.replay is first.replay
    assert second.scores.totals != first.scores.totals
    assert time.process_time() - started < 1


@pytest.mark.parametrize(("share", "said"), [(0.031, "In 3.1% of"), (0.0001, "In fewer than 0.1% of")])
def test_a_gap_that_rounds_to_nothing_is_not_said_to_be_nothing(share: float, said: str) -> None:
    """One month among thousands without a record is few, not 0.0%."""
    evidence: Any = SimpleNamespace(history=SimpleNamespace(filled={"data": share}))
    replay: Any = SimpleNamespace(choice=SimpleNamespace(metric="data", usage="data", size_metric=None))
    assert next(evaluation._on_gaps(evidence, replay)).text.startswith(said)
