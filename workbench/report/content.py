"""What a report says, gathered from a study and its customer base, before any of it becomes a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench import progress
from workbench.expected import reporting
from workbench.report.willingness import WillingnessPart, gather_willingness, size_of
from workbench.stages.impact_view.evaluation import evaluate
from workbench.stages.standing import scenario_standing
from workbench.stages.tiers.evaluation import TierResult
from workbench.stages.walk import StageOutcome, evaluate_scenario, gather_evidence
from workbench.stages.willingness.placed_and_chosen import placed_and_chosen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from workbench.customers import CustomerBase
    from workbench.impact.standing import Standing
    from workbench.results import Caution, KeyFigure, Missing
    from workbench.rules import Finding
    from workbench.stages.impact_view import ImpactResult
    from workbench.study import Scenario, Study

MONEY_STAGE = "tiers"
WILLINGNESS = "willingness"


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Everything a report shows: study, data, each stage's outcome in the scenario, what it does to customers.

    `willingness` is what customers would pay, who buys what, and the prices found. `standing` is the design's money on
    the study's basis, None where nothing can be billed, and `why_no_standing` says why.
    """

    study: Study
    base: CustomerBase
    scenario: Scenario
    outcomes: tuple[StageOutcome, ...]
    others: tuple[tuple[Scenario, tuple[StageOutcome, ...]], ...]
    impact: ImpactResult
    willingness: WillingnessPart
    standing: Standing | None = None
    why_no_standing: str = ""

    @property
    def why_no_list(self) -> str:
        """Return why the design has no revenue, "" where it has one."""
        if self.standing is None:
            return self.why_no_standing
        if self.standing.after is not None:
            return ""
        return f"{self.scenario.name} offers no plan yet: decide its tiers or its price curve first."

    @property
    def decided(self) -> tuple[StageOutcome, ...]:
        """Return the stages that hold a decision."""
        return tuple(each for each in self.outcomes if self.scenario.decided(each.stage.key))

    @property
    def open_stages(self) -> tuple[StageOutcome, ...]:
        """Return the stages nobody has decided yet."""
        return tuple(each for each in self.outcomes if not self.scenario.decided(each.stage.key))

    @property
    def money(self) -> tuple[KeyFigure, ...]:
        """Return the key figures of the stage that sets prices."""
        return next((each.result.key_figures for each in self.outcomes if each.stage.key == MONEY_STAGE), ())

    @property
    def findings(self) -> tuple[tuple[StageOutcome, Finding], ...]:
        """Return every finding with the stage it belongs to, and of the tiers how need and choice differ."""
        apart = self.placed_and_chosen
        return tuple(
            (each, finding)
            for each in self.outcomes
            for finding in (
                *each.result.findings,
                *((apart,) if apart is not None and each.stage.key == MONEY_STAGE else ()),
            )
        )

    @property
    def placed_and_chosen(self) -> Finding | None:
        """Return by how much accounts placed by need and what they would choose differ; None without both."""
        tiers = next((each.result for each in self.outcomes if isinstance(each.result, TierResult)), None)
        return None if tiers is None else placed_and_chosen(tiers, self.standing, self.willingness.result)

    @property
    def risks(self) -> tuple[tuple[StageOutcome, Finding], ...]:
        """Return the findings that ask for attention, breaches first; what the team set aside comes last."""
        order = {"breach": 0, "watch": 1}
        attention = [pair for pair in self.findings if pair[1].status in order]
        return tuple(sorted(attention, key=lambda pair: (pair[1].waiver is not None, order[pair[1].status])))

    @property
    def unanswered(self) -> tuple[tuple[StageOutcome, Finding], ...]:
        """Return the rules that could not be checked."""
        return tuple(pair for pair in self.findings if pair[1].status == "unknown")

    @property
    def cautions(self) -> tuple[tuple[StageOutcome, Caution], ...]:
        """Return every caution with the stage it belongs to."""
        return tuple((each, caution) for each in self.outcomes for caution in each.result.cautions)

    @property
    def missing(self) -> tuple[tuple[StageOutcome, Missing], ...]:
        """Return the tables the stages would have used."""
        return tuple((each, missing) for each in self.outcomes for missing in each.result.missing)


def reported_scenario(study: Study, scenario_id: str | None = None) -> Scenario:
    """Return the scenario a report is about: the one asked for, else the chosen one, else the first design."""
    if scenario_id is not None:
        return study.scenario(scenario_id)
    if study.chosen is not None:
        return study.scenario(study.chosen.scenario_id)
    return study.designs[0]


def expected_seconds(
    base: CustomerBase, study: Study, scenario_id: str | None = None, *, gathered: bool
) -> dict[str, float]:
    """Return about how long each part of a report takes, its page as well, for progress."""
    priced = reported_scenario(study, scenario_id).decided(MONEY_STAGE)
    seconds = reporting(size_of(base), len(study.designs), priced=priced)
    return seconds | {"evidence": 0.0} if gathered else seconds


def gather_content(
    base: CustomerBase,
    study: Study,
    scenario_id: str | None = None,
    *,
    seed: int = 0,
    evidence: Mapping[str, Any] | None = None,
) -> ReportContent:
    """Evaluate every stage of the scenario reported on, and of the other designs for comparison.

    `evidence` may hold, beside that of the stages, what `stages.willingness.gather` returned as "willingness".
    """
    scenario = reported_scenario(study, scenario_id)
    seconds = expected_seconds(base, study, scenario_id, gathered=evidence is not None)
    step = progress.Steps(seconds | {"page": 0.0}, seconds=True)
    with step("evidence"):
        shared = gather_evidence(base) if evidence is None else evidence

    def outcomes_of(each: Scenario) -> tuple[StageOutcome, ...]:
        return evaluate_scenario(base, study, each, seed=seed, evidence=shared)

    with step("others"):
        rest = [each for each in study.designs if each.id != scenario.id]
        others = tuple((each, outcomes_of(each)) for each in progress.each(rest))
    with step("impact", "billing every customer again"):
        impact = evaluate(base, study, scenario, seed=seed)
    with step("willingness", "asking what customers would pay"):
        willingness = gather_willingness(base, study, scenario, seed=seed, evidence=shared.get(WILLINGNESS))
    with step("own"):
        own = outcomes_of(scenario)
    stands, why = scenario_standing(base, study, scenario)
    return ReportContent(study, base, scenario, own, others, impact, willingness, stands, why)
