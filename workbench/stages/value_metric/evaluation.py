"""Evaluate the stage: order the candidates, read the price curve, hold both against the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from workbench.errors import WorkbenchError
from workbench.rules import RULEBOOK, Rulebook
from workbench.stages.result import StageResult
from workbench.stages.set_so import said_so
from workbench.stages.value_metric import tables
from workbench.stages.value_metric.candidates import Candidate, same_metric, with_added
from workbench.stages.value_metric.decision import ValueMetricDecision
from workbench.stages.value_metric.evidence import Evidence, gather
from workbench.stages.value_metric.headline import cautions, key_figures
from workbench.stages.value_metric.price_curve import (
    Corridor,
    PriceCurve,
    corridors,
    marks,
    proposed_charge,
    read_curve,
    with_included,
)
from workbench.stages.value_metric.price_list import PriceListReading, read_price_list
from workbench.stages.value_metric.ranking import Ranked, rank
from workbench.stages.value_metric.verdicts import findings

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.study import Scenario


@dataclass(frozen=True, kw_only=True)
class ValueMetricResult(StageResult):
    """The candidates in order, the metric looked at (the one chosen, else the first), and its price curve.

    `curve` is None where none can be drawn; `no_curve` then says why. `corridors` are those of the rules in force.
    `price_list` is what customers are billed by, read along the metric; nobody is billed by the curve once there are
    tiers.
    """

    ranked: tuple[Ranked, ...] = ()
    metric: Candidate | None = None
    is_chosen: bool = False
    curve: PriceCurve | None = None
    no_curve: str = ""
    corridors: tuple[Corridor, ...] = ()
    price_list: PriceListReading | None = None
    growth: pd.DataFrame = field(default_factory=pd.DataFrame)
    currency: str = "USD"

    @property
    def ranking(self) -> tuple[tuple[str, float], ...]:
        """Return each candidate's name and its probability of coming first, best first."""
        return tuple((each.candidate.name, each.probability_first) for each in self.ranked)

    @property
    def place(self) -> Ranked | None:
        """Return where the metric looked at stands."""
        return next((each for each in self.ranked if each.candidate == self.metric), None)


def evaluate(
    base: CustomerBase,
    scenario: Scenario,
    *,
    rulebook: Rulebook = RULEBOOK,
    seed: int = 0,
    evidence: Evidence | None = None,
) -> ValueMetricResult:
    """Return the order of the candidates, the price curve of the chosen metric and what the rules say.

    `evidence` is what `gather` returned; without it the data is measured now.
    """
    known = gather(base, seed=seed) if evidence is None else evidence
    decision = scenario.decision(ValueMetricDecision)
    candidates = with_added(known.candidates, decision.added)
    ranking = rank(known, candidates, decision.scores, decision.weights, weight_doubt=decision.weight_doubt, seed=seed)
    metric, is_chosen = _metric(decision, ranking)
    curve, no_curve = _curve(metric, decision, known)
    listed = _price_list(base, scenario, metric, known, curve)
    found = findings(metric, decision, known, listed, rulebook)
    if listed is not None and listed.is_on_one_charge(decision.charge):
        found = said_so(found, decision.held_by(marks(decision)))
    return ValueMetricResult(
        key_figures=key_figures(metric, ranking, known, curve, listed=listed, rulebook=rulebook),
        findings=found,
        cautions=cautions(metric, decision, known, ranking, curve),
        basis=known.basis,
        missing=known.missing,
        tables=_tables(ranking, known, decision, curve),
        ranked=ranking,
        metric=metric,
        is_chosen=is_chosen,
        curve=curve,
        no_curve=no_curve,
        corridors=corridors(rulebook),
        price_list=listed,
        growth=known.growth,
        currency=known.currency,
    )


def _metric(decision: ValueMetricDecision, ranking: tuple[Ranked, ...]) -> tuple[Candidate | None, bool]:
    """Return the metric to look at, and whether the team chose it."""
    for each in ranking:
        if decision.metric is not None and same_metric(each.candidate.name, decision.metric):
            return each.candidate, True
    if decision.metric is not None:
        return Candidate(decision.metric, "team"), True
    return (ranking[0].candidate, False) if ranking else (None, False)


def _curve(
    metric: Candidate | None, decision: ValueMetricDecision, evidence: Evidence
) -> tuple[PriceCurve | None, str]:
    """Return the price curve to show: the accepted one, else a proposal; or why there is none."""
    if metric is None:
        return None, "There is no candidate yet."
    quantities = evidence.quantities.get(metric.name)
    if quantities is None or not quantities.usable:
        return None, f"No price curve: no data measures {metric.title} account by account yet."
    target = decision.revenue_target
    if decision.charge is not None and decision.charge.metric == metric.name:
        return read_curve(decision.charge, quantities, target=target, is_accepted=True), ""
    if target is None and not quantities.paid:
        return None, "No price curve: without the table mrr, enter the monthly revenue it should reach."
    try:
        charge = with_included(
            proposed_charge(quantities, metric.name, decision.target_ratio, target), decision.included_units
        )
    except WorkbenchError as error:
        return None, str(error)
    return read_curve(charge, quantities, target=target, is_accepted=False), ""


def _price_list(
    base: CustomerBase, scenario: Scenario, metric: Candidate | None, evidence: Evidence, curve: PriceCurve | None
) -> PriceListReading | None:
    """Return the price list read along the metric; the curve stands in for it while nothing is decided."""
    if metric is None:
        return None
    quantities = evidence.quantities.get(metric.name)
    return read_price_list(base, scenario, metric.name, quantities, None if curve is None else curve.charge)


def _tables(
    ranking: tuple[Ranked, ...], evidence: Evidence, decision: ValueMetricDecision, curve: PriceCurve | None
) -> dict[str, pd.DataFrame]:
    made = {
        "ranking": tables.ranking_table(ranking),
        "reasons": tables.reasons_table(ranking, evidence, decision.scores),
        "criteria": tables.criteria_table(ranking),
        "measures": tables.measures_table(ranking, evidence),
    }
    if curve is not None and curve.charge.bands:
        made["bands"] = tables.price_table(curve, evidence.currency)
    return made
